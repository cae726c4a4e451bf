// SPDX-License-Identifier: Apache-2.0
/* Requests from the handler's side: answers from any thread, cancellation. */
#include "request.h"

#include <errno.h>

#include "base/clock.h"
#include "base/memory.h"
#include "proto/message.h"

struct ttrpc_request *ttrpc_request_new(struct ttrpc_connection *connection, uint32_t stream,
					struct ttrpc_request_body *body)
{
	struct ttrpc_request *request = xcalloc(1, sizeof(*request));

	request->connection = connection;
	request->stream = stream;
	request->metadata = body->metadata;
	body->metadata = (struct ttrpc_metadata){ 0 };
	request->deadline_ns = ttrpc_deadline_ns(body->timeout_ns);
	request->references = 1;
	request->open = true;

	pthread_mutex_lock(&connection->lock);
	connection->references++;
	ttrpc_open_calls_add(&connection->requests, stream, request);
	pthread_mutex_unlock(&connection->lock);
	return request;
}

struct ttrpc_request *ttrpc_request_find(struct ttrpc_connection *connection, uint32_t stream)
{
	struct ttrpc_request *request;

	pthread_mutex_lock(&connection->lock);
	request = ttrpc_open_calls_find(&connection->requests, stream);
	if (request)
		request->references++;
	pthread_mutex_unlock(&connection->lock);
	return request;
}

/* The lock is held and gets released. */
static void unref_unlock(struct ttrpc_request *request)
{
	struct ttrpc_connection *connection = request->connection;

	if (--request->references > 0) {
		pthread_mutex_unlock(&connection->lock);
		return;
	}
	ttrpc_connection_unref_unlock(connection);
	proto_free(request->input);
	ttrpc_metadata_release(&request->metadata);
	free(request);
}

void ttrpc_request_unref(struct ttrpc_request *request)
{
	pthread_mutex_lock(&request->connection->lock);
	unref_unlock(request);
}

static bool is_server_streaming(const struct ttrpc_request *request)
{
	return request->handler && (request->handler->kind == TTRPC_SERVER_STREAMING ||
				    request->handler->kind == TTRPC_BIDIRECTIONAL);
}

/* Append the frame that ends a stream. */
static void put_end(struct strbuf *out, const struct ttrpc_request *request, enum ttrpc_code code,
		    const char *message, const ProtobufCMessage *output)
{
	if (code == TTRPC_OK && is_server_streaming(request))
		ttrpc_frame_end(out, ttrpc_frame_begin(out), request->stream, TTRPC_DATA,
				TTRPC_REMOTE_CLOSED | TTRPC_NO_DATA);
	else
		ttrpc_response_put(out, request->stream, code, message, output);
}

/* Take the request off the wire with its answer, unless something has ended it before. Under the lock. */
static void end_request(struct ttrpc_request *request, enum ttrpc_code code, const char *message,
			const ProtobufCMessage *output)
{
	struct ttrpc_connection *connection = request->connection;

	if (!request->open)
		return;
	request->open = false;
	ttrpc_open_calls_remove(&connection->requests, request->stream);
	put_end(&connection->socket.unsent, request, code, message, output);
	ttrpc_socket_flush(&connection->socket);
}

static void answer(struct ttrpc_request *request, enum ttrpc_code code, const char *message,
		   const ProtobufCMessage *output)
{
	pthread_mutex_lock(&request->connection->lock);
	end_request(request, code, message, output);
	unref_unlock(request);
}

void ttrpc_request_abort(struct ttrpc_request *request, enum ttrpc_code code, const char *message)
{
	struct ttrpc_connection *connection = request->connection;

	pthread_mutex_lock(&connection->lock);
	request->references++;
	request->cancelled = true;
	pthread_mutex_unlock(&connection->lock);

	if (request->cancel)
		request->cancel(request, request->cancel_data);

	pthread_mutex_lock(&connection->lock);
	end_request(request, code, message, NULL);
	unref_unlock(request);
}

void ttrpc_request_reply(struct ttrpc_request *request, const ProtobufCMessage *output)
{
	answer(request, TTRPC_OK, "", output);
}

void ttrpc_request_fail(struct ttrpc_request *request, enum ttrpc_code code, const char *format,
			...)
{
	_cleanup_free_ char *message = NULL;
	va_list arguments;

	va_start(arguments, format);
	message = xvasprintf(format, arguments);
	va_end(arguments);
	answer(request, code, message, NULL);
}

void ttrpc_request_fail_error(struct ttrpc_request *request, const struct error *error)
{
	answer(request, ttrpc_code_of_errno(error_code(error)), error_message(error), NULL);
}

static int send_data(struct ttrpc_request *request, const ProtobufCMessage *output)
{
	struct ttrpc_socket *socket = &request->connection->socket;
	size_t start;

	if (!request->open)
		return -ECANCELED;
	start = ttrpc_frame_begin(&socket->unsent);
	proto_pack(output, &socket->unsent);
	if (!ttrpc_frame_end(&socket->unsent, start, request->stream, TTRPC_DATA, 0))
		return -E2BIG;
	ttrpc_socket_flush(socket);
	return socket->broken ? -ECANCELED : 0;
}

int ttrpc_request_send(struct ttrpc_request *request, const ProtobufCMessage *output)
{
	int ret;

	pthread_mutex_lock(&request->connection->lock);
	ret = send_data(request, output);
	pthread_mutex_unlock(&request->connection->lock);
	return ret;
}

bool ttrpc_request_cancelled(struct ttrpc_request *request)
{
	bool cancelled;

	pthread_mutex_lock(&request->connection->lock);
	cancelled = request->cancelled;
	pthread_mutex_unlock(&request->connection->lock);
	return cancelled;
}

void ttrpc_request_on_cancel(struct ttrpc_request *request,
			     void (*cancel)(struct ttrpc_request *request, void *data), void *data)
{
	request->cancel = cancel;
	request->cancel_data = data;
}

int64_t ttrpc_request_time_left_ns(const struct ttrpc_request *request)
{
	return request->deadline_ns == INT64_MAX ? INT64_MAX
						 : request->deadline_ns - clock_now_ns();
}

const struct ttrpc_metadata *ttrpc_request_metadata(const struct ttrpc_request *request)
{
	return &request->metadata;
}

void ttrpc_request_set_data(struct ttrpc_request *request, void *data)
{
	request->data = data;
}

void *ttrpc_request_data(const struct ttrpc_request *request)
{
	return request->data;
}
