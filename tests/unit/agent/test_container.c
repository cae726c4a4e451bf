// SPDX-License-Identifier: Apache-2.0
/* What a container finds around itself, and what hostile images and requests do not reach. */
#include "fixture.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "base/path.h"

/* Run a shell script in a container made of this spec, and compare what it prints. */
static void expect_output(struct agent *agent, Grpc__Spec *spec, const char *expected)
{
	int status;
	_cleanup_free_ char *output = run_container(agent, "kata-test-c1", spec, &status);

	assert_string_equal(output, expected);
	assert_int_equal(status, 0);
}

static void test_identity(void **state)
{
	static char nofile[] = "RLIMIT_NOFILE", bound[] = "CAP_KILL";
	NEEDS_AGENT(agent);
	Grpc__Spec *spec = shell_spec(agent, "id -u; id -g; id -G; ulimit -n; echo $HOME; "
					     "grep -E 'NoNewPrivs|CapBnd|CapEff|CapInh' "
					     "/proc/self/status; umask");
	Grpc__POSIXRlimit limit = GRPC__POSIXRLIMIT__INIT, *limits[] = { &limit };
	char *caps[] = { bound };
	uint32_t groups[] = { 7, 8 };

	limit.type = nofile;
	limit.soft = limit.hard = 77;
	spec->process->rlimits = limits;
	spec->process->n_rlimits = 1;
	spec->process->user->uid = 1000;
	spec->process->user->gid = 1001;
	spec->process->user->additionalgids = groups;
	spec->process->user->n_additionalgids = 2;
	spec->process->nonewprivileges = true;
	spec->process->capabilities->bounding = caps;
	spec->process->capabilities->n_bounding = 1;
	expect_output(agent, spec,
		      "1000\n1001\n1001 7 8\n77\n/\n"
		      "CapInh:\t0000000000000000\nCapEff:\t0000000000000000\n"
		      "CapBnd:\t0000000000000020\nNoNewPrivs:\t1\n0022\n");
}

/* No descriptor of the agent's, and nothing mounted of the guest's. */
static void test_nothing_leaks(void **state)
{
	NEEDS_AGENT(agent);

	/* The fourth is that of ls's own reading. */
	expect_output(agent,
		      shell_spec(agent, "ls /proc/self/fd; readlink /proc/self/cwd; "
					"grep -c . /proc/self/mounts"),
		      "0\n1\n2\n3\n/\n3\n");
}

static void test_nodes(void **state)
{
	NEEDS_AGENT(agent);

	expect_output(agent,
		      shell_spec(agent,
				 "stat -c '%F %t:%T %a' /dev/null /dev/full; "
				 "readlink /dev/ptmx; readlink /dev/stdout; echo x >/dev/null"),
		      "character special file 1:3 666\ncharacter special file 1:7 666\n"
		      "pts/ptmx\n/proc/self/fd/1\n");
}

/* An image whose /dev is a link gets its nodes below its own root; the guest's tree stays as it is. */
static void test_dev_link(void **state)
{
	NEEDS_AGENT(agent);
	_cleanup_free_ char *dev = path_join(agent->rootfs, "dev");
	_cleanup_free_ char *decoy = path_join(agent->directory, "decoy");
	_cleanup_free_ char *inside = path_join(agent->rootfs, decoy);
	_cleanup_free_ char *node = path_join(inside, "null");
	_cleanup_free_ char *outside = path_join(decoy, "null");
	struct error *err = NULL;
	Grpc__Spec *spec;

	assert_int_equal(rmdir(dev), 0);
	assert_int_equal(symlink(decoy, dev), 0);
	assert_ok(directory_make_all(decoy, 0755, &err), err);
	assert_ok(directory_make_all(inside, 0755, &err), err);
	spec = shell_spec(agent, "test -c /dev/null && echo there");
	spec->n_mounts = 1; /* only /proc */
	expect_output(agent, spec, "there\n");
	assert_true(path_exists(node));
	assert_false(path_exists(outside));
	assert_int_equal(unlink(dev), 0);
	assert_int_equal(mkdir(dev, 0755), 0);
}

