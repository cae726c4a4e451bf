// SPDX-License-Identifier: Apache-2.0
/*
 * Theory of operation.
 *
 * A call gets its stream id and is written under one lock, so that ids reach the wire in increasing order;
 * it then waits in the table of open calls until the driver completes it: with the peer's answer, with its
 * deadline, or with the connection's end. The driver is the thread that dispatches: a loop's, or of the
 * threads inside blocking calls the first to come. When that one's call is done, it hands over to another.
 *
 * Callbacks run without the lock. A call taken out of the table belongs to the driver alone.
 */
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "envelope.h"
#include "open_calls.h"
#include "proto/message.h"
#include "socket.h"

#define READ_SIZE   (32u << 10)
#define READ_ROUNDS 16

struct ttrpc_stream {
	struct ttrpc_client *client;
	uint32_t id;
	char *name; /* "grpc.Health/Check" */
	const ProtobufCMessageDescriptor *output;
	int64_t timeout_ns;
	int64_t deadline_ns;
	void (*receive)(void *data, const void *message); /* NULL: a unary call */
	ttrpc_done *done;
	void *data;
};

/* A thread inside a blocking call. */
struct waiter {
	pthread_cond_t wake;
	bool done;
	void *reply;
	struct error *error;
	struct ttrpc_client *client;
	LIST_ENTRY(waiter) link;
};

struct ttrpc_client {
	pthread_mutex_t lock;
	struct ttrpc_poller poller;
	struct ttrpc_socket socket;
	struct ttrpc_open_calls calls;
	uint64_t next_id;
	bool driven; /* somebody dispatches */
	bool closed;
	LIST_HEAD(, waiter) waiters;
	void (*on_close)(void *data);
	void *on_close_data;
};

/* ---- completing calls: by the driver, without the lock -------------------------------------- */

static void complete(struct ttrpc_stream *call, void *reply, struct error *error)
{
	call->done(call->data, reply, error);
	free(call->name);
	free(call);
}

static int set_closed(struct error **err)
{
	return error_set(err, -TTRPC_CLOSED, "%s", TTRPC_CLOSED_TEXT);
}

static void complete_all_closed(struct ttrpc_client *client)
{
	struct ttrpc_open_calls calls;
	bool first;

	pthread_mutex_lock(&client->lock);
	first = ttrpc_socket_is_open(&client->socket);
	client->closed = true;
	ttrpc_socket_close(&client->socket);
	calls = client->calls;
	client->calls = (struct ttrpc_open_calls){ 0 };
	pthread_mutex_unlock(&client->lock);

	for (size_t i = 0; i < calls.count; i++) {
		struct error *error = NULL;

		set_closed(&error);
		complete(calls.entries[i].value, NULL, error);
	}
	ttrpc_open_calls_release(&calls);
	if (first && client->on_close)
		client->on_close(client->on_close_data);
}

static struct ttrpc_stream *take_expired(struct ttrpc_client *client, int64_t now_ns)
{
	struct ttrpc_stream *expired = NULL;
	int64_t next_ns = INT64_MAX;

	pthread_mutex_lock(&client->lock);
	for (size_t i = 0; i < client->calls.count && !expired; i++) {
		struct ttrpc_stream *call = client->calls.entries[i].value;

		if (call->deadline_ns <= now_ns)
			expired = call;
		else if (call->deadline_ns < next_ns)
			next_ns = call->deadline_ns;
	}
	if (expired)
		ttrpc_open_calls_remove(&client->calls, expired->id);
	else
		ttrpc_poller_rearm(&client->poller, next_ns);
	pthread_mutex_unlock(&client->lock);
	return expired;
}

static void timer_expired(void *owner)
{
	struct ttrpc_client *client = owner;
	int64_t now_ns = ttrpc_now_ns();
	struct ttrpc_stream *call;

	while ((call = take_expired(client, now_ns))) {
		struct error *error = NULL;

		error_set(&error, -ETIMEDOUT, "%s: no answer within %lld ms", call->name,
			  (long long)(call->timeout_ns / 1000000));
		complete(call, NULL, error);
	}
}

/* ---- answers -------------------------------------------------------------------------------- */

