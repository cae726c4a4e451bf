// SPDX-License-Identifier: Apache-2.0
/* The client: against a peer written by hand, and against our server, alone and with many threads. */
#include "echo.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "ttrpc/client.h"

#define MS_NS INT64_C(1000000)

/* ---- a client and a peer's bare socket ------------------------------------------------------ */

struct fixture {
	struct ttrpc_client *client;
	int fd; /* the peer's end */
};

static int set_up(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof(*fixture));
	struct error *err = NULL;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_ok(ttrpc_client_new(pair[0], &fixture->client, &err), err);
	fixture->fd = pair[1];
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	ttrpc_client_free(fixture->client);
	if (fixture->fd >= 0)
		close(fixture->fd);
	free(fixture);
	return 0;
}

/* How an asynchronous call ended. */
struct outcome {
	int ends;
	char *text; /* of the reply or of the error */
	int code;
};

static void note(void *data, void *reply, struct error *error)
{
	struct outcome *outcome = data;
	Grpc__CheckRequest *message = reply;

	outcome->ends++;
	outcome->code = error_code(error);
	outcome->text = xstrdup(error ? error_message(error) : message ? message->service : "");
	proto_free(reply);
	error_free(error);
}

static void outcome_release(struct outcome *outcome)
{
	free(outcome->text);
}
#define _cleanup_outcome_ _cleanup_(outcome_release)

static void start(struct fixture *fixture, const char *method, int64_t timeout_ns,
		  struct outcome *outcome)
{
	Grpc__CheckRequest input = text_message("x");
	struct ttrpc_call call = { .service = "test.Echo",
				   .method = method,
				   .input = &input.base,
				   .output = &grpc__check_request__descriptor,
				   .timeout_ns = timeout_ns };
	struct error *err = NULL;

	assert_ok(ttrpc_client_start(fixture->client, &call, note, outcome, &err), err);
}

static void run(struct fixture *fixture, const struct outcome *outcome)
{
	for (int i = 0; i < 1000 && outcome->ends == 0; i++) {
		struct pollfd readable = { .fd = ttrpc_client_fd(fixture->client),
					   .events = POLLIN };

		poll(&readable, 1, 10);
		ttrpc_client_dispatch(fixture->client);
	}
	assert_int_equal(outcome->ends, 1);
}

static void expect_outcome(struct fixture *fixture, struct outcome *outcome, int code,
			   const char *text)
{
	run(fixture, outcome);
	assert_string_equal(outcome->text, text);
	assert_int_equal(outcome->code, code);
}

static void respond(struct fixture *fixture, uint32_t stream, const char *text)
{
	Grpc__CheckRequest message = text_message(text);
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	ttrpc_response_put(&out, stream, TTRPC_OK, "", &message.base);
	send_bytes(fixture->fd, strbuf_view(&out));
}

/* The next request the peer sees has this id. */
static void expect_request(struct fixture *fixture, uint32_t stream, struct received *received)
{
	receive_frame(fixture->fd, received, NULL, NULL);
	assert_int_equal(received->type, TTRPC_REQUEST);
	assert_int_equal(received->stream, stream);
}

static void ids_are_odd_and_increase(void **state)
{
	struct fixture *fixture = *state;
	struct outcome outcomes[4] = { 0 };

	for (uint32_t i = 0; i < 4; i++) {
		_cleanup_received_ struct received received = RECEIVED_INIT;

		start(fixture, "Echo", 0, &outcomes[i]);
		expect_request(fixture, 2 * i + 1, &received);
		assert_int_equal(received.flags, 0);
	}
	for (uint32_t i = 4; i-- > 0;) {
		respond(fixture, 2 * i + 1, "answer");
		expect_outcome(fixture, &outcomes[i], 0, "answer");
		outcome_release(&outcomes[i]);
	}
}

static void the_time_left_travels_along(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_received_ struct received received = RECEIVED_INIT;
	_cleanup_outcome_ struct outcome outcome = { 0 };
	struct ttrpc_request_body body;
	struct error *err = NULL;

	start(fixture, "Echo", 20 * MS_NS, &outcome);
	expect_request(fixture, 1, &received);
	assert_ok(ttrpc_request_body_decode(strbuf_view(&received.body), &body, &err), err);
	assert_int_equal(body.timeout_ns, 20 * MS_NS);
	assert_slice_equal(body.service, "test.Echo");
	/* Nobody answers. */
	expect_outcome(fixture, &outcome, -ETIMEDOUT, "test.Echo/Echo: no answer within 20 ms");
}