static void test_masks(void **state)
{
	static char scsi[] = "/proc/fs", kcore[] = "/proc/kcore", missing[] = "/proc/none",
		    sys[] = "/proc/sys";
	NEEDS_AGENT(agent);
	Grpc__Spec *spec = shell_spec(agent, "ls /proc/fs | wc -l; head -c 1 /proc/kcore | wc -c; "
					     "echo x 2>/dev/null >/proc/sys/kernel/domainname || "
					     "echo refused; touch /x 2>/dev/null || echo readonly");
	char *masked[] = { scsi, kcore, missing }, *readonly[] = { sys };

	spec->linux->maskedpaths = masked;
	spec->linux->n_maskedpaths = ARRAY_SIZE(masked);
	spec->linux->readonlypaths = readonly;
	spec->linux->n_readonlypaths = ARRAY_SIZE(readonly);
	spec->root->readonly = true;
	expect_output(agent, spec, "0\n0\nrefused\nreadonly\n");
}

/* A mount's target that is a link out of the root lands inside it. */
static void test_mount_through_link(void **state)
{
	static char destination[] = "/escape/below", type[] = "bind", ro[] = "ro", word[] = "rbind";
	NEEDS_AGENT(agent);
	_cleanup_free_ char *link = path_join(agent->rootfs, "escape");
	_cleanup_free_ char *source = path_join(agent->directory, "volume");
	_cleanup_free_ char *file = path_join(source, "file");
	_cleanup_free_ char *outside = path_join(agent->directory, "target");
	_cleanup_free_ char *below = path_join(outside, "below");
	_cleanup_free_ char *inside = path_join(agent->rootfs, outside);
	Grpc__Mount mount = GRPC__MOUNT__INIT, *mounts[3];
	char *options[] = { word, ro };
	struct error *err = NULL;
	Grpc__Spec *spec;

	assert_ok(directory_make_all(source, 0755, &err), err);
	assert_ok(directory_make_all(outside, 0755, &err), err);
	assert_ok(directory_make_all(inside, 0755, &err), err);
	assert_ok(file_replace(file, "data", 4, 0644, &err), err);
	assert_int_equal(symlink(outside, link), 0);
	spec = shell_spec(agent, "cat /escape/below/file; touch /escape/below/x 2>/dev/null || "
				 "echo ' readonly'");
	mount.destination = destination;
	mount.source = source;
	mount.type = type;
	mount.options = options;
	mount.n_options = 2;
	mounts[0] = spec->mounts[0];
	mounts[1] = spec->mounts[1];
	mounts[2] = &mount;
	spec->mounts = mounts;
	spec->n_mounts = 3;
	expect_output(agent, spec, "data readonly\n");
	assert_false(path_exists(below));
	assert_int_equal(unlink(link), 0);
}

static void with_seccomp(struct agent *agent, bool no_new_privileges)
{
	static char allow[] = "SCMP_ACT_ALLOW", refuse[] = "SCMP_ACT_ERRNO",
		    arch[] = "SCMP_ARCH_X86_64", mkdir_name[] = "mkdir", mkdirat_name[] = "mkdirat",
		    future[] = "not_a_call_yet";
	Grpc__Spec *spec = shell_spec(agent, "mkdir /tmp/x 2>&1; grep Seccomp: /proc/self/status");
	Grpc__LinuxSeccomp profile = GRPC__LINUX_SECCOMP__INIT;
	Grpc__LinuxSyscall rule = GRPC__LINUX_SYSCALL__INIT, *rules[] = { &rule };
	char *names[] = { mkdir_name, mkdirat_name, future }, *architectures[] = { arch };
	struct utsname machine;

	assert_int_equal(uname(&machine), 0);
	rule.names = names;
	rule.n_names = ARRAY_SIZE(names);
	rule.action = refuse; /* without an errno: EPERM */
	profile.defaultaction = allow;
	profile.architectures = architectures;
	profile.n_architectures = strcmp(machine.machine, "x86_64") == 0;
	profile.syscalls = rules;
	profile.n_syscalls = 1;
	spec->linux->seccomp = &profile;
	spec->process->nonewprivileges = no_new_privileges;
	expect_output(agent, spec,
		      "mkdir: can't create directory '/tmp/x': Operation not permitted\n"
		      "Seccomp:\t2\n");
}

