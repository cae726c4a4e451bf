// SPDX-License-Identifier: Apache-2.0
/*
 * A server's connection: frames in, and what each of them leads to. The rules are those of Go's library
 * from version 1.2 on (spec/shim.md 1.4); a broken request is answered on its own stream and the
 * connection goes on. One deviation: where that library crashes on data for a stream that is not open, the
 * frame is answered and skipped.
 */
#include "request.h"

#include <errno.h>

#include "base/memory.h"
#include "proto/message.h"

/* A peer may be silent for ever between frames, but not longer than this inside one. */
#define STALL_LIMIT_NS (30 * 1000000000LL)

/* Answer a stream that has no request. */
static void __attribute__((format(printf, 4, 5)))
refuse(struct ttrpc_connection *connection, uint32_t stream, enum ttrpc_code code,
       const char *format, ...)
{
	_cleanup_free_ char *message = NULL;
	va_list arguments;

	va_start(arguments, format);
	message = xvasprintf(format, arguments);
	va_end(arguments);

	pthread_mutex_lock(&connection->lock);
	ttrpc_response_put(&connection->socket.unsent, stream, code, message, NULL);
	ttrpc_socket_flush(&connection->socket);
	pthread_mutex_unlock(&connection->lock);
}

static bool is_client_streaming(const struct ttrpc_handler *handler)
{
	return handler->kind == TTRPC_CLIENT_STREAMING || handler->kind == TTRPC_BIDIRECTIONAL;
}

static bool is_open(struct ttrpc_request *request)
{
	bool open;

	pthread_mutex_lock(&request->connection->lock);
	open = request->open;
	pthread_mutex_unlock(&request->connection->lock);
	return open;
}

static int unpack_input(struct ttrpc_request *request, struct slice payload, void *message)
{
	_cleanup_error_ struct error *error = NULL;
	_cleanup_free_ char *text = NULL;
	int ret;

	ret = proto_unpack(request->method->input, payload, message, &error);
	if (ret < 0) {
		text = xasprintf("ttrpc: error unmarshalling payload: %s", error_message(error));
		ttrpc_request_abort(request, TTRPC_INTERNAL, text);
	}
	return ret;
}

/* Hand a streamed message, or with NULL the end, to the handler. */
static void deliver(struct ttrpc_request *request, const struct slice *payload)
{
	_cleanup_proto_ void *message = NULL;

	if (payload && unpack_input(request, *payload, &message) < 0)
		return;
	if (is_open(request))
		request->handler->receive(request, message, request->service->context);
}

static void deliver_end(struct ttrpc_request *request)
{
	request->client_closed = true;
	deliver(request, NULL);
}

static void start_unary(struct ttrpc_request *request, struct slice payload)
{
	if (unpack_input(request, payload, &request->input) < 0)
		ttrpc_request_unref(request); /* no handler has seen it */
	else
		request->handler->handle(request, request->input, request->service->context);
}

static void start_client_streaming(struct ttrpc_request *request,
				   const struct ttrpc_request_body *body, uint8_t flags)
{
	struct ttrpc_connection *connection = request->connection;
	uint32_t stream = request->stream;

	request->handler->handle(request, NULL, request->service->context);
	/* It may have answered already. */
	request = ttrpc_request_find(connection, stream);
	if (!request)
		return;
	if (body->has_payload)
		deliver(request, &body->payload);
	if (flags & TTRPC_REMOTE_CLOSED)
		deliver_end(request);
	ttrpc_request_unref(request);
}

static bool is_full(struct ttrpc_connection *connection)
{
	bool full;

	pthread_mutex_lock(&connection->lock);
	full = connection->requests.count >= TTRPC_MAX_OPEN_CALLS;
	pthread_mutex_unlock(&connection->lock);
	return full;
}

static void start_request(struct ttrpc_connection *connection, const struct ttrpc_frame *frame,
			  struct ttrpc_request_body *body)
{
	const struct ttrpc_service *service;
	const struct ttrpc_handler *handler;
	struct ttrpc_request *request;

