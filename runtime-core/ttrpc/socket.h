/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One connected stream socket with frames in both directions: bytes in through a reader, bytes out through
 * a buffer that is written as far as the peer takes it.
 *
 * The owner has a lock. Reading is for the dispatching thread and needs no lock; all else is done under it.
 */

#include "frame.h"
#include "poller.h"

/*
 * Unsent bytes above which a server reads nothing more from this peer, and above which either side gives the
 * connection up. A client reads always: if both waited for the other, both would wait for ever.
 */
#define TTRPC_PAUSE_UNSENT (1u << 20)
#define TTRPC_MAX_UNSENT   (64u << 20)

/*
 * How a dispatching thread reads: this much at a time, so often, then it is another socket's turn. The buffer is
 * not zeroed for every read, as other variables are.
 */
#define TTRPC_READ_SIZE		(32u << 10)
#define TTRPC_READ_ROUNDS	16
#define TTRPC_READ_BUFFER(name) char name[TTRPC_READ_SIZE] __attribute__((uninitialized))

struct ttrpc_socket {
	struct ttrpc_source source;
	struct ttrpc_poller *poller;
	struct ttrpc_reader reader;
	int64_t received_ns; /* when bytes came last */
	struct strbuf unsent;
	size_t sent; /* bytes at the start of `unsent` that are written */
	uint32_t events;
	bool may_pause; /* a server's */
	bool broken;	/* nothing more can be sent */
};

/* Make the descriptor non-blocking and watch it. It is closed on failure. */
int ttrpc_socket_open(struct ttrpc_socket *socket, int fd, struct ttrpc_poller *poller,
		      void (*ready)(void *owner, uint32_t events), void *owner, struct error **err);

void ttrpc_socket_close(struct ttrpc_socket *socket);

static inline bool ttrpc_socket_is_open(const struct ttrpc_socket *socket)
{
	return socket->source.fd >= 0;
}

static inline bool ttrpc_socket_has_unsent(const struct ttrpc_socket *socket)
{
	return socket->unsent.size > socket->sent;
}

/* What was appended to `unsent` (ttrpc_frame_begin ...) goes out, now as far as possible. */
void ttrpc_socket_flush(struct ttrpc_socket *socket);

/*
 * Read at most `size` bytes into the buffer. The bytes' count, 0 when there are none now, -ECONNRESET when
 * the peer is gone or the connection was broken.
 */
int ttrpc_socket_receive(struct ttrpc_socket *socket, char *buffer, size_t size);

/* Do the unsent answers forbid to read on? */
bool ttrpc_socket_is_paused(const struct ttrpc_socket *socket);

/* Break the connection from any thread: the dispatching one will find out. */
void ttrpc_socket_break(struct ttrpc_socket *socket);
