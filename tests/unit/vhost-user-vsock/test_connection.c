// SPDX-License-Identifier: Apache-2.0
/* Streams between a guest that a test plays and programs of the host: opening, bytes, credit, ends, limits. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>

#include "fake_guest.h"
#include "vhost-user-vsock/connection.h"

#define GUEST_PORT 1024u

static int set_up(void **state)
{
	*state = fake_guest_set_up(fake_guest_start, 0);
	return 0;
}

/* ---- a program of the host ------------------------------------------------------------------ */

static int host_connect(struct fake_guest *guest)
{
	struct error *err = NULL;
	int fd = unix_connect_now(guest->host_path, &err);

	assert_ok(fd, err);
	fake_process(guest);
	return fd;
}

static void host_send(struct fake_guest *guest, int fd, const void *data, size_t size)
{
	assert_int_equal(send(fd, data, size, MSG_NOSIGNAL), size);
	fake_process(guest);
}

/* What is there to read, as text; "(nothing)" when it is only not there yet, "" at the end. */
static const char *host_read(int fd)
{
	static char text[256];
	ssize_t size = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	if (size < 0)
		return errno == EAGAIN ? "(nothing)" : "(error)";
	text[size] = '\0';
	return text;
}

static void expect_packet(struct fake_guest *guest, struct packet *packet, uint16_t operation)
{
	assert_true(fake_next_packet(guest, packet, NULL));
	assert_int_equal(packet->source_cid, PACKET_HOST_CID);
	assert_int_equal(packet->destination_cid, FAKE_CID);
	assert_int_equal(packet->type, PACKET_TYPE_STREAM);
	assert_int_equal(packet->operation, operation);
}

static void expect_quiet(struct fake_guest *guest)
{
	fake_process(guest);
	assert_false(fake_has_used(guest, FAKE_TO_GUEST));
}

static void send_operation(struct fake_guest *guest, uint32_t host_port, uint16_t operation,
			   uint32_t flags)
{
	struct packet packet = fake_packet(GUEST_PORT, host_port, operation);

	packet.flags = flags;
	fake_send_packet(guest, &packet, NULL);
}

static void send_data(struct fake_guest *guest, uint32_t host_port, const void *data, uint32_t size)
{
	struct packet packet = fake_packet(GUEST_PORT, host_port, PACKET_RW);

	packet.length = size;
	fake_send_packet(guest, &packet, data);
}

/* A program of the host connects to the guest's port, which accepts. */
static int host_open(struct fake_guest *guest, uint32_t *host_port)
{
	int fd = host_connect(guest);
	_cleanup_free_ char *answer = NULL;
	struct packet packet;

	fake_give_buffers(guest, 1);
	host_send(guest, fd, "CONNECT 1024\n", 13);
	expect_packet(guest, &packet, PACKET_REQUEST);
	assert_int_equal(packet.destination_port, GUEST_PORT);
	assert_int_equal(packet.buffer_size, CONNECTION_BUFFER_SIZE);
	assert_string_equal(host_read(fd), "(nothing)");
	*host_port = packet.source_port;
	send_operation(guest, *host_port, PACKET_RESPONSE, 0);
	answer = xasprintf("OK %u\n", *host_port);
	assert_string_equal(host_read(fd), answer);
	return fd;
}

/* ---- opening -------------------------------------------------------------------------------- */

static void a_refused_request_hangs_up(void **state)
{
	struct fake_guest *guest = *state;
	_cleanup_close_ int fd = host_connect(guest);
	struct packet packet;

	fake_give_buffers(guest, 1);
	host_send(guest, fd, "connect 1024\n", 13);
	expect_packet(guest, &packet, PACKET_REQUEST);
	send_operation(guest, packet.source_port, PACKET_RST, 0);
	assert_string_equal(host_read(fd), "");
	assert_int_equal(vsock_device_counters(guest->device).connections, 0);
}

static void a_greeting_may_come_in_pieces(void **state)
{
	struct fake_guest *guest = *state;
	_cleanup_close_ int fd = host_connect(guest);
	struct packet packet;

	fake_give_buffers(guest, 2);
	for (const char *c = "CONNECT 1024\nx"; *c; c++)
		host_send(guest, fd, c, 1);
	expect_packet(guest, &packet, PACKET_REQUEST);
	send_operation(guest, packet.source_port, PACKET_RESPONSE, 0);
	expect_packet(guest, &packet, PACKET_RW);
	assert_int_equal(packet.length, 1);
}