static void a_late_answer_is_dropped(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_outcome_ struct outcome late = { 0 }, next = { 0 };

	start(fixture, "Echo", 1 * MS_NS, &late);
	run(fixture, &late);
	start(fixture, "Echo", 0, &next);
	respond(fixture, 1, "late");
	respond(fixture, 99, "never asked");
	respond(fixture, 3, "next");
	expect_outcome(fixture, &next, 0, "next");
	assert_int_equal(late.ends, 1);
}

static void success_comes_in_several_forms(void **state)
{
	struct fixture *fixture = *state;
	const struct {
		struct slice frame;
		const char *text;
	} cases[] = {
		{ BYTES("\x00\x00\x00\x00\x00\x00\x00\x01\x02\x00"), "" },
		{ BYTES("\x00\x00\x00\x02\x00\x00\x00\x03\x02\x00\x0a\x00"), "" },
		{ BYTES("\x00\x00\x00\x07\x00\x00\x00\x05\x02\x00\x0a\x00\x12\x03\x0a\x01v"), "v" },
		{ BYTES("\x00\x00\x00\x04\x00\x00\x00\x07\x02\x00\x0a\x02\x08\x00"), "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_outcome_ struct outcome outcome = { 0 };

		start(fixture, "Echo", 0, &outcome);
		send_bytes(fixture->fd, cases[i].frame);
		expect_outcome(fixture, &outcome, 0, cases[i].text);
	}
}

static void an_answer_may_arrive_byte_by_byte(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	_cleanup_outcome_ struct outcome outcome = { 0 };
	Grpc__CheckRequest message = text_message("slow");

	start(fixture, "Echo", 0, &outcome);
	ttrpc_response_put(&out, 1, TTRPC_OK, "", &message.base);
	for (size_t i = 0; i < out.size; i++) {
		assert_int_equal(outcome.ends, 0);
		send_bytes(fixture->fd, slice_make(out.data + i, 1));
		ttrpc_client_dispatch(fixture->client);
	}
	expect_outcome(fixture, &outcome, 0, "slow");
}

static void every_status_becomes_an_error_with_the_peers_text(void **state)
{
	struct fixture *fixture = *state;

	for (int code = 1; code <= TTRPC_UNAUTHENTICATED; code++) {
		_cleanup_outcome_ struct outcome outcome = { 0 };
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

		start(fixture, "Echo", 0, &outcome);
		ttrpc_response_put(&out, (uint32_t)(2 * code - 1), (enum ttrpc_code)code,
				   "k1: not 100% found", NULL);
		send_bytes(fixture->fd, strbuf_view(&out));
		expect_outcome(fixture, &outcome, ttrpc_errno_of_code(code), "k1: not 100% found");
		assert_int_equal(ttrpc_code_of_errno(outcome.code), code);
	}
}

static void bad_answers_fail_their_call_and_no_other(void **state)
{
	struct fixture *fixture = *state;
	const struct {
		uint8_t type;
		struct slice body;
		const char *text;
	} cases[] = {
		{ TTRPC_RESPONSE, BYTES("\x12\x05"),
		  "test.Echo/Echo: protobuf: a field of 5 bytes, of which 0 are there" },
		{ TTRPC_RESPONSE, BYTES("\x12\x02\x08\x01"),
		  "test.Echo/Echo: grpc.CheckRequest.service: wire type 0 where 2 belongs" },
		{ TTRPC_DATA, BYTES(""),
		  "test.Echo/Echo: protocol error: data for a call without a stream" },
		{ TTRPC_REQUEST, BYTES(""), "test.Echo/Echo: protocol error: a frame of type 1" },
		{ 77, BYTES(""), "test.Echo/Echo: protocol error: a frame of type 77" },
	};
	_cleanup_outcome_ struct outcome other = { 0 };

	start(fixture, "Echo", 0, &other);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_outcome_ struct outcome outcome = { 0 };

		start(fixture, "Echo", 0, &outcome);
		send_frame(fixture->fd, (uint32_t)(2 * i + 3), cases[i].type, 0, cases[i].body);
		expect_outcome(fixture, &outcome, -EBADMSG, cases[i].text);
	}
	respond(fixture, 1, "good");
	expect_outcome(fixture, &other, 0, "good");
}

