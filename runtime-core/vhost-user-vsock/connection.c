// SPDX-License-Identifier: Apache-2.0
#include "connection.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/clock.h"

/* The guest hears of freed room in steps of half the buffer: few packets, and it never runs dry. */
#define CREDIT_STEP (CONNECTION_BUFFER_SIZE / 2)

/* How long the guest has to confirm an end, as long as Linux gives it. */
#define CLOSE_TIMEOUT_MS 8000

/* ---- what goes to the guest ----------------------------------------------------------------- */

uint32_t connection_credit(const struct connection *connection)
{
	uint32_t under_way = connection->sent - connection->guest_forwarded;

	/* A guest that lies about its counters gets nothing, or is sent what it has no room for: its own loss. */
	return under_way < connection->guest_buffer ? connection->guest_buffer - under_way : 0;
}

static bool may_read_host(const struct connection *connection)
{
	return connection->state == CONNECTION_ESTABLISHED && connection->readable &&
	       !connection->host_ended && !(connection->guest_shutdown & PACKET_SHUTDOWN_RECEIVE);
}

bool connection_has_work(const struct connection *connection)
{
	return connection->debts != 0 ||
	       (may_read_host(connection) &&
		(connection_credit(connection) > 0 || !connection->credit_requested));
}

void connection_fill_packet(struct connection *connection, uint16_t operation,
			    struct packet *packet)
{
	*packet = (struct packet){
		.source_port = connection->host_port,
		.destination_port = connection->guest_port,
		.type = PACKET_TYPE_STREAM,
		.operation = operation,
		.buffer_size = CONNECTION_BUFFER_SIZE,
		.forwarded_bytes = connection->forwarded,
	};
	connection->forwarded_told = connection->forwarded;
	connection->debts &= ~(unsigned)OWES_CREDIT_UPDATE;
}

bool connection_take_debt(struct connection *connection, struct packet *packet)
{
	static const struct {
		unsigned debt;
		enum packet_operation operation;
	} order[] = {
		{ OWES_REQUEST, PACKET_REQUEST },
		{ OWES_RESPONSE, PACKET_RESPONSE },
		{ OWES_RST, PACKET_RST },
		{ OWES_CREDIT_UPDATE, PACKET_CREDIT_UPDATE },
		{ OWES_CREDIT_REQUEST, PACKET_CREDIT_REQUEST },
		{ OWES_SHUTDOWN, PACKET_SHUTDOWN },
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (!(connection->debts & order[i].debt))
			continue;
		connection->debts &= ~order[i].debt;
		connection_fill_packet(connection, order[i].operation, packet);
		if (order[i].debt == OWES_SHUTDOWN) {
			connection->shutdown_told |= connection->shutdown_to_tell;
			packet->flags = connection->shutdown_told;
		}
		return true;
	}
	return false;
}

/* Tell the guest that we will not receive or not send any more; when both are told, it has to confirm. */
static void owe_shutdown(struct connection *connection, uint32_t flags)
{
	if (connection->state != CONNECTION_ESTABLISHED ||
	    (connection->shutdown_told | flags) == connection->shutdown_told)
		return;
	connection->shutdown_to_tell |= flags;
	connection->debts |= OWES_SHUTDOWN;
	if ((connection->shutdown_to_tell | connection->shutdown_told) == PACKET_SHUTDOWN_BOTH)
		connection->deadline_ms = clock_now_ms() + CLOSE_TIMEOUT_MS;
}

static void host_has_ended(struct connection *connection)
{
	connection->host_ended = true;
	owe_shutdown(connection, connection->hung_up ? PACKET_SHUTDOWN_BOTH : PACKET_SHUTDOWN_SEND);
}

uint32_t connection_read_host(struct connection *connection, struct iovec *pieces, size_t count)
{
	uint32_t credit = connection_credit(connection);
	ssize_t size;

	if (!may_read_host(connection))
		return 0;
	if (credit == 0) {
		if (!connection->credit_requested)
			connection->debts |= OWES_CREDIT_REQUEST;
		connection->credit_requested = true;
		return 0;
	}
	count = pieces_limit(pieces, count, credit);
	do
		size = readv(connection->source.fd, pieces, (int)count);
	while (size < 0 && errno == EINTR);
	if (size > 0) {
		connection->sent += (uint32_t)size;
		return (uint32_t)size;
	}
	if (size == 0) {
		host_has_ended(connection);
	} else if (errno == EAGAIN) {
		connection->readable = false;
	} else {
		connection_reset(connection);
	}
	return 0;
}

void connection_hang_up(struct connection *connection)
{
	connection->hung_up = true;
	connection->readable = true;
	if (connection->state == CONNECTION_GREETING || connection->state == CONNECTION_REQUESTED)
		connection_reset(connection);
	else if (connection->state == CONNECTION_DRAINING)
		connection_close(connection);
	else if (connection->host_ended || (connection->guest_shutdown & PACKET_SHUTDOWN_RECEIVE))
		owe_shutdown(connection, PACKET_SHUTDOWN_BOTH);
}

/* ---- what comes from the guest -------------------------------------------------------------- */

void connection_close(struct connection *connection)
{
	loop_source_close(&connection->source);
	backlog_release(&connection->backlog);
	connection->debts = 0;
	connection->deadline_ms = INT64_MAX;
	connection->state = CONNECTION_CLOSED;
}

void connection_reset(struct connection *connection)
{
	bool known =
		connection->state == CONNECTION_ESTABLISHED ||
		(connection->state == CONNECTION_REQUESTED && !(connection->debts & OWES_REQUEST));

	connection_close(connection);
	if (known)
		connection->debts = OWES_RST;
}