static int decode_response(const struct ttrpc_stream *call, struct slice body, void **reply,
			   struct error **err)
{
	struct ttrpc_response_body response;
	int ret;

	ret = ttrpc_response_body_decode(body, &response, err);
	if (ret < 0)
		return error_wrap(err, "%s", call->name);
	if (response.code != TTRPC_OK) {
		struct slice text = slice_first(response.message, TTRPC_MAX_TEXT);

		return error_set(err, ttrpc_errno_of_code(response.code), "%.*s", SLICE_ARGS(text));
	}
	if (!call->output)
		return 0;
	ret = proto_unpack(call->output, response.payload, reply, err);
	return ret < 0 ? error_wrap(err, "%s", call->name) : 0;
}

/* A message of a stream. */
static int receive_data(const struct ttrpc_stream *call, const struct ttrpc_frame *frame,
			struct error **err)
{
	_cleanup_proto_ void *message = NULL;
	int ret;

	if (!call->receive)
		return error_set(err, -EBADMSG,
				 "%s: protocol error: data for a call without a stream",
				 call->name);
	if (frame->flags & TTRPC_NO_DATA || !call->output)
		return 0;
	ret = proto_unpack(call->output, frame->body, &message, err);
	if (ret < 0)
		return error_wrap(err, "%s", call->name);
	call->receive(call->data, message);
	return 0;
}

static int set_oversize(size_t size, struct error **err)
{
	_cleanup_free_ char *text = ttrpc_oversize_text(size);

	return error_set(err, ttrpc_errno_of_code(TTRPC_RESOURCE_EXHAUSTED), "%s", text);
}

static struct ttrpc_stream *find_call(struct ttrpc_client *client, uint32_t id)
{
	struct ttrpc_stream *call;

	pthread_mutex_lock(&client->lock);
	call = ttrpc_open_calls_find(&client->calls, id);
	pthread_mutex_unlock(&client->lock);
	return call;
}

static void take_call(struct ttrpc_stream *call)
{
	pthread_mutex_lock(&call->client->lock);
	ttrpc_open_calls_remove(&call->client->calls, call->id);
	pthread_mutex_unlock(&call->client->lock);
}

static void handle_frame(struct ttrpc_client *client, const struct ttrpc_frame *frame)
{
	struct ttrpc_stream *call = find_call(client, frame->stream);
	struct error *error = NULL;
	void *reply = NULL;

	if (!call) {
		log_debug("ttrpc: dropped an answer that nobody waits for",
			  LOG_INT("stream", frame->stream));
		return;
	}
	if (frame->size > TTRPC_MAX_BODY)
		set_oversize(frame->size, &error);
	else if (frame->type == TTRPC_RESPONSE)
		decode_response(call, frame->body, &reply, &error);
	else if (frame->type == TTRPC_DATA)
		receive_data(call, frame, &error);
	else
		error_set(&error, -EBADMSG, "%s: protocol error: a frame of type %u", call->name,
			  frame->type);

	if (frame->type == TTRPC_DATA && !error && !(frame->flags & TTRPC_REMOTE_CLOSED))
		return; /* there is more to come */
	take_call(call);
	complete(call, reply, error);
}

/* Negative when the peer is gone. */
static int receive(struct ttrpc_client *client)
{
	struct ttrpc_socket *socket = &client->socket;
	char buffer[READ_SIZE];
	int size = 0;

	for (int round = 0; round < READ_ROUNDS; round++) {
		struct ttrpc_frame frame;
		struct slice input;

		size = ttrpc_socket_receive(socket, buffer, sizeof(buffer));
		if (size <= 0)
			break;
		input = slice_make(buffer, (size_t)size);
		while (ttrpc_reader_next(&socket->reader, &input, &frame))
			handle_frame(client, &frame);
	}
	return size;
}

static void socket_ready(void *owner, uint32_t events)
{
	struct ttrpc_client *client = owner;

	if (events & EPOLLOUT) {
		pthread_mutex_lock(&client->lock);
		ttrpc_socket_flush(&client->socket);
		pthread_mutex_unlock(&client->lock);
	}
	if (events & ~(uint32_t)EPOLLOUT && receive(client) < 0)
		complete_all_closed(client);
}

