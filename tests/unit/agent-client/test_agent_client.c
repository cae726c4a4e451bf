// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "agent-client/json_call.h"
#include "base/path.h"
#include "base/unix.h"
#include "proto/agent.pb-c.h"
#include "proto/health.pb-c.h"
#include "proto/message.h"
#include "ttrpc/server.h"

/* ---- an agent of a few lines, on a thread of its own -------------------------------------------- */

static void handle_check(struct ttrpc_request *request, const void *input, void *context)
{
	Grpc__HealthCheckResponse response = GRPC__HEALTH_CHECK_RESPONSE__INIT;

	(void)input;
	(void)context;
	response.status = GRPC__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING;
	ttrpc_request_reply(request, &response.base);
}

/* Answers with what it was given, and refuses one id. */
static void handle_read(struct ttrpc_request *request, const void *input, void *context)
{
	const Grpc__ReadStreamRequest *read = input;
	Grpc__ReadStreamResponse response = GRPC__READ_STREAM_RESPONSE__INIT;

	(void)context;
	if (strcmp(read->container_id, "nobody") == 0) {
		ttrpc_request_fail(request, TTRPC_NOT_FOUND, "InvalidExecId");
		return;
	}
	response.data =
		(ProtobufCBinaryData){ strlen(read->container_id), (uint8_t *)read->container_id };
	ttrpc_request_reply(request, &response.base);
}

/* Never answered. */
static struct ttrpc_request *waiting;
static void handle_wait(struct ttrpc_request *request, const void *input, void *context)
{
	(void)input;
	(void)context;
	waiting = request;
}

static const struct ttrpc_handler health_handlers[] = { { .method = "Check",
							  .handle = handle_check } };
static const struct ttrpc_handler agent_handlers[] = {
	{ .method = "ReadStdout", .handle = handle_read },
	{ .method = "WaitProcess", .handle = handle_wait },
};
static const struct ttrpc_service services[] = {
	{ &grpc__health__descriptor, health_handlers, ARRAY_SIZE(health_handlers), NULL, NULL },
	{ &grpc__agent_service__descriptor, agent_handlers, ARRAY_SIZE(agent_handlers), NULL,
	  NULL },
};

struct agent {
	struct ttrpc_server *server;
	pthread_t thread;
	atomic_bool end;
	struct agent_client *client;
};

static void *serve(void *data)
{
	struct agent *agent = data;

	while (!agent->end) {
		struct pollfd ready = { .fd = ttrpc_server_fd(agent->server), .events = POLLIN };

		poll(&ready, 1, 10);
		ttrpc_server_dispatch(agent->server);
	}
	return NULL;
}

static int set_up(void **state)
{
	struct agent *agent = xcalloc(1, sizeof(*agent));
	struct error *err = NULL;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	assert_ok(ttrpc_server_new(services, ARRAY_SIZE(services), NULL, &agent->server, &err),
		  err);
	assert_ok(ttrpc_server_add_connection(agent->server, ends[1], &err), err);
	assert_int_equal(pthread_create(&agent->thread, NULL, serve, agent), 0);
	assert_ok(agent_client_new(ends[0], &agent->client, &err), err);
	*state = agent;
	return 0;
}

static int tear_down(void **state)
{
	struct agent *agent = *state;

	agent_client_free(agent->client);
	agent->end = true;
	pthread_join(agent->thread, NULL);
	ttrpc_server_free(agent->server);
	if (waiting)
		ttrpc_request_reply(waiting, NULL);
	waiting = NULL;
	free(agent);
	return 0;
}

/* ---- methods ------------------------------------------------------------------------------------ */

static void methods_are_the_schemas(void **state)
{
	struct agent_method method, again;
	size_t count = 0;

	(void)state;
	assert_true(agent_method_find("Check", &method));
	assert_string_equal(method.service, "grpc.Health");
	assert_true(agent_method_find("GetOOMEvent", &method));
	assert_string_equal(method.service, "grpc.AgentService");
	assert_ptr_equal(method.output, &grpc__oomevent__descriptor);
	assert_false(agent_method_find("check", &method));
	assert_false(agent_method_find("", &method));
	while (agent_method_at(count, &method)) {
		assert_true(agent_method_find(method.name, &again));
		assert_ptr_equal(method.input, again.input);
		count++;
	}
	assert_int_equal(count, 2 + 42);
	assert_false(agent_method_at(SIZE_MAX, &method));
}

/* ---- calls -------------------------------------------------------------------------------------- */

static void one_connection_serves_both_services(void **state)
{
	struct agent *agent = *state;
	_cleanup_proto_ Grpc__HealthCheckResponse *health = NULL;
	_cleanup_proto_ Grpc__ReadStreamResponse *stream = NULL;
	Grpc__ReadStreamRequest request = GRPC__READ_STREAM_REQUEST__INIT;
	static char id[] = "echo";
	struct error *err = NULL;

	assert_ok(agent_client_call(agent->client, "Check", NULL, 0, &health, &err), err);
	assert_int_equal(health->status, GRPC__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING);
	request.container_id = id;
	assert_ok(agent_client_call(agent->client, "ReadStdout", &request.base, 0, &stream, &err),
		  err);
	assert_int_equal(stream->data.len, 4);
	assert_memory_equal(stream->data.data, "echo", 4);
}

