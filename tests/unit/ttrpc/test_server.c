// SPDX-License-Identifier: Apache-2.0
/* The server against frames written by hand: every row of the rule table in spec/shim.md 1.4, and the bounds. */
#include "echo.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/unix.h"
#include "ttrpc/request.h"

/* ---- the service ---------------------------------------------------------------------------- */

static struct {
	struct ttrpc_request *waiting[2000];
	size_t waiting_count;
	int cancels;
	struct strbuf collected;
} seen;

static void echo(struct ttrpc_request *request, const void *input, void *context)
{
	const Grpc__CheckRequest *message = input;

	(void)context;
	if (strcmp(message->service, "empty") == 0)
		ttrpc_request_reply(request, NULL);
	else if (strcmp(message->service, "fail") == 0)
		ttrpc_request_fail(request, TTRPC_FAILED_PRECONDITION, "not %s", "now");
	else
		ttrpc_request_reply(request, (const ProtobufCMessage *)input);
}

/* Answered later, by the test. */
static void keep(struct ttrpc_request *request, const void *input, void *context)
{
	(void)input;
	(void)context;
	seen.waiting[seen.waiting_count++] = request;
}

static void repeat(struct ttrpc_request *request, const void *input, void *context)
{
	(void)context;
	for (int i = 0; i < 3; i++)
		assert_int_equal(ttrpc_request_send(request, (const ProtobufCMessage *)input), 0);
	ttrpc_request_reply(request, NULL);
}

static void collect(struct ttrpc_request *request, const void *input, void *context)
{
	(void)context;
	assert_null(input);
	strbuf_truncate(&seen.collected, 0);
	ttrpc_request_set_data(request, &seen.collected);
}

static void collect_message(struct ttrpc_request *request, const void *input, void *context)
{
	const Grpc__CheckRequest *message = input;
	struct strbuf *collected = ttrpc_request_data(request);
	Grpc__CheckRequest output;

	(void)context;
	if (message) {
		strbuf_puts(collected, message->service);
		strbuf_putc(collected, ';');
		return;
	}
	output = text_message(collected->data);
	ttrpc_request_reply(request, &output.base);
}

static void count_cancel(struct ttrpc_request *request, void *data)
{
	(void)request;
	++*(int *)data;
}

/* Echoes each message; "end" ends it from this side. */
static void bidi(struct ttrpc_request *request, const void *input, void *context)
{
	(void)input;
	(void)context;
	ttrpc_request_on_cancel(request, count_cancel, &seen.cancels);
	keep(request, input, context);
}

static void bidi_message(struct ttrpc_request *request, const void *input, void *context)
{
	const Grpc__CheckRequest *message = input;

	(void)context;
	if (!message || strcmp(message->service, "end") == 0) {
		seen.waiting_count--;
		ttrpc_request_reply(request, NULL);
		return;
	}
	ttrpc_request_send(request, &message->base);
}

static const struct ttrpc_handler handlers[] = {
	{ .method = "Echo", .handle = echo },
	{ .method = "Wait", .handle = keep },
	{ .method = "Repeat", .handle = repeat, .kind = TTRPC_SERVER_STREAMING },
	{ .method = "Collect",
	  .handle = collect,
	  .kind = TTRPC_CLIENT_STREAMING,
	  .receive = collect_message },
	{ .method = "Bidi", .handle = bidi, .kind = TTRPC_BIDIRECTIONAL, .receive = bidi_message },
};
static const struct ttrpc_service services[] = {
	{ &echo_descriptor, handlers, ARRAY_SIZE(handlers), NULL, NULL },
	{ &echo_descriptor, handlers, ARRAY_SIZE(handlers), NULL, "test.v3.Echo" },
};

/* ---- a server and one connection ------------------------------------------------------------ */

struct fixture {
	struct ttrpc_server *server;
	int fd; /* the client's end */
};

static int connect_to(struct ttrpc_server *server)
{
	struct error *err = NULL;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_ok(ttrpc_server_add_connection(server, pair[1], &err), err);
	return pair[0];
}

static int set_up(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof(*fixture));
	struct error *err = NULL;

	memset(&seen, 0, sizeof(seen));
	seen.collected = (struct strbuf)STRBUF_INIT;
	assert_ok(ttrpc_server_new(services, ARRAY_SIZE(services), NULL, &fixture->server, &err),
		  err);
	fixture->fd = connect_to(fixture->server);
	*state = fixture;
	return 0;
}

static void answer_waiting(void)
{
	while (seen.waiting_count > 0)
		ttrpc_request_reply(seen.waiting[--seen.waiting_count], NULL);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	ttrpc_server_free(fixture->server);
	answer_waiting();
	strbuf_release(&seen.collected);
	if (fixture->fd >= 0)
		close(fixture->fd);
	free(fixture);
	return 0;
}