static void bad_greetings_hang_up(void **state)
{
	static const char *const greetings[] = {
		"HELLO\n",
		"CONNECT\n",
		"CONNECT 1x\n",
		"\n",
		"CONNECT 0000000000000000000000000000000000000000000000000000000001024",
	};
	struct fake_guest *guest = *state;

	for (size_t i = 0; i < ARRAY_SIZE(greetings); i++) {
		_cleanup_close_ int fd = host_connect(guest);
		const char *end;

		host_send(guest, fd, greetings[i], strlen(greetings[i]));
		/* An error comes first where a part of the greeting was not read. */
		end = host_read(fd);
		if (strcmp(end, "(error)") == 0)
			end = host_read(fd);
		assert_string_equal(end, "");
	}
	assert_int_equal(vsock_device_counters(guest->device).connections, 0);
	expect_quiet(guest);
}

static void who_leaves_before_the_answer_is_taken_back(void **state)
{
	struct fake_guest *guest = *state;
	int early = host_connect(guest), late = host_connect(guest);
	struct packet packet;

	/* Before the guest knows of it, it never will. */
	host_send(guest, early, "CONNECT 1\n", 10);
	close(early);
	fake_give_buffers(guest, 2);
	expect_quiet(guest);
	/* Afterwards it is told. */
	host_send(guest, late, "CONNECT 2\n", 10);
	expect_packet(guest, &packet, PACKET_REQUEST);
	assert_int_equal(packet.destination_port, 2);
	close(late);
	expect_packet(guest, &packet, PACKET_RST);
	assert_int_equal(packet.destination_port, 2);
	assert_int_equal(vsock_device_counters(guest->device).connections, 0);
}

static void the_guest_reaches_listeners_only(void **state)
{
	struct fake_guest *guest = *state;
	_cleanup_free_ char *path = xasprintf("%s_77", guest->host_path);
	_cleanup_close_ int listener = -1, fd = -1;
	struct error *err = NULL;
	struct packet packet;

	fake_give_buffers(guest, 4);
	send_operation(guest, 77, PACKET_REQUEST, 0);
	expect_packet(guest, &packet, PACKET_RST);
	assert_int_equal(packet.source_port, 77);
	assert_int_equal(packet.destination_port, GUEST_PORT);

	listener = unix_listen(path, 0600, &err);
	assert_ok(listener, err);
	send_operation(guest, 77, PACKET_REQUEST, 0);
	expect_packet(guest, &packet, PACKET_RESPONSE);
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(fd >= 0);
	send_data(guest, 77, "from guest", 10);
	assert_string_equal(host_read(fd), "from guest");
	host_send(guest, fd, "from host", 9);
	expect_packet(guest, &packet, PACKET_RW);
	assert_int_equal(packet.length, 9);
	/* A second request for an open stream breaks the rules. */
	send_operation(guest, 77, PACKET_REQUEST, 0);
	expect_packet(guest, &packet, PACKET_RST);
	assert_string_equal(host_read(fd), "");
	assert_int_equal(vsock_device_counters(guest->device).broken_rules, 1);
	unlink(path);
}

/* ---- bytes and credit ----------------------------------------------------------------------- */

static void bytes_come_whole_whatever_the_buffers(void **state)
{
	struct fake_guest *guest = *state;
	const size_t total = 100000;
	_cleanup_free_ char *data = xmalloc(total), *got = xmalloc(total);
	_cleanup_close_ int fd = -1;
	size_t sent = 0, received = 0;
	struct packet packet;
	unsigned char *payload;
	uint32_t host_port;

	for (size_t i = 0; i < total; i++)
		data[i] = (char)(i * 7 + i / 251);
	fd = host_open(guest, &host_port);
	while (received < total) {
		ssize_t size = send(fd, data + sent, total - sent, MSG_DONTWAIT | MSG_NOSIGNAL);

		sent += size > 0 ? (size_t)size : 0;
		fake_give_buffers(guest, 5);
		while (fake_next_packet(guest, &packet, &payload)) {
			assert_int_equal(packet.operation, PACKET_RW);
			memcpy(got + received, payload, packet.length);
			received += packet.length;
		}
	}
	assert_memory_equal(data, got, total);
	assert_int_equal(vsock_device_counters(guest->device).bytes_to_guest, total);
}