/* ---- starting calls ------------------------------------------------------------------------- */

static size_t packed_size(const ProtobufCMessage *message)
{
	return message ? protobuf_c_message_get_packed_size(message) : 0;
}

/* Under the lock. */
static int send_request(struct ttrpc_client *client, struct ttrpc_stream *stream,
			const struct ttrpc_call *call, uint8_t flags, struct error **err)
{
	struct strbuf *out = &client->socket.unsent;
	size_t start;

	if (client->closed || client->next_id > UINT32_MAX)
		return set_closed(err);
	stream->id = (uint32_t)client->next_id;
	start = ttrpc_frame_begin(out);
	ttrpc_request_body_encode(out, call->service, call->method, call->input, call->timeout_ns,
				  call->metadata);
	if (!ttrpc_frame_end(out, start, stream->id, TTRPC_REQUEST, flags))
		return set_oversize(packed_size(call->input), err);
	client->next_id += 2;
	ttrpc_open_calls_add(&client->calls, stream->id, stream);
	ttrpc_poller_arm(&client->poller, stream->deadline_ns);
	ttrpc_socket_flush(&client->socket);
	return 0;
}

/* Takes the stream. */
static int start(struct ttrpc_client *client, struct ttrpc_stream *stream,
		 const struct ttrpc_call *call, uint8_t flags, struct error **err)
{
	int ret;

	stream->client = client;
	stream->name = xasprintf("%s/%s", call->service, call->method);
	stream->output = call->output;
	stream->timeout_ns = call->timeout_ns;
	stream->deadline_ns = ttrpc_deadline_ns(call->timeout_ns);

	pthread_mutex_lock(&client->lock);
	ret = send_request(client, stream, call, flags, err);
	pthread_mutex_unlock(&client->lock);
	if (ret < 0) {
		free(stream->name);
		free(stream);
	}
	return ret;
}

int ttrpc_client_start(struct ttrpc_client *client, const struct ttrpc_call *call, ttrpc_done *done,
		       void *data, struct error **err)
{
	struct ttrpc_stream *stream = xcalloc(1, sizeof(*stream));

	stream->done = done;
	stream->data = data;
	return start(client, stream, call, 0, err);
}

int ttrpc_client_open_stream(struct ttrpc_client *client, const struct ttrpc_call *call,
			     bool client_streams, const struct ttrpc_stream_callbacks *callbacks,
			     void *data, struct ttrpc_stream **stream, struct error **err)
{
	struct ttrpc_stream *new = xcalloc(1, sizeof(*new));
	int ret;

	new->receive = callbacks->receive;
	new->done = callbacks->done;
	new->data = data;
	ret = start(client, new, call, client_streams ? TTRPC_REMOTE_OPEN : TTRPC_REMOTE_CLOSED,
		    err);
	if (ret == 0)
		*stream = new;
	return ret;
}

/* Under the lock. */
static int put_data(struct ttrpc_stream *stream, const ProtobufCMessage *message, uint8_t flags,
		    struct error **err)
{
	struct ttrpc_client *client = stream->client;
	struct strbuf *out = &client->socket.unsent;
	size_t start;

	if (client->closed)
		return set_closed(err);
	start = ttrpc_frame_begin(out);
	if (message)
		proto_pack(message, out);
	if (!ttrpc_frame_end(out, start, stream->id, TTRPC_DATA, flags))
		return set_oversize(packed_size(message), err);
	ttrpc_socket_flush(&client->socket);
	return 0;
}

static int send_data(struct ttrpc_stream *stream, const ProtobufCMessage *message, uint8_t flags,
		     struct error **err)
{
	int ret;

	pthread_mutex_lock(&stream->client->lock);
	ret = put_data(stream, message, flags, err);
	pthread_mutex_unlock(&stream->client->lock);
	return ret;
}

int ttrpc_stream_send(struct ttrpc_stream *stream, const ProtobufCMessage *message,
		      struct error **err)
{
	return send_data(stream, message, 0, err);
}

int ttrpc_stream_close_send(struct ttrpc_stream *stream, struct error **err)
{
	return send_data(stream, NULL, TTRPC_REMOTE_CLOSED | TTRPC_NO_DATA, err);
}

