/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A server's connections and the requests on them; server.h has the public side.
 *
 * The connection's lock guards its output, its table of open requests, and the requests' own state. A
 * request is in the table from its start until something ends it: the handler's answer, a status of the
 * server's own (deadline, protocol error), or the connection's end. It is freed when its handler has
 * answered, whatever ended it. A connection is freed when the server has dropped it and the last of its
 * requests is freed.
 */

#include <pthread.h>

#include "envelope.h"
#include "open_calls.h"
#include "server.h"
#include "socket.h"

struct ttrpc_connection {
	pthread_mutex_t lock;
	unsigned references; /* the server's and each request's */
	struct ttrpc_socket socket;
	struct ttrpc_open_calls requests;

	/* For the dispatching thread alone. */
	struct ttrpc_server *server;
	uint32_t last_stream;
};

struct ttrpc_request {
	struct ttrpc_connection *connection;
	uint32_t stream;
	const struct ttrpc_service *service;
	const struct ttrpc_handler *handler;
	const ProtobufCMethodDescriptor *method;
	void *input;
	struct ttrpc_metadata metadata;
	int64_t deadline_ns; /* INT64_MAX: none */
	void *data;

	/* Under the connection's lock. */
	unsigned references; /* the handler's, and the dispatching thread's while it calls back */
	bool open;	     /* in the table: may send */
	bool cancelled;

	/* For the dispatching thread alone. */
	bool client_closed; /* the client will stream nothing more */
	void (*cancel)(struct ttrpc_request *request, void *data);
	void *cancel_data;
};

/* Takes the descriptor, also on failure. */
int ttrpc_connection_new(struct ttrpc_server *server, struct ttrpc_poller *poller, int fd,
			 struct ttrpc_connection **connection, struct error **err);

/* Close the socket, cancel what is open, give up the server's reference. */
void ttrpc_connection_drop(struct ttrpc_connection *connection);

/* Give up a reference; the lock is held and gets released. */
void ttrpc_connection_unref_unlock(struct ttrpc_connection *connection);

/*
 * End requests whose deadline is over. Returns when this connection is to be looked at again, or -1 when its
 * peer has stalled in the middle of a frame.
 */
int64_t ttrpc_connection_expire(struct ttrpc_connection *connection, int64_t now_ns);

/* Make a request and put it into the connection's table. Takes the input and the metadata. */
struct ttrpc_request *ttrpc_request_new(struct ttrpc_connection *connection, uint32_t stream,
					struct ttrpc_request_body *body);

/* The request of a stream, with a reference, or NULL. */
struct ttrpc_request *ttrpc_request_find(struct ttrpc_connection *connection, uint32_t stream);
void ttrpc_request_unref(struct ttrpc_request *request);

/* Cancel, and answer with this status unless the cancel callback did. Dispatching thread. */
void ttrpc_request_abort(struct ttrpc_request *request, enum ttrpc_code code, const char *message);

/* What the server knows of a method, for the connection. */
const struct ttrpc_service *ttrpc_server_find_service(const struct ttrpc_server *server,
						      struct slice name);
const struct ttrpc_handler *ttrpc_service_find_handler(const struct ttrpc_service *service,
						       struct slice method);

/* Called by a connection when its peer is gone. */
void ttrpc_server_forget(struct ttrpc_server *server, struct ttrpc_connection *connection);
