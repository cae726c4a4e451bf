// SPDX-License-Identifier: Apache-2.0
#include "frame.h"

/* A buffer that was larger is given back after its frame. */
#define KEPT_BUFFER (64u << 10)

static uint32_t get_u32(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static void put_u32(char *bytes, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = (char)(value >> (24 - 8 * i));
}

static void take_header(struct ttrpc_reader *reader, struct slice *input)
{
	struct slice part = slice_first(*input, TTRPC_HEADER_SIZE - reader->header_size);

	if (part.size == 0)
		return;
	memcpy(reader->header + reader->header_size, part.data, part.size);
	reader->header_size += part.size;
	*input = slice_from(*input, part.size);
	if (reader->header_size == TTRPC_HEADER_SIZE)
		reader->body_left = get_u32(reader->header);
}

/* What there is of the body; the whole of it comes without a copy when the input holds it in one piece. */
static struct slice take_body(struct ttrpc_reader *reader, struct slice *input, bool keep)
{
	struct slice part = slice_first(*input, reader->body_left);

	*input = slice_from(*input, part.size);
	reader->body_left -= part.size;
	if (!keep)
		return slice_make("", 0);
	if (reader->body_left == 0 && reader->body.size == 0)
		return part;
	strbuf_slice(&reader->body, part);
	return strbuf_view(&reader->body);
}

static void start_frame(struct ttrpc_reader *reader)
{
	reader->header_size = 0;
	if (reader->body.capacity > KEPT_BUFFER)
		strbuf_release(&reader->body);
	else
		strbuf_truncate(&reader->body, 0);
}

bool ttrpc_reader_next(struct ttrpc_reader *reader, struct slice *input, struct ttrpc_frame *frame)
{
	if (reader->header_size == TTRPC_HEADER_SIZE && reader->body_left == 0)
		start_frame(reader);
	if (reader->header_size < TTRPC_HEADER_SIZE)
		take_header(reader, input);
	if (reader->header_size < TTRPC_HEADER_SIZE)
		return false;

	frame->size = get_u32(reader->header);
	frame->stream = get_u32(reader->header + 4);
	frame->type = reader->header[8];
	frame->flags = reader->header[9];
	frame->body = take_body(reader, input, frame->size <= TTRPC_MAX_BODY);
	return reader->body_left == 0;
}

bool ttrpc_reader_is_inside(const struct ttrpc_reader *reader)
{
	return reader->header_size > 0 &&
	       (reader->header_size < TTRPC_HEADER_SIZE || reader->body_left > 0);
}

void ttrpc_reader_release(struct ttrpc_reader *reader)
{
	strbuf_release(&reader->body);
}

size_t ttrpc_frame_begin(struct strbuf *out)
{
	size_t start = out->size;

	strbuf_fill(out, '\0', TTRPC_HEADER_SIZE);
	return start;
}

bool ttrpc_frame_end(struct strbuf *out, size_t start, uint32_t stream, enum ttrpc_frame_type type,
		     uint8_t flags)
{
	char *header = out->data + start;
	size_t size = out->size - start - TTRPC_HEADER_SIZE;

	if (size > TTRPC_MAX_BODY) {
		strbuf_truncate(out, start);
		return false;
	}
	put_u32(header, (uint32_t)size);
	put_u32(header + 4, stream);
	header[8] = (char)type;
	header[9] = (char)flags;
	return true;
}