static void the_host_is_held_to_the_guests_credit(void **state)
{
	struct fake_guest *guest = *state;
	struct packet packet = fake_packet(GUEST_PORT, 0, PACKET_CREDIT_UPDATE);
	_cleanup_close_ int fd = -1;
	char data[3000] = "";
	uint32_t host_port;

	fd = host_open(guest, &host_port);
	packet.destination_port = host_port;
	packet.buffer_size = 1000;
	fake_send_packet(guest, &packet, NULL);
	fake_give_buffers(guest, 20);
	host_send(guest, fd, data, sizeof(data));
	expect_packet(guest, &packet, PACKET_RW);
	assert_int_equal(packet.length, 1000);
	/* The guest is asked once, and then is to be waited for. */
	expect_packet(guest, &packet, PACKET_CREDIT_REQUEST);
	expect_quiet(guest);

	/* It has read 400 of them; then it makes its buffer larger; then it lies: all three are taken as said. */
	packet = fake_packet(GUEST_PORT, host_port, PACKET_CREDIT_UPDATE);
	packet.buffer_size = 1000;
	packet.forwarded_bytes = 400;
	fake_send_packet(guest, &packet, NULL);
	expect_packet(guest, &packet, PACKET_RW);
	assert_int_equal(packet.length, 400);
	expect_packet(guest, &packet, PACKET_CREDIT_REQUEST);

	packet = fake_packet(GUEST_PORT, host_port, PACKET_CREDIT_UPDATE);
	packet.buffer_size = 1100;
	packet.forwarded_bytes = 400;
	fake_send_packet(guest, &packet, NULL);
	expect_packet(guest, &packet, PACKET_RW);
	assert_int_equal(packet.length, 100);
	expect_packet(guest, &packet, PACKET_CREDIT_REQUEST);

	packet = fake_packet(GUEST_PORT, host_port, PACKET_CREDIT_UPDATE);
	packet.buffer_size = 1000;
	packet.forwarded_bytes = 0x80000000; /* more than was ever sent */
	fake_send_packet(guest, &packet, NULL);
	expect_quiet(guest);
}

static void the_guest_hears_of_freed_room(void **state)
{
	struct fake_guest *guest = *state;
	_cleanup_close_ int fd = -1;
	char data[4000] = "", sunk[8192];
	uint32_t host_port, sent = 0;
	struct packet packet;

	fd = host_open(guest, &host_port);
	fake_give_buffers(guest, 8);
	while (!fake_has_used(guest, FAKE_TO_GUEST)) {
		send_data(guest, host_port, data, sizeof(data));
		sent += sizeof(data);
		assert_int_equal(recv(fd, sunk, sizeof(sunk), MSG_DONTWAIT), sizeof(data));
		assert_true(sent <= CONNECTION_BUFFER_SIZE);
	}
	expect_packet(guest, &packet, PACKET_CREDIT_UPDATE);
	assert_int_equal(packet.forwarded_bytes, sent);
	/* And when it asks. */
	send_operation(guest, host_port, PACKET_CREDIT_REQUEST, 0);
	expect_packet(guest, &packet, PACKET_CREDIT_UPDATE);
}

/* Send until the host's socket and the backlog are full: one byte more than its credit, and the guest is out. */
static void more_than_the_credit_is_refused(void **state)
{
	struct fake_guest *guest = *state;
	_cleanup_close_ int fd = -1;
	char data[4000] = "";
	uint32_t host_port, sent = 0, forwarded = 0;
	struct packet packet;
	unsigned char *payload;

	fd = host_open(guest, &host_port);
	fake_give_buffers(guest, 60);
	for (;;) {
		uint32_t room, size;

		/* What the last word of the device was. */
		while (fake_next_packet(guest, &packet, &payload))
			forwarded = packet.forwarded_bytes;
		send_operation(guest, host_port, PACKET_CREDIT_REQUEST, 0);
		expect_packet(guest, &packet, PACKET_CREDIT_UPDATE);
		fake_give_buffers(guest, 1);
		forwarded = packet.forwarded_bytes;
		room = CONNECTION_BUFFER_SIZE - (sent - forwarded);
		size = room < sizeof(data) ? room : (uint32_t)sizeof(data);
		if (size == 0)
			break;
		send_data(guest, host_port, data, size);
		sent += size;
	}
	assert_int_equal(vsock_device_counters(guest->device).connections, 1);
	send_data(guest, host_port, data, 1);
	expect_packet(guest, &packet, PACKET_RST);
	assert_int_equal(vsock_device_counters(guest->device).broken_rules, 1);
	assert_int_equal(vsock_device_counters(guest->device).connections, 0);
}