static void dispatch(void *server)
{
	ttrpc_server_dispatch(server);
}

static void get_frame(struct fixture *fixture, struct received *received)
{
	receive_frame(fixture->fd, received, dispatch, fixture->server);
}

/* A Request of the method with the text as its message. */
static void call_with(struct fixture *fixture, uint32_t stream, const char *service,
		      const char *method, const char *text, uint8_t flags, int64_t timeout_ns)
{
	_cleanup_strbuf_ struct strbuf body = STRBUF_INIT;
	Grpc__CheckRequest input = text_message(text ? text : "");

	ttrpc_request_body_encode(&body, service, method, text ? &input.base : NULL, timeout_ns,
				  NULL);
	send_frame(fixture->fd, stream, TTRPC_REQUEST, flags, strbuf_view(&body));
}

static void call(struct fixture *fixture, uint32_t stream, const char *method, const char *text)
{
	call_with(fixture, stream, "test.Echo", method, text, 0, 0);
}

static void send_text(struct fixture *fixture, uint32_t stream, uint8_t flags, const char *text)
{
	_cleanup_strbuf_ struct strbuf body = STRBUF_INIT;
	Grpc__CheckRequest message = text_message(text);

	proto_pack(&message.base, &body);
	send_frame(fixture->fd, stream, TTRPC_DATA, flags, strbuf_view(&body));
}

/* The next frame is a Response with this status on this stream. */
static void expect_status(struct fixture *fixture, uint32_t stream, int code, const char *message)
{
	_cleanup_received_ struct received received = RECEIVED_INIT;
	struct ttrpc_response_body response;
	struct error *err = NULL;

	get_frame(fixture, &received);
	assert_int_equal(received.type, TTRPC_RESPONSE);
	assert_int_equal(received.stream, stream);
	assert_int_equal(received.flags, 0);
	assert_ok(ttrpc_response_body_decode(strbuf_view(&received.body), &response, &err), err);
	assert_slice_equal(response.message, message);
	assert_int_equal(response.code, code);
}

static void expect_text(struct slice bytes, const char *text)
{
	_cleanup_proto_ Grpc__CheckRequest *message = NULL;
	struct error *err = NULL;

	assert_ok(proto_unpack(&grpc__check_request__descriptor, bytes, &message, &err), err);
	assert_string_equal(message->service, text);
}

static void expect_reply(struct fixture *fixture, uint32_t stream, const char *text)
{
	_cleanup_received_ struct received received = RECEIVED_INIT;
	struct ttrpc_response_body response;
	struct error *err = NULL;

	get_frame(fixture, &received);
	assert_int_equal(received.type, TTRPC_RESPONSE);
	assert_int_equal(received.stream, stream);
	assert_ok(ttrpc_response_body_decode(strbuf_view(&received.body), &response, &err), err);
	assert_int_equal(response.code, 0);
	expect_text(response.payload, text);
}

static void expect_data(struct fixture *fixture, uint32_t stream, const char *text)
{
	_cleanup_received_ struct received received = RECEIVED_INIT;

	get_frame(fixture, &received);
	assert_int_equal(received.type, TTRPC_DATA);
	assert_int_equal(received.stream, stream);
	assert_int_equal(received.flags, 0);
	expect_text(strbuf_view(&received.body), text);
}

static void expect_end(struct fixture *fixture, uint32_t stream)
{
	_cleanup_received_ struct received received = RECEIVED_INIT;

	get_frame(fixture, &received);
	assert_int_equal(received.type, TTRPC_DATA);
	assert_int_equal(received.stream, stream);
	assert_int_equal(received.flags, TTRPC_REMOTE_CLOSED | TTRPC_NO_DATA);
	assert_int_equal(received.body.size, 0);
}

/* The connection is still good. */
static void expect_alive(struct fixture *fixture, uint32_t stream)
{
	call(fixture, stream, "Echo", "alive");
	expect_reply(fixture, stream, "alive");
}

static void run_until(struct fixture *fixture, const size_t *count, size_t value)
{
	for (int i = 0; i < 1000 && *count != value; i++) {
		struct pollfd readable = { .fd = ttrpc_server_fd(fixture->server),
					   .events = POLLIN };

		poll(&readable, 1, 10);
		ttrpc_server_dispatch(fixture->server);
	}
	assert_int_equal(*count, value);
}

static bool runs_until_closed(struct fixture *fixture)
{
	for (int i = 0; i < 200; i++) {
		ttrpc_server_dispatch(fixture->server);
		if (ttrpc_server_connection_count(fixture->server) == 0)
			return true;
		poll(NULL, 0, 1);
	}
	return false;
}

