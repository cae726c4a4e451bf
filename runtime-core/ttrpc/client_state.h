/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the parts of the client share: calls go out in client.c, answers come in in client_answers.c. */

#include <pthread.h>
#include <sys/queue.h>

#include "client.h"
#include "open_calls.h"
#include "socket.h"

/* An open call; a stream's handle. */
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

/* Callbacks of the socket and the timer. */
void ttrpc_client_ready(void *client, uint32_t events);
void ttrpc_client_expired(void *client);

/* Close the socket and end every open call. By the driver. */
void ttrpc_client_end(struct ttrpc_client *client);

/* The errors of a connection that is gone, and of a message over 4 MiB. */
int ttrpc_set_closed(struct error **err);
int ttrpc_set_oversize(size_t size, struct error **err);
