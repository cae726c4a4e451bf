// SPDX-License-Identifier: Apache-2.0
/*
 * Our server and our client against Go's library: tests/interop/ttrpc-peer, when KATA_TTRPC_PEER names its
 * binary.
 */
#include "echo.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "base/unix.h"
#include "ttrpc/client.h"

extern char **environ;

/* ---- our server ----------------------------------------------------------------------------- */

static void echo(struct ttrpc_request *request, const void *input, void *context)
{
	const Grpc__CheckRequest *message = input;
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	Grpc__CheckRequest output;

	(void)context;
	if (slice_starts_with(slice_of(message->service), "fail ")) {
		ttrpc_request_fail(request, TTRPC_FAILED_PRECONDITION, "%s", message->service + 5);
		return;
	}
	if (strcmp(message->service, "metadata") == 0) {
		const struct ttrpc_metadata *metadata = ttrpc_request_metadata(request);

		for (size_t i = 0; i < metadata->count; i++)
			strbuf_printf(&text, "%s%s", i ? "," : "", metadata->pairs[i].value);
	} else {
		strbuf_puts(&text, message->service);
	}
	output = text_message(text.data);
	ttrpc_request_reply(request, &output.base);
}

static void cancelled(struct ttrpc_request *request, void *data)
{
	(void)data;
	ttrpc_request_fail(request, TTRPC_DEADLINE_EXCEEDED, "context deadline exceeded");
}

static void keep(struct ttrpc_request *request, const void *input, void *context)
{
	(void)input;
	(void)context;
	ttrpc_request_on_cancel(request, cancelled, NULL);
}

static void repeat(struct ttrpc_request *request, const void *input, void *context)
{
	(void)context;
	for (int i = 0; i < 3; i++)
		ttrpc_request_send(request, (const ProtobufCMessage *)input);
	ttrpc_request_reply(request, NULL);
}

static struct strbuf collected = STRBUF_INIT;

static void open_stream(struct ttrpc_request *request, const void *input, void *context)
{
	(void)input;
	(void)context;
	ttrpc_request_on_cancel(request, cancelled, NULL);
}

static void collect(struct ttrpc_request *request, const void *input, void *context)
{
	const Grpc__CheckRequest *message = input;
	Grpc__CheckRequest output;

	(void)context;
	if (message) {
		strbuf_printf(&collected, "%s;", message->service);
		return;
	}
	output = text_message(collected.data);
	ttrpc_request_reply(request, &output.base);
	strbuf_release(&collected);
}

static void bidi(struct ttrpc_request *request, const void *input, void *context)
{
	const Grpc__CheckRequest *message = input;

	(void)context;
	if (!message || strcmp(message->service, "end") == 0)
		ttrpc_request_reply(request, NULL);
	else
		ttrpc_request_send(request, &message->base);
}

static const struct ttrpc_handler handlers[] = {
	{ .method = "Echo", .handle = echo },
	{ .method = "Wait", .handle = keep },
	{ "Repeat", repeat, TTRPC_SERVER_STREAMING, NULL },
	{ "Collect", open_stream, TTRPC_CLIENT_STREAMING, collect },
	{ "Bidi", open_stream, TTRPC_BIDIRECTIONAL, bidi },
};
static const struct ttrpc_service services[] = {
	{ &echo_descriptor, handlers, ARRAY_SIZE(handlers), NULL, NULL },
};

static atomic_bool stop;

static void *serve(void *server)
{
	while (!atomic_load(&stop)) {
		struct pollfd readable = { .fd = ttrpc_server_fd(server), .events = POLLIN };

		poll(&readable, 1, 10);
		ttrpc_server_dispatch(server);
	}
	return NULL;
}

/* ---- the peer ------------------------------------------------------------------------------- */

