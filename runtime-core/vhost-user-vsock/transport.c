// SPDX-License-Identifier: Apache-2.0
#include "transport.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "hybrid.h"

/* One turn of a connection reads so much from its socket at once, into as many of the guest's buffers as it takes. */
#define BATCH_BYTES   (64u << 10)
#define BATCH_BUFFERS 64

/* Ports of the host for connections that it opens, as other hybrid sockets give them. */
#define FIRST_HOST_PORT 0x40000000u
#define LAST_HOST_PORT	0x7fffffffu

/* ---- finding connections -------------------------------------------------------------------- */

static struct connection **bucket(struct transport *transport, uint32_t host_port,
				  uint32_t guest_port)
{
	uint32_t hash = (host_port ^ guest_port * 0x9e3779b1u) * 0x85ebca6bu;

	return &transport->buckets[(hash >> 16) % TRANSPORT_BUCKETS];
}

static struct connection *find(struct transport *transport, uint32_t host_port, uint32_t guest_port)
{
	struct connection *connection = *bucket(transport, host_port, guest_port);

	while (connection &&
	       (connection->host_port != host_port || connection->guest_port != guest_port))
		connection = connection->next_in_bucket;
	return connection;
}

bool transport_name(struct transport *transport, struct connection *connection, uint32_t host_port,
		    uint32_t guest_port)
{
	struct connection **place = bucket(transport, host_port, guest_port);

	if (find(transport, host_port, guest_port))
		return false;
	connection->host_port = host_port;
	connection->guest_port = guest_port;
	connection->next_in_bucket = *place;
	connection->in_table = true;
	*place = connection;
	return true;
}

static void unname(struct transport *transport, struct connection *connection)
{
	struct connection **place =
		bucket(transport, connection->host_port, connection->guest_port);

	if (!connection->in_table)
		return;
	while (*place != connection)
		place = &(*place)->next_in_bucket;
	*place = connection->next_in_bucket;
	connection->in_table = false;
}

uint32_t transport_choose_host_port(struct transport *transport, uint32_t guest_port)
{
	uint32_t port;

	/* There are far more ports than connections. */
	do {
		port = transport->next_host_port;
		if (port < FIRST_HOST_PORT || port > LAST_HOST_PORT)
			port = FIRST_HOST_PORT;
		transport->next_host_port = port + 1;
	} while (find(transport, port, guest_port));
	return port;
}

/* ---- the queue of connections with work ----------------------------------------------------- */

static void enqueue(struct transport *transport, struct connection *connection)
{
	connection->in_queue = true;
	connection->next_in_queue = NULL;
	connection->previous_in_queue = transport->queue_tail;
	if (transport->queue_tail)
		transport->queue_tail->next_in_queue = connection;
	else
		transport->queue_head = connection;
	transport->queue_tail = connection;
}

static void dequeue(struct transport *transport, struct connection *connection)
{
	struct connection *next = connection->next_in_queue;
	struct connection *previous = connection->previous_in_queue;

	if (next)
		next->previous_in_queue = previous;
	else
		transport->queue_tail = previous;
	if (previous)
		previous->next_in_queue = next;
	else
		transport->queue_head = next;
	connection->in_queue = false;
}

void transport_update(struct transport *transport, struct connection *connection)
{
	bool work = connection_has_work(connection);

	bool over = connection->state == CONNECTION_CLOSED && !work;

	/* What only drains to the host has no ports any more: the guest may use them anew. */
	if (over || connection->state == CONNECTION_DRAINING)
		unname(transport, connection);
	transport->has_over |= over;
	transport->has_deadlines |= connection->deadline_ms != INT64_MAX;
	if (work && !connection->in_queue)
		enqueue(transport, connection);
	else if (!work && connection->in_queue)
		dequeue(transport, connection);
}

/* ---- adding and removing -------------------------------------------------------------------- */

struct connection *transport_add(struct transport *transport, int fd, enum connection_state state,
				 bool guest_opened)
{
	struct connection *connection;

	if (transport->count >= transport->max_connections ||
	    (guest_opened && transport->opened_by_guest >= transport->max_connections / 2)) {
		close(fd);
		return NULL;
	}
	connection = xcalloc(1, sizeof(*connection));
	connection->transport = transport;
	connection->loop = transport->loop;
	connection->source.fd = fd;
	connection->state = state;
	connection->guest_opened = guest_opened;
	connection->backlog.capacity = CONNECTION_BUFFER_SIZE;
	connection->deadline_ms = INT64_MAX;
	connection->next = transport->connections;
	transport->connections = connection;
	transport->count++;
	transport->opened_by_guest += guest_opened;
	return connection;
}

void transport_sweep(struct transport *transport)
{
	struct connection **place = &transport->connections;

	while (transport->has_over && *place) {
		struct connection *connection = *place;

		if (connection->state != CONNECTION_CLOSED || connection->debts != 0) {
			place = &connection->next;
			continue;
		}
		*place = connection->next;
		unname(transport, connection);
		if (connection->in_queue)
			dequeue(transport, connection);
		transport->count--;
		transport->opened_by_guest -= connection->guest_opened;
		free(connection);
	}
	transport->has_over = false;
}

