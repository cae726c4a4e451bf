/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Frames: a header of ten bytes and a body (spec/shim.md 1.1). */

#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"

#define TTRPC_HEADER_SIZE 10
#define TTRPC_MAX_BODY	  (4u << 20)

enum ttrpc_frame_type {
	TTRPC_REQUEST = 1,
	TTRPC_RESPONSE = 2,
	TTRPC_DATA = 3,
};

enum ttrpc_flags {
	TTRPC_REMOTE_CLOSED = 0x01, /* the sender will stream nothing more */
	TTRPC_REMOTE_OPEN = 0x02,   /* the sender will stream */
	TTRPC_NO_DATA = 0x04,	    /* no message, as opposed to an empty one */
};

struct ttrpc_frame {
	uint32_t
		size; /* as the header says; over TTRPC_MAX_BODY the body was dropped and is empty here */
	uint32_t stream;
	uint8_t type;
	uint8_t flags;
	struct slice body;
};

/* Bytes into frames. Start with TTRPC_READER_INIT. */
struct ttrpc_reader {
	unsigned char header[TTRPC_HEADER_SIZE];
	size_t header_size; /* bytes of the header that are there */
	size_t body_left;   /* bytes of the body that are not there yet */
	struct strbuf body;
};
/* clang-format off */
#define TTRPC_READER_INIT { .body = STRBUF_INIT }
/* clang-format on */

/*
 * Consume *input up to the end of the next frame. True with a whole frame, whose body is a view of the
 * input or the reader and valid until the next call; false when the input is used up. Memory grows with
 * the bytes received, whatever length a header declares.
 */
bool ttrpc_reader_next(struct ttrpc_reader *reader, struct slice *input, struct ttrpc_frame *frame);

/* Is the reader inside a frame? */
bool ttrpc_reader_is_inside(const struct ttrpc_reader *reader);

void ttrpc_reader_release(struct ttrpc_reader *reader);

/*
 * Append a frame: begin, append the body, end. ttrpc_frame_begin() returns what ttrpc_frame_end() wants.
 * False when the body is over TTRPC_MAX_BODY; the frame is then cut off again.
 */
size_t ttrpc_frame_begin(struct strbuf *out);
bool ttrpc_frame_end(struct strbuf *out, size_t start, uint32_t stream, enum ttrpc_frame_type type,
		     uint8_t flags);