static void an_oversize_answer_fails_its_call(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_free_ char *chunk = xcalloc(1, 65536);
	_cleanup_outcome_ struct outcome outcome = { 0 }, next = { 0 };

	start(fixture, "Echo", 0, &outcome);
	send_bytes(fixture->fd, BYTES("\x00\x50\x00\x00\x00\x00\x00\x01\x02\x00"));
	for (int i = 0; i < 0x50; i++) {
		send_bytes(fixture->fd, slice_make(chunk, 65536));
		ttrpc_client_dispatch(fixture->client);
	}
	expect_outcome(fixture, &outcome, ttrpc_errno_of_code(TTRPC_RESOURCE_EXHAUSTED),
		       "message length 5242880 exceed maximum message size of 4194304");
	start(fixture, "Echo", 0, &next);
	respond(fixture, 3, "next");
	expect_outcome(fixture, &next, 0, "next");
}

static void an_oversize_request_is_not_sent(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_free_ char *text = xcalloc(1, TTRPC_MAX_BODY + 1);
	_cleanup_received_ struct received received = RECEIVED_INIT;
	_cleanup_outcome_ struct outcome outcome = { 0 };
	Grpc__CheckRequest input;
	struct ttrpc_call call = { .service = "test.Echo", .method = "Echo" };
	struct error *err = NULL;

	memset(text, 'x', TTRPC_MAX_BODY);
	input = text_message(text);
	call.input = &input.base;
	assert_failed(ttrpc_client_call(fixture->client, &call, NULL, &err), err,
		      ttrpc_errno_of_code(TTRPC_RESOURCE_EXHAUSTED),
		      "message length 4194309 exceed maximum message size of 4194304");
	/* It has not taken an id either. */
	start(fixture, "Echo", 0, &outcome);
	expect_request(fixture, 1, &received);
	respond(fixture, 1, "");
	run(fixture, &outcome);
}

static void count_close(void *data)
{
	++*(int *)data;
}

static void when_the_peer_goes_everything_is_closed(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_outcome_ struct outcome answered = { 0 }, open = { 0 };
	struct ttrpc_call call = { .service = "test.Echo", .method = "Echo" };
	struct error *err = NULL;
	int closes = 0;

	ttrpc_client_on_close(fixture->client, count_close, &closes);
	start(fixture, "Echo", 0, &answered);
	start(fixture, "Echo", 0, &open);
	respond(fixture, 1, "just in time");
	close(fixture->fd);
	fixture->fd = -1;
	expect_outcome(fixture, &answered, 0, "just in time");
	expect_outcome(fixture, &open, -TTRPC_CLOSED, "ttrpc: closed");
	assert_int_equal(closes, 1);
	assert_failed(ttrpc_client_call(fixture->client, &call, NULL, &err), err, -TTRPC_CLOSED,
		      "ttrpc: closed");
	ttrpc_client_dispatch(fixture->client);
	assert_int_equal(closes, 1);
}

static void freeing_completes_open_calls(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_outcome_ struct outcome open = { 0 };

	start(fixture, "Echo", 0, &open);
	ttrpc_client_free(steal(fixture->client));
	assert_int_equal(open.ends, 1);
	assert_string_equal(open.text, "ttrpc: closed");
}

static void *close_soon(void *client)
{
	poll(NULL, 0, 20);
	ttrpc_client_close(client);
	return NULL;
}

static void a_blocking_call_ends_when_another_thread_closes(void **state)
{
	struct fixture *fixture = *state;
	struct ttrpc_call call = { .service = "test.Echo", .method = "Wait" };
	struct error *err = NULL;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, close_soon, fixture->client), 0);
	assert_failed(ttrpc_client_call(fixture->client, &call, NULL, &err), err, -TTRPC_CLOSED,
		      "ttrpc: closed");
	pthread_join(thread, NULL);
}

