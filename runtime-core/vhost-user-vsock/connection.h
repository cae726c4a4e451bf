/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One stream between a port of the guest and a unix socket of the host.
 *
 * Bytes from the guest go straight from its memory to the socket; what the socket does not take waits in the backlog,
 * whose size is what we let the guest have under way. Bytes for the guest stay in the socket until the guest has
 * both credit and a buffer for them. So a connection costs no memory while both ends keep up, and a bounded amount
 * when one does not.
 *
 * This file knows one connection and makes packets for it; the transport finds connections and moves packets.
 */

#include <stdbool.h>
#include <stdint.h>

#include "backlog.h"
#include "loop.h"
#include "packet.h"

/* How many bytes the guest may have under way on one connection. Linux gives itself as many. */
#define CONNECTION_BUFFER_SIZE (256u << 10)

enum connection_state {
	CONNECTION_GREETING,  /* the host program has not said which port it wants */
	CONNECTION_REQUESTED, /* the guest has not answered */
	CONNECTION_ESTABLISHED,
	CONNECTION_DRAINING, /* the guest is through with it, the host has not taken everything */
	CONNECTION_CLOSED,   /* to be forgotten once the guest has been told what is owed */
};

/* Packets without data that are owed to the guest, in the order in which they go. */
enum connection_debt {
	OWES_REQUEST = 1 << 0,
	OWES_RESPONSE = 1 << 1,
	OWES_RST = 1 << 2,
	OWES_CREDIT_UPDATE = 1 << 3,
	OWES_CREDIT_REQUEST = 1 << 4,
	OWES_SHUTDOWN = 1 << 5,
};

struct transport;

struct connection {
	struct transport *transport;
	struct loop *loop;
	struct loop_source source; /* the host's socket */
	enum connection_state state;
	uint32_t host_port, guest_port;
	bool guest_opened;

	/* Towards the guest. */
	unsigned debts;
	bool readable;		   /* the socket may have bytes, or its end */
	bool host_ended;	   /* the end of the host's bytes has been read */
	bool hung_up;		   /* the host's end is gone in both directions */
	bool credit_requested;	   /* since credit was last there */
	uint32_t shutdown_told;	   /* PACKET_SHUTDOWN_... flags that the guest knows */
	uint32_t shutdown_to_tell; /* and those it has to */
	uint32_t sent;		   /* bytes, modulo 2^32 as all these counters */
	uint32_t guest_buffer;
	uint32_t guest_forwarded;

	/* From the guest. */
	struct backlog backlog;
	uint32_t guest_shutdown; /* PACKET_SHUTDOWN_... flags that the guest has told */
	bool guest_ended;	 /* the socket's sending side has been shut down for it */
	bool watching_room;	 /* the loop tells when the socket takes bytes again */
	uint32_t received;
	uint32_t forwarded;
	uint32_t forwarded_told;

	int64_t deadline_ms; /* when patience ends; INT64_MAX: never */

	/* The transport's. */
	struct connection *next; /* of all */
	struct connection *next_in_bucket;
	struct connection *next_in_queue,
		*previous_in_queue; /* of those with something for the guest */
	bool in_table, in_queue;
};

/* Room that the guest has for bytes of ours. */
uint32_t connection_credit(const struct connection *connection);

/* Is there something to send to the guest, as far as we know? */
bool connection_has_work(const struct connection *connection);

/*
 * The next packet that is owed and carries no data: true, and it is owed no longer. Filled in by the transport:
 * source and destination CID.
 */
bool connection_take_debt(struct connection *connection, struct packet *packet);

/* A packet of this operation with the connection's addresses and counters, which the guest then knows. */
void connection_fill_packet(struct connection *connection, uint16_t operation,
			    struct packet *packet);

/*
 * Read from the host's socket into the guest's memory, no more than credit allows. Returns the bytes read; 0 when
 * there is nothing to send now; the connection then knows why, and may owe something.
 */
uint32_t connection_read_host(struct connection *connection, struct iovec *pieces, size_t count);

/*
 * A packet of the guest, already known to be for this connection; `pieces` hold `packet->length` bytes. False when
 * the guest broke the rules of the flow control or of the states.
 */
bool connection_receive(struct connection *connection, const struct packet *packet,
			struct iovec *pieces, size_t count);

/* What the socket is watched for at first. Events mean that the state has changed. */
#define CONNECTION_EVENTS (EPOLLIN | EPOLLRDHUP | EPOLLET)

/* The socket takes bytes again: send what is in the backlog. */
void connection_flush(struct connection *connection);

/* Nothing can come from the socket any more, once it is empty, and nothing can be sent to it. */
void connection_hang_up(struct connection *connection);

/* End it: RST to the guest if that knows of it, and the host's socket is closed. */
void connection_reset(struct connection *connection);

/* The guest knows nothing of this connection any more. What it has sent is delivered all the same. */
void connection_drop(struct connection *connection);

/* Close the host's socket, and say nothing to the guest. */
void connection_close(struct connection *connection);