/* ---- ends ----------------------------------------------------------------------------------- */

static void the_hosts_end_waits_for_the_guest(void **state)
{
	struct fake_guest *guest = *state;
	struct packet packet;
	uint32_t host_port;
	int fd = host_open(guest, &host_port);

	host_send(guest, fd, "last words", 10);
	close(fd);
	fake_give_buffers(guest, 3);
	expect_packet(guest, &packet, PACKET_RW);
	assert_int_equal(packet.length, 10);
	expect_packet(guest, &packet, PACKET_SHUTDOWN);
	assert_int_equal(packet.flags, PACKET_SHUTDOWN_BOTH);
	assert_int_equal(vsock_device_counters(guest->device).connections, 1);
	send_operation(guest, host_port, PACKET_RST, 0);
	assert_int_equal(vsock_device_counters(guest->device).connections, 0);
	expect_quiet(guest);
}

static void halves_end_one_by_one(void **state)
{
	struct fake_guest *guest = *state;
	_cleanup_close_ int fd = -1;
	struct packet packet;
	uint32_t host_port;

	fd = host_open(guest, &host_port);
	fake_give_buffers(guest, 6);
	shutdown(fd, SHUT_WR);
	expect_packet(guest, &packet, PACKET_SHUTDOWN);
	assert_int_equal(packet.flags, PACKET_SHUTDOWN_SEND);
	send_data(guest, host_port, "still", 5);
	assert_string_equal(host_read(fd), "still");
	send_operation(guest, host_port, PACKET_SHUTDOWN, PACKET_SHUTDOWN_SEND);
	assert_string_equal(host_read(fd), "");
	/* Nothing can flow now, which the guest is told and may confirm. */
	expect_packet(guest, &packet, PACKET_SHUTDOWN);
	assert_int_equal(packet.flags, PACKET_SHUTDOWN_BOTH);
	send_operation(guest, host_port, PACKET_RST, 0);
	assert_int_equal(vsock_device_counters(guest->device).connections, 0);
}

static void the_guests_end_is_confirmed(void **state)
{
	struct fake_guest *guest = *state;
	_cleanup_close_ int fd = -1;
	struct packet packet;
	uint32_t host_port;

	fd = host_open(guest, &host_port);
	fake_give_buffers(guest, 2);
	send_data(guest, host_port, "bye", 3);
	send_operation(guest, host_port, PACKET_SHUTDOWN, PACKET_SHUTDOWN_BOTH);
	expect_packet(guest, &packet, PACKET_RST);
	assert_string_equal(host_read(fd), "bye");
	assert_string_equal(host_read(fd), "");
	assert_int_equal(vsock_device_counters(guest->device).connections, 0);
}

static void a_host_that_does_not_read_loses_nothing(void **state)
{
	struct fake_guest *guest = *state;
	_cleanup_close_ int fd = -1;
	char data[4000] = "", sunk[65536];
	uint32_t host_port, sent = 0, read_bytes = 0;
	struct packet packet;

	fd = host_open(guest, &host_port);
	for (int i = 0; i < 60;
	     i++) { /* 240,000 bytes: within the credit, and more than the socket takes */
		send_data(guest, host_port, data, sizeof(data));
		sent += sizeof(data);
	}
	fake_give_buffers(guest, 4);
	while (fake_next_packet(guest, &packet, NULL))
		assert_int_equal(packet.operation, PACKET_CREDIT_UPDATE);
	/* The guest resets, and may use the same ports anew. What it has sent is delivered. */
	send_operation(guest, host_port, PACKET_RST, 0);
	send_operation(guest, host_port, PACKET_SHUTDOWN, PACKET_SHUTDOWN_BOTH);
	expect_packet(guest, &packet, PACKET_RST);
	for (;;) {
		ssize_t size = recv(fd, sunk, sizeof(sunk), MSG_DONTWAIT);

		fake_process(guest);
		if (size <= 0) {
			assert_int_equal(size, 0);
			break;
		}
		read_bytes += (uint32_t)size;
	}
	assert_int_equal(read_bytes, sent);
	assert_int_equal(vsock_device_counters(guest->device).connections, 0);
}