void transport_drop_guest(struct transport *transport)
{
	for (struct connection *c = transport->connections; c; c = c->next) {
		if (c->state == CONNECTION_GREETING)
			continue;
		connection_drop(c);
		transport_update(transport, c);
	}
	transport->refusal_count = 0;
}

void transport_release(struct transport *transport)
{
	for (struct connection *c = transport->connections; c; c = c->next)
		connection_close(c);
	transport->has_over = true;
	transport_sweep(transport);
}

void transport_expire(struct transport *transport, int64_t now_ms)
{
	transport->has_deadlines = false;
	for (struct connection *c = transport->connections; c; c = c->next) {
		if (c->deadline_ms <= now_ms)
			connection_reset(c);
		transport_update(transport, c);
	}
}

/* ---- from the guest ------------------------------------------------------------------------- */

/* Answer a packet that is for no connection. There is room. */
static void refuse(struct transport *transport, const struct packet *packet)
{
	if (packet->operation == PACKET_RST)
		return;
	transport->refusals[transport->refusal_count++] = (struct packet){
		.source_port = packet->destination_port,
		.destination_port = packet->source_port,
		.type = packet->type,
		.operation = PACKET_RST,
	};
}

static void route(struct transport *transport, const struct packet *packet, struct iovec *pieces,
		  size_t count)
{
	struct connection *connection;

	if (packet->type != PACKET_TYPE_STREAM) {
		refuse(transport, packet);
		return;
	}
	connection = find(transport, packet->destination_port, packet->source_port);
	if (!connection) {
		if (packet->operation != PACKET_REQUEST || !hybrid_connect(transport, packet))
			refuse(transport, packet);
		return;
	}
	if (!connection_receive(connection, packet, pieces, count)) {
		transport->counters.broken_rules++;
		connection_reset(connection);
	}
	transport_update(transport, connection);
}

/* Read the packet in a chain, and give it to whom it concerns. */
static void receive(struct transport *transport, struct iovec *pieces, size_t count, size_t bytes)
{
	unsigned char header[PACKET_HEADER_SIZE];
	struct packet packet;

	transport->counters.packets_from_guest++;
	if (bytes < sizeof(header)) {
		transport->counters.dropped_packets++;
		return;
	}
	pieces_read(pieces, header, sizeof(header));
	packet_decode(header, &packet);
	if (packet.source_cid != transport->guest_cid ||
	    packet.destination_cid != PACKET_HOST_CID || packet.length > bytes - sizeof(header)) {
		transport->counters.dropped_packets++;
		return;
	}
	count = pieces_skip(&pieces, count, sizeof(header));
	count = pieces_limit(pieces, count, packet.length);
	if (packet.operation == PACKET_RW)
		transport->counters.bytes_from_guest += packet.length;
	route(transport, &packet, pieces, count);
}

static void queue_is_broken(struct transport *transport, const char *name, int code)
{
	transport->counters.broken_queues++;
	log_warning("the guest broke the rules of a vsock queue: it is given up",
		    LOG_STR("queue", name), LOG_STR("reason", errno_text(code)));
	/* Nobody gets anything through any more, so nobody is left to wait for it. */
	transport_drop_guest(transport);
}

/* Returns how many packets have been taken. */
static size_t pump_from_guest(struct transport *transport, size_t budget)
{
	struct virtqueue *queue = transport->from_guest;
	struct iovec pieces[VIRTQUEUE_MAX_PIECES];
	struct virtqueue_chain chain;
	size_t moved = 0;
	int ret = 1;

	virtqueue_refuse_kicks(queue);
	while (moved < budget && transport->refusal_count < TRANSPORT_MAX_REFUSAL) {
		ret = virtqueue_peek(queue, 0, false, pieces, VIRTQUEUE_MAX_PIECES, &chain);
		if (ret == 0 && virtqueue_want_kick(queue))
			continue;
		if (ret <= 0)
			break;
		receive(transport, pieces, chain.piece_count, chain.bytes);
		virtqueue_use(queue, chain.head, 0);
		moved++;
	}
	virtqueue_publish(queue);
	if (ret < 0)
		queue_is_broken(transport, "from guest", ret);
	return moved;
}

/* ---- to the guest --------------------------------------------------------------------------- */

/* Buffers of the guest, looked at and not yet taken. */
struct batch {
	struct iovec pieces[VIRTQUEUE_MAX_PIECES];
	struct virtqueue_chain chains[BATCH_BUFFERS];
	size_t piece_count, chain_count;
	size_t room; /* for data */
};

