// SPDX-License-Identifier: Apache-2.0
/* What a sandbox has for all its containers: hooks of the guest, namespaces, processors, limits of time. */
#include "fixture.h"

#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#include "base/path.h"

#define CPUSET_DIR "/sys/fs/cgroup/cpuset"

static char *hook_folder(const struct agent *agent)
{
	return path_join(agent->directory, "hooks");
}

static void create_sandbox(struct agent *agent, const char *hooks)
{
	static char hostname[] = "pod", id[] = "kata-test-sandbox";
	Grpc__CreateSandboxRequest request = GRPC__CREATE_SANDBOX_REQUEST__INIT;

	request.hostname = hostname;
	request.sandbox_id = id;
	request.guest_hook_path = (char *)hooks;
	agent_call(agent, "CreateSandbox", &request, NULL);
}

/* ---- hooks ------------------------------------------------------------------------------------- */

static void write_hook(const char *folder, const char *kind, const char *name, const char *script,
		       mode_t mode)
{
	_cleanup_free_ char *directory = path_join(folder, kind);
	_cleanup_free_ char *path = path_join(directory, name);
	_cleanup_free_ char *text = xasprintf("#!/bin/sh\n%s\n", script);
	struct error *err = NULL;

	assert_ok(directory_make_all(directory, 0755, &err), err);
	assert_ok(file_replace(path, text, strlen(text), mode, &err), err);
}

/* Each says its name, its argument, and the state that it is told. */
static void write_hooks(const char *folder, const char *log)
{
	_cleanup_free_ char *script =
		xasprintf("state=$(sed -n 's/.*\"status\": *\"\\([a-z]*\\)\".*/\\1/p')\n"
			  "echo \"${0##*/} $1 $state\" >>%s",
			  log);
	_cleanup_free_ char *link = path_join(folder, "prestart/03-link");

	write_hook(folder, "prestart", "02-second", script, 0755);
	write_hook(folder, "prestart", "01-first", script, 0700);
	write_hook(folder, "prestart", "04-no-program", script, 0644);
	write_hook(folder, "poststart", "started", script, 0755);
	write_hook(folder, "poststop", "stopped", script, 0755);
	write_hook(folder, "poststop", "wrong", "exit 3", 0755);
	assert_int_equal(symlink("01-first", link), 0);
}

static void test_guest_hooks(void **state)
{
	NEEDS_AGENT(agent);
	_cleanup_free_ char *folder = hook_folder(agent),
			    *log = path_join(agent->directory, "said");
	_cleanup_free_ char *own = xasprintf("echo own >>%s", log);
	_cleanup_free_ char *output = NULL, *said = NULL;
	static char shell[] = "/bin/sh", flag[] = "-c";
	char *args[] = { shell, flag, own };
	Grpc__Hook hook = GRPC__HOOK__INIT, *hooks[] = { &hook };
	Grpc__Hooks spec_hooks = GRPC__HOOKS__INIT;
	Grpc__Spec *spec;
	struct error *err = NULL;
	int status;

	write_hooks(folder, log);
	create_sandbox(agent, folder);
	hook.path = shell;
	hook.args = args;
	hook.n_args = ARRAY_SIZE(args);
	spec_hooks.prestart = hooks;
	spec_hooks.n_prestart = 1;
	spec = shell_spec(agent, "echo hello");
	spec->hooks = &spec_hooks;
	output = run_container(agent, "kata-test-hooks", spec, &status);
	assert_string_equal(output, "hello\n");
	assert_ok(file_read_all(log, 4096, &said, NULL, &err), err);
	assert_string_equal(said, "own\n"
				  "01-first prestart creating\n"
				  "02-second prestart creating\n"
				  "started poststart running\n"
				  "stopped poststop stopped\n");
	/* They are the sandbox's: another one, without a folder, has none. */
	unlink(log);
	create_sandbox(agent, "");
	free(output);
	output = run_container(agent, "kata-test-hooks", shell_spec(agent, "echo hello"), &status);
	assert_false(path_exists(log));
}

/* ---- limits of time ---------------------------------------------------------------------------- */

static void test_slow_removal(void **state)
{
	static char id[] = "kata-test-slow";
	Grpc__RemoveContainerRequest request = GRPC__REMOVE_CONTAINER_REQUEST__INIT;
	Grpc__StatsContainerRequest question = GRPC__STATS_CONTAINER_REQUEST__INIT;
	static char sleeper[] = "/bin/sleep", time[] = "2";
	char *args[] = { sleeper, time };
	Grpc__Hook hook = GRPC__HOOK__INIT, *hooks[] = { &hook };
	Grpc__Hooks spec_hooks = GRPC__HOOKS__INIT;
	NEEDS_AGENT(agent);
	_cleanup_free_ char *output = NULL;
	Grpc__Spec *spec;
	int status;

	hook.path = sleeper;
	hook.args = args;
	hook.n_args = ARRAY_SIZE(args);
	spec_hooks.poststop = hooks;
	spec_hooks.n_poststop = 1;
	spec = shell_spec(agent, "sleep 1000");
	spec->hooks = &spec_hooks;
	create_container(agent, id, spec);
	start_container(agent, id);
	request.container_id = question.container_id = id;
	request.timeout = 1;
	agent_call_fails(agent, "RemoveContainer", &request, TTRPC_INTERNAL,
			 "ETIME: Timer expired");
	/* It goes away all the same; this call waits for its turn behind that. */
	request.timeout = 20;
	agent_call(agent, "RemoveContainer", &request, NULL);
	agent_call_fails(agent, "StatsContainer", &question, TTRPC_INVALID_ARGUMENT,
			 "invalid container id");
	output = run_container(agent, id, shell_spec(agent, "echo again"), &status);
	assert_string_equal(output, "again\n");
}