	service = ttrpc_server_find_service(connection->server, body->service);
	if (!service) {
		refuse(connection, frame->stream, TTRPC_UNIMPLEMENTED, "service %.*s",
		       SLICE_ARGS(body->service));
		return;
	}
	handler = ttrpc_service_find_handler(service, body->method);
	if (!handler) {
		refuse(connection, frame->stream, TTRPC_UNIMPLEMENTED, "method %.*s",
		       SLICE_ARGS(body->method));
		return;
	}
	if (is_full(connection)) {
		refuse(connection, frame->stream, TTRPC_RESOURCE_EXHAUSTED,
		       "%d calls are open on this connection", TTRPC_MAX_OPEN_CALLS);
		return;
	}

	request = ttrpc_request_new(connection, frame->stream, body);
	request->service = service;
	request->handler = handler;
	request->method = protobuf_c_service_descriptor_get_method_by_name(service->descriptor,
									   handler->method);
	ttrpc_poller_arm(connection->socket.poller, request->deadline_ns);
	if (is_client_streaming(handler))
		start_client_streaming(request, body, frame->flags);
	else
		start_unary(request, body->payload);
}

static void handle_request(struct ttrpc_connection *connection, const struct ttrpc_frame *frame)
{
	_cleanup_error_ struct error *error = NULL;
	struct ttrpc_request_body body;

	if (frame->stream <= connection->last_stream) {
		refuse(connection, frame->stream, TTRPC_INVALID_ARGUMENT,
		       "StreamID cannot be re-used and must increment");
		return;
	}
	connection->last_stream = frame->stream;
	if (ttrpc_request_body_decode(frame->body, &body, &error) < 0)
		refuse(connection, frame->stream, TTRPC_INVALID_ARGUMENT,
		       "unmarshal request error: %s", error_message(error));
	else
		start_request(connection, frame, &body);
	ttrpc_metadata_release(&body.metadata);
}

static void handle_stream_data(struct ttrpc_request *request, const struct ttrpc_frame *frame)
{
	bool closes = frame->flags & TTRPC_REMOTE_CLOSED;

	if (!is_client_streaming(request->handler) || request->client_closed) {
		ttrpc_request_abort(request, TTRPC_INVALID_ARGUMENT,
				    "data handling error: ttrpc: stream closed");
		return;
	}
	if (closes && frame->body.size > 0) {
		ttrpc_request_abort(request, TTRPC_INVALID_ARGUMENT,
				    "data close message cannot include data");
		return;
	}
	if (!(frame->flags & TTRPC_NO_DATA))
		deliver(request, &frame->body);
	if (closes)
		deliver_end(request);
}

static void handle_data(struct ttrpc_connection *connection, const struct ttrpc_frame *frame)
{
	struct ttrpc_request *request = ttrpc_request_find(connection, frame->stream);

	if (!request) {
		refuse(connection, frame->stream, TTRPC_INVALID_ARGUMENT,
		       "StreamID is no longer active");
		return;
	}
	handle_stream_data(request, frame);
	ttrpc_request_unref(request);
}

static void refuse_oversize(struct ttrpc_connection *connection, const struct ttrpc_frame *frame)
{
	_cleanup_free_ char *text = ttrpc_oversize_text(frame->size);

	refuse(connection, frame->stream, TTRPC_RESOURCE_EXHAUSTED, "%s", text);
}

static void handle_frame(struct ttrpc_connection *connection, const struct ttrpc_frame *frame)
{
	if (frame->size > TTRPC_MAX_BODY)
		refuse_oversize(connection, frame);
	else if (frame->stream % 2 == 0)
		refuse(connection, frame->stream, TTRPC_INVALID_ARGUMENT,
		       "StreamID must be odd for client initiated streams");
	else if (frame->type == TTRPC_REQUEST)
		handle_request(connection, frame);
	else if (frame->type == TTRPC_DATA)
		handle_data(connection, frame);
	/* Other types are for protocols to come. */
}

static bool is_paused(struct ttrpc_connection *connection)
{
	bool paused;

	pthread_mutex_lock(&connection->lock);
	paused = ttrpc_socket_is_paused(&connection->socket);
	pthread_mutex_unlock(&connection->lock);
	return paused;
}

