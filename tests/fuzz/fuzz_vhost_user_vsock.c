// SPDX-License-Identifier: Apache-2.0
/*
 * A guest that does anything: the input is a list of steps, some of which a driver takes (chains, packets of open
 * connections, buffers) and some of which it should not (any bytes in rings and buffers, any head), mixed with what
 * programs of the host do. What is required: no bad access, no more connections than allowed, what was given
 * back is what was given, and everything ends.
 */
#include "process_directory.h"
#include "vhost-user-vsock/fake_guest.h"

#define MAX_STEPS	300
#define MAX_CONNECTIONS 8
#define MAX_HOSTS	4
#define GUEST_LISTENER	77

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t size;
};

struct run {
	struct input input;
	struct fake_guest guest;
	int hosts[MAX_HOSTS];
	uint32_t host_port; /* of the connection that the device has opened last */
};

static uint8_t take_byte(struct input *input)
{
	if (input->size == 0)
		return 0;
	input->size--;
	return *input->data++;
}

static uint16_t take_short(struct input *input)
{
	return (uint16_t)(take_byte(input) | take_byte(input) << 8);
}

static uint32_t take_word(struct input *input)
{
	return take_short(input) | (uint32_t)take_short(input) << 16;
}

/* Lengths and counters that are near where it matters. */
static uint32_t take_length(struct input *input)
{
	static const uint32_t bases[] = {
		0,	  PACKET_HEADER_SIZE, FAKE_BUFFER_SIZE, 1u << 16,
		1u << 18, FAKE_REGION_SIZE,   1u << 31,		UINT32_MAX
	};
	uint8_t choice = take_byte(input);

	if (choice & 0x80)
		return take_word(input);
	return bases[choice & 7] + (uint32_t)(int8_t)take_byte(input);
}

static uint64_t take_address(struct input *input)
{
	static const uint64_t bases[] = {
		FAKE_GUEST_BASE + 0x10000,
		FAKE_GUEST_BASE + 0x50000,
		FAKE_GUEST_BASE,
		FAKE_GUEST_BASE + FAKE_REGION_SIZE,
		FAKE_GUEST_BASE + FAKE_MEMORY_SIZE,
		0,
		UINT64_MAX - 0xffff,
		FAKE_GUEST_BASE + 0x4000,
	};

	return bases[take_byte(input) & 7] + (uint64_t)(int16_t)take_short(input);
}

/* ---- the guest ------------------------------------------------------------------------------ */

static void scribble(struct run *run)
{
	uint32_t place = take_word(&run->input) % (FAKE_MEMORY_SIZE - 256);
	uint8_t length = take_byte(&run->input);

	for (uint8_t i = 0; i < length % 32; i++)
		run->guest.memory[place + i] = take_byte(&run->input);
}

static void describe(struct run *run)
{
	struct fake_queue *queue = &run->guest.queues[take_byte(&run->input) & 1];
	struct vring_desc *descriptor =
		&queue->descriptors[take_byte(&run->input) % FAKE_QUEUE_SIZE];

	descriptor->addr = take_address(&run->input);
	descriptor->len = take_length(&run->input);
	descriptor->flags = take_byte(&run->input) & 7;
	descriptor->next = take_short(&run->input) % (FAKE_QUEUE_SIZE + 2);
}

static void give_any(struct run *run)
{
	int index = take_byte(&run->input) & 1;

	fake_give(&run->guest, index, take_short(&run->input) % (FAKE_QUEUE_SIZE + 2));
	fake_kick(&run->guest, index);
}

static void give_buffers(struct run *run)
{
	fake_give_buffers(&run->guest, take_byte(&run->input) % 16);
}

static void send_packet(struct run *run)
{
	struct input *input = &run->input;
	uint8_t choice = take_byte(input);
	struct packet packet =
		fake_packet(1024, choice & 0x80 ? GUEST_LISTENER : run->host_port, choice % 10);

	packet.length = packet.operation == PACKET_RW ? take_length(input) : 0;
	if (packet.length > FAKE_BUFFER_SIZE - PACKET_HEADER_SIZE)
		packet.length = FAKE_BUFFER_SIZE - PACKET_HEADER_SIZE;
	packet.flags = take_byte(input) & 7;
	if (choice & 0x40) {
		packet.buffer_size = take_length(input);
		packet.forwarded_bytes = take_length(input);
	}
	fake_send_packet(&run->guest, &packet, NULL);
}

/* As much as its credit allows, which is more than the host's socket takes; and then some. */
static void flood(struct run *run)
{
	struct packet packet = fake_packet(1024, run->host_port, PACKET_RW);

	packet.length = FAKE_BUFFER_SIZE - PACKET_HEADER_SIZE;
	for (uint8_t i = take_byte(&run->input) % 80; i > 0; i--)
		fake_send_packet(&run->guest, &packet, NULL);
}

