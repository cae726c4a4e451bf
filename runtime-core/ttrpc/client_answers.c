// SPDX-License-Identifier: Apache-2.0
/* Answers come in, and calls end: with the peer's answer, their deadline, the connection's end. The driver's part. */
#include "client_state.h"

#include <errno.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "envelope.h"
#include "proto/message.h"

static void complete(struct ttrpc_stream *call, void *reply, struct error *error)
{
	call->done(call->data, reply, error);
	free(call->name);
	free(call);
}

int ttrpc_set_closed(struct error **err)
{
	return error_set(err, -TTRPC_CLOSED, "%s", TTRPC_CLOSED_TEXT);
}

void ttrpc_client_end(struct ttrpc_client *client)
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

		ttrpc_set_closed(&error);
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

void ttrpc_client_expired(void *owner)
{
	struct ttrpc_client *client = owner;
	int64_t now_ns = clock_now_ns();
	struct ttrpc_stream *call;

	while ((call = take_expired(client, now_ns))) {
		struct error *error = NULL;

		error_set(&error, -ETIMEDOUT, "%s: no answer within %lld ms", call->name,
			  (long long)(call->timeout_ns / 1000000));
		complete(call, NULL, error);
	}
}

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

int ttrpc_set_oversize(size_t size, struct error **err)
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
		ttrpc_set_oversize(frame->size, &error);
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
	TTRPC_READ_BUFFER(buffer);
	int size = sizeof(buffer);

	/* A short read has taken all there was. */
	for (int round = 0; round < TTRPC_READ_ROUNDS && size == sizeof(buffer); round++) {
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

void ttrpc_client_ready(void *owner, uint32_t events)
{
	struct ttrpc_client *client = owner;

	if (events & EPOLLOUT) {
		pthread_mutex_lock(&client->lock);
		ttrpc_socket_flush(&client->socket);
		pthread_mutex_unlock(&client->lock);
	}
	if (events & ~(uint32_t)EPOLLOUT && receive(client) < 0)
		ttrpc_client_end(client);
}
