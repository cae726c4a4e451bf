// SPDX-License-Identifier: Apache-2.0
#include "wire.h"

#include <errno.h>

#define MAX_FIELD_NUMBER   ((1u << 29) - 1)
#define MAX_VARINT_BYTES   10
#define TYPE_BITS	   3
#define VARINT_MORE	   0x80
#define VARINT_VALUE(byte) ((uint64_t)((byte)&0x7f))

/* The length of the varint at the start, 0 when there is none. */
static size_t varint_decode(struct slice bytes, uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < bytes.size && i < MAX_VARINT_BYTES; i++) {
		unsigned char byte = (unsigned char)bytes.data[i];

		*value |= VARINT_VALUE(byte) << (7 * i);
		if (!(byte & VARINT_MORE))
			return i + 1;
	}
	return 0;
}

static int take_varint(struct slice *rest, const char *what, uint64_t *value, struct error **err)
{
	size_t size = varint_decode(*rest, value);

	if (size == 0)
		return error_set(err, -EBADMSG, "protobuf: %s is not a number", what);
	*rest = slice_from(*rest, size);
	return 0;
}

static int need_bytes(struct slice rest, uint64_t size, struct error **err)
{
	if (size > rest.size)
		return error_set(err, -EBADMSG,
				 "protobuf: a field of %ju bytes, of which %zu are there",
				 (uintmax_t)size, rest.size);
	return 0;
}

static int take_bytes(struct slice *rest, struct slice *bytes, struct error **err)
{
	uint64_t size;
	int ret;

	ret = take_varint(rest, "a field's length", &size, err);
	if (ret == 0)
		ret = need_bytes(*rest, size, err);
	if (ret < 0)
		return ret;
	*bytes = slice_first(*rest, (size_t)size);
	*rest = slice_from(*rest, (size_t)size);
	return 0;
}

static int take_fixed(struct slice *rest, size_t size, uint64_t *value, struct error **err)
{
	int ret;

	ret = need_bytes(*rest, size, err);
	if (ret < 0)
		return ret;
	*value = 0;
	for (size_t i = size; i-- > 0;)
		*value = *value << 8 | (unsigned char)rest->data[i];
	*rest = slice_from(*rest, size);
	return 0;
}

int wire_next_field(struct slice *rest, struct wire_field *field, struct error **err)
{
	uint64_t tag;
	int ret;

	if (rest->size == 0)
		return 0;
	ret = take_varint(rest, "a field's number", &tag, err);
	if (ret < 0)
		return ret;
	if (tag >> TYPE_BITS == 0 || tag >> TYPE_BITS > MAX_FIELD_NUMBER)
		return error_set(err, -EBADMSG, "protobuf: there is no field number %ju",
				 (uintmax_t)(tag >> TYPE_BITS));

	*field = (struct wire_field){ .number = (uint32_t)(tag >> TYPE_BITS) };
	switch (tag & ((1 << TYPE_BITS) - 1)) {
	case WIRE_VARINT:
		field->type = WIRE_VARINT;
		ret = take_varint(rest, "a field", &field->value, err);
		break;
	case WIRE_FIXED64:
		field->type = WIRE_FIXED64;
		ret = take_fixed(rest, 8, &field->value, err);
		break;
	case WIRE_FIXED32:
		field->type = WIRE_FIXED32;
		ret = take_fixed(rest, 4, &field->value, err);
		break;
	case WIRE_BYTES:
		field->type = WIRE_BYTES;
		ret = take_bytes(rest, &field->bytes, err);
		break;
	default:
		ret = error_set(err, -EBADMSG,
				"protobuf: field %u has wire type %u, which is not supported",
				field->number, (unsigned)(tag & ((1 << TYPE_BITS) - 1)));
	}
	return ret < 0 ? ret : 1;
}

static void put_varint(struct strbuf *out, uint64_t value)
{
	char bytes[MAX_VARINT_BYTES];
	size_t size = 0;

	for (; value >= VARINT_MORE; value >>= 7)
		bytes[size++] = (char)(VARINT_VALUE(value) | VARINT_MORE);
	bytes[size++] = (char)value;
	strbuf_append(out, bytes, size);
}

void wire_put_varint(struct strbuf *out, uint32_t number, uint64_t value)
{
	put_varint(out, (uint64_t)number << TYPE_BITS | WIRE_VARINT);
	put_varint(out, value);
}

void wire_put_fixed64(struct strbuf *out, uint32_t number, uint64_t value)
{
	put_varint(out, (uint64_t)number << TYPE_BITS | WIRE_FIXED64);
	for (int i = 0; i < 8; i++)
		strbuf_putc(out, (char)(value >> 8 * i));
}

void wire_put_bytes_head(struct strbuf *out, uint32_t number, size_t size)
{
	put_varint(out, (uint64_t)number << TYPE_BITS | WIRE_BYTES);
	put_varint(out, size);
}

void wire_put_bytes(struct strbuf *out, uint32_t number, struct slice bytes)
{
	wire_put_bytes_head(out, number, bytes.size);
	strbuf_slice(out, bytes);
}
