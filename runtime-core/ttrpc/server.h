/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A ttrpc server: services given as tables, over any stream sockets.
 *
 *	static const struct ttrpc_handler health_handlers[] = {
 *		{ .method = "Check", .handle = health_check },
 *	};
 *	static const struct ttrpc_service services[] = {
 *		{ &grpc__health__descriptor, health_handlers, ARRAY_SIZE(health_handlers) },
 *	};
 *
 * It has no loop of its own: one descriptor, ttrpc_server_fd(), is readable when something is to be done,
 * and ttrpc_server_dispatch() does it without waiting. Add the descriptor to an epoll set, a uv_poll_t, or
 * poll() it. All calls but those on requests belong to the thread that dispatches.
 *
 * A handler is called on that thread and must not block. It answers with ttrpc_request_reply() or
 * ttrpc_request_fail(), at once or at any later time and from any thread: a Wait may stay open for days,
 * and calls are answered in any order.
 *
 * The rules are those of Go's library from version 1.2 (spec/shim.md 1.4). A method of the schema without
 * a handler is unimplemented. Bounds are spec/reliability.md 8.5's.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <protobuf-c/protobuf-c.h>

#include "base/error.h"
#include "metadata.h"
#include "status.h"

#define TTRPC_MAX_CONNECTIONS 64 /* of one server; a further one is closed at once */
#define TTRPC_MAX_OPEN_CALLS \
	1024 /* of one connection; a further one is answered RESOURCE_EXHAUSTED */

struct ttrpc_server;
struct ttrpc_request;

enum ttrpc_kind {
	TTRPC_UNARY,
	TTRPC_SERVER_STREAMING,
	TTRPC_CLIENT_STREAMING,
	TTRPC_BIDIRECTIONAL,
};

/*
 * `input` is the unpacked request and lives as long as the request object; NULL for a method to which the
 * client streams. `context` is the service's.
 */
typedef void ttrpc_handle(struct ttrpc_request *request, const void *input, void *context);

/*
 * A message that the client streamed, valid during the call; NULL when there will be no more. Called on the
 * dispatching thread until the request is answered, which is to be done on that thread too.
 */
typedef void ttrpc_receive(struct ttrpc_request *request, const void *message, void *context);

struct ttrpc_handler {
	const char *method;
	ttrpc_handle *handle;
	enum ttrpc_kind kind;
	ttrpc_receive *receive; /* where the client streams */
};

struct ttrpc_service {
	const ProtobufCServiceDescriptor *descriptor;
	const struct ttrpc_handler *handlers;
	size_t handler_count;
	void *context;
	/* Name on the wire, where it is not the schema's: "containerd.task.v3.Task". */
	const char *name;
};

/*
 * Make a server. The tables are borrowed. `accept_peer` (may be NULL) sees the credentials of each
 * connection accepted from a unix socket before a byte is read, and says whether it may stay; where
 * credentials cannot be had, the connection is refused.
 * -EINVAL for a handler of a method that the schema does not have.
 */
int ttrpc_server_new(const struct ttrpc_service *services, size_t service_count,
		     bool (*accept_peer)(const struct ucred *peer), struct ttrpc_server **server,
		     struct error **err);

/* An `accept_peer`: root, or a process with our effective user and group (spec/shim.md 1.4, Handshake). */
bool ttrpc_peer_is_owner(const struct ucred *peer);

/* Accept connections from a listening stream socket, which the server owns from here on, also on failure. */
int ttrpc_server_listen(struct ttrpc_server *server, int fd, struct error **err);

/* Serve a connected stream socket, which the server owns from here on, also on failure. */
int ttrpc_server_add_connection(struct ttrpc_server *server, int fd, struct error **err);

int ttrpc_server_fd(const struct ttrpc_server *server);
void ttrpc_server_dispatch(struct ttrpc_server *server);

/* Close the listening sockets; connections go on. May be called from a handler. */
void ttrpc_server_stop_listening(struct ttrpc_server *server);

size_t ttrpc_server_connection_count(const struct ttrpc_server *server);

/*
 * Wait until every answer given so far has been written, at most `timeout_ms`. For the reply to a Shutdown
 * that is the process's last act. Blocks. False when something is left.
 */
bool ttrpc_server_flush(struct ttrpc_server *server, unsigned timeout_ms);

/*
 * From here on connections are closed, by ttrpc_server_free() as well, when the peer has all that was written, or
 * after this time. What is on its way through a vsock is lost with a machine that is switched off, so this comes
 * before that. Closing blocks then.
 */
void ttrpc_server_linger(struct ttrpc_server *server, int seconds);

/*
 * Close everything. Open requests are cancelled; they stay valid until their handlers answer them. Not
 * from a handler.
 */
void ttrpc_server_free(struct ttrpc_server *server);
DEFINE_CLEANUP(struct ttrpc_server *, ttrpc_server_free)

/*
 * Requests. The handler owns its request and gives it up by answering, exactly once, also when it was
 * cancelled (then nothing is sent). All of these may be called from any thread.
 */

/*
 * Answer with a message of the method's output type, or NULL for an empty one. It is not changed and no
 * longer needed when the call returns. An answer over 4 MiB becomes RESOURCE_EXHAUSTED. For a streaming
 * method this is the end: `output` is sent where the client alone streams, and must be NULL where the
 * server does.
 */
void ttrpc_request_reply(struct ttrpc_request *request, const ProtobufCMessage *output);

/* Answer with an error. What is not UTF-8 in the text becomes U+FFFD, because Go peers refuse it. */
void ttrpc_request_fail(struct ttrpc_request *request, enum ttrpc_code code, const char *format,
			...) __attribute__((format(printf, 3, 4)));

/* Answer with an error's message and the code of its errno. The error stays the caller's. */
void ttrpc_request_fail_error(struct ttrpc_request *request, const struct error *error);

/*
 * Send a message of a stream from the server. The request stays the handler's. Returns 0, -ECANCELED when
 * the client is gone, -E2BIG over 4 MiB.
 */
int ttrpc_request_send(struct ttrpc_request *request, const ProtobufCMessage *output);

/* Has the client gone, or is the deadline over? Nobody waits for the answer any more. */
bool ttrpc_request_cancelled(struct ttrpc_request *request);

/*
 * Be told when that happens: `cancel` is called once, on the dispatching thread, and may answer. Only for
 * handlers that answer on that thread too: elsewhere the request may be answered, and `data` gone, at the
 * same moment; those ask ttrpc_request_cancelled(). Call it in the handler.
 */
void ttrpc_request_on_cancel(struct ttrpc_request *request,
			     void (*cancel)(struct ttrpc_request *request, void *data), void *data);

/* Nanoseconds to the deadline, INT64_MAX without one. */
int64_t ttrpc_request_time_left_ns(const struct ttrpc_request *request);

const struct ttrpc_metadata *ttrpc_request_metadata(const struct ttrpc_request *request);

/* A pointer for the handler's own use. */
void ttrpc_request_set_data(struct ttrpc_request *request, void *data);
void *ttrpc_request_data(const struct ttrpc_request *request);