/* ---- unary calls, and the rules ------------------------------------------------------------- */

static void a_call_is_answered(void **state)
{
	call(*state, 1, "Echo", "hello");
	expect_reply(*state, 1, "hello");
	call(*state, 3, "Echo", "fail");
	expect_status(*state, 3, TTRPC_FAILED_PRECONDITION, "not now");
}

static void an_empty_answer_is_a_frame_of_length_zero(void **state)
{
	_cleanup_received_ struct received received = RECEIVED_INIT;

	call(*state, 17, "Echo", "empty");
	get_frame(*state, &received);
	assert_int_equal(received.stream, 17);
	assert_int_equal(received.type, TTRPC_RESPONSE);
	assert_int_equal(received.body.size, 0);
}

static void a_service_may_have_another_name_on_the_wire(void **state)
{
	call_with(*state, 1, "test.v3.Echo", "Echo", "v3", 0, 0);
	expect_reply(*state, 1, "v3");
}

static void a_request_may_arrive_byte_by_byte(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	Grpc__CheckRequest input = text_message("slow");
	size_t start = ttrpc_frame_begin(&out);

	ttrpc_request_body_encode(&out, "test.Echo", "Echo", &input.base, 0, NULL);
	ttrpc_frame_end(&out, start, 1, TTRPC_REQUEST, 0);
	for (size_t i = 0; i < out.size; i++) {
		send_bytes(fixture->fd, slice_make(out.data + i, 1));
		ttrpc_server_dispatch(fixture->server);
	}
	expect_reply(fixture, 1, "slow");
}

static void an_oversize_frame_is_dropped_and_answered(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_free_ char *chunk = xcalloc(1, 65536);

	send_bytes(fixture->fd, BYTES("\x00\x40\x00\x01\x00\x00\x00\x09\x01\x00"));
	for (int i = 0; i < 64; i++) {
		send_bytes(fixture->fd, slice_make(chunk, 65536));
		ttrpc_server_dispatch(fixture->server);
	}
	send_bytes(fixture->fd, slice_make(chunk, 1));
	expect_status(fixture, 9, TTRPC_RESOURCE_EXHAUSTED,
		      "message length 4194305 exceed maximum message size of 4194304");
	/* The id was not looked at. */
	expect_alive(fixture, 1);
}

static void an_even_stream_id_is_refused(void **state)
{
	call(*state, 2, "Echo", "x");
	expect_status(*state, 2, TTRPC_INVALID_ARGUMENT,
		      "StreamID must be odd for client initiated streams");
	call(*state, 0, "Echo", "x");
	expect_status(*state, 0, TTRPC_INVALID_ARGUMENT,
		      "StreamID must be odd for client initiated streams");
	expect_alive(*state, 1);
}

static void stream_ids_must_increase(void **state)
{
	expect_alive(*state, 5);
	for (uint32_t id = 1; id <= 5; id += 2) {
		call(*state, id, "Echo", "x");
		expect_status(*state, id, TTRPC_INVALID_ARGUMENT,
			      "StreamID cannot be re-used and must increment");
	}
	expect_alive(*state, 7);
	expect_alive(*state, UINT32_MAX);
}

static void data_for_an_unknown_stream_is_answered_and_skipped(void **state)
{
	send_text(*state, 1, 0, "x");
	expect_status(*state, 1, TTRPC_INVALID_ARGUMENT, "StreamID is no longer active");
	expect_alive(*state, 3);
	send_text(*state, 3, 0, "x");
	expect_status(*state, 3, TTRPC_INVALID_ARGUMENT, "StreamID is no longer active");
	expect_alive(*state, 5);
}

static void other_frame_types_are_ignored(void **state)
{
	struct fixture *fixture = *state;

	send_frame(fixture->fd, 1, TTRPC_RESPONSE, 0, BYTES("abc"));
	send_frame(fixture->fd, 1, 0, 0, BYTES("abc"));
	send_frame(fixture->fd, 1, 200, 0xff, BYTES("abc"));
	expect_alive(fixture, 1);
}

static void a_broken_request_is_refused(void **state)
{
	struct fixture *fixture = *state;

	send_frame(fixture->fd, 1, TTRPC_REQUEST, 0, BYTES("\x0a\x7f"));
	expect_status(fixture, 1, TTRPC_INVALID_ARGUMENT,
		      "unmarshal request error: protobuf: a field of 127 bytes, of which 0 are "
		      "there");
	expect_alive(fixture, 3);
}