/* The backlog is empty: what the guest's end of the stream means for the host can be done. */
static void backlog_is_empty(struct connection *connection)
{
	if (connection->state == CONNECTION_DRAINING) {
		connection_close(connection);
	} else if (connection->guest_shutdown == PACKET_SHUTDOWN_BOTH) {
		connection_reset(connection); /* by which the guest knows that all has arrived */
	} else if ((connection->guest_shutdown & PACKET_SHUTDOWN_SEND) &&
		   !connection->guest_ended) {
		connection->guest_ended = true;
		shutdown(connection->source.fd, SHUT_WR);
	}
}

static void count_forwarded(struct connection *connection, uint32_t bytes)
{
	connection->forwarded += bytes;
	if (connection->state == CONNECTION_ESTABLISHED &&
	    connection->forwarded - connection->forwarded_told >= CREDIT_STEP)
		connection->debts |= OWES_CREDIT_UPDATE;
}

/* The host takes no more: the guest is told, and what it has sent is dropped. */
static void host_refuses(struct connection *connection, uint32_t dropped)
{
	backlog_release(&connection->backlog);
	count_forwarded(connection, dropped);
	owe_shutdown(connection, PACKET_SHUTDOWN_RECEIVE);
}

/* Only while there is a backlog: else every byte that the host reads would wake us. */
static void watch_room(struct connection *connection, bool watch)
{
	if (watch == connection->watching_room)
		return;
	connection->watching_room = watch;
	loop_modify(connection->loop, &connection->source,
		    watch ? CONNECTION_EVENTS | EPOLLOUT : CONNECTION_EVENTS);
}

void connection_flush(struct connection *connection)
{
	uint32_t waiting = (uint32_t)connection->backlog.size;
	int sent;

	if (waiting == 0 || connection->source.fd < 0)
		return;
	sent = backlog_send(&connection->backlog, connection->source.fd);
	if (sent >= 0)
		count_forwarded(connection, (uint32_t)sent);
	else if (sent != -EAGAIN)
		host_refuses(connection, waiting);
	if (connection->backlog.size > 0)
		return;
	watch_room(connection, false);
	backlog_is_empty(connection);
}

static bool receive_data(struct connection *connection, const struct packet *packet,
			 struct iovec *pieces, size_t count)
{
	uint32_t length = packet->length, under_way = connection->received - connection->forwarded;
	int sent = 0;

	if (connection->state != CONNECTION_ESTABLISHED ||
	    (connection->guest_shutdown & PACKET_SHUTDOWN_SEND) ||
	    length > CONNECTION_BUFFER_SIZE - under_way)
		return false;
	connection->received += length;
	if (connection->backlog.size == 0 && length > 0)
		sent = pieces_send(connection->source.fd, pieces, count);
	if (sent < 0 && sent != -EAGAIN) {
		host_refuses(connection, length);
		return true;
	}
	if (sent < 0)
		sent = 0;
	count_forwarded(connection, (uint32_t)sent);
	if ((uint32_t)sent < length) {
		count = pieces_skip(&pieces, count, (size_t)sent);
		backlog_append(&connection->backlog, pieces, count);
		watch_room(connection, true);
	}
	return true;
}

static bool receive_response(struct connection *connection)
{
	char answer[32];
	int length;

	if (connection->state != CONNECTION_REQUESTED || (connection->debts & OWES_REQUEST))
		return false;
	connection->state = CONNECTION_ESTABLISHED;
	connection->deadline_ms = INT64_MAX;
	length = snprintf(answer, sizeof(answer), "OK %u\n", connection->host_port);
	/* The first bytes on this socket, so there is room; if the host has gone, reading will tell. */
	if (send(connection->source.fd, answer, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL) !=
	    length)
		connection_reset(connection);
	return true;
}

static bool receive_shutdown(struct connection *connection, uint32_t flags)
{
	if (connection->state != CONNECTION_ESTABLISHED)
		return false;
	connection->guest_shutdown |= flags & PACKET_SHUTDOWN_BOTH;
	if (connection->guest_shutdown & PACKET_SHUTDOWN_RECEIVE)
		shutdown(connection->source.fd, SHUT_RD);
	if (connection->backlog.size == 0)
		backlog_is_empty(connection);
	return true;
}

void connection_drop(struct connection *connection)
{
	if (connection->state != CONNECTION_ESTABLISHED || connection->backlog.size == 0) {
		connection_close(connection);
		return;
	}
	connection->debts = 0;
	connection->deadline_ms = INT64_MAX;
	connection->state = CONNECTION_DRAINING;
}

bool connection_receive(struct connection *connection, const struct packet *packet,
			struct iovec *pieces, size_t count)
{
	if (connection->state == CONNECTION_CLOSED) {
		/* The RST that is owed will answer whatever this is, unless the guest has ended it, too. */
		if (packet->operation == PACKET_RST)
			connection->debts = 0;
		return true;
	}
	connection->guest_buffer = packet->buffer_size;
	connection->guest_forwarded = packet->forwarded_bytes;
	if (connection_credit(connection) > 0)
		connection->credit_requested = false;

	switch (packet->operation) {
	case PACKET_RW:
		return receive_data(connection, packet, pieces, count);
	case PACKET_CREDIT_UPDATE:
		return true;
	case PACKET_CREDIT_REQUEST:
		connection->debts |= OWES_CREDIT_UPDATE;
		return true;
	case PACKET_RESPONSE:
		return receive_response(connection);
	case PACKET_SHUTDOWN:
		return receive_shutdown(connection, packet->flags);
	case PACKET_RST:
		connection_drop(connection);
		return true;
	default: /* a REQUEST for a stream that is open, or what is no operation */
		return false;
	}
}
