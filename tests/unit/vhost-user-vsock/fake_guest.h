/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A hypervisor and its guest in the hands of a test: it sets our device up over a socket pair, and drives the queues as
 * a driver does, or as no driver should. Everything is in this thread: after each step it lets the device process.
 */

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/virtio_ring.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/unix.h"
#include "vhost-user-vsock/packet.h"
#include "vhost-user-vsock/vhost_user.h"
#include "vhost-user-vsock/vsock_device.h"

/* What cannot fail unless the test is wrong. */
#define must(condition)                                                                 \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                        \
		}                                                                       \
	} while (0)

/*
 * The guest's memory is two regions that are neighbours for the guest only, so that a buffer may lie across. Each queue
 * has its rings in the first, and one buffer for each of its entries.
 */
#define FAKE_CID	 7u
#define FAKE_QUEUE_SIZE	 64
#define FAKE_MEMORY_SIZE (1u << 20)
#define FAKE_REGION_SIZE (FAKE_MEMORY_SIZE / 2)
#define FAKE_GUEST_BASE	 UINT64_C(0x100000)
#define FAKE_USER_BASE	 UINT64_C(0x7f0000000000)
#define FAKE_USER_GAP	 UINT64_C(0x10000000)
#define FAKE_BUFFER_SIZE 4096u
#define FAKE_TO_GUEST	 0
#define FAKE_FROM_GUEST	 1

struct fake_queue {
	struct vring_desc *descriptors;
	struct vring_avail *available;
	struct vring_used *used;
	uint32_t buffers; /* offset in memory of the first buffer */
	uint16_t given, taken;
	int kick, call;
};

struct fake_guest {
	struct vsock_device *device;
	char *host_path;
	int fd; /* the front end's end */
	int memory_fd;
	unsigned char *memory;
	bool event_idx;
	struct fake_queue queues[2];
};

static inline uint64_t fake_guest_address(uint32_t offset)
{
	return FAKE_GUEST_BASE + offset;
}

static inline uint64_t fake_user_address(uint32_t offset)
{
	return FAKE_USER_BASE + offset + (offset >= FAKE_REGION_SIZE ? FAKE_USER_GAP : 0);
}

/* Until the device has nothing more to do. */
static inline void fake_process(struct fake_guest *guest)
{
	struct pollfd ready = { .fd = vsock_device_fd(guest->device), .events = POLLIN };

	while (poll(&ready, 1, 0) > 0)
		vsock_device_process(guest->device);
}

/* ---- the front end -------------------------------------------------------------------------- */

static inline void fake_send_raw(struct fake_guest *guest, const void *bytes, size_t size,
				 const int *fds, size_t fd_count)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * 32)];
		struct cmsghdr header;
	} control = { { 0 } };
	struct iovec piece = { (void *)bytes, size };
	struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };

	if (fd_count > 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
		memcpy(CMSG_DATA(&control.header), fds, sizeof(int) * fd_count);
	}
	/* The device may have hung up. */
	if (sendmsg(guest->fd, &message, MSG_NOSIGNAL) < 0)
		return;
}

static inline void fake_send(struct fake_guest *guest, uint32_t request, uint32_t flags,
			     const void *payload, size_t size, const int *fds, size_t fd_count)
{
	struct {
		struct vhost_user_header header;
		unsigned char payload[512];
	} message = { { request, VHOST_USER_VERSION | flags, (uint32_t)size }, { 0 } };

	must(size <= sizeof(message.payload));
	if (size > 0)
		memcpy(message.payload, payload, size);
	fake_send_raw(guest, &message, sizeof(message.header) + size, fds, fd_count);
	fake_process(guest);
}

static inline void fake_send_number(struct fake_guest *guest, uint32_t request, uint64_t number)
{
	fake_send(guest, request, 0, &number, sizeof(number), NULL, 0);
}