static void unknown_services_and_methods_are_unimplemented(void **state)
{
	call_with(*state, 1, "containerd.task.v3.Task", "Create", "x", 0, 0);
	expect_status(*state, 1, TTRPC_UNIMPLEMENTED, "service containerd.task.v3.Task");
	call_with(*state, 3, "test.Echo", "Nothing", "x", 0, 0);
	expect_status(*state, 3, TTRPC_UNIMPLEMENTED, "method Nothing");
	/* In the schema, but nobody handles it. */
	call_with(*state, 5, "test.Echo", "Hidden", "x", 0, 0);
	expect_status(*state, 5, TTRPC_UNIMPLEMENTED, "method Hidden");
	call_with(*state, 7, "", "", NULL, 0, 0);
	expect_status(*state, 7, TTRPC_UNIMPLEMENTED, "service ");
	expect_alive(*state, 9);
}

static void a_broken_payload_is_an_internal_error(void **state)
{
	struct fixture *fixture = *state;

	send_frame(fixture->fd, 1, TTRPC_REQUEST, 0,
		   BYTES("\x0a\x09test.Echo\x12\x04"
			 "Echo\x1a\x02\x0a\x05"));
	expect_status(fixture, 1, TTRPC_INTERNAL,
		      "ttrpc: error unmarshalling payload: grpc.CheckRequest: protobuf: a field of "
		      "5 bytes, of which 0 are there");
	expect_alive(fixture, 3);
}

static void answers_come_in_any_order(void **state)
{
	struct fixture *fixture = *state;
	struct ttrpc_request *first;

	call(fixture, 1, "Wait", "x");
	call(fixture, 3, "Wait", "x");
	run_until(fixture, &seen.waiting_count, 2);
	expect_alive(fixture, 5);
	ttrpc_request_fail(seen.waiting[1], TTRPC_ABORTED, "second");
	expect_status(fixture, 3, TTRPC_ABORTED, "second");
	first = seen.waiting[0];
	seen.waiting_count = 0;
	assert_false(ttrpc_request_cancelled(first));
	ttrpc_request_fail(first, TTRPC_ABORTED, "first");
	expect_status(fixture, 1, TTRPC_ABORTED, "first");
}

static void *answer_in_thread(void *request)
{
	struct error *error = NULL;

	error_set(&error, -ENOENT, "container does not exist k1: not found");
	ttrpc_request_fail_error(request, error);
	error_free(error);
	return NULL;
}

static void a_request_may_be_answered_from_another_thread(void **state)
{
	struct fixture *fixture = *state;
	pthread_t thread;

	call(fixture, 1, "Wait", "x");
	run_until(fixture, &seen.waiting_count, 1);
	seen.waiting_count = 0;
	assert_int_equal(pthread_create(&thread, NULL, answer_in_thread, seen.waiting[0]), 0);
	expect_status(fixture, 1, TTRPC_NOT_FOUND, "container does not exist k1: not found");
	pthread_join(thread, NULL);
}

static void a_deadline_cancels_and_answers(void **state)
{
	struct fixture *fixture = *state;

	call_with(fixture, 1, "test.Echo", "Wait", "x", 0, 20 * 1000000);
	call_with(fixture, 3, "test.Echo", "Wait", "x", 0, 3600 * INT64_C(1000000000));
	run_until(fixture, &seen.waiting_count, 2);
	assert_in_range(ttrpc_request_time_left_ns(seen.waiting[1]), 1, 3600 * INT64_C(1000000000));
	ttrpc_request_on_cancel(seen.waiting[0], count_cancel, &seen.cancels);
	expect_status(fixture, 1, TTRPC_DEADLINE_EXCEEDED, "context deadline exceeded");
	assert_int_equal(seen.cancels, 1);
	assert_true(ttrpc_request_cancelled(seen.waiting[0]));
	assert_false(ttrpc_request_cancelled(seen.waiting[1]));
	/* The handler's own answer comes too late and is dropped. */
	answer_waiting();
	expect_status(fixture, 3, TTRPC_OK, "");
	expect_alive(fixture, 5);
}

static void fail_on_cancel(struct ttrpc_request *request, void *data)
{
	(void)data;
	seen.waiting_count--;
	ttrpc_request_fail(request, TTRPC_UNAVAILABLE, "gave up");
}

static void a_handler_may_answer_when_it_is_cancelled(void **state)
{
	struct fixture *fixture = *state;

	call_with(fixture, 1, "test.Echo", "Wait", "x", 0, 20 * 1000000);
	run_until(fixture, &seen.waiting_count, 1);
	ttrpc_request_on_cancel(seen.waiting[0], fail_on_cancel, NULL);
	expect_status(fixture, 1, TTRPC_UNAVAILABLE, "gave up");
}