static void a_host_that_is_gone_stops_the_guest(void **state)
{
	struct fake_guest *guest = *state;
	struct packet packet;
	uint32_t host_port;
	int fd = host_open(guest, &host_port);

	close(fd);
	/* The guest sends before it hears of the end. */
	send_data(guest, host_port, "lost", 4);
	fake_give_buffers(guest, 4);
	expect_packet(guest, &packet, PACKET_SHUTDOWN);
	assert_int_equal(packet.flags, PACKET_SHUTDOWN_RECEIVE);
	expect_packet(guest, &packet, PACKET_SHUTDOWN);
	assert_int_equal(packet.flags, PACKET_SHUTDOWN_BOTH);
	send_data(guest, host_port, "lost", 4);
	send_operation(guest, host_port, PACKET_SHUTDOWN, PACKET_SHUTDOWN_BOTH);
	expect_packet(guest, &packet, PACKET_RST);
	assert_int_equal(vsock_device_counters(guest->device).connections, 0);
	assert_int_equal(vsock_device_counters(guest->device).broken_rules, 0);
}

static void unread_bytes_become_a_reset(void **state)
{
	struct fake_guest *guest = *state;
	struct packet packet;
	uint32_t host_port;
	int fd = host_open(guest, &host_port);

	send_data(guest, host_port, "unread", 6);
	close(fd);
	fake_give_buffers(guest, 4);
	expect_packet(guest, &packet, PACKET_RST);
	expect_quiet(guest);
	assert_int_equal(vsock_device_counters(guest->device).connections, 0);
}

static void the_hypervisors_end_ends_all(void **state)
{
	struct fake_guest *guest = *state;
	_cleanup_close_ int fd = -1;
	uint32_t host_port;

	fd = host_open(guest, &host_port);
	close(guest->fd);
	guest->fd = -1;
	fake_process(guest);
	assert_string_equal(host_read(fd), "");
	assert_false(vsock_device_has_frontend(guest->device));
	assert_int_equal(vsock_device_counters(guest->device).connections, 0);
}

/* ---- nonsense and limits -------------------------------------------------------------------- */

static void nonsense_is_dropped_or_refused(void **state)
{
	struct fake_guest *guest = *state;
	const struct packet good = fake_packet(GUEST_PORT, 99, PACKET_RW);
	struct packet packet;

	fake_give_buffers(guest, 30);

	packet = good;
	packet.source_cid = FAKE_CID + 1; /* another guest's */
	fake_send_packet(guest, &packet, NULL);
	packet = good;
	packet.destination_cid = 1;
	fake_send_packet(guest, &packet, NULL);
	assert_int_equal(vsock_device_counters(guest->device).dropped_packets, 2);
	expect_quiet(guest);

	/* No connection, no operation, no such type: the answer is RST, and none to RST. */
	for (uint16_t operation = 0; operation < 10; operation++) {
		if (operation == PACKET_REQUEST)
			continue;
		send_operation(guest, 99, operation, 0);
		if (operation != PACKET_RST)
			expect_packet(guest, &packet, PACKET_RST);
		else
			expect_quiet(guest);
	}
	packet = good;
	packet.type = 2;
	fake_send_packet(guest, &packet, NULL);
	assert_true(fake_next_packet(guest, &packet, NULL));
	assert_int_equal(packet.type, 2);
	assert_int_equal(packet.operation, PACKET_RST);
}