static void errors_keep_code_and_text(void **state)
{
	struct agent *agent = *state;
	Grpc__ReadStreamRequest request = GRPC__READ_STREAM_REQUEST__INIT;
	static char id[] = "nobody";
	struct error *err = NULL;
	int ret;

	request.container_id = id;
	ret = agent_client_call(agent->client, "ReadStdout", &request.base, 0, NULL, &err);
	assert_string_equal(error_message(err), "InvalidExecId");
	assert_failed(ret, err, ttrpc_errno_of_code(TTRPC_NOT_FOUND), "InvalidExecId");
	ret = agent_client_call(agent->client, "AddSwap", NULL, 0, NULL, &err);
	assert_failed(ret, err, ttrpc_errno_of_code(TTRPC_UNIMPLEMENTED), "");
	ret = agent_client_call(agent->client, "WaitProcess", NULL, 20000000, NULL, &err);
	assert_failed(ret, err, -ETIMEDOUT, "");
}

static void what_is_not_of_the_protocol_is_not_sent(void **state)
{
	struct agent *agent = *state;
	Grpc__ReadStreamRequest request = GRPC__READ_STREAM_REQUEST__INIT;
	struct error *err = NULL;
	int ret;

	ret = agent_client_call(agent->client, "Reboot", NULL, 0, NULL, &err);
	assert_failed(ret, err, -ENOSYS, "no method Reboot");
	ret = agent_client_call(agent->client, "WaitProcess", &request.base, 0, NULL, &err);
	assert_failed(ret, err, -EINVAL, "WaitProcess takes a grpc.WaitProcessRequest");
}

static void note(void *data, void *reply, struct error *error)
{
	*(bool *)data = reply && !error;
	proto_free(reply);
	error_free(error);
}

static void a_loop_can_drive_it(void **state)
{
	struct agent *agent = *state;
	struct ttrpc_client *connection = agent_client_ttrpc(agent->client);
	struct error *err = NULL;
	bool done = false;

	ttrpc_client_attach_loop(connection);
	assert_ok(agent_client_start(agent->client, "Check", NULL, 0, note, &done, &err), err);
	for (int i = 0; i < 500 && !done; i++) {
		struct pollfd ready = { .fd = ttrpc_client_fd(connection), .events = POLLIN };

		poll(&ready, 1, 10);
		ttrpc_client_dispatch(connection);
	}
	assert_true(done);
}

static void calls_in_json(void **state)
{
	struct agent *agent = *state;
	cJSON *request = cJSON_Parse("{\"container_id\": \"echo\"}"), *reply = NULL;
	struct error *err = NULL;
	bool called = false;
	int ret;

	assert_ok(agent_client_call_json(agent->client, "ReadStdout", request, 0, &reply, &called,
					 &err),
		  err);
	assert_true(called);
	assert_string_equal(cJSON_GetObjectItem(reply, "data")->valuestring, "ZWNobw==");
	cJSON_Delete(reply);
	ret = agent_client_call_json(agent->client, "Check", request, 0, &reply, &called, &err);
	assert_false(called);
	assert_failed(ret, err, -EINVAL, "container_id");
	cJSON_Delete(request);
	ret = agent_client_call_json(agent->client, "AddSwap", NULL, 0, &reply, &called, &err);
	assert_true(called);
	assert_failed(ret, err, ttrpc_errno_of_code(TTRPC_UNIMPLEMENTED), "");
}

/* ---- connecting --------------------------------------------------------------------------------- */

static void addresses_lead_somewhere_or_say_why_not(void **state)
{
	struct vsock_dial soon = { .timeout_ms = 30 };
	struct agent_client *client = NULL;
	struct error *err = NULL;
	void *directory;
	char *path, *url, *hybrid;
	int listener, ret;

	(void)state;
	assert_int_equal(make_directory(&directory), 0);
	path = path_join(directory, "agent.sock");
	url = xasprintf("unix://%s", path);
	hybrid = xasprintf("hvsock://%s:1024", path);
	ret = agent_client_connect(url, NULL, &client, &err);
	assert_failed(ret, err, -ENOENT, "no such file or directory");
	ret = agent_client_connect(url, &soon, &client, &err);
	assert_failed(ret, err, -ETIMEDOUT, "timed out connecting to unix socket");
	ret = agent_client_connect(hybrid, &soon, &client, &err);
	assert_failed(ret, err, -ETIMEDOUT, "hybrid vsocket");
	ret = agent_client_connect("tcp://[::1]:1024", NULL, &client, &err);
	assert_failed(ret, err, -EINVAL, "Invalid scheme: tcp");

	listener = unix_listen(path, 0600, &err);
	assert_true(listener >= 0);
	assert_ok(agent_client_connect(url, NULL, &client, &err), err);
	agent_client_free(client);
	close(listener);
	free(path);
	free(url);
	free(hybrid);
	remove_directory(&directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(methods_are_the_schemas),
		cmocka_unit_test_setup_teardown(one_connection_serves_both_services, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(errors_keep_code_and_text, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_not_of_the_protocol_is_not_sent, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_loop_can_drive_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(calls_in_json, set_up, tear_down),
		cmocka_unit_test(addresses_lead_somewhere_or_say_why_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
