// SPDX-License-Identifier: Apache-2.0
/* Ends that come in a bad moment: of a container that is paused, or removed already, and of what is at work. */
#include "fixture.h"

#include "base/path.h"

#define ID "kata-test-removal"

/* Not waited for: the answer is that to the next call, or none at all. */
static void answered(void *unused, void *reply, struct error *error)
{
	(void)unused;
	proto_free(reply);
	error_free(error);
}

static void start_call(struct agent *agent, const char *method, const void *input)
{
	const struct ttrpc_call details = {
		.service = "grpc.AgentService",
		.method = method,
		.input = input,
	};
	struct error *err = NULL;

	assert_ok(ttrpc_client_start(agent->client, &details, answered, NULL, &err), err);
}

/* Started, it runs for the agent, but not for the kernel. */
static void test_paused(void **state)
{
	static char id[] = ID;
	Grpc__PauseContainerRequest pause = GRPC__PAUSE_CONTAINER_REQUEST__INIT;
	NEEDS_AGENT(agent);

	if (!path_exists("/sys/fs/cgroup/freezer") &&
	    !path_exists("/sys/fs/cgroup/cgroup.controllers")) {
		print_message("needs a freezer\n");
		skip();
	}
	pause.container_id = id;
	create_container(agent, ID, shell_spec(agent, "sleep 1000"));
	agent_call(agent, "PauseContainer", &pause, NULL);
	start_container(agent, ID);
	remove_container(agent, ID);
}

/* The second removal must not find what has got the name in the meantime. */
static void test_twice(void **state)
{
	static char id[] = ID, path[] = "/bin/sh", name[] = "sh", flag[] = "-c";
	Grpc__RemoveContainerRequest removal = GRPC__REMOVE_CONTAINER_REQUEST__INIT;
	Grpc__Hook hook = GRPC__HOOK__INIT, *list[] = { &hook };
	Grpc__Hooks hooks = GRPC__HOOKS__INIT;
	NEEDS_AGENT(agent);
	_cleanup_free_ char *file = path_join(agent->directory, "hooks");
	_cleanup_free_ char *script = xasprintf("echo stopped >>%s", file), *text = NULL;
	char *arguments[] = { name, flag, script };
	Grpc__Spec *spec = shell_spec(agent, "sleep 1000");
	struct error *err = NULL;

	hook.path = path;
	hook.args = arguments;
	hook.n_args = ARRAY_SIZE(arguments);
	hooks.poststop = list;
	hooks.n_poststop = 1;
	spec->hooks = &hooks;
	create_container(agent, ID, spec);
	removal.container_id = id;
	start_call(agent, "RemoveContainer", &removal);
	remove_container(agent, ID);
	assert_ok(file_read_all(file, 4096, &text, NULL, &err), err);
	assert_string_equal(text, "stopped\n");
}

/* Whoever still waits for a device does not keep the sandbox, and finds what it works on in its place. */
static void test_end(void **state)
{
	static char driver[] = "9p", type[] = "overlay", source[] = "tag",
		    lower[] = "lowerdir=/run/late", point[] = "/run/kata-containers/shared/late";
	char *options[] = { lower };
	Grpc__CreateSandboxRequest waiting = GRPC__CREATE_SANDBOX_REQUEST__INIT;
	Grpc__Storage storage = GRPC__STORAGE__INIT, *storages[] = { &storage };
	Grpc__DestroySandboxRequest request = GRPC__DESTROY_SANDBOX_REQUEST__INIT;
	NEEDS_AGENT(agent);

	storage.driver = driver;
	storage.fstype = type;
	storage.source = source;
	storage.mount_point = point;
	storage.options = options;
	storage.n_options = ARRAY_SIZE(options);
	waiting.storages = storages;
	waiting.n_storages = ARRAY_SIZE(storages);
	start_call(agent, "CreateSandbox", &waiting);
	agent_call(agent, "DestroySandbox", &request, NULL);
	assert_int_equal(agent_wait_end(agent), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paused), cmocka_unit_test(test_twice),
		cmocka_unit_test(test_end), /* the last: it ends the agent */
	};

	return cmocka_run_group_tests_name("removal", tests, agent_set_up_sandbox, agent_tear_down);
}