/* ---- namespaces and labels --------------------------------------------------------------------- */

/* The sandbox's, whatever else is named; of the other kinds none can be named. */
static void test_named_namespaces(void **state)
{
	static char id[] = "kata-test-named", ours[] = "/proc/1/ns/uts", pid[] = "pid",
		    foreign[] = "/proc/1/ns/net", network[] = "network";
	Grpc__CreateContainerRequest request = GRPC__CREATE_CONTAINER_REQUEST__INIT;
	Grpc__LinuxNamespace entry = GRPC__LINUX_NAMESPACE__INIT, *entries[4];
	NEEDS_AGENT(agent);
	_cleanup_free_ char *output = NULL;
	Grpc__Spec *spec = shell_spec(agent, "hostname; echo $$");
	int status;

	memcpy(entries, spec->linux->namespaces, 3 * sizeof(*entries));
	entries[3] = &entry;
	entries[2]->path = ours;
	entry.type = pid;
	entry.path = ours;
	spec->linux->namespaces = entries;
	spec->linux->n_namespaces = ARRAY_SIZE(entries);
	output = run_container(agent, id, spec, &status);
	assert_string_equal(output, "pod\n1\n");

	entry.type = network;
	entry.path = foreign;
	request.container_id = id;
	request.oci = spec;
	agent_call_fails(agent, "CreateContainer", &request, TTRPC_INTERNAL,
			 "the network namespace is named, /proc/1/ns/net");
}

static void test_labels(void **state)
{
	static char label[] = "system_u:system_r:container_t:s0", exec_id[] = "exec1";
	static char id[] = "kata-test-label";
	Grpc__ExecProcessRequest request = GRPC__EXEC_PROCESS_REQUEST__INIT;
	NEEDS_AGENT(agent);
	Grpc__Process process = *shell_spec(agent, "true")->process;

	create_container(agent, id, shell_spec(agent, "sleep 1000"));
	start_container(agent, id);
	process.selinuxlabel = label;
	request.container_id = id;
	request.exec_id = exec_id;
	request.process = &process;
	agent_call_fails(agent, "ExecProcess", &request, TTRPC_INTERNAL, "no SELinux labels");
	remove_container(agent, id);
}

/* ---- processors -------------------------------------------------------------------------------- */

static char *cpuset_file(const char *id)
{
	return xasprintf("%s/%s/cpuset.cpus", CPUSET_DIR, id);
}

static void expect_cpus(const char *id, const char *wanted)
{
	_cleanup_free_ char *path = cpuset_file(id), *text = NULL;
	struct error *err = NULL;

	assert_ok(file_read_all(path, 4096, &text, NULL, &err), err);
	assert_string_equal(text, wanted);
}

static void set_cpus(const char *id, const char *cpus)
{
	_cleanup_free_ char *path = cpuset_file(id);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(cpus, file) >= 0 && fclose(file) == 0);
}

/* As if processors had come after the groups were made. */
static void test_new_processors(void **state)
{
	static char first[] = "0", all_id[] = "kata-test-all-cpus", one_id[] = "kata-test-one-cpu";
	Grpc__OnlineCPUMemRequest request = GRPC__ONLINE_CPUMEM_REQUEST__INIT;
	Grpc__LinuxResources resources = GRPC__LINUX_RESOURCES__INIT;
	Grpc__LinuxCPU cpu = GRPC__LINUX_CPU__INIT;
	NEEDS_AGENT(agent);
	_cleanup_free_ char *all = NULL;
	struct error *err = NULL;
	Grpc__Spec *spec;

	if (!path_exists(CPUSET_DIR "/cpuset.cpus")) {
		print_message("needs cgroup v1's cpuset\n");
		skip();
	}
	assert_ok(file_read_all(CPUSET_DIR "/cpuset.cpus", 4096, &all, NULL, &err), err);
	create_container(agent, all_id, shell_spec(agent, "sleep 1000"));
	spec = shell_spec(agent, "sleep 1000");
	cpu.cpus = first;
	resources.cpu = &cpu;
	spec->linux->resources = &resources;
	create_container(agent, one_id, spec);
	expect_cpus(all_id, all);
	set_cpus(all_id, "0");
	request.nb_cpus = 1;
	request.cpu_only = true;
	agent_call(agent, "OnlineCPUMem", &request, NULL);
	expect_cpus(all_id, all);
	expect_cpus(one_id, "0\n");
	remove_container(agent, all_id);
	remove_container(agent, one_id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guest_hooks), /* the first: it creates the sandbox */
		cmocka_unit_test(test_slow_removal), cmocka_unit_test(test_named_namespaces),
		cmocka_unit_test(test_labels),	     cmocka_unit_test(test_new_processors),
	};

	return cmocka_run_group_tests_name("sandbox", tests, agent_set_up, agent_tear_down);
}