static void a_blocking_call_times_out(void **state)
{
	struct fixture *fixture = *state;
	struct ttrpc_call call = { .service = "test.Echo",
				   .method = "Wait",
				   .timeout_ns = 20 * MS_NS };
	struct error *err = NULL;

	assert_failed(ttrpc_client_call(fixture->client, &call, NULL, &err), err, -ETIMEDOUT,
		      "test.Echo/Wait: no answer within 20 ms");
}

static void metadata_travels_along(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_ttrpc_metadata_ struct ttrpc_metadata metadata = { 0 };
	_cleanup_received_ struct received received = RECEIVED_INIT;
	_cleanup_outcome_ struct outcome outcome = { 0 };
	struct ttrpc_call call = { .service = "test.Echo",
				   .method = "Echo",
				   .metadata = &metadata };
	struct ttrpc_request_body body;
	struct error *err = NULL;

	ttrpc_metadata_add(&metadata, slice_of("containerd-namespace-ttrpc"), slice_of("k8s.io"));
	assert_ok(ttrpc_client_start(fixture->client, &call, note, &outcome, &err), err);
	expect_request(fixture, 1, &received);
	assert_ok(ttrpc_request_body_decode(strbuf_view(&received.body), &body, &err), err);
	assert_string_equal(ttrpc_metadata_get(&body.metadata, "containerd-namespace-ttrpc"),
			    "k8s.io");
	assert_false(body.has_payload);
	ttrpc_metadata_release(&body.metadata);
	respond(fixture, 1, "not looked at");
	expect_outcome(fixture, &outcome, 0, "");
}

/* ---- streams -------------------------------------------------------------------------------- */

struct stream_outcome {
	struct outcome end;
	struct strbuf texts;
};

static void stream_note(void *data, void *reply, struct error *error)
{
	struct stream_outcome *outcome = data;

	note(&outcome->end, reply, error);
}

static void stream_receive(void *data, const void *message)
{
	struct stream_outcome *outcome = data;
	const Grpc__CheckRequest *text = message;

	strbuf_printf(&outcome->texts, "%s;", text->service);
}

static void stream_outcome_release(struct stream_outcome *outcome)
{
	outcome_release(&outcome->end);
	strbuf_release(&outcome->texts);
}

static const struct ttrpc_stream_callbacks stream_callbacks = { stream_receive, stream_note };

static struct ttrpc_stream *open_stream(struct fixture *fixture, bool client_streams,
					struct stream_outcome *outcome)
{
	struct ttrpc_call call = { .service = "test.Echo",
				   .method = "Stream",
				   .output = &grpc__check_request__descriptor };
	struct ttrpc_stream *stream = NULL;
	struct error *err = NULL;

	*outcome = (struct stream_outcome){ .texts = STRBUF_INIT };
	assert_ok(ttrpc_client_open_stream(fixture->client, &call, client_streams,
					   &stream_callbacks, outcome, &stream, &err),
		  err);
	return stream;
}

static void stream_send_text(struct fixture *fixture, uint32_t stream, uint8_t flags,
			     const char *text)
{
	_cleanup_strbuf_ struct strbuf body = STRBUF_INIT;
	Grpc__CheckRequest message = text_message(text);

	proto_pack(&message.base, &body);
	send_frame(fixture->fd, stream, TTRPC_DATA, flags, strbuf_view(&body));
}

static void a_server_streams_to_the_client(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_received_ struct received received = RECEIVED_INIT;
	struct stream_outcome outcome;

	open_stream(fixture, false, &outcome);
	expect_request(fixture, 1, &received);
	assert_int_equal(received.flags, TTRPC_REMOTE_CLOSED);
	stream_send_text(fixture, 1, 0, "a");
	send_frame(fixture->fd, 1, TTRPC_DATA, 0, BYTES(""));
	stream_send_text(fixture, 1, 0, "b");
	send_frame(fixture->fd, 1, TTRPC_DATA, TTRPC_REMOTE_CLOSED | TTRPC_NO_DATA, BYTES(""));
	expect_outcome(fixture, &outcome.end, 0, "");
	assert_string_equal(outcome.texts.data, "a;;b;");
	stream_outcome_release(&outcome);
}