static void a_lost_connection_cancels_what_is_open(void **state)
{
	struct fixture *fixture = *state;

	call(fixture, 1, "Wait", "x");
	call(fixture, 3, "Wait", "x");
	run_until(fixture, &seen.waiting_count, 2);
	for (size_t i = 0; i < 2; i++)
		ttrpc_request_on_cancel(seen.waiting[i], count_cancel, &seen.cancels);
	close(fixture->fd);
	fixture->fd = -1;
	assert_true(runs_until_closed(fixture));
	assert_int_equal(seen.cancels, 2);
	assert_true(ttrpc_request_cancelled(seen.waiting[0]));
	answer_waiting();
}

static void requests_outlive_the_server(void **state)
{
	struct fixture *fixture = *state;
	struct error *err = NULL;

	call(fixture, 1, "Wait", "x");
	run_until(fixture, &seen.waiting_count, 1);
	ttrpc_server_free(fixture->server);
	assert_true(ttrpc_request_cancelled(seen.waiting[0]));
	answer_waiting();
	assert_ok(ttrpc_server_new(services, 1, NULL, &fixture->server, &err), err);
}

/* ---- streams -------------------------------------------------------------------------------- */

static void a_server_streams(void **state)
{
	call_with(*state, 1, "test.Echo", "Repeat", "r", TTRPC_REMOTE_CLOSED, 0);
	for (int i = 0; i < 3; i++)
		expect_data(*state, 1, "r");
	expect_end(*state, 1);
}

static void a_client_streams(void **state)
{
	struct fixture *fixture = *state;

	call_with(fixture, 1, "test.Echo", "Collect", NULL, TTRPC_REMOTE_OPEN, 0);
	send_text(fixture, 1, 0, "a");
	/* An empty body is an empty message, not the end. */
	send_frame(fixture->fd, 1, TTRPC_DATA, 0, BYTES(""));
	send_text(fixture, 1, 0, "b");
	send_frame(fixture->fd, 1, TTRPC_DATA, TTRPC_REMOTE_CLOSED | TTRPC_NO_DATA, BYTES(""));
	expect_reply(fixture, 1, "a;;b;");
}

static void the_request_of_a_client_stream_may_hold_a_message(void **state)
{
	struct fixture *fixture = *state;

	call_with(fixture, 1, "test.Echo", "Collect", "first", TTRPC_REMOTE_OPEN, 0);
	send_frame(fixture->fd, 1, TTRPC_DATA, TTRPC_REMOTE_CLOSED | TTRPC_NO_DATA, BYTES(""));
	expect_reply(fixture, 1, "first;");
	call_with(fixture, 3, "test.Echo", "Collect", "only", TTRPC_REMOTE_CLOSED, 0);
	expect_reply(fixture, 3, "only;");
}

static void both_sides_stream(void **state)
{
	struct fixture *fixture = *state;

	call_with(fixture, 1, "test.Echo", "Bidi", NULL, TTRPC_REMOTE_OPEN, 0);
	send_text(fixture, 1, 0, "a");
	expect_data(fixture, 1, "a");
	expect_alive(fixture, 3);
	send_text(fixture, 1, 0, "b");
	expect_data(fixture, 1, "b");
	send_text(fixture, 1, 0, "end");
	expect_end(fixture, 1);
	/* The server has ended it: what comes now belongs to no stream. */
	send_text(fixture, 1, 0, "late");
	expect_status(fixture, 1, TTRPC_INVALID_ARGUMENT, "StreamID is no longer active");
}

static void a_message_with_the_end_is_an_error(void **state)
{
	struct fixture *fixture = *state;

	call_with(fixture, 1, "test.Echo", "Bidi", NULL, TTRPC_REMOTE_OPEN, 0);
	send_text(fixture, 1, TTRPC_REMOTE_CLOSED, "x");
	expect_status(fixture, 1, TTRPC_INVALID_ARGUMENT, "data close message cannot include data");
	assert_int_equal(seen.cancels, 1);
	expect_alive(fixture, 3);
}

static void a_message_where_none_belongs_ends_the_call(void **state)
{
	struct fixture *fixture = *state;

	call(fixture, 1, "Wait", "x");
	send_text(fixture, 1, 0, "x");
	expect_status(fixture, 1, TTRPC_INVALID_ARGUMENT,
		      "data handling error: ttrpc: stream closed");
	assert_true(ttrpc_request_cancelled(seen.waiting[0]));
	expect_alive(fixture, 3);
}

static void a_broken_message_in_a_stream_ends_it(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_received_ struct received received = RECEIVED_INIT;

	call_with(fixture, 1, "test.Echo", "Bidi", NULL, TTRPC_REMOTE_OPEN, 0);
	send_frame(fixture->fd, 1, TTRPC_DATA, 0, BYTES("\x0a\x05"));
	get_frame(fixture, &received);
	assert_int_equal(received.type, TTRPC_RESPONSE);
	assert_int_equal(seen.cancels, 1);
	expect_alive(fixture, 3);
}