static void a_length_beyond_the_chain_is_dropped(void **state)
{
	struct fake_guest *guest = *state;
	struct fake_queue *queue = &guest->queues[FAKE_FROM_GUEST];
	struct packet packet = fake_packet(GUEST_PORT, 99, PACKET_RW);
	unsigned char *buffer = fake_buffer(guest, FAKE_FROM_GUEST, 0);

	fake_give_buffers(guest, 4);
	packet.length = UINT32_MAX;
	packet_encode(&packet, buffer);
	for (uint32_t size = 0; size <= PACKET_HEADER_SIZE; size += PACKET_HEADER_SIZE / 2) {
		queue->descriptors[0] = (struct vring_desc){
			.addr = fake_guest_address(fake_offset(guest, buffer)),
			.len = size,
		};
		fake_give(guest, FAKE_FROM_GUEST, 0);
		fake_kick(guest, FAKE_FROM_GUEST);
	}
	assert_int_equal(vsock_device_counters(guest->device).dropped_packets, 3);
	expect_quiet(guest);
	assert_int_equal(vsock_device_counters(guest->device).broken_queues, 0);
}

static void rules_of_states_are_kept(void **state)
{
	struct fake_guest *guest = *state;
	struct packet packet;
	uint32_t host_port;

	/* Data, an end or a second answer in place of the answer: each ends it. */
	static const uint16_t early[] = { PACKET_RW, PACKET_SHUTDOWN, PACKET_REQUEST, 0, 99 };

	fake_give_buffers(guest, 20);
	for (size_t i = 0; i < ARRAY_SIZE(early); i++) {
		_cleanup_close_ int fd = host_connect(guest);

		host_send(guest, fd, "CONNECT 1024\n", 13);
		expect_packet(guest, &packet, PACKET_REQUEST);
		send_operation(guest, packet.source_port, early[i], PACKET_SHUTDOWN_BOTH);
		expect_packet(guest, &packet, PACKET_RST);
		assert_string_equal(host_read(fd), "");
	}
	for (int i = 0; i < 2; i++) {
		_cleanup_close_ int fd = host_open(guest, &host_port);

		if (i == 0) {
			send_operation(guest, host_port, PACKET_RESPONSE, 0);
		} else {
			send_operation(guest, host_port, PACKET_SHUTDOWN, PACKET_SHUTDOWN_SEND);
			send_data(guest, host_port, "x", 1);
		}
		expect_packet(guest, &packet, PACKET_RST);
		assert_string_equal(host_read(fd), "");
	}
	assert_int_equal(vsock_device_counters(guest->device).broken_rules, 7);
	assert_int_equal(vsock_device_counters(guest->device).connections, 0);
}

/* While the guest has no buffer for the RST: whatever it says, it gets this one; or none, when it resets itself. */
static void a_reset_that_waits_is_one_reset(void **state)
{
	struct fake_guest *guest = *state;
	struct packet packet;
	uint32_t host_port;

	for (int i = 0; i < 2; i++) {
		_cleanup_close_ int fd = host_open(guest, &host_port);

		send_operation(guest, host_port, PACKET_RESPONSE, 0);
		assert_string_equal(host_read(fd), "");
		send_data(guest, host_port, "x", 1);
		send_operation(guest, host_port, PACKET_REQUEST, 0);
		if (i > 0)
			send_operation(guest, host_port, PACKET_RST, 0);
		fake_give_buffers(guest, 1);
		if (i == 0)
			expect_packet(guest, &packet, PACKET_RST);
		expect_quiet(guest);
		assert_int_equal(vsock_device_counters(guest->device).connections, 0);
	}
	assert_int_equal(vsock_device_counters(guest->device).broken_rules, 2);
}

/* Without buffers for the answers, the guest's nonsense stays where it is, and comes to an end when there are some. */
static void a_flood_waits_for_its_answers(void **state)
{
	struct fake_guest *guest = *state;
	struct fake_queue *queue = &guest->queues[FAKE_FROM_GUEST];
	int sent = 0, answers = 0;
	struct packet packet;

	while ((uint16_t)(queue->given - queue->used->idx) < FAKE_QUEUE_SIZE / 2) {
		send_operation(guest, 99, PACKET_RW, 0);
		must(++sent < 1000);
	}
	assert_true(queue->used->idx >= 64 && queue->used->idx < 100);
	while (answers < sent) {
		fake_give_buffers(guest, 1);
		expect_packet(guest, &packet, PACKET_RST);
		answers++;
	}
	expect_quiet(guest);
	assert_int_equal(queue->used->idx, sent);
}

