/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the tests of both sides need: a service, and frames by hand. */

#include "unit.h"

#include <poll.h>
#include <sys/socket.h>

#include "base/strbuf.h"
#include "ttrpc/echo_service.h"
#include "ttrpc/envelope.h"
#include "ttrpc/frame.h"
#include "ttrpc/server.h"

#define BYTES(literal) slice_make(literal, sizeof(literal) - 1)

/* ---- frames by hand ------------------------------------------------------------------------- */

static inline void send_bytes(int fd, struct slice bytes)
{
	assert_int_equal(send(fd, bytes.data, bytes.size, MSG_NOSIGNAL), bytes.size);
}

static inline void send_frame(int fd, uint32_t stream, enum ttrpc_frame_type type, uint8_t flags,
			      struct slice body)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	size_t start = ttrpc_frame_begin(&out);

	strbuf_slice(&out, body);
	assert_true(ttrpc_frame_end(&out, start, stream, type, flags));
	send_bytes(fd, strbuf_view(&out));
}

struct received {
	uint32_t stream;
	uint8_t type;
	uint8_t flags;
	struct strbuf body;
};
#define RECEIVED_INIT               \
	{                           \
		.body = STRBUF_INIT \
	}

static inline void received_release(struct received *received)
{
	strbuf_release(&received->body);
}
#define _cleanup_received_ _cleanup_(received_release)

/* Read exactly `size` bytes; `work` is called while there are none, and a second of silence is a failure. */
static inline void receive_bytes(int fd, char *bytes, size_t size, void (*work)(void *), void *data)
{
	size_t have = 0;

	for (int idle = 0; have < size && idle < 1000;) {
		struct pollfd readable = { .fd = fd, .events = POLLIN };
		ssize_t got;

		if (work)
			work(data);
		if (poll(&readable, 1, 1) == 0) {
			idle++;
			continue;
		}
		got = recv(fd, bytes + have, size - have, MSG_DONTWAIT);
		if (got == 0)
			fail_msg("the connection was closed");
		if (got > 0)
			have += (size_t)got;
	}
	if (have < size)
		fail_msg("no answer");
}

static inline void receive_frame(int fd, struct received *received, void (*work)(void *),
				 void *data)
{
	unsigned char header[TTRPC_HEADER_SIZE];
	size_t size;

	receive_bytes(fd, (char *)header, sizeof(header), work, data);
	size = (size_t)header[0] << 24 | header[1] << 16 | header[2] << 8 | header[3];
	received->stream = (uint32_t)header[4] << 24 | header[5] << 16 | header[6] << 8 | header[7];
	received->type = header[8];
	received->flags = header[9];
	strbuf_truncate(&received->body, 0);
	receive_bytes(fd, strbuf_reserve(&received->body, size), size, work, data);
	strbuf_commit(&received->body, size);
}