/* ---- bounds --------------------------------------------------------------------------------- */

static void open_calls_are_bounded(void **state)
{
	struct fixture *fixture = *state;

	for (uint32_t i = 0; i < TTRPC_MAX_OPEN_CALLS; i++) {
		call(fixture, 2 * i + 1, "Wait", "x");
		ttrpc_server_dispatch(fixture->server);
	}
	run_until(fixture, &seen.waiting_count, TTRPC_MAX_OPEN_CALLS);
	call(fixture, 4001, "Echo", "x");
	expect_status(fixture, 4001, TTRPC_RESOURCE_EXHAUSTED,
		      "1024 calls are open on this connection");
	ttrpc_request_fail(seen.waiting[--seen.waiting_count], TTRPC_ABORTED, "over");
	expect_status(fixture, 2047, TTRPC_ABORTED, "over");
	expect_alive(fixture, 4003);
}

static void connections_are_bounded(void **state)
{
	struct fixture *fixture = *state;
	struct error *err = NULL;
	int fds[TTRPC_MAX_CONNECTIONS], pair[2];
	char byte;

	for (int i = 1; i < TTRPC_MAX_CONNECTIONS; i++)
		fds[i] = connect_to(fixture->server);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_failed(ttrpc_server_add_connection(fixture->server, pair[1], &err), err, -EMFILE,
		      "64 connections are open already");
	assert_int_equal(read(pair[0], &byte, 1), 0);
	close(pair[0]);
	expect_alive(fixture, 1);
	for (int i = 1; i < TTRPC_MAX_CONNECTIONS; i++)
		close(fds[i]);
	for (int i = 0; i < 100 && ttrpc_server_connection_count(fixture->server) > 1; i++)
		ttrpc_server_dispatch(fixture->server);
	assert_int_equal(ttrpc_server_connection_count(fixture->server), 1);
	expect_alive(fixture, 3);
}

/* Answers of 1000 calls, 64 KiB each, to a client that asks and does not read. */
static void a_client_that_does_not_read_is_not_read_from(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	_cleanup_free_ char *text = xcalloc(1, 65537);
	Grpc__CheckRequest input;
	size_t sent = 0, calls = 0;
	int flags = fcntl(fixture->fd, F_GETFL);

	memset(text, 'x', 65536);
	input = text_message(text);
	fcntl(fixture->fd, F_SETFL, flags | O_NONBLOCK);
	for (;;) {
		size_t start = ttrpc_frame_begin(&out);
		ssize_t size;

		ttrpc_request_body_encode(&out, "test.Echo", "Echo", &input.base, 0, NULL);
		ttrpc_frame_end(&out, start, (uint32_t)(2 * calls++ + 1), TTRPC_REQUEST, 0);
		size = send(fixture->fd, out.data + sent, out.size - sent, MSG_NOSIGNAL);
		if (size < 0)
			break;
		sent += (size_t)size;
		ttrpc_server_dispatch(fixture->server);
		assert_true(calls < 1000);
	}
	/* A little over 1 MiB of answers in the server, and what two socket buffers hold. */
	assert_in_range(sent, 1 << 20, 8 << 20);
	/* Once the client reads, everything is answered. */
	for (size_t answered = 0; answered < sent / (65536 + 64); answered++) {
		_cleanup_received_ struct received received = RECEIVED_INIT;

		get_frame(fixture, &received);
		assert_int_equal(received.stream, 2 * answered + 1);
	}
}

static void a_client_that_takes_nothing_is_dropped(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_free_ char *text = xcalloc(1, 4000001);
	Grpc__CheckRequest message;
	int ret = 0;

	memset(text, 'x', 4000000);
	message = text_message(text);
	call_with(fixture, 1, "test.Echo", "Bidi", NULL, TTRPC_REMOTE_OPEN, 0);
	run_until(fixture, &seen.waiting_count, 1);
	for (int i = 0; i < 20 && ret == 0; i++)
		ret = ttrpc_request_send(seen.waiting[0], &message.base);
	assert_int_equal(ret, -ECANCELED);
	assert_true(runs_until_closed(fixture));
	assert_int_equal(seen.cancels, 1);
}

static void a_streamed_message_over_the_limit_is_refused(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_free_ char *text = xcalloc(1, TTRPC_MAX_BODY + 1);
	Grpc__CheckRequest message;

	memset(text, 'x', TTRPC_MAX_BODY);
	message = text_message(text);
	call_with(fixture, 1, "test.Echo", "Bidi", NULL, TTRPC_REMOTE_OPEN, 0);
	run_until(fixture, &seen.waiting_count, 1);
	assert_int_equal(ttrpc_request_send(seen.waiting[0], &message.base), -E2BIG);
	expect_alive(fixture, 3);
}

