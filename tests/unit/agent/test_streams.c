// SPDX-License-Identifier: Apache-2.0
/* Streams and waiting under load, and what the control groups do (spec/agent.md, traps 4, 19, 27, 28, 42). */
#include "fixture.h"

#include <signal.h>
#include <sys/stat.h>

#define BIG_MIB	   50
#define EXECS	   100
#define WAITERS	   64
#define MEMORY_DIR "/sys/fs/cgroup/memory"

static void test_much_output(void **state)
{
	NEEDS_AGENT(agent);
	Grpc__ReadStreamRequest request = GRPC__READ_STREAM_REQUEST__INIT;
	static char id[] = "kata-test-big";
	size_t total = 0, size;

	create_container(agent, id,
			 shell_spec(agent, "dd if=/dev/zero bs=1M count=50 2>/dev/null"));
	start_container(agent, id);
	request.container_id = id;
	request.len = UINT32_MAX; /* no reason to allocate that much */
	do {
		_cleanup_proto_ Grpc__ReadStreamResponse *response = agent_call(
			agent, "ReadStdout", &request, &grpc__read_stream_response__descriptor);

		size = response->data.len;
		total += size;
	} while (size > 0);
	assert_int_equal(total, (size_t)BIG_MIB << 20);
	assert_int_equal(wait_process(agent, id, ""), 0);
	remove_container(agent, id);
}

/* Who waits before reading loses nothing. */
static void test_wait_before_read(void **state)
{
	static const char id[] = "kata-test-late";
	NEEDS_AGENT(agent);
	_cleanup_free_ char *output = NULL;

	create_container(agent, id, shell_spec(agent, "sleep 1000"));
	start_container(agent, id);
	exec_shell(agent, id, "late", "echo still here", false);
	assert_int_equal(wait_process(agent, id, "late"), 0);
	output = read_all(agent, "ReadStdout", id, "late");
	assert_string_equal(output, "still here\n");
	remove_container(agent, id);
}

/* The exec has ended, its child has not: the output ends all the same. */
static void test_held_pipe(void **state)
{
	static const char id[] = "kata-test-held";
	NEEDS_AGENT(agent);
	_cleanup_free_ char *output = NULL;

	create_container(agent, id, shell_spec(agent, "sleep 1000"));
	start_container(agent, id);
	exec_shell(agent, id, "holder", "sleep 1000 & echo started", false);
	output = read_all(agent, "ReadStdout", id, "holder");
	assert_string_equal(output, "started\n");
	assert_int_equal(wait_process(agent, id, "holder"), 0);
	remove_container(agent, id);
}

static size_t count_descriptors(const struct agent *agent)
{
	_cleanup_free_ char *children = NULL, *children_path = NULL, *path = NULL;
	struct error *err = NULL;
	struct stat status;

	children_path = xasprintf("/proc/%d/task/%d/children", agent->holder, agent->holder);
	assert_ok(file_read_all(children_path, 4096, &children, NULL, &err), err);
	path = xasprintf("/proc/%lu/fd", strtoul(children, NULL, 10));
	/* Since Linux 6.2 the directory's size is their number. */
	assert_int_equal(stat(path, &status), 0);
	return (size_t)status.st_size;
}

static void test_many_execs(void **state)
{
	static const char id[] = "kata-test-many";
	NEEDS_AGENT(agent);
	size_t before;

	create_container(agent, id, shell_spec(agent, "sleep 1000"));
	start_container(agent, id);
	before = count_descriptors(agent);
	for (int i = 0; i < EXECS; i++) {
		_cleanup_free_ char *exec_id = xasprintf("exec-%d", i);
		_cleanup_free_ char *output = NULL, *errors = NULL;

		exec_shell(agent, id, exec_id, "echo short; exit 5", false);
		output = read_all(agent, "ReadStdout", id, exec_id);
		errors = read_all(agent, "ReadStderr", id, exec_id);
		assert_string_equal(output, "short\n");
		assert_int_equal(wait_process(agent, id, exec_id), 5);
	}
	assert_true(count_descriptors(agent) <= before + 4); /* the last one's may be open still */
	remove_container(agent, id);
}

/* As long as it is in use it is refused; then it is free again, whether the output was read or not. */
static void test_exec_id_again(void **state)
{
	static char id[] = "kata-test-again", exec_id[] = "same";
	NEEDS_AGENT(agent);
	_cleanup_free_ char *output = NULL;
	Grpc__ExecProcessRequest request = GRPC__EXEC_PROCESS_REQUEST__INIT;
	Grpc__Spec *spec = shell_spec(agent, "sleep 1000");

	create_container(agent, id, spec);
	start_container(agent, id);
	exec_shell(agent, id, exec_id, "cat; exit 1", false);
	request.container_id = id;
	request.exec_id = exec_id;
	request.process = spec->process;
	agent_call_fails(agent, "ExecProcess", &request, TTRPC_INTERNAL, "already exists");
	close_stdin(agent, id, exec_id);
	assert_int_equal(wait_process(agent, id, exec_id), 1);
	exec_shell(agent, id, exec_id, "echo second; exit 2", false);
	output = read_all(agent, "ReadStdout", id, exec_id);
	assert_string_equal(output, "second\n");
	assert_int_equal(wait_process(agent, id, exec_id), 2);
	remove_container(agent, id);
}

struct waiting {
	int answered, status;
};

static void answered(void *data, void *reply, struct error *error)
{
	struct waiting *waiting = data;

	waiting->answered++;
	waiting->status = reply ? ((Grpc__WaitProcessResponse *)reply)->status : -1;
	proto_free(reply);
	error_free(error);
}

