// SPDX-License-Identifier: Apache-2.0
/* The agent as its host sees it: a sandbox's and a container's life, streams, exec, signals. */
#include "fixture.h"

#include <signal.h>

#define IDLE_MAX_KIB 1536

static void create_sandbox(struct agent *agent)
{
	static char hostname[] = "pod", id[] = "kata-test-sandbox";
	Grpc__CreateSandboxRequest request = GRPC__CREATE_SANDBOX_REQUEST__INIT;

	request.hostname = hostname;
	request.sandbox_id = id;
	agent_call(agent, "CreateSandbox", &request, NULL);
}

static int set_up(void **state)
{
	int ret = agent_set_up(state);

	if (ret == 0 && *state)
		create_sandbox(*state);
	return ret;
}

static void test_health(void **state)
{
	NEEDS_AGENT(agent);
	_cleanup_proto_ Grpc__HealthCheckResponse *health =
		agent_call(agent, "Check", NULL, &grpc__health_check_response__descriptor);
	_cleanup_proto_ Grpc__VersionCheckResponse *version =
		agent_call(agent, "Version", NULL, &grpc__version_check_response__descriptor);

	assert_int_equal(health->status, GRPC__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING);
	assert_string_equal(version->grpc_version, "0.0.1");
#ifndef __SANITIZE_ADDRESS__
	assert_in_range(agent_resident_kib(agent), 1, IDLE_MAX_KIB - 1);
#endif
}

static void test_life(void **state)
{
	NEEDS_AGENT(agent);
	_cleanup_free_ char *output = NULL;
	int status;

	output = run_container(agent, "kata-test-life",
			       shell_spec(agent, "echo hello; echo $$; hostname; exit 7"), &status);
	assert_string_equal(output, "hello\n1\npod\n");
	assert_int_equal(status, 7);
	/* Its name is free again. */
	free(output);
	output = run_container(agent, "kata-test-life", shell_spec(agent, "kill -9 $$; true"),
			       &status);
	assert_string_equal(output, "");
	assert_int_equal(status, 0); /* the first process of a pid namespace cannot kill itself */
}

static void resize_terminal(struct agent *agent, const char *id, const char *exec_id)
{
	Grpc__TtyWinResizeRequest request = GRPC__TTY_WIN_RESIZE_REQUEST__INIT;

	request.container_id = (char *)id;
	request.exec_id = (char *)exec_id;
	request.row = 25;
	request.column = 81;
	agent_call(agent, "TtyWinResize", &request, NULL);
}

static void test_exec(void **state)
{
	static const char id[] = "kata-test-exec";
	NEEDS_AGENT(agent);
	_cleanup_free_ char *output = NULL, *errors = NULL, *terminal = NULL;

	create_container(agent, id, shell_spec(agent, "echo up; sleep 1000"));
	start_container(agent, id);
	exec_shell(agent, id, "exec1", "cat; echo oops >&2; echo $$; exit 3", false);
	write_stdin(agent, id, "exec1", "from stdin\n");
	close_stdin(agent, id, "exec1");
	output = read_all(agent, "ReadStdout", id, "exec1");
	errors = read_all(agent, "ReadStderr", id, "exec1");
	assert_int_equal(wait_process(agent, id, "exec1"), 3);
	assert_true(strncmp(output, "from stdin\n", 11) == 0);
	assert_string_not_equal(output, "from stdin\n1\n"); /* not the first process */
	assert_string_equal(errors, "oops\n");

	exec_shell(agent, id, "exec2", "read line; echo got $line; stty size", true);
	resize_terminal(agent, id, "exec2");
	write_stdin(agent, id, "exec2", "go\n");
	terminal = read_all(agent, "ReadStdout", id, "exec2");
	assert_string_equal(terminal, "go\r\ngot go\r\n25 81\r\n");
	assert_int_equal(wait_process(agent, id, "exec2"), 0);

	signal_process(agent, id, "", SIGKILL);
	assert_int_equal(wait_process(agent, id, ""), 128 + SIGKILL);
	remove_container(agent, id);
}

/* The first process of a pid namespace would ignore it. */
static void test_termination(void **state)
{
	static const char id[] = "kata-test-term";
	NEEDS_AGENT(agent);

	create_container(agent, id, shell_spec(agent, "exec sleep 1000"));
	start_container(agent, id);
	signal_process(agent, id, id, SIGTERM);
	assert_int_equal(wait_process(agent, id, id), 128 + SIGKILL);
	remove_container(agent, id);
}

/* The pod's first container has the pid namespace that the others share when asked to. */
static void test_shared_pids(void **state)
{
	static char second[] = "kata-test-second";
	Grpc__CreateContainerRequest request = GRPC__CREATE_CONTAINER_REQUEST__INIT;
	NEEDS_AGENT(agent);
	_cleanup_free_ char *output = NULL;

	create_container(agent, "kata-test-pause", shell_spec(agent, "exec sleep 1000"));
	start_container(agent, "kata-test-pause");
	request.container_id = second;
	request.oci = shell_spec(agent,
				 "test $$ != 1 && until readlink /proc/1/exe; do sleep 0.05; done");
	request.sandbox_pidns = true;
	agent_call(agent, "CreateContainer", &request, NULL);
	start_container(agent, second);
	output = read_all(agent, "ReadStdout", second, "");
	assert_string_equal(output, "/bin/busybox\n");
	assert_int_equal(wait_process(agent, second, ""), 0);
	remove_container(agent, second);
	remove_container(agent, "kata-test-pause");
}

static void test_destroy(void **state)
{
	Grpc__DestroySandboxRequest request = GRPC__DESTROY_SANDBOX_REQUEST__INIT;
	NEEDS_AGENT(agent);

	create_container(agent, "kata-test-left", shell_spec(agent, "sleep 1000"));
	start_container(agent, "kata-test-left");
	agent_call(agent, "DestroySandbox", &request, NULL);
	assert_int_equal(agent_wait_end(agent), 0);
	assert_false(path_exists("/sys/fs/cgroup/memory/kata-test-left"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shared_pids), /* the first: it makes the first container */
		cmocka_unit_test(test_health),	    cmocka_unit_test(test_life),
		cmocka_unit_test(test_exec),	    cmocka_unit_test(test_termination),
		cmocka_unit_test(test_destroy), /* the last: it ends the agent */
	};

	return cmocka_run_group_tests_name("the agent's life", tests, set_up, agent_tear_down);
}