/* spec/reliability.md 5.1, 20: between frames a peer may be silent for ever, inside one for 30 seconds. */
static void a_peer_may_not_stall_inside_a_frame(void **state)
{
	static const char half[] = "\x00\x00\x00\x28\x00\x00\x00\x03\x01\x00\x0a";
	struct ttrpc_connection *connection = NULL;
	struct ttrpc_poller poller;
	struct error *err = NULL;
	int64_t deadline_ns;
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_ok(ttrpc_poller_init(&poller, NULL, NULL, &err), err);
	assert_ok(ttrpc_connection_new(NULL, &poller, fds[1], &connection, &err), err);
	assert_true(ttrpc_connection_expire(connection, clock_now_ns()) == INT64_MAX);
	assert_true(poller.armed_ns == INT64_MAX);

	send_bytes(fds[0], BYTES(half));
	ttrpc_poller_dispatch(&poller);
	deadline_ns = ttrpc_connection_expire(connection, clock_now_ns());
	assert_in_range(deadline_ns - clock_now_ns(), 29 * INT64_C(1000000000),
			30 * INT64_C(1000000000));
	assert_true(poller.armed_ns == deadline_ns);
	assert_true(ttrpc_connection_expire(connection, deadline_ns) == -1);

	ttrpc_connection_drop(connection);
	ttrpc_poller_release(&poller);
	close(fds[0]);
}

static size_t count_descriptors(void)
{
	size_t count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* X-21 of spec/reliability.md: 400 of these cost the Go shim 400 descriptors and 20 MB. */
static void cut_off_connections_leave_nothing(void **state)
{
	struct fixture *fixture = *state;
	size_t before = count_descriptors();

	for (int i = 0; i < 1000; i++) {
		int fd = connect_to(fixture->server);

		send_bytes(fd, BYTES("\x00\x40\x00\x00\x00\x00\x00\x01\x01\x00half a body"));
		ttrpc_server_dispatch(fixture->server);
		close(fd);
		ttrpc_server_dispatch(fixture->server);
		assert_int_equal(ttrpc_server_connection_count(fixture->server), 1);
	}
	assert_int_equal(count_descriptors(), before);
	expect_alive(fixture, 1);
}

/* ---- sockets, peers ------------------------------------------------------------------------- */

static bool refuse_everybody(const struct ucred *peer)
{
	return peer->pid < 0;
}

static void only_welcome_peers_may_stay(void **state)
{
	bool (*const rules[])(const struct ucred *) = { NULL, ttrpc_peer_is_owner,
							refuse_everybody };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		_cleanup_free_ char *path = xasprintf("@kata-test-ttrpc-%d-%zu", getpid(), i);
		struct fixture fixture = { 0 };
		struct error *err = NULL;

		assert_ok(ttrpc_server_new(services, 1, rules[i], &fixture.server, &err), err);
		assert_ok(ttrpc_server_listen(fixture.server, unix_listen(path, 0600, &err), &err),
			  err);
		fixture.fd = unix_connect(path, &err);
		assert_ok(fixture.fd, err);
		if (rules[i] == refuse_everybody) {
			char byte;

			ttrpc_server_dispatch(fixture.server);
			assert_int_equal(read(fixture.fd, &byte, 1), 0);
		} else {
			expect_alive(&fixture, 1);
		}
		close(fixture.fd);
		ttrpc_server_free(fixture.server);
	}
}

static void owners_are_root_and_ourselves(void **state)
{
	struct ucred peer = { .uid = 0, .gid = 5 };

	(void)state;
	assert_true(ttrpc_peer_is_owner(&peer));
	peer = (struct ucred){ .uid = geteuid(), .gid = getegid() };
	assert_true(ttrpc_peer_is_owner(&peer));
	peer = (struct ucred){ .uid = geteuid() + 1, .gid = getegid() };
	assert_false(ttrpc_peer_is_owner(&peer));
}