static void test_parallel_waits(void **state)
{
	static char id[] = "kata-test-waits";
	struct waiting waits[WAITERS] = { 0 };
	NEEDS_AGENT(agent);
	Grpc__WaitProcessRequest request = GRPC__WAIT_PROCESS_REQUEST__INIT;
	struct ttrpc_call call = { .service = "grpc.AgentService",
				   .method = "WaitProcess",
				   .input = &request.base,
				   .output = &grpc__wait_process_response__descriptor };
	struct error *err = NULL;

	create_container(agent, id, shell_spec(agent, "sleep 1000"));
	start_container(agent, id);
	request.container_id = id;
	for (size_t i = 0; i < WAITERS; i++)
		assert_ok(ttrpc_client_start(agent->client, &call, answered, &waits[i], &err), err);
	signal_process(agent, id, "", SIGKILL);
	assert_int_equal(wait_process(agent, id, ""), 128 + SIGKILL);
	remove_container(agent, id); /* by its answer, all earlier ones have come */
	for (size_t i = 0; i < WAITERS; i++) {
		assert_int_equal(waits[i].answered, 1);
		assert_int_equal(waits[i].status, 128 + SIGKILL);
	}
}

/* A paused container can be removed. */
static void test_pause(void **state)
{
	static char id[] = "kata-test-pause";
	NEEDS_AGENT(agent);
	Grpc__PauseContainerRequest pause = GRPC__PAUSE_CONTAINER_REQUEST__INIT;
	Grpc__ResumeContainerRequest resume = GRPC__RESUME_CONTAINER_REQUEST__INIT;

	create_container(agent, id, shell_spec(agent, "sleep 1000"));
	start_container(agent, id);
	pause.container_id = resume.container_id = id;
	agent_call_fails(agent, "ResumeContainer", &resume, TTRPC_INTERNAL,
			 "container status is: Running, not paused");
	agent_call(agent, "PauseContainer", &pause, NULL);
	agent_call_fails(agent, "PauseContainer", &pause, TTRPC_INTERNAL,
			 "failed to pause container: current status is: Paused");
	agent_call(agent, "ResumeContainer", &resume, NULL);
	agent_call(agent, "PauseContainer", &pause, NULL);
	remove_container(agent, id);
}

static void test_limits(void **state)
{
	static char id[] = "kata-test-limits";
	NEEDS_AGENT(agent);
	Grpc__StatsContainerRequest stats = GRPC__STATS_CONTAINER_REQUEST__INIT;
	Grpc__UpdateContainerRequest update = GRPC__UPDATE_CONTAINER_REQUEST__INIT;
	_cleanup_proto_ Grpc__StatsContainerResponse *response = NULL;
	Grpc__LinuxResources resources = GRPC__LINUX_RESOURCES__INIT;
	Grpc__LinuxMemory memory = GRPC__LINUX_MEMORY__INIT;
	Grpc__LinuxPids pids = GRPC__LINUX_PIDS__INIT;
	Grpc__LinuxCPU cpu = GRPC__LINUX_CPU__INIT;
	Grpc__Spec *spec = shell_spec(agent, "sleep 1000");

	memory.limit = 64 << 20;
	pids.limit = 20;
	cpu.shares = 512;
	resources.memory = &memory;
	resources.pids = &pids;
	resources.cpu = &cpu;
	spec->linux->resources = &resources;
	create_container(agent, id, spec);
	start_container(agent, id);
	memory.limit = 128 << 20;
	update.container_id = stats.container_id = id;
	update.resources = &resources;
	agent_call(agent, "UpdateContainer", &update, NULL);
	response = agent_call(agent, "StatsContainer", &stats,
			      &grpc__stats_container_response__descriptor);
	assert_int_equal(response->cgroup_stats->pids_stats->limit, 20);
	assert_true(response->cgroup_stats->pids_stats->current >= 1);
	assert_int_equal(response->cgroup_stats->memory_stats->usage->limit, 128 << 20);
	assert_true(response->cgroup_stats->cpu_stats->cpu_usage->total_usage > 0);
	remove_container(agent, id);
}

static void test_out_of_memory(void **state)
{
	static char id[] = "kata-test-oom";
	NEEDS_AGENT(agent);
	Grpc__LinuxResources resources = GRPC__LINUX_RESOURCES__INIT;
	Grpc__LinuxMemory memory = GRPC__LINUX_MEMORY__INIT;
	_cleanup_proto_ Grpc__OOMEvent *event = NULL;
	Grpc__Spec *spec = shell_spec(agent, "dd if=/dev/zero of=/dev/null bs=64M count=1 2>&1");

	if (!path_exists(MEMORY_DIR "/memory.oom_control")) {
		print_message("the tests know only of cgroup v1\n");
		skip();
	}
	memory.limit = 16 << 20;
	memory.swap = 16 << 20;
	resources.memory = &memory;
	spec->linux->resources = &resources;
	create_container(agent, id, spec);
	start_container(agent, id);
	event = agent_call(agent, "GetOOMEvent", NULL, &grpc__oomevent__descriptor);
	assert_string_equal(event->container_id, id);
	remove_container(agent, id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_much_output),   cmocka_unit_test(test_wait_before_read),
		cmocka_unit_test(test_held_pipe),     cmocka_unit_test(test_many_execs),
		cmocka_unit_test(test_exec_id_again), cmocka_unit_test(test_parallel_waits),
		cmocka_unit_test(test_pause),	      cmocka_unit_test(test_limits),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests_name("streams and groups", tests, agent_set_up_sandbox,
					   agent_tear_down);
}