/* A buffer without room for a byte behind the header, of which data could never be made. */
static void a_broken_queue_ends_all_until_it_starts_anew(void **state)
{
	struct fake_guest *guest = *state;
	struct fake_queue *queue = &guest->queues[FAKE_TO_GUEST];
	_cleanup_close_ int fd = -1, again = -1;
	struct packet packet;
	uint32_t host_port;

	fd = host_open(guest, &host_port);
	fake_give_buffers(guest, 1);
	expect_quiet(guest);
	queue->descriptors[1].len = PACKET_HEADER_SIZE;
	host_send(guest, fd, "x", 1);
	assert_string_equal(host_read(fd), "(error)"); /* since its byte was not read */
	assert_int_equal(vsock_device_counters(guest->device).broken_queues, 1);
	assert_int_equal(vsock_device_counters(guest->device).connections, 0);
	/* Better buffers do not help. */
	again = host_connect(guest);
	host_send(guest, again, "CONNECT 1\n", 10);
	fake_give_buffers(guest, 4);
	expect_quiet(guest);
	assert_int_equal(vsock_device_counters(guest->device).broken_queues, 1);
	/* A driver that starts anew does. */
	queue->given = queue->taken = queue->used->idx = queue->available->idx = 0;
	fake_set_state(guest, VHOST_USER_SET_VRING_ENABLE, FAKE_TO_GUEST, 0);
	fake_start_queue(guest, FAKE_TO_GUEST, 0);
	fake_give_buffers(guest, 4);
	expect_packet(guest, &packet, PACKET_REQUEST);
}

static int set_up_small(void **state)
{
	*state = fake_guest_set_up(fake_guest_start, 4);
	return 0;
}

static void there_is_a_limit_of_connections(void **state)
{
	struct fake_guest *guest = *state;
	_cleanup_free_ char *path = xasprintf("%s_77", guest->host_path);
	_cleanup_close_ int listener = -1;
	struct error *err = NULL;
	struct packet packet;
	int fds[3];

	listener = unix_listen(path, 0600, &err);
	assert_ok(listener, err);
	fake_give_buffers(guest, 10);
	/* The guest may open half of them. */
	for (uint32_t port = 1; port <= 3; port++) {
		packet = fake_packet(port, 77, PACKET_REQUEST);
		fake_send_packet(guest, &packet, NULL);
		expect_packet(guest, &packet, port <= 2 ? PACKET_RESPONSE : PACKET_RST);
	}
	for (int i = 0; i < 3; i++)
		fds[i] = host_connect(guest);
	assert_string_equal(host_read(fds[1]), "(nothing)");
	assert_string_equal(host_read(fds[2]), "");
	/* When one is over, there is room again. */
	close(fds[0]);
	fake_process(guest);
	fds[0] = host_connect(guest);
	assert_string_equal(host_read(fds[0]), "(nothing)");
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	unlink(path);
}

int main(void)
{
#define with_guest(name) cmocka_unit_test_setup_teardown(name, set_up, fake_guest_tear_down)
	const struct CMUnitTest tests[] = {
		with_guest(a_refused_request_hangs_up),
		with_guest(a_greeting_may_come_in_pieces),
		with_guest(bad_greetings_hang_up),
		with_guest(who_leaves_before_the_answer_is_taken_back),
		with_guest(the_guest_reaches_listeners_only),
		with_guest(bytes_come_whole_whatever_the_buffers),
		with_guest(the_host_is_held_to_the_guests_credit),
		with_guest(the_guest_hears_of_freed_room),
		with_guest(more_than_the_credit_is_refused),
		with_guest(the_hosts_end_waits_for_the_guest),
		with_guest(halves_end_one_by_one),
		with_guest(the_guests_end_is_confirmed),
		with_guest(a_host_that_does_not_read_loses_nothing),
		with_guest(a_host_that_is_gone_stops_the_guest),
		with_guest(unread_bytes_become_a_reset),
		with_guest(the_hypervisors_end_ends_all),
		with_guest(nonsense_is_dropped_or_refused),
		with_guest(a_length_beyond_the_chain_is_dropped),
		with_guest(rules_of_states_are_kept),
		with_guest(a_reset_that_waits_is_one_reset),
		with_guest(a_flood_waits_for_its_answers),
		with_guest(a_broken_queue_ends_all_until_it_starts_anew),
		cmocka_unit_test_setup_teardown(there_is_a_limit_of_connections, set_up_small,
						fake_guest_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