static void test_seccomp(void **state)
{
	NEEDS_AGENT(agent);

	with_seccomp(agent, false);
	with_seccomp(agent, true);
}

/* Hooks of the guest and of the container get the state; one that fails is nobody else's failure. */
static void test_hooks(void **state)
{
	static char path[] = "/bin/sh", name[] = "hook", shell[] = "sh", flag[] = "-c",
		    missing[] = "/bin/missing", inside[] = "cat >/tmp/state";
	NEEDS_AGENT(agent);
	_cleanup_free_ char *file = path_join(agent->directory, "state");
	_cleanup_free_ char *script = xasprintf("cat >%s; exit 3", file);
	_cleanup_free_ char *text = NULL;
	Grpc__Spec *spec = shell_spec(agent, "grep -c '\"id\": \"kata-test-c1\"' /tmp/state 2>&1");
	Grpc__Hook prestart = GRPC__HOOK__INIT, broken = GRPC__HOOK__INIT, start = GRPC__HOOK__INIT;
	Grpc__Hook *prestarts[] = { &broken, &prestart }, *starts[] = { &start };
	char *arguments[] = { name, flag, script }, *start_arguments[] = { shell, flag, inside };
	Grpc__Hooks hooks = GRPC__HOOKS__INIT;
	struct error *err = NULL;

	prestart.path = start.path = path;
	prestart.args = arguments;
	start.args = start_arguments;
	prestart.n_args = start.n_args = 3;
	broken.path = missing;
	hooks.prestart = prestarts;
	hooks.n_prestart = ARRAY_SIZE(prestarts);
	hooks.startcontainer = starts;
	hooks.n_startcontainer = ARRAY_SIZE(starts);
	spec->hooks = &hooks;
	expect_output(agent, spec, "1\n");
	assert_ok(file_read_all(file, 4096, &text, NULL, &err), err);
	assert_non_null(strstr(text, "\"status\": \"creating\""));
}

/* ---- what is refused ---------------------------------------------------------------------------- */

static void refuse_create(struct agent *agent, const char *id, Grpc__Spec *spec, const char *text)
{
	Grpc__CreateContainerRequest request = GRPC__CREATE_CONTAINER_REQUEST__INIT;

	request.container_id = (char *)id;
	request.oci = spec;
	agent_call_fails(agent, "CreateContainer", &request, TTRPC_INTERNAL, text);
}

static void test_bad_names(void **state)
{
	static const char *const ids[] = {
		"", "a", "../x", "a/b", "-ab", "a b", "a\nb", "..", "a:b"
	};
	NEEDS_AGENT(agent);
	char long_id[200];

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		refuse_create(agent, ids[i], shell_spec(agent, "true"), "container id");
	memset(long_id, 'a', sizeof(long_id) - 1);
	long_id[sizeof(long_id) - 1] = '\0';
	refuse_create(agent, long_id, shell_spec(agent, "true"), "container id");
}