/* The payload of an answer, and its size; -1 when there is none, -2 when the device has hung up. */
static inline int fake_receive(struct fake_guest *guest, void *payload, size_t size)
{
	struct vhost_user_header header;
	ssize_t received = recv(guest->fd, &header, sizeof(header), MSG_DONTWAIT);

	if (received < 0)
		return -1;
	if (received == 0)
		return -2;
	must(received == sizeof(header) && header.flags == (VHOST_USER_VERSION | VHOST_USER_REPLY));
	must(header.size <= size);
	must(header.size == 0 ||
	     recv(guest->fd, payload, header.size, MSG_DONTWAIT) == (ssize_t)header.size);
	return (int)header.size;
}

static inline uint64_t fake_ask_number(struct fake_guest *guest, uint32_t request)
{
	uint64_t number = 0;

	fake_send(guest, request, 0, NULL, 0, NULL, 0);
	must(fake_receive(guest, &number, sizeof(number)) == sizeof(number));
	return number;
}

static inline void fake_set_state(struct fake_guest *guest, uint32_t request, uint32_t index,
				  uint32_t value)
{
	struct vhost_user_vring_state state = { index, value };

	fake_send(guest, request, 0, &state, sizeof(state), NULL, 0);
}

static inline struct vhost_user_memory_table fake_memory_table(void)
{
	struct vhost_user_memory_table table = { .count = 2 };

	for (uint32_t i = 0; i < 2; i++)
		table.regions[i] = (struct vhost_user_region){
			.guest_address = fake_guest_address(i * FAKE_REGION_SIZE),
			.size = FAKE_REGION_SIZE,
			.frontend_address = fake_user_address(i * FAKE_REGION_SIZE),
			.file_offset = i * FAKE_REGION_SIZE,
		};
	return table;
}

static inline void fake_set_memory(struct fake_guest *guest)
{
	struct vhost_user_memory_table table = fake_memory_table();
	int fds[2] = { guest->memory_fd, guest->memory_fd };

	fake_send(guest, VHOST_USER_SET_MEM_TABLE, 0, &table,
		  offsetof(struct vhost_user_memory_table, regions) + 2 * sizeof(table.regions[0]),
		  fds, 2);
}

static inline uint32_t fake_offset(const struct fake_guest *guest, const void *pointer)
{
	return (uint32_t)((const unsigned char *)pointer - guest->memory);
}

static inline void fake_set_addresses(struct fake_guest *guest, uint32_t index)
{
	struct fake_queue *queue = &guest->queues[index];
	struct vhost_user_vring_addresses addresses = {
		.index = index,
		.descriptors = fake_user_address(fake_offset(guest, queue->descriptors)),
		.available = fake_user_address(fake_offset(guest, queue->available)),
		.used = fake_user_address(fake_offset(guest, queue->used)),
	};

	fake_send(guest, VHOST_USER_SET_VRING_ADDR, 0, &addresses, sizeof(addresses), NULL, 0);
}

static inline void fake_start_queue(struct fake_guest *guest, uint32_t index, uint16_t base)
{
	struct fake_queue *queue = &guest->queues[index];
	uint64_t number = index;

	fake_set_state(guest, VHOST_USER_SET_VRING_NUM, index, FAKE_QUEUE_SIZE);
	fake_set_state(guest, VHOST_USER_SET_VRING_BASE, index, base);
	fake_set_addresses(guest, index);
	fake_send(guest, VHOST_USER_SET_VRING_KICK, 0, &number, sizeof(number), &queue->kick, 1);
	fake_send(guest, VHOST_USER_SET_VRING_CALL, 0, &number, sizeof(number), &queue->call, 1);
	fake_set_state(guest, VHOST_USER_SET_VRING_ENABLE, index, 1);
}

static inline void fake_negotiate(struct fake_guest *guest, uint64_t without)
{
	uint64_t features = fake_ask_number(guest, VHOST_USER_GET_FEATURES) & ~without;

	guest->event_idx = features & (UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX);
	fake_send_number(guest, VHOST_USER_SET_PROTOCOL_FEATURES,
			 fake_ask_number(guest, VHOST_USER_GET_PROTOCOL_FEATURES));
	fake_send(guest, VHOST_USER_SET_OWNER, 0, NULL, 0, NULL, 0);
	fake_send_number(guest, VHOST_USER_SET_FEATURES, features);
}