/* ---- blocking calls ------------------------------------------------------------------------- */

static void wake_waiter(void *data, void *reply, struct error *error)
{
	struct waiter *waiter = data;
	struct ttrpc_client *client = waiter->client;

	pthread_mutex_lock(&client->lock);
	waiter->reply = reply;
	waiter->error = error;
	waiter->done = true;
	pthread_cond_signal(&waiter->wake);
	pthread_mutex_unlock(&client->lock);
}

/* Dispatch what comes next. The lock is released meanwhile. */
static void drive(struct ttrpc_client *client)
{
	struct pollfd readable = { .fd = client->poller.epoll_fd, .events = POLLIN };

	client->driven = true;
	pthread_mutex_unlock(&client->lock);
	poll(&readable, 1, -1);
	ttrpc_poller_dispatch(&client->poller);
	pthread_mutex_lock(&client->lock);
	client->driven = false;
}

/* Wait for the call's end; whoever waits while nobody drives does it. */
static void wait_for(struct ttrpc_client *client, struct waiter *waiter)
{
	pthread_mutex_lock(&client->lock);
	LIST_INSERT_HEAD(&client->waiters, waiter, link);
	while (!waiter->done) {
		if (client->driven)
			pthread_cond_wait(&waiter->wake, &client->lock);
		else
			drive(client);
	}
	LIST_REMOVE(waiter, link);
	if (!client->driven && !LIST_EMPTY(&client->waiters))
		pthread_cond_signal(&LIST_FIRST(&client->waiters)->wake);
	pthread_mutex_unlock(&client->lock);
}

int ttrpc_client_call(struct ttrpc_client *client, const struct ttrpc_call *call, void *reply,
		      struct error **err)
{
	struct waiter waiter = { .wake = PTHREAD_COND_INITIALIZER, .client = client };
	int ret;

	ret = ttrpc_client_start(client, call, wake_waiter, &waiter, err);
	if (ret < 0)
		return ret;
	wait_for(client, &waiter);
	pthread_cond_destroy(&waiter.wake);
	if (waiter.error)
		return error_propagate(err, waiter.error);
	if (waiter.reply)
		memcpy(reply, &waiter.reply, sizeof(waiter.reply));
	return 0;
}

/* ---- the client itself ---------------------------------------------------------------------- */

int ttrpc_client_new(int fd, struct ttrpc_client **client, struct error **err)
{
	struct ttrpc_client *new = xcalloc(1, sizeof(*new));
	int ret;

	ret = ttrpc_poller_init(&new->poller, timer_expired, new, err);
	if (ret < 0) {
		close(fd);
		free(new);
		return ret;
	}
	ret = ttrpc_socket_open(&new->socket, fd, &new->poller, socket_ready, new, err);
	if (ret < 0) {
		ttrpc_poller_release(&new->poller);
		free(new);
		return ret;
	}
	pthread_mutex_init(&new->lock, NULL);
	new->next_id = 1;
	LIST_INIT(&new->waiters);
	*client = new;
	return 0;
}

void ttrpc_client_attach_loop(struct ttrpc_client *client)
{
	client->driven = true;
}

int ttrpc_client_fd(const struct ttrpc_client *client)
{
	return client->poller.epoll_fd;
}

void ttrpc_client_dispatch(struct ttrpc_client *client)
{
	ttrpc_poller_dispatch(&client->poller);
}

void ttrpc_client_on_close(struct ttrpc_client *client, void (*closed)(void *data), void *data)
{
	client->on_close = closed;
	client->on_close_data = data;
}

void ttrpc_client_close(struct ttrpc_client *client)
{
	pthread_mutex_lock(&client->lock);
	client->closed = true;
	ttrpc_socket_break(&client->socket);
	pthread_mutex_unlock(&client->lock);
}

void ttrpc_client_free(struct ttrpc_client *client)
{
	if (!client)
		return;
	client->on_close = NULL;
	complete_all_closed(client);
	ttrpc_poller_release(&client->poller);
	pthread_mutex_destroy(&client->lock);
	free(client);
}