/* Go's server does not send this, but may. */
static void the_last_message_may_come_with_the_end(void **state)
{
	struct fixture *fixture = *state;
	struct stream_outcome outcome;

	open_stream(fixture, false, &outcome);
	stream_send_text(fixture, 1, TTRPC_REMOTE_CLOSED, "last");
	expect_outcome(fixture, &outcome.end, 0, "");
	assert_string_equal(outcome.texts.data, "last;");
	stream_outcome_release(&outcome);
}

static void a_client_streams_to_the_server(void **state)
{
	struct fixture *fixture = *state;
	Grpc__CheckRequest message = text_message("m");
	_cleanup_received_ struct received received = RECEIVED_INIT;
	struct stream_outcome outcome;
	struct ttrpc_stream *stream;
	struct error *err = NULL;

	stream = open_stream(fixture, true, &outcome);
	expect_request(fixture, 1, &received);
	assert_int_equal(received.flags, TTRPC_REMOTE_OPEN);
	assert_ok(ttrpc_stream_send(stream, &message.base, &err), err);
	receive_frame(fixture->fd, &received, NULL, NULL);
	assert_int_equal(received.type, TTRPC_DATA);
	assert_int_equal(received.stream, 1);
	assert_int_equal(received.flags, 0);
	assert_ok(ttrpc_stream_close_send(stream, &err), err);
	receive_frame(fixture->fd, &received, NULL, NULL);
	assert_int_equal(received.flags, TTRPC_REMOTE_CLOSED | TTRPC_NO_DATA);
	assert_int_equal(received.body.size, 0);
	respond(fixture, 1, "sum");
	expect_outcome(fixture, &outcome.end, 0, "sum");
	stream_outcome_release(&outcome);
}

static void a_stream_ends_with_an_error_or_the_connection(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct stream_outcome refused, cut;

	open_stream(fixture, true, &refused);
	open_stream(fixture, true, &cut);
	ttrpc_response_put(&out, 1, TTRPC_NOT_FOUND, "no such stream", NULL);
	send_bytes(fixture->fd, strbuf_view(&out));
	expect_outcome(fixture, &refused.end, -ENOENT, "no such stream");
	close(fixture->fd);
	fixture->fd = -1;
	expect_outcome(fixture, &cut.end, -TTRPC_CLOSED, "ttrpc: closed");
	stream_outcome_release(&refused);
	stream_outcome_release(&cut);
}

/* ---- with our server ------------------------------------------------------------------------ */

static struct {
	pthread_mutex_t lock;
	struct ttrpc_request *requests[1024];
	size_t count;
} waiting = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void echo(struct ttrpc_request *request, const void *input, void *context)
{
	(void)context;
	ttrpc_request_reply(request, (const ProtobufCMessage *)input);
}

static void keep(struct ttrpc_request *request, const void *input, void *context)
{
	(void)input;
	(void)context;
	pthread_mutex_lock(&waiting.lock);
	waiting.requests[waiting.count++] = request;
	pthread_mutex_unlock(&waiting.lock);
}

static const struct ttrpc_handler handlers[] = {
	{ .method = "Echo", .handle = echo },
	{ .method = "Wait", .handle = keep },
};
static const struct ttrpc_service services[] = {
	{ &echo_descriptor, handlers, ARRAY_SIZE(handlers), NULL, NULL },
};

struct pair {
	struct ttrpc_server *server;
	struct ttrpc_client *client;
	pthread_t thread;
	atomic_bool stop;
};

static void *serve(void *data)
{
	struct pair *pair = data;

	while (!atomic_load(&pair->stop)) {
		struct pollfd readable = { .fd = ttrpc_server_fd(pair->server), .events = POLLIN };

		poll(&readable, 1, 10);
		ttrpc_server_dispatch(pair->server);
	}
	return NULL;
}

static int set_up_pair(void **state)
{
	struct pair *pair = xcalloc(1, sizeof(*pair));
	struct error *err = NULL;
	int fds[2];

	waiting.count = 0;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_ok(ttrpc_server_new(services, 1, NULL, &pair->server, &err), err);
	assert_ok(ttrpc_server_add_connection(pair->server, fds[0], &err), err);
	assert_ok(ttrpc_client_new(fds[1], &pair->client, &err), err);
	assert_int_equal(pthread_create(&pair->thread, NULL, serve, pair), 0);
	*state = pair;
	return 0;
}