/* ---- the guest ------------------------------------------------------------------------------ */

static inline unsigned char *fake_buffer(struct fake_guest *guest, int index, uint16_t entry)
{
	return guest->memory + guest->queues[index].buffers +
	       entry % FAKE_QUEUE_SIZE * FAKE_BUFFER_SIZE;
}

static inline void fake_kick(struct fake_guest *guest, int index)
{
	uint64_t one = 1;

	must(write(guest->queues[index].kick, &one, sizeof(one)) == sizeof(one));
	fake_process(guest);
}

/* Put the chain that starts with this descriptor in the ring. */
static inline void fake_give(struct fake_guest *guest, int index, uint16_t head)
{
	struct fake_queue *queue = &guest->queues[index];

	queue->available->ring[queue->given % FAKE_QUEUE_SIZE] = head;
	__atomic_store_n(&queue->available->idx, ++queue->given, __ATOMIC_RELEASE);
}

/* Has the device given a chain back? */
static inline bool fake_has_used(struct fake_guest *guest, int index)
{
	struct fake_queue *queue = &guest->queues[index];

	return __atomic_load_n(&queue->used->idx, __ATOMIC_ACQUIRE) != queue->taken;
}

static inline void fake_give_buffers(struct fake_guest *guest, int count)
{
	for (int i = 0; i < count; i++) {
		struct fake_queue *queue = &guest->queues[FAKE_TO_GUEST];
		uint16_t entry = queue->given % FAKE_QUEUE_SIZE;

		queue->descriptors[entry] = (struct vring_desc){
			.addr = fake_guest_address(
				fake_offset(guest, fake_buffer(guest, FAKE_TO_GUEST, entry))),
			.len = FAKE_BUFFER_SIZE,
			.flags = VRING_DESC_F_WRITE,
		};
		fake_give(guest, FAKE_TO_GUEST, entry);
	}
	fake_kick(guest, FAKE_TO_GUEST);
}

/* The next packet from the device; false when there is none. *payload points into the guest's memory. */
static inline bool fake_next_packet(struct fake_guest *guest, struct packet *packet,
				    unsigned char **payload)
{
	struct fake_queue *queue = &guest->queues[FAKE_TO_GUEST];
	struct vring_used_elem *element;
	unsigned char *buffer;

	fake_process(guest);
	if (!fake_has_used(guest, FAKE_TO_GUEST))
		return false;
	element = &queue->used->ring[queue->taken++ % FAKE_QUEUE_SIZE];
	buffer = fake_buffer(guest, FAKE_TO_GUEST, (uint16_t)element->id);
	packet_decode(buffer, packet);
	must(element->len == PACKET_HEADER_SIZE + packet->length);
	if (payload)
		*payload = buffer + PACKET_HEADER_SIZE;
	return true;
}

static inline struct packet fake_packet(uint32_t guest_port, uint32_t host_port, uint16_t operation)
{
	return (struct packet){
		.source_cid = FAKE_CID,
		.destination_cid = PACKET_HOST_CID,
		.source_port = guest_port,
		.destination_port = host_port,
		.type = PACKET_TYPE_STREAM,
		.operation = operation,
		.buffer_size = 1u << 18,
	};
}

/* Send a packet as one buffer, or as header and payload apart, which is what Linux does. */
static inline void fake_send_packet(struct fake_guest *guest, const struct packet *packet,
				    const void *payload)
{
	struct fake_queue *queue = &guest->queues[FAKE_FROM_GUEST];
	uint16_t entry = queue->given % (FAKE_QUEUE_SIZE / 2);
	unsigned char *buffer = fake_buffer(guest, FAKE_FROM_GUEST, entry);
	uint64_t address = fake_guest_address(fake_offset(guest, buffer));

	must(packet->length <= FAKE_BUFFER_SIZE - PACKET_HEADER_SIZE);
	packet_encode(packet, buffer);
	if (payload)
		memcpy(buffer + PACKET_HEADER_SIZE, payload, packet->length);
	queue->descriptors[2 * entry] = (struct vring_desc){
		.addr = address,
		.len = PACKET_HEADER_SIZE,
		.flags = packet->length > 0 ? VRING_DESC_F_NEXT : 0,
		.next = (uint16_t)(2 * entry + 1),
	};
	queue->descriptors[2 * entry + 1] = (struct vring_desc){
		.addr = address + PACKET_HEADER_SIZE,
		.len = packet->length,
	};
	fake_give(guest, FAKE_FROM_GUEST, (uint16_t)(2 * entry));
	fake_kick(guest, FAKE_FROM_GUEST);
}