/* Without descriptors a listener rests, instead of waking the loop again and again, and comes back. */
static void a_listener_rests_when_descriptors_run_out(void **state)
{
	_cleanup_free_ char *path = xasprintf("@kata-test-ttrpc-%d-rest", getpid());
	struct fixture *fixture = *state;
	struct rlimit limit, few;
	struct error *err = NULL;
	int fd, wakes = 0;

	assert_ok(ttrpc_server_listen(fixture->server, unix_listen(path, 0600, &err), &err), err);
	fd = unix_connect(path, &err);
	assert_ok(fd, err);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	few = (struct rlimit){ .rlim_cur = (rlim_t)fd + 1, .rlim_max = limit.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	ttrpc_server_dispatch(fixture->server);
	setrlimit(RLIMIT_NOFILE, &limit);
	assert_int_equal(ttrpc_server_connection_count(fixture->server), 1);
	for (int i = 0; i < 300 && ttrpc_server_connection_count(fixture->server) == 1; i++) {
		struct pollfd readable = { .fd = ttrpc_server_fd(fixture->server),
					   .events = POLLIN };

		wakes += poll(&readable, 1, 10);
		ttrpc_server_dispatch(fixture->server);
	}
	assert_int_equal(ttrpc_server_connection_count(fixture->server), 2);
	/* One by the timer, one by the connection that still waits. */
	assert_in_range(wakes, 1, 3);
	close(fd);
}

static void connections_go_on_when_listening_stops(void **state)
{
	_cleanup_free_ char *path = xasprintf("@kata-test-ttrpc-%d-stop", getpid());
	struct fixture *fixture = *state;
	struct error *err = NULL;

	assert_ok(ttrpc_server_listen(fixture->server, unix_listen(path, 0600, &err), &err), err);
	ttrpc_server_stop_listening(fixture->server);
	assert_failed(unix_connect(path, &err), err, -ECONNREFUSED, "connection refused");
	expect_alive(fixture, 1);
}

static void flush_waits_for_a_reader(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_free_ char *text = xcalloc(1, 3000001);
	Grpc__CheckRequest message;

	memset(text, 'x', 3000000);
	message = text_message(text);
	assert_true(ttrpc_server_flush(fixture->server, 0));
	call(fixture, 1, "Wait", "x");
	run_until(fixture, &seen.waiting_count, 1);
	ttrpc_request_reply(seen.waiting[--seen.waiting_count], &message.base);
	assert_false(ttrpc_server_flush(fixture->server, 10));
	expect_reply(fixture, 1, text);
	assert_true(ttrpc_server_flush(fixture->server, 10));
}

static void a_handler_needs_a_method(void **state)
{
	static const struct ttrpc_handler wrong[] = { { .method = "Ecko", .handle = echo } };
	const struct ttrpc_service service = { &echo_descriptor, wrong, 1, NULL, NULL };
	struct ttrpc_server *server = NULL;
	struct error *err = NULL;

	(void)state;
	assert_failed(ttrpc_server_new(&service, 1, NULL, &server, &err), err, -EINVAL,
		      "test.Echo has no method Ecko");
	assert_null(server);
}

static void unix_paths_are_bounded(void **state)
{
	char path[200];
	struct error *err = NULL;

	(void)state;
	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_failed(unix_connect(path, &err), err, -ENAMETOOLONG, "1 to 107 bytes");
	assert_failed(unix_connect("", &err), err, -ENAMETOOLONG, "1 to 107 bytes");
	assert_failed(unix_connect("/nonexistent/s", &err), err, -ENOENT,
		      "connect to /nonexistent/s: no such file");
}

#define test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_call_is_answered),
		test(an_empty_answer_is_a_frame_of_length_zero),
		test(a_service_may_have_another_name_on_the_wire),
		test(a_request_may_arrive_byte_by_byte),
		test(an_oversize_frame_is_dropped_and_answered),
		test(an_even_stream_id_is_refused),
		test(stream_ids_must_increase),
		test(data_for_an_unknown_stream_is_answered_and_skipped),
		test(other_frame_types_are_ignored),
		test(a_broken_request_is_refused),
		test(unknown_services_and_methods_are_unimplemented),
		test(a_broken_payload_is_an_internal_error),
		test(answers_come_in_any_order),
		test(a_request_may_be_answered_from_another_thread),
		test(a_deadline_cancels_and_answers),
		test(a_handler_may_answer_when_it_is_cancelled),
		test(a_lost_connection_cancels_what_is_open),
		test(requests_outlive_the_server),
		test(a_server_streams),
		test(a_client_streams),
		test(the_request_of_a_client_stream_may_hold_a_message),
		test(both_sides_stream),
		test(a_message_with_the_end_is_an_error),
		test(a_message_where_none_belongs_ends_the_call),
		test(a_broken_message_in_a_stream_ends_it),
		test(open_calls_are_bounded),
		test(connections_are_bounded),
		test(a_client_that_does_not_read_is_not_read_from),
		test(a_client_that_takes_nothing_is_dropped),
		test(a_streamed_message_over_the_limit_is_refused),
		cmocka_unit_test(a_peer_may_not_stall_inside_a_frame),
		test(cut_off_connections_leave_nothing),
		cmocka_unit_test(only_welcome_peers_may_stay),
		cmocka_unit_test(owners_are_root_and_ourselves),
		test(a_listener_rests_when_descriptors_run_out),
		test(connections_go_on_when_listening_stops),
		test(flush_waits_for_a_reader),
		cmocka_unit_test(a_handler_needs_a_method),
		cmocka_unit_test(unix_paths_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