static void test_bad_specs(void **state)
{
	static char up[] = "/a/../../b", capability[] = "CAP_NONSENSE", own[] = "/proc/1/ns/mnt",
		    sysctl[] = "kernel.core_pattern", value[] = "|/bin/x",
		    program[] = "/bin/nothing", relative[] = "rootfs", limit_type[] = "RLIMIT_X",
		    fixed[] = "/x/../y";
	static const char id[] = "kata-test-bad";
	NEEDS_AGENT(agent);
	Grpc__Linux__SysctlEntry entry = GRPC__LINUX__SYSCTL_ENTRY__INIT, *entries[] = { &entry };
	Grpc__POSIXRlimit limit = GRPC__POSIXRLIMIT__INIT, *limits[] = { &limit };
	char *caps[] = { capability }, *args[] = { program }, *masked[] = { fixed };
	Grpc__Spec *spec;

	spec = shell_spec(agent, "true");
	spec->linux->cgroupspath = up;
	refuse_create(agent, id, spec, "leads upwards");
	spec = shell_spec(agent, "true");
	spec->process->capabilities->bounding = caps;
	spec->process->capabilities->n_bounding = 1;
	refuse_create(agent, id, spec, "no capability is called CAP_NONSENSE");
	spec = shell_spec(agent, "true");
	spec->linux->namespaces[0]->path = own;
	refuse_create(agent, id, spec, "the mount namespace is named");
	spec = shell_spec(agent, "true");
	entry.key = sysctl;
	entry.value = value;
	spec->linux->sysctl = entries;
	spec->linux->n_sysctl = 1;
	refuse_create(agent, id, spec, "Sysctl config contains invalid settings");
	spec = shell_spec(agent, "true");
	spec->process->args = args;
	spec->process->n_args = 1;
	refuse_create(agent, id, spec, "the file /bin/nothing was not found");
	spec = shell_spec(agent, "true");
	spec->root->path = relative;
	refuse_create(agent, id, spec, "does not exist or is not absolute");
	spec = shell_spec(agent, "true");
	limit.type = limit_type;
	spec->process->rlimits = limits;
	spec->process->n_rlimits = 1;
	refuse_create(agent, id, spec, "no limit is called RLIMIT_X");
	spec = shell_spec(agent, "true");
	spec->linux->maskedpaths = masked;
	spec->linux->n_maskedpaths = 1;
	refuse_create(agent, id, spec, "is not an absolute path");
	spec = shell_spec(agent, "true");
	spec->process = NULL;
	refuse_create(agent, id, spec, "the spec has no process");
	/* After all this nothing is left, and the name is free. */
	assert_false(path_exists("/sys/fs/cgroup/memory/kata-test-bad"));
	assert_false(path_exists("/sys/fs/cgroup/kata-test-bad"));
	expect_output(agent, shell_spec(agent, "echo fine"), "fine\n");
}

static void test_unknown_names(void **state)
{
	static char nothing[] = "kata-test-nothing";
	NEEDS_AGENT(agent);
	Grpc__WaitProcessRequest wait = GRPC__WAIT_PROCESS_REQUEST__INIT;
	Grpc__StatsContainerRequest stats = GRPC__STATS_CONTAINER_REQUEST__INIT;
	Grpc__StartContainerRequest start = GRPC__START_CONTAINER_REQUEST__INIT;

	wait.container_id = stats.container_id = start.container_id = nothing;
	agent_call_fails(agent, "WaitProcess", &wait, TTRPC_INVALID_ARGUMENT, "InvalidContainerId");
	agent_call_fails(agent, "StatsContainer", &stats, TTRPC_INVALID_ARGUMENT,
			 "\"invalid container id\"");
	agent_call_fails(agent, "StartContainer", &start, TTRPC_INTERNAL, "Invalid container id");
	agent_call_fails(agent, "ResizeVolume", NULL, TTRPC_UNIMPLEMENTED, "not implemented");
	agent_call_fails(agent, "SetPolicy", NULL, TTRPC_NOT_FOUND, "is not supported");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identity),      cmocka_unit_test(test_nothing_leaks),
		cmocka_unit_test(test_nodes),	      cmocka_unit_test(test_dev_link),
		cmocka_unit_test(test_masks),	      cmocka_unit_test(test_mount_through_link),
		cmocka_unit_test(test_seccomp),	      cmocka_unit_test(test_hooks),
		cmocka_unit_test(test_bad_names),     cmocka_unit_test(test_bad_specs),
		cmocka_unit_test(test_unknown_names),
	};

	return cmocka_run_group_tests_name("containers", tests, agent_set_up_sandbox,
					   agent_tear_down);
}
