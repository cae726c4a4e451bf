// SPDX-License-Identifier: Apache-2.0
#include "packet.h"

#include <endian.h>
#include <linux/virtio_vsock.h>
#include <string.h>

_Static_assert(sizeof(struct virtio_vsock_hdr) == PACKET_HEADER_SIZE, "the header's size");

void packet_encode(const struct packet *packet, unsigned char header[PACKET_HEADER_SIZE])
{
	struct virtio_vsock_hdr wire = {
		.src_cid = htole64(packet->source_cid),
		.dst_cid = htole64(packet->destination_cid),
		.src_port = htole32(packet->source_port),
		.dst_port = htole32(packet->destination_port),
		.len = htole32(packet->length),
		.type = htole16(packet->type),
		.op = htole16(packet->operation),
		.flags = htole32(packet->flags),
		.buf_alloc = htole32(packet->buffer_size),
		.fwd_cnt = htole32(packet->forwarded_bytes),
	};

	memcpy(header, &wire, sizeof(wire));
}

void packet_decode(const unsigned char header[PACKET_HEADER_SIZE], struct packet *packet)
{
	struct virtio_vsock_hdr wire;

	memcpy(&wire, header, sizeof(wire));
	*packet = (struct packet){
		.source_cid = le64toh(wire.src_cid),
		.destination_cid = le64toh(wire.dst_cid),
		.source_port = le32toh(wire.src_port),
		.destination_port = le32toh(wire.dst_port),
		.length = le32toh(wire.len),
		.type = le16toh(wire.type),
		.operation = le16toh(wire.op),
		.flags = le32toh(wire.flags),
		.buffer_size = le32toh(wire.buf_alloc),
		.forwarded_bytes = le32toh(wire.fwd_cnt),
	};
}

void pieces_read(const struct iovec *pieces, void *data, size_t size)
{
	unsigned char *out = data;

	for (; size > 0; pieces++) {
		size_t length = pieces->iov_len < size ? pieces->iov_len : size;

		memcpy(out, pieces->iov_base, length);
		out += length;
		size -= length;
	}
	/* Where the pieces are the guest's, the compiler may not read them again in place of `data`. */
	__asm__ volatile("" ::: "memory");
}

void pieces_write(const struct iovec *pieces, const void *data, size_t size)
{
	const unsigned char *in = data;

	for (; size > 0; pieces++) {
		size_t length = pieces->iov_len < size ? pieces->iov_len : size;

		memcpy(pieces->iov_base, in, length);
		in += length;
		size -= length;
	}
}

size_t pieces_skip(struct iovec **pieces, size_t count, size_t bytes)
{
	struct iovec *piece = *pieces;

	while (count > 0 && bytes >= piece->iov_len) {
		bytes -= piece->iov_len;
		piece++;
		count--;
	}
	if (count > 0) {
		piece->iov_base = (unsigned char *)piece->iov_base + bytes;
		piece->iov_len -= bytes;
	}
	*pieces = piece;
	return count;
}

size_t pieces_limit(struct iovec *pieces, size_t count, size_t bytes)
{
	for (size_t i = 0; i < count; i++) {
		if (pieces[i].iov_len >= bytes) {
			pieces[i].iov_len = bytes;
			return bytes > 0 ? i + 1 : i;
		}
		bytes -= pieces[i].iov_len;
	}
	return count;
}