/* Start the peer with stdin from a pipe, whose other end is returned: closing it ends the peer. */
static int start_peer(const char *peer, const char *command, const char *path, pid_t *pid)
{
	char *argv[] = { (char *)peer, (char *)command, (char *)path, NULL };
	posix_spawn_file_actions_t actions;
	int pipe_fds[2];

	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipe_fds[0], STDIN_FILENO);
	assert_int_equal(posix_spawn(pid, peer, &actions, NULL, argv, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	close(pipe_fds[0]);
	return pipe_fds[1];
}

static int wait_for_peer(pid_t pid)
{
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static const char *need_peer(void)
{
	const char *peer = getenv("KATA_TTRPC_PEER");

	if (!peer)
		skip();
	return peer;
}

/* What the peer finds wrong with our server is in the test's output. */
static void our_server_answers_gos_client(void **state)
{
	const char *peer = need_peer();
	_cleanup_free_ char *path = xasprintf("%s/our.sock", (char *)*state);
	struct ttrpc_server *server = NULL;
	struct error *err = NULL;
	pthread_t thread;
	pid_t pid;
	int input, status;

	assert_ok(ttrpc_server_new(services, 1, ttrpc_peer_is_owner, &server, &err), err);
	assert_ok(ttrpc_server_listen(server, unix_listen(path, 0600, &err), &err), err);
	assert_int_equal(pthread_create(&thread, NULL, serve, server), 0);
	input = start_peer(peer, "call", path, &pid);
	status = wait_for_peer(pid);
	close(input);
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
	ttrpc_server_free(server);
	assert_int_equal(status, 0);
}

/* ---- our client ----------------------------------------------------------------------------- */

static int call_text(struct ttrpc_client *client, const char *method, const char *text,
		     int64_t timeout_ns, Grpc__CheckRequest **reply, struct error **err)
{
	_cleanup_ttrpc_metadata_ struct ttrpc_metadata metadata = { 0 };
	Grpc__CheckRequest input = text_message(text);
	const struct ttrpc_call call = { .service = "test.Echo",
					 .method = method,
					 .input = &input.base,
					 .output = &grpc__check_request__descriptor,
					 .timeout_ns = timeout_ns,
					 .metadata = &metadata };

	ttrpc_metadata_add(&metadata, slice_of("Key"), slice_of("a"));
	ttrpc_metadata_add(&metadata, slice_of("key"), slice_of("b"));
	return ttrpc_client_call(client, &call, reply, err);
}

static void expect_text(struct ttrpc_client *client, const char *text, int64_t timeout_ns,
			const char *expected)
{
	_cleanup_proto_ Grpc__CheckRequest *reply = NULL;
	struct error *err = NULL;

	assert_ok(call_text(client, "Echo", text, timeout_ns, &reply, &err), err);
	assert_string_equal(reply->service, expected);
}

static void call_unary(struct ttrpc_client *client)
{
	size_t size = TTRPC_MAX_BODY - 100;
	_cleanup_free_ char *large = xcalloc(1, size + 1);
	struct error *err = NULL;

	expect_text(client, "hello", 0, "hello");
	expect_text(client, "", 0, "");
	expect_text(client, "metadata", 0, "a,b");
	expect_text(client, "deadline", 0, "false");
	expect_text(client, "deadline", INT64_C(60000000000), "true");
	memset(large, 'x', size);
	expect_text(client, large, 0, large);
	assert_failed(call_text(client, "Echo", "fail not now", 0, NULL, &err), err, -EPIPE,
		      "not now");
	assert_failed(call_text(client, "Hidden", "", 0, NULL, &err), err,
		      ttrpc_errno_of_code(TTRPC_UNIMPLEMENTED), "method Hidden");
	assert_failed(call_text(client, "Wait", "", 20000000, NULL, &err), err, -ETIMEDOUT, "");
}

struct stream_outcome {
	bool ended;
	int code;
	struct strbuf texts;
};

static void stream_receive(void *data, const void *message)
{
	struct stream_outcome *outcome = data;

	strbuf_printf(&outcome->texts, "%s;", ((const Grpc__CheckRequest *)message)->service);
}

static void stream_done(void *data, void *reply, struct error *error)
{
	struct stream_outcome *outcome = data;

	if (reply)
		stream_receive(data, reply);
	outcome->ended = true;
	outcome->code = error_code(error);
	proto_free(reply);
	error_free(error);
}

static const struct ttrpc_stream_callbacks callbacks = { stream_receive, stream_done };

/* Open, send the texts, say that this is all, and see what comes back. */
static void expect_stream(struct ttrpc_client *client, const char *method, const char *const *texts,
			  const char *expected)
{
	Grpc__CheckRequest first = text_message("r");
	const struct ttrpc_call call = { .service = "test.Echo",
					 .method = method,
					 .input = texts ? NULL : &first.base,
					 .output = &grpc__check_request__descriptor };
	struct stream_outcome outcome = { .texts = STRBUF_INIT };
	struct ttrpc_stream *stream = NULL;
	struct error *err = NULL;

	assert_ok(ttrpc_client_open_stream(client, &call, texts != NULL, &callbacks, &outcome,
					   &stream, &err),
		  err);
	for (; texts && *texts; texts++) {
		Grpc__CheckRequest message = text_message(*texts);

		assert_ok(ttrpc_stream_send(stream, &message.base, &err), err);
	}
	if (texts)
		assert_ok(ttrpc_stream_close_send(stream, &err), err);
	for (int i = 0; i < 1000 && !outcome.ended; i++) {
		struct pollfd readable = { .fd = ttrpc_client_fd(client), .events = POLLIN };

		poll(&readable, 1, 10);
		ttrpc_client_dispatch(client);
	}
	assert_true(outcome.ended);
	assert_int_equal(outcome.code, 0);
	assert_string_equal(outcome.texts.data, expected);
	strbuf_release(&outcome.texts);
}

static void *call_often(void *client)
{
	for (int i = 0; i < 50; i++)
		expect_text(client, "x", 0, "x");
	return NULL;
}

static void call_from_threads(struct ttrpc_client *client)
{
	pthread_t threads[8];

	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, call_often, client), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
}

static int connect_patiently(const char *path)
{
	for (int i = 0; i < 500; i++) {
		_cleanup_error_ struct error *ignored = NULL; /* not there yet */
		int fd = unix_connect(path, &ignored);

		if (fd >= 0)
			return fd;
		poll(NULL, 0, 10);
	}
	fail_msg("the peer does not listen on %s", path);
	return -1;
}

static void our_client_calls_gos_server(void **state)
{
	static const char *const texts[] = { "a", "", "b", NULL };
	const char *peer = need_peer();
	_cleanup_free_ char *path = xasprintf("%s/go.sock", (char *)*state);
	struct ttrpc_client *client = NULL;
	struct error *err = NULL;
	pid_t pid;
	int input;

	input = start_peer(peer, "serve", path, &pid);
	assert_ok(ttrpc_client_new(connect_patiently(path), &client, &err), err);
	call_unary(client);
	call_from_threads(client);
	expect_stream(client, "Repeat", NULL, "r;r;r;");
	expect_stream(client, "Collect", texts, "a;;b;;");
	expect_stream(client, "Bidi", texts, "a;;b;");
	close(input);
	assert_int_equal(wait_for_peer(pid), 0);
	assert_failed(call_text(client, "Echo", "x", 0, NULL, &err), err, -TTRPC_CLOSED,
		      "ttrpc: closed");
	ttrpc_client_free(client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_server_answers_gos_client),
		cmocka_unit_test(our_client_calls_gos_server),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
