/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The header of a packet on the queues (virtio 1.2, 5.10.6). */

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define PACKET_HEADER_SIZE 44
#define PACKET_TYPE_STREAM 1
#define PACKET_HOST_CID	   2

enum packet_operation {
	PACKET_REQUEST = 1,
	PACKET_RESPONSE = 2,
	PACKET_RST = 3,
	PACKET_SHUTDOWN = 4,
	PACKET_RW = 5,
	PACKET_CREDIT_UPDATE = 6,
	PACKET_CREDIT_REQUEST = 7,
};

/* The flags of PACKET_SHUTDOWN: the sender will not receive, or not send, any more. */
#define PACKET_SHUTDOWN_RECEIVE 1u
#define PACKET_SHUTDOWN_SEND	2u
#define PACKET_SHUTDOWN_BOTH	3u

struct packet {
	uint64_t source_cid, destination_cid;
	uint32_t source_port, destination_port;
	uint32_t length; /* of the payload */
	uint16_t type;
	uint16_t operation;
	uint32_t flags;
	uint32_t buffer_size; /* the sender's, in bytes */
	uint32_t
		forwarded_bytes; /* that left the sender's buffer since the connection is open, modulo 2^32 */
};

void packet_encode(const struct packet *packet, unsigned char header[PACKET_HEADER_SIZE]);
void packet_decode(const unsigned char header[PACKET_HEADER_SIZE], struct packet *packet);

/* Copy between pieces of memory and a block of bytes; the pieces must have so many. */
void pieces_read(const struct iovec *pieces, void *data, size_t size);
void pieces_write(const struct iovec *pieces, const void *data, size_t size);

/* Cut the first bytes off. Returns how many pieces are left; the array is changed, and *pieces points to the first. */
size_t pieces_skip(struct iovec **pieces, size_t count, size_t bytes);

/* Keep only the first bytes. Returns how many pieces are left. */
size_t pieces_limit(struct iovec *pieces, size_t count, size_t bytes);