/* ---- all of it ------------------------------------------------------------------------------ */

static inline void fake_make_memory(struct fake_guest *guest)
{
	guest->memory_fd = memfd_create("guest", MFD_CLOEXEC);
	must(guest->memory_fd >= 0 && ftruncate(guest->memory_fd, FAKE_MEMORY_SIZE) == 0);
	guest->memory = mmap(NULL, FAKE_MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
			     guest->memory_fd, 0);
	must(guest->memory != MAP_FAILED);
	for (uint32_t i = 0; i < 2; i++) {
		struct fake_queue *queue = &guest->queues[i];
		unsigned char *rings = guest->memory + i * 0x4000;

		queue->descriptors = (void *)rings;
		queue->available = (void *)(rings + 0x1000);
		queue->used = (void *)(rings + 0x2000);
		queue->buffers = 0x10000 + i * FAKE_QUEUE_SIZE * FAKE_BUFFER_SIZE;
		queue->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		queue->call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	}
}

/* A device in `directory`, and a front end that has said nothing yet. */
static inline void fake_guest_connect(struct fake_guest *guest, const char *directory,
				      size_t max_connections)
{
	struct vsock_device_config config = { .guest_cid = FAKE_CID,
					      .max_connections = max_connections };
	_cleanup_error_ struct error *err = NULL;
	int pair[2];

	*guest = (struct fake_guest){ .host_path = xasprintf("%s/host.sock", directory) };
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	guest->fd = pair[0];
	config.frontend_fd = pair[1];
	config.host_path = guest->host_path;
	must(vsock_device_new(&config, &guest->device, &err) == 0);
	fake_make_memory(guest);
}

/* And one whose queues run. */
static inline void fake_guest_start(struct fake_guest *guest, const char *directory,
				    size_t max_connections)
{
	fake_guest_connect(guest, directory, max_connections);
	fake_negotiate(guest, 0);
	fake_set_memory(guest);
	fake_start_queue(guest, FAKE_TO_GUEST, 0);
	fake_start_queue(guest, FAKE_FROM_GUEST, 0);
}

/* A new guest in a directory of its own, begun by one of the two above; to be ended by fake_guest_tear_down(). */
static inline struct fake_guest *fake_guest_set_up(void (*begin)(struct fake_guest *guest,
								 const char *directory,
								 size_t max_connections),
						   size_t max_connections)
{
	struct fake_guest *guest = xcalloc(1, sizeof(*guest));
	char directory[] = "/tmp/kata-test-XXXXXX";

	must(mkdtemp(directory));
	begin(guest, directory, max_connections);
	return guest;
}

static inline void fake_guest_end(struct fake_guest *guest)
{
	for (int i = 0; i < 2; i++) {
		close(guest->queues[i].kick);
		close(guest->queues[i].call);
	}
	vsock_device_free(guest->device);
	if (guest->fd >= 0)
		close(guest->fd);
	munmap(guest->memory, FAKE_MEMORY_SIZE);
	close(guest->memory_fd);
	free(guest->host_path);
}

/* cmocka's tear-down. */
static inline int fake_guest_tear_down(void **state)
{
	struct fake_guest *guest = *state;
	_cleanup_free_ char *directory = xstrdup(guest->host_path);

	*strrchr(directory, '/') = '\0';
	fake_guest_end(guest);
	free(guest);
	/* Nothing but the socket was there, and it is gone. */
	return rmdir(directory);
}