/* Returns 1 when there is a buffer, 0 when there is none, a negative errno when the queue is broken. */
static int look_at_buffers(struct virtqueue *queue, size_t bytes, struct batch *batch)
{
	batch->piece_count = 0;
	batch->chain_count = 0;
	batch->room = 0;
	do {
		struct virtqueue_chain *chain = &batch->chains[batch->chain_count];
		int ret = virtqueue_peek(queue, (uint16_t)batch->chain_count, true,
					 &batch->pieces[batch->piece_count],
					 VIRTQUEUE_MAX_PIECES - batch->piece_count, chain);

		if (ret == 0 && batch->chain_count == 0) {
			if (!virtqueue_want_kick(queue))
				return 0;
			continue;
		}
		if (ret == 0 || ret == -ENOBUFS)
			break;
		if (ret < 0)
			return ret;
		if (chain->bytes <= PACKET_HEADER_SIZE) {
			queue->broken = true;
			return -EMSGSIZE;
		}
		batch->piece_count += chain->piece_count;
		batch->room += chain->bytes - PACKET_HEADER_SIZE;
		batch->chain_count++;
	} while (batch->chain_count < BATCH_BUFFERS && batch->room < bytes);
	return 1;
}

static void send_packet(struct transport *transport, struct packet *packet,
			const struct iovec *pieces, uint16_t head)
{
	unsigned char header[PACKET_HEADER_SIZE];

	packet->source_cid = PACKET_HOST_CID;
	packet->destination_cid = transport->guest_cid;
	packet_encode(packet, header);
	pieces_write(pieces, header, sizeof(header));
	virtqueue_use(transport->to_guest, head, PACKET_HEADER_SIZE + packet->length);
	transport->counters.packets_to_guest++;
	transport->counters.bytes_to_guest += packet->length;
}

/* Read from the host's socket into the parts of the buffers that follow the headers; then write these. */
static size_t send_data(struct transport *transport, struct connection *connection,
			struct batch *batch)
{
	struct iovec data[VIRTQUEUE_MAX_PIECES];
	const struct iovec *buffer = batch->pieces;
	size_t count = 0, sent = 0;
	uint32_t bytes;

	for (size_t i = 0; i < batch->chain_count; i++) {
		struct iovec *start = &data[count];
		size_t pieces = batch->chains[i].piece_count;

		for (size_t j = 0; j < pieces; j++)
			start[j] = buffer[j];
		buffer += pieces;
		pieces = pieces_skip(&start, pieces, PACKET_HEADER_SIZE);
		for (size_t j = 0; j < pieces; j++)
			data[count++] = start[j];
	}
	bytes = connection_read_host(connection, data, count);
	buffer = batch->pieces;
	while (bytes > 0) {
		struct virtqueue_chain *chain = &batch->chains[sent++];
		size_t room = chain->bytes - PACKET_HEADER_SIZE;
		struct packet packet;

		connection_fill_packet(connection, PACKET_RW, &packet);
		packet.length = bytes < room ? bytes : (uint32_t)room;
		bytes -= packet.length;
		send_packet(transport, &packet, buffer, chain->head);
		buffer += chain->piece_count;
	}
	return sent;
}

/* One turn of the next in line. Returns the packets sent, 0 when there is nothing to send or no buffer; or an errno. */
static int send_next(struct transport *transport, struct batch *batch)
{
	struct connection *connection = transport->queue_head;
	struct packet packet;
	int ret, sent = 1;

	if (!connection && transport->refusal_count == 0)
		return 0;
	ret = look_at_buffers(
		transport->to_guest,
		transport->refusal_count == 0 && connection->debts == 0 ? BATCH_BYTES : 1, batch);
	if (ret <= 0)
		return ret;
	if (transport->refusal_count > 0) {
		packet = transport->refusals[--transport->refusal_count];
		send_packet(transport, &packet, batch->pieces, batch->chains[0].head);
		return 1;
	}
	dequeue(transport, connection);
	if (connection_take_debt(connection, &packet))
		send_packet(transport, &packet, batch->pieces, batch->chains[0].head);
	else
		sent = (int)send_data(transport, connection, batch);
	/* To the end of the line. A turn without a packet was work, too. */
	transport_update(transport, connection);
	return sent > 0 ? sent : 1;
}

static size_t pump_to_guest(struct transport *transport, size_t budget)
{
	struct batch batch;
	size_t moved = 0;
	int ret = 1;

	virtqueue_refuse_kicks(transport->to_guest);
	while (moved < budget && ret > 0) {
		ret = send_next(transport, &batch);
		moved += ret > 0 ? (size_t)ret : 0;
	}
	virtqueue_publish(transport->to_guest);
	if (ret < 0)
		queue_is_broken(transport, "to guest", ret);
	return moved;
}

bool transport_pump(struct transport *transport, size_t budget)
{
	size_t total = 0;

	if (!transport->to_guest->running || !transport->from_guest->running)
		return false;
	for (;;) {
		size_t moved =
			pump_from_guest(transport, budget) + pump_to_guest(transport, budget);

		/* The one may have made work for the other. */
		if (moved == 0)
			return false;
		total += moved;
		if (total >= budget)
			return true;
	}
}