static int tear_down_pair(void **state)
{
	struct pair *pair = *state;

	ttrpc_client_free(pair->client);
	atomic_store(&pair->stop, true);
	pthread_join(pair->thread, NULL);
	ttrpc_server_free(pair->server);
	for (size_t i = 0; i < waiting.count; i++)
		ttrpc_request_reply(waiting.requests[i], NULL);
	free(pair);
	return 0;
}

static int call_text(struct ttrpc_client *client, const char *method, const char *text,
		     Grpc__CheckRequest **reply, struct error **err)
{
	Grpc__CheckRequest input = text_message(text);
	const struct ttrpc_call call = { .service = "test.Echo",
					 .method = method,
					 .input = &input.base,
					 .output = &grpc__check_request__descriptor };

	return ttrpc_client_call(client, &call, reply, err);
}

static void client_and_server_talk(void **state)
{
	struct pair *pair = *state;
	_cleanup_proto_ Grpc__CheckRequest *reply = NULL;
	struct error *err = NULL;

	assert_ok(call_text(pair->client, "Echo", "hello", &reply, &err), err);
	assert_string_equal(reply->service, "hello");
	assert_failed(call_text(pair->client, "Hidden", "x", NULL, &err), err,
		      ttrpc_errno_of_code(TTRPC_UNIMPLEMENTED), "method Hidden");
}

static void messages_up_to_the_limit_pass(void **state)
{
	struct pair *pair = *state;
	size_t size = TTRPC_MAX_BODY - 100;
	_cleanup_free_ char *text = xcalloc(1, size + 1);
	_cleanup_proto_ Grpc__CheckRequest *reply = NULL;
	struct error *err = NULL;

	memset(text, 'x', size);
	assert_ok(call_text(pair->client, "Echo", text, &reply, &err), err);
	assert_string_equal(reply->service, text);
}

/* 1000 calls open at once, answered from the last to the first. */
static void a_thousand_calls_are_open_at_once(void **state)
{
	struct pair *pair = *state;
	struct fixture fixture = { .client = pair->client };
	struct outcome outcomes[1000] = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < 1000; i++)
		start(&fixture, "Wait", 0, &outcomes[i]);
	for (int i = 0; i < 1000 && count < 1000; i++) {
		ttrpc_client_dispatch(pair->client);
		poll(NULL, 0, 1);
		pthread_mutex_lock(&waiting.lock);
		count = waiting.count;
		pthread_mutex_unlock(&waiting.lock);
	}
	assert_int_equal(count, 1000);
	while (waiting.count > 0) {
		_cleanup_free_ char *text = xasprintf("%zu", --waiting.count);
		Grpc__CheckRequest message = text_message(text);

		ttrpc_request_reply(waiting.requests[waiting.count], &message.base);
	}
	for (size_t i = 0; i < 1000; i++) {
		_cleanup_free_ char *text = xasprintf("%zu", i);

		expect_outcome(&fixture, &outcomes[i], 0, text);
		outcome_release(&outcomes[i]);
	}
}

/* Neither side may wait for the other to read: the client reads on whatever it has not sent yet. */
static void many_large_calls_do_not_block_each_other(void **state)
{
	struct pair *pair = *state;
	struct fixture fixture = { .client = pair->client };
	_cleanup_free_ char *text = xcalloc(1, 100001);
	Grpc__CheckRequest input;
	const struct ttrpc_call call = { .service = "test.Echo",
					 .method = "Echo",
					 .input = &input.base,
					 .output = &grpc__check_request__descriptor };
	struct outcome outcomes[200] = { 0 };

	memset(text, 'x', 100000);
	input = text_message(text);
	for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++) {
		struct error *err = NULL;

		assert_ok(ttrpc_client_start(pair->client, &call, note, &outcomes[i], &err), err);
	}
	for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++) {
		expect_outcome(&fixture, &outcomes[i], 0, text);
		outcome_release(&outcomes[i]);
	}
}

