/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * All connections of one guest, and the packets between them and the two queues.
 *
 * From the guest: as many packets as it has given, each to its connection; to what is for none, the answer is RST.
 * To the guest: connections with something to send stand in a queue, and each in its turn sends one packet that
 * it owes, or a batch of data. Both stop when the guest has nothing more to give or no buffer left, and go on with
 * its next kick.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connection.h"
#include "virtqueue.h"
#include "vsock_device.h"

#define TRANSPORT_BUCKETS     256
#define TRANSPORT_MAX_REFUSAL 64

struct transport {
	struct loop *loop;
	struct virtqueue *to_guest, *from_guest;
	uint64_t guest_cid;
	char *host_path;
	size_t max_connections;

	struct connection *connections; /* all */
	struct connection *buckets[TRANSPORT_BUCKETS];
	struct connection *queue_head, *queue_tail;
	size_t count, opened_by_guest;
	uint32_t next_host_port;

	/* RSTs to packets of no connection. While there is no room, the guest's packets wait. */
	struct packet refusals[TRANSPORT_MAX_REFUSAL];
	size_t refusal_count;

	bool has_over;	    /* there are connections to forget */
	bool has_deadlines; /* transport_expire() has something to look at */

	struct vsock_device_counters counters;
};

/* A new connection over this socket, which it owns from here on; in no table, with no work. NULL: no room. */
struct connection *transport_add(struct transport *transport, int fd, enum connection_state state,
				 bool guest_opened);

/* It has got its ports. False when there is a connection with the same ones. */
bool transport_name(struct transport *transport, struct connection *connection, uint32_t host_port,
		    uint32_t guest_port);

/* A port of the host that no connection to this port of the guest has. */
uint32_t transport_choose_host_port(struct transport *transport, uint32_t guest_port);

/* Something about the connection has changed: it may have work now, or be over. */
void transport_update(struct transport *transport, struct connection *connection);

/* Move at most about `budget` packets. True when there is more to do right now. */
bool transport_pump(struct transport *transport, size_t budget);

/* Time has passed: end what has waited too long. */
void transport_expire(struct transport *transport, int64_t now_ms);

/* Forget the connections that are over. To be called when no pointer to one is around. */
void transport_sweep(struct transport *transport);

/* The guest is gone: end all connections. What it has sent is delivered all the same. */
void transport_drop_guest(struct transport *transport);

/* Close and free all connections. */
void transport_release(struct transport *transport);