/* Negative when the peer is gone. */
static int receive(struct ttrpc_connection *connection)
{
	struct ttrpc_socket *socket = &connection->socket;
	TTRPC_READ_BUFFER(buffer);
	int size = sizeof(buffer);

	/* A short read has taken all there was. */
	for (int round = 0;
	     round < TTRPC_READ_ROUNDS && size == sizeof(buffer) && !is_paused(connection);
	     round++) {
		struct ttrpc_frame frame;
		struct slice input;

		size = ttrpc_socket_receive(socket, buffer, sizeof(buffer));
		if (size <= 0)
			break;
		input = slice_make(buffer, (size_t)size);
		while (ttrpc_reader_next(&socket->reader, &input, &frame))
			handle_frame(connection, &frame);
	}
	if (ttrpc_reader_is_inside(&socket->reader))
		ttrpc_poller_arm(socket->poller, socket->received_ns + STALL_LIMIT_NS);
	return size;
}

static void connection_ready(void *owner, uint32_t events)
{
	struct ttrpc_connection *connection = owner;

	if (events & EPOLLOUT) {
		pthread_mutex_lock(&connection->lock);
		ttrpc_socket_flush(&connection->socket);
		pthread_mutex_unlock(&connection->lock);
	}
	if (events & ~(uint32_t)EPOLLOUT && receive(connection) < 0)
		ttrpc_server_forget(connection->server, connection);
}

int ttrpc_connection_new(struct ttrpc_server *server, struct ttrpc_poller *poller, int fd,
			 struct ttrpc_connection **connection, struct error **err)
{
	struct ttrpc_connection *new = xcalloc(1, sizeof(*new));
	int ret;

	ret = ttrpc_socket_open(&new->socket, fd, poller, connection_ready, new, err);
	if (ret < 0) {
		free(new);
		return ret;
	}
	pthread_mutex_init(&new->lock, NULL);
	new->socket.may_pause = true;
	new->references = 1;
	new->server = server;
	*connection = new;
	return 0;
}

void ttrpc_connection_unref_unlock(struct ttrpc_connection *connection)
{
	bool last = --connection->references == 0;

	pthread_mutex_unlock(&connection->lock);
	if (!last)
		return;
	pthread_mutex_destroy(&connection->lock);
	free(connection);
}

void ttrpc_connection_drop(struct ttrpc_connection *connection)
{
	struct ttrpc_open_calls cancelled;

	pthread_mutex_lock(&connection->lock);
	ttrpc_socket_close(&connection->socket);
	cancelled = connection->requests;
	connection->requests = (struct ttrpc_open_calls){ 0 };
	for (size_t i = 0; i < cancelled.count; i++) {
		struct ttrpc_request *request = cancelled.entries[i].value;

		request->references++;
		request->open = false;
		request->cancelled = true;
	}
	pthread_mutex_unlock(&connection->lock);

	for (size_t i = 0; i < cancelled.count; i++) {
		struct ttrpc_request *request = cancelled.entries[i].value;

		if (request->cancel)
			request->cancel(request, request->cancel_data);
		ttrpc_request_unref(request);
	}
	ttrpc_open_calls_release(&cancelled);
	pthread_mutex_lock(&connection->lock);
	ttrpc_connection_unref_unlock(connection);
}

/* An open request whose deadline is over, with a reference, or NULL; *next_ns is lowered to what comes next. */
static struct ttrpc_request *find_expired(struct ttrpc_connection *connection, int64_t now_ns,
					  int64_t *next_ns)
{
	struct ttrpc_request *expired = NULL;

	pthread_mutex_lock(&connection->lock);
	for (size_t i = 0; i < connection->requests.count && !expired; i++) {
		struct ttrpc_request *request = connection->requests.entries[i].value;

		if (request->deadline_ns <= now_ns)
			expired = request;
		else if (request->deadline_ns < *next_ns)
			*next_ns = request->deadline_ns;
	}
	if (expired)
		expired->references++;
	pthread_mutex_unlock(&connection->lock);
	return expired;
}

int64_t ttrpc_connection_expire(struct ttrpc_connection *connection, int64_t now_ns)
{
	struct ttrpc_request *request;
	int64_t next_ns = INT64_MAX;

	while ((request = find_expired(connection, now_ns, &next_ns))) {
		ttrpc_request_abort(request, TTRPC_DEADLINE_EXCEEDED, "context deadline exceeded");
		ttrpc_request_unref(request);
	}
	if (ttrpc_reader_is_inside(&connection->socket.reader)) {
		int64_t stalled_ns = connection->socket.received_ns + STALL_LIMIT_NS;

		if (stalled_ns <= now_ns)
			return -1;
		if (stalled_ns < next_ns)
			next_ns = stalled_ns;
	}
	return next_ns;
}
