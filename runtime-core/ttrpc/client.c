// SPDX-License-Identifier: Apache-2.0
/*
 * Theory of operation.
 *
 * A call gets its stream id and is written under one lock, so that ids reach the wire in increasing order;
 * it then waits in the table of open calls until the driver completes it: with the peer's answer, with its
 * deadline, or with the connection's end. The driver is the thread that dispatches: a loop's, or of the
 * threads inside blocking calls the first to come. When that one's call is done, it hands over to another.
 *
 * The driver's side is in client_answers.c. Callbacks run without the lock. A call taken out of the table
 * belongs to the driver alone.
 */
#include "client_state.h"

#include <poll.h>
#include <unistd.h>

#include "base/memory.h"
#include "envelope.h"
#include "proto/message.h"

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
		return ttrpc_set_closed(err);
	stream->id = (uint32_t)client->next_id;
	start = ttrpc_frame_begin(out);
	ttrpc_request_body_encode(out, call->service, call->method, call->input, call->timeout_ns,
				  call->metadata);
	if (!ttrpc_frame_end(out, start, stream->id, TTRPC_REQUEST, flags))
		return ttrpc_set_oversize(packed_size(call->input), err);
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
		return ttrpc_set_closed(err);
	start = ttrpc_frame_begin(out);
	if (message)
		proto_pack(message, out);
	if (!ttrpc_frame_end(out, start, stream->id, TTRPC_DATA, flags))
		return ttrpc_set_oversize(packed_size(message), err);
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

	ret = ttrpc_poller_init(&new->poller, ttrpc_client_expired, new, err);
	if (ret < 0) {
		close(fd);
		free(new);
		return ret;
	}
	ret = ttrpc_socket_open(&new->socket, fd, &new->poller, ttrpc_client_ready, new, err);
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
	ttrpc_client_end(client);
	ttrpc_poller_release(&client->poller);
	pthread_mutex_destroy(&client->lock);
	free(client);
}
