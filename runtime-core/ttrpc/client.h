/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A ttrpc client over one connected stream socket. Calls run concurrently, from any number of threads.
 *
 * Two ways to drive it. Without a loop, a blocking call reads the socket itself while it waits; when several
 * threads wait, one of them reads for all. With a loop, call ttrpc_client_attach_loop(), watch
 * ttrpc_client_fd() and call ttrpc_client_dispatch() when it is readable; blocking calls are then for other
 * threads than the loop's.
 *
 * The peer is not trusted: answers are bounded as requests are (spec/reliability.md 8.5), and an answer
 * to a call that is not open is dropped.
 */

#include <stdbool.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "base/error.h"
#include "metadata.h"
#include "status.h"

struct ttrpc_client;

/* All is borrowed for the time of the call that takes it. */
struct ttrpc_call {
	const char *service; /* "grpc.AgentService" */
	const char *method;
	const ProtobufCMessage *input;		  /* NULL: an empty message */
	const ProtobufCMessageDescriptor *output; /* NULL: whatever is answered is dropped */
	int64_t timeout_ns;			  /* 0 or less: none */
	const struct ttrpc_metadata *metadata;	  /* may be NULL */
};

/* A client over this socket, which it owns from here on, also on failure. */
int ttrpc_client_new(int fd, struct ttrpc_client **client, struct error **err);

/*
 * Call and wait. *(TYPE **)reply (may be NULL when call->output is) is freed with proto_free().
 *
 * Errors: what the peer answered, with its message unchanged and the errno of its code (status.h);
 * -ETIMEDOUT when the time is over (there is no way to cancel: a late answer is dropped); -ESHUTDOWN
 * "ttrpc: closed" when the connection is or gets closed; the errno of RESOURCE_EXHAUSTED for a request or
 * an answer over 4 MiB; -EBADMSG for an answer that is not of the type or breaks the protocol.
 */
int ttrpc_client_call(struct ttrpc_client *client, const struct ttrpc_call *call, void *reply,
		      struct error **err);

/*
 * Call without waiting: `done` is called once, by the thread that dispatches, and owns `reply` (proto_free)
 * and `error` (error_free), one of which is NULL (both, when call->output is). It may use the client, but
 * neither free it nor make a blocking call. On failure, with the errors of above, it is never called.
 */
typedef void ttrpc_done(void *data, void *reply, struct error *error);
int ttrpc_client_start(struct ttrpc_client *client, const struct ttrpc_call *call, ttrpc_done *done,
		       void *data, struct error **err);

/*
 * Streaming. `receive` gets each message the server streams, which it does not own. `done` ends the stream
 * in every case and is called once; a reply comes only where the client alone streams. The stream object is
 * gone after `done`.
 */
struct ttrpc_stream;
struct ttrpc_stream_callbacks {
	void (*receive)(void *data, const void *message);
	ttrpc_done *done;
};

/*
 * Open a stream; `call->output` is the type of what is received. When the client will stream nothing
 * (`client_streams` false), call->input is the one request; else it is the first message, if not NULL.
 */
int ttrpc_client_open_stream(struct ttrpc_client *client, const struct ttrpc_call *call,
			     bool client_streams, const struct ttrpc_stream_callbacks *callbacks,
			     void *data, struct ttrpc_stream **stream, struct error **err);

/* Send a message, or say that there will be no more. By the thread that dispatches. */
int ttrpc_stream_send(struct ttrpc_stream *stream, const ProtobufCMessage *message,
		      struct error **err);
int ttrpc_stream_close_send(struct ttrpc_stream *stream, struct error **err);

/* From here on a loop dispatches. Before the first call. */
void ttrpc_client_attach_loop(struct ttrpc_client *client);

int ttrpc_client_fd(const struct ttrpc_client *client);
void ttrpc_client_dispatch(struct ttrpc_client *client);

/* Be told, once, by the dispatching thread, that the peer is gone. Before the first call. */
void ttrpc_client_on_close(struct ttrpc_client *client, void (*closed)(void *data), void *data);

/* Close the connection: every open and later call fails with "ttrpc: closed". From any thread. */
void ttrpc_client_close(struct ttrpc_client *client);

/* Close and free. No thread may be inside a call any more; open asynchronous calls are completed here. */
void ttrpc_client_free(struct ttrpc_client *client);
DEFINE_CLEANUP(struct ttrpc_client *, ttrpc_client_free)