/* Look at what has come, as far as the guest itself has not spoiled it, and remember what is to be answered. */
static void take_packets(struct run *run)
{
	struct fake_guest *guest = &run->guest;
	struct fake_queue *queue = &guest->queues[FAKE_TO_GUEST];

	for (int i = 0; i < FAKE_QUEUE_SIZE && fake_has_used(guest, FAKE_TO_GUEST); i++) {
		const struct vring_used_elem *element =
			&queue->used->ring[queue->taken++ % FAKE_QUEUE_SIZE];
		struct packet packet;

		if (element->id >= FAKE_QUEUE_SIZE)
			continue;
		packet_decode(fake_buffer(guest, FAKE_TO_GUEST, (uint16_t)element->id), &packet);
		if (packet.operation == PACKET_REQUEST)
			run->host_port = packet.source_port;
	}
}

static void answer_request(struct run *run)
{
	struct packet packet;

	take_packets(run);
	packet = fake_packet(1024, run->host_port, PACKET_RESPONSE);
	fake_send_packet(&run->guest, &packet, NULL);
}

static void restart_queue(struct run *run)
{
	uint8_t choice = take_byte(&run->input);
	struct vhost_user_vring_state state = { .index = choice & 1 };

	fake_send(&run->guest, VHOST_USER_GET_VRING_BASE, 0, &state, sizeof(state), NULL, 0);
	must(fake_receive(&run->guest, &state, sizeof(state)) == sizeof(state));
	fake_start_queue(&run->guest, choice & 1,
			 choice & 2 ? (uint16_t)state.value : take_short(&run->input));
}

static void set_memory(struct run *run)
{
	fake_set_memory(&run->guest);
}

/* ---- the host ------------------------------------------------------------------------------- */

static int *choose_host(struct run *run)
{
	return &run->hosts[take_byte(&run->input) % MAX_HOSTS];
}

static void host_connect(struct run *run)
{
	_cleanup_error_ struct error *ignored = NULL;
	int *host = choose_host(run);

	if (*host >= 0)
		close(*host);
	*host = unix_connect_now(run->guest.host_path, &ignored);
	if (*host >= 0 && send(*host, "CONNECT 1024\n", 13, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;
	fake_process(&run->guest);
}

static void host_send(struct run *run)
{
	static const char zeroes[1 << 16];
	int *host = choose_host(run);
	size_t size = take_short(&run->input);

	if (*host >= 0 && send(*host, zeroes, size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;
	fake_process(&run->guest);
}

static void host_read(struct run *run)
{
	static char sink[1 << 18];
	int *host = choose_host(run);

	if (*host >= 0 && recv(*host, sink, sizeof(sink), MSG_DONTWAIT) < 0)
		return;
	fake_process(&run->guest);
}

static void host_end(struct run *run)
{
	uint8_t choice = take_byte(&run->input);
	int *host = choose_host(run);

	if (*host >= 0 && choice % 3 < 2) {
		shutdown(*host, choice % 3 ? SHUT_WR : SHUT_RD);
	} else if (*host >= 0) {
		close(*host);
		*host = -1;
	}
	fake_process(&run->guest);
}

/* clang-format off */
static void (*const steps[])(struct run *run) = {
	scribble,
	describe,
	give_any,
	give_buffers,
	send_packet,
	take_packets,
	answer_request,
	host_connect,
	host_send,
	host_read,
	host_end,
	restart_queue,
	set_memory,
	flood,
};
/* clang-format on */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run run = { .input = { data, size }, .hosts = { -1, -1, -1, -1 } };
	_cleanup_free_ char *listener_path = NULL;
	_cleanup_error_ struct error *err = NULL;
	int listener;

	fake_guest_start(&run.guest, process_directory(), MAX_CONNECTIONS);
	listener_path = xasprintf("%s_%d", run.guest.host_path, GUEST_LISTENER);
	listener = unix_listen(listener_path, 0600, &err);
	must(listener >= 0);

	for (int i = 0; i < MAX_STEPS && run.input.size > 0; i++) {
		steps[take_byte(&run.input) % ARRAY_SIZE(steps)](&run);
		must(vsock_device_counters(run.guest.device).connections <= MAX_CONNECTIONS);
	}

	for (size_t i = 0; i < MAX_HOSTS; i++)
		if (run.hosts[i] >= 0)
			close(run.hosts[i]);
	close(listener);
	unlink(listener_path);
	fake_process(&run.guest);
	fake_guest_end(&run.guest);
	return 0;
}