#define THREADS		 16
#define CALLS_PER_THREAD 200

static void *call_often(void *client)
{
	intptr_t good = 0;

	for (int i = 0; i < CALLS_PER_THREAD; i++) {
		_cleanup_proto_ Grpc__CheckRequest *reply = NULL;
		_cleanup_error_ struct error *err = NULL;
		_cleanup_free_ char *text = xasprintf("%p %d", (void *)&good, i);

		if (call_text(client, "Echo", text, &reply, &err) == 0)
			good += strcmp(reply->service, text) == 0;
	}
	return (void *)good;
}

static void call_from_many_threads(struct ttrpc_client *client)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, call_often, client), 0);
	for (int i = 0; i < THREADS; i++) {
		void *good = NULL;

		pthread_join(threads[i], &good);
		assert_int_equal((intptr_t)good, CALLS_PER_THREAD);
	}
}

static void many_threads_call_without_a_loop(void **state)
{
	struct pair *pair = *state;

	call_from_many_threads(pair->client);
}

static void *run_loop(void *data)
{
	struct pair *pair = data;

	while (!atomic_load(&pair->stop)) {
		struct pollfd readable = { .fd = ttrpc_client_fd(pair->client), .events = POLLIN };

		poll(&readable, 1, 10);
		ttrpc_client_dispatch(pair->client);
	}
	return NULL;
}

static void many_threads_call_beside_a_loop(void **state)
{
	struct pair *pair = *state;
	struct pair loop = { .client = pair->client };
	pthread_t thread;

	ttrpc_client_attach_loop(pair->client);
	assert_int_equal(pthread_create(&thread, NULL, run_loop, &loop), 0);
	call_from_many_threads(pair->client);
	atomic_store(&loop.stop, true);
	pthread_join(thread, NULL);
}

/* A thread whose call stays open drives for the others, and they for it. */
static void *call_and_wait(void *client)
{
	_cleanup_error_ struct error *err = NULL;
	int ret = call_text(client, "Wait", "x", NULL, &err);

	return (void *)(intptr_t)ret;
}

static void threads_in_long_calls_do_not_hold_up_others(void **state)
{
	struct pair *pair = *state;
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, call_and_wait, pair->client), 0);
	call_from_many_threads(pair->client);
	ttrpc_client_close(pair->client);
	for (int i = 0; i < 4; i++) {
		void *ret = NULL;

		pthread_join(threads[i], &ret);
		assert_int_equal((intptr_t)ret, -TTRPC_CLOSED);
	}
}

#define by_hand(function)     cmocka_unit_test_setup_teardown(function, set_up, tear_down)
#define with_server(function) cmocka_unit_test_setup_teardown(function, set_up_pair, tear_down_pair)

int main(void)
{
	const struct CMUnitTest tests[] = {
		by_hand(ids_are_odd_and_increase),
		by_hand(the_time_left_travels_along),
		by_hand(a_late_answer_is_dropped),
		by_hand(success_comes_in_several_forms),
		by_hand(an_answer_may_arrive_byte_by_byte),
		by_hand(every_status_becomes_an_error_with_the_peers_text),
		by_hand(bad_answers_fail_their_call_and_no_other),
		by_hand(an_oversize_answer_fails_its_call),
		by_hand(an_oversize_request_is_not_sent),
		by_hand(when_the_peer_goes_everything_is_closed),
		by_hand(freeing_completes_open_calls),
		by_hand(a_blocking_call_ends_when_another_thread_closes),
		by_hand(a_blocking_call_times_out),
		by_hand(metadata_travels_along),
		by_hand(a_server_streams_to_the_client),
		by_hand(the_last_message_may_come_with_the_end),
		by_hand(a_client_streams_to_the_server),
		by_hand(a_stream_ends_with_an_error_or_the_connection),
		with_server(client_and_server_talk),
		with_server(messages_up_to_the_limit_pass),
		with_server(a_thousand_calls_are_open_at_once),
		with_server(many_large_calls_do_not_block_each_other),
		with_server(many_threads_call_without_a_loop),
		with_server(many_threads_call_beside_a_loop),
		with_server(threads_in_long_calls_do_not_hold_up_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
