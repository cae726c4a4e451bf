/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Messages between the front end, which is the hypervisor, and us ("Vhost-user Protocol" in QEMU's documentation,
 * docs/interop/vhost-user). All numbers are in the machine's own order.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum vhost_user_request {
	VHOST_USER_GET_FEATURES = 1,
	VHOST_USER_SET_FEATURES = 2,
	VHOST_USER_SET_OWNER = 3,
	VHOST_USER_RESET_OWNER = 4,
	VHOST_USER_SET_MEM_TABLE = 5,
	VHOST_USER_SET_VRING_NUM = 8,
	VHOST_USER_SET_VRING_ADDR = 9,
	VHOST_USER_SET_VRING_BASE = 10,
	VHOST_USER_GET_VRING_BASE = 11,
	VHOST_USER_SET_VRING_KICK = 12,
	VHOST_USER_SET_VRING_CALL = 13,
	VHOST_USER_SET_VRING_ERR = 14,
	VHOST_USER_GET_PROTOCOL_FEATURES = 15,
	VHOST_USER_SET_PROTOCOL_FEATURES = 16,
	VHOST_USER_GET_QUEUE_NUM = 17,
	VHOST_USER_SET_VRING_ENABLE = 18,
	VHOST_USER_GET_CONFIG = 24,
	VHOST_USER_SET_CONFIG = 25,
	VHOST_USER_RESET_DEVICE = 34,
	VHOST_USER_GET_MAX_MEM_SLOTS = 36,
	VHOST_USER_ADD_MEM_REG = 37,
	VHOST_USER_REM_MEM_REG = 38,
	VHOST_USER_SET_STATUS = 39,
	VHOST_USER_GET_STATUS = 40,
	VHOST_USER_REQUEST_COUNT
};

#define BIT(number) (UINT64_C(1) << (number))

#define VHOST_USER_VERSION	0x1u
#define VHOST_USER_VERSION_MASK 0x3u
#define VHOST_USER_REPLY	0x4u
#define VHOST_USER_NEED_REPLY	0x8u

/* A feature bit that is not the device's: there are protocol features. */
#define VHOST_USER_F_PROTOCOL_FEATURES 30

enum vhost_user_protocol_feature {
	VHOST_USER_PROTOCOL_F_MQ = 0,
	VHOST_USER_PROTOCOL_F_REPLY_ACK = 3,
	VHOST_USER_PROTOCOL_F_CONFIG = 9,
	VHOST_USER_PROTOCOL_F_RESET_DEVICE = 13,
	VHOST_USER_PROTOCOL_F_CONFIGURE_MEM_SLOTS = 15,
	VHOST_USER_PROTOCOL_F_STATUS = 16,
};

/* The queue's number and flags in the messages that carry an eventfd. */
#define VHOST_USER_VRING_INDEX_MASK 0xffu
#define VHOST_USER_VRING_NO_FD	    0x100u

#define VHOST_USER_MAX_REGIONS 8
#define VHOST_USER_MAX_FDS     VHOST_USER_MAX_REGIONS
#define VHOST_USER_MAX_CONFIG  256

struct vhost_user_header {
	uint32_t request;
	uint32_t flags;
	uint32_t size; /* of the payload */
};

struct vhost_user_region {
	uint64_t guest_address;
	uint64_t size;
	uint64_t frontend_address;
	uint64_t file_offset;
};

union vhost_user_payload {
	uint64_t number;
	struct vhost_user_vring_state {
		uint32_t index;
		uint32_t value;
	} state;
	struct vhost_user_vring_addresses {
		uint32_t index;
		uint32_t flags;
		uint64_t descriptors;
		uint64_t used;
		uint64_t available;
		uint64_t log;
	} addresses;
	struct vhost_user_memory_table {
		uint32_t count;
		uint32_t padding;
		struct vhost_user_region regions[VHOST_USER_MAX_REGIONS];
	} memory;
	struct vhost_user_memory_slot {
		uint64_t padding;
		struct vhost_user_region region;
	} slot;
	struct vhost_user_config {
		uint32_t offset;
		uint32_t size;
		uint32_t flags;
		unsigned char bytes[VHOST_USER_MAX_CONFIG];
	} config;
};

struct vhost_user_message {
	struct vhost_user_header header;
	union vhost_user_payload payload;
	int fds[VHOST_USER_MAX_FDS];
	size_t fd_count;
};

/* A message that is being received. Start with zeroes. */
struct vhost_user_reader {
	struct vhost_user_message message;
	size_t received; /* bytes of header and payload */
};

/*
 * Receive without waiting. 1 with a whole message in reader->message, 0 when the rest is to come, -ECONNRESET when
 * the front end is gone, -EPROTO for what is no message. After 1, the caller takes the descriptors it wants out of
 * the message and calls vhost_user_reader_clear(), as after an error.
 */
int vhost_user_receive(int fd, struct vhost_user_reader *reader, struct error **err);

/* Close the descriptors that nobody took, and start anew. */
void vhost_user_reader_clear(struct vhost_user_reader *reader);

/* Answer a message with so many bytes of `payload`. Never waits: who does not read answers is given up. */
int vhost_user_reply(int fd, uint32_t request, const void *payload, size_t size,
		     struct error **err);
