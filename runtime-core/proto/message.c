// SPDX-License-Identifier: Apache-2.0
/*
 * protobuf-c unpacks recursively and allocates what the bytes ask for. Foreign bytes are therefore walked
 * first, with a stack of our own, and what unpacking would cost is added up.
 */
#include "message.h"

#include <errno.h>
#include <stdbool.h>

#include "base/memory.h"
#include "wire.h"

/* Per field met: its record while protobuf-c scans a message, and the overhead of an allocation. */
#define FIELD_COST 64

/* One message that the walk is inside of. */
struct level {
	const ProtobufCMessageDescriptor *type;
	struct slice rest;
	uint64_t seen; /* bit N: the sub-message of field index N has been there */
};

struct walk {
	struct level levels[PROTO_MAX_DEPTH];
	size_t depth;
	size_t elements;
	size_t memory;
};

struct type_traits {
	enum wire_type wire;
	bool packable;
};

static const struct type_traits type_traits[] = {
	[PROTOBUF_C_TYPE_INT32] = { WIRE_VARINT, true },
	[PROTOBUF_C_TYPE_SINT32] = { WIRE_VARINT, true },
	[PROTOBUF_C_TYPE_SFIXED32] = { WIRE_FIXED32, true },
	[PROTOBUF_C_TYPE_INT64] = { WIRE_VARINT, true },
	[PROTOBUF_C_TYPE_SINT64] = { WIRE_VARINT, true },
	[PROTOBUF_C_TYPE_SFIXED64] = { WIRE_FIXED64, true },
	[PROTOBUF_C_TYPE_UINT32] = { WIRE_VARINT, true },
	[PROTOBUF_C_TYPE_FIXED32] = { WIRE_FIXED32, true },
	[PROTOBUF_C_TYPE_UINT64] = { WIRE_VARINT, true },
	[PROTOBUF_C_TYPE_FIXED64] = { WIRE_FIXED64, true },
	[PROTOBUF_C_TYPE_FLOAT] = { WIRE_FIXED32, true },
	[PROTOBUF_C_TYPE_DOUBLE] = { WIRE_FIXED64, true },
	[PROTOBUF_C_TYPE_BOOL] = { WIRE_VARINT, true },
	[PROTOBUF_C_TYPE_ENUM] = { WIRE_VARINT, true },
	[PROTOBUF_C_TYPE_STRING] = { WIRE_BYTES, false },
	[PROTOBUF_C_TYPE_BYTES] = { WIRE_BYTES, false },
	[PROTOBUF_C_TYPE_MESSAGE] = { WIRE_BYTES, false },
};

/* How many numbers a packed field holds: varints end with a byte below 0x80. */
static size_t count_packed(enum wire_type wire, struct slice bytes)
{
	size_t count = 0;

	if (wire == WIRE_FIXED32)
		return bytes.size / 4;
	if (wire == WIRE_FIXED64)
		return bytes.size / 8;
	for (size_t i = 0; i < bytes.size; i++)
		count += !((unsigned char)bytes.data[i] & 0x80);
	return count;
}

static int charge(struct walk *walk, size_t elements, size_t memory, struct error **err)
{
	/* The input's bound keeps both sums far from an overflow. */
	walk->elements += elements;
	walk->memory += memory;
	if (walk->elements > PROTO_MAX_ELEMENTS)
		return error_set(err, -E2BIG, "%s: more than %u elements",
				 walk->levels[0].type->name, PROTO_MAX_ELEMENTS);
	if (walk->memory > PROTO_MAX_MEMORY)
		return error_set(err, -E2BIG, "%s: would take more than %u MiB of memory",
				 walk->levels[0].type->name, PROTO_MAX_MEMORY >> 20);
	return 0;
}

static int enter(struct walk *walk, const ProtobufCMessageDescriptor *type, struct slice bytes,
		 struct error **err)
{
	if (walk->depth == PROTO_MAX_DEPTH)
		return error_set(err, -E2BIG, "%s: messages nested more than %d deep",
				 walk->levels[0].type->name, PROTO_MAX_DEPTH);
	walk->levels[walk->depth++] = (struct level){ .type = type, .rest = bytes };
	return charge(walk, 0, type->sizeof_message, err);
}

static int enter_field(struct walk *walk, const ProtobufCFieldDescriptor *known, struct slice bytes,
		       struct error **err)
{
	struct level *level = &walk->levels[walk->depth - 1];
	size_t index = (size_t)(known - level->type->fields);

	if (known->label != PROTOBUF_C_LABEL_REPEATED && index < 64) {
		if (level->seen >> index & 1)
			return error_set(err, -EBADMSG, "%s.%s: sent more than once",
					 level->type->name, known->name);
		level->seen |= UINT64_C(1) << index;
	}
	return enter(walk, known->descriptor, bytes, err);
}

static int check_field(struct walk *walk, const struct wire_field *field, struct error **err)
{
	const ProtobufCMessageDescriptor *type = walk->levels[walk->depth - 1].type;
	const ProtobufCFieldDescriptor *known =
		protobuf_c_message_descriptor_get_field(type, field->number);
	const struct type_traits *traits;

	if (!known) /* kept as it is */
		return charge(walk, 1, FIELD_COST + field->bytes.size, err);

	traits = &type_traits[known->type];
	if (field->type == traits->wire) {
		if (known->type == PROTOBUF_C_TYPE_STRING && field->bytes.size > 0 &&
		    memchr(field->bytes.data, '\0', field->bytes.size))
			return error_set(err, -EBADMSG, "%s.%s: the text contains a NUL",
					 type->name, known->name);
		if (charge(walk, 1, FIELD_COST + field->bytes.size, err) < 0)
			return error_code(*err);
		if (known->type == PROTOBUF_C_TYPE_MESSAGE)
			return enter_field(walk, known, field->bytes, err);
		return 0;
	}
	if (field->type == WIRE_BYTES && traits->packable &&
	    known->label == PROTOBUF_C_LABEL_REPEATED) {
		size_t count = count_packed(traits->wire, field->bytes);

		return charge(walk, 1 + count, FIELD_COST + count * sizeof(uint64_t), err);
	}
	return error_set(err, -EBADMSG, "%s.%s: wire type %d where %d belongs", type->name,
			 known->name, field->type, traits->wire);
}

int proto_check(const ProtobufCMessageDescriptor *type, struct slice bytes, struct error **err)
{
	struct walk walk = { 0 };
	struct wire_field field;
	int ret;

	if (bytes.size > PROTO_MAX_BYTES)
		return error_set(err, -E2BIG, "%s: %zu bytes, more than %u", type->name, bytes.size,
				 PROTO_MAX_BYTES);
	ret = enter(&walk, type, bytes, err);
	while (ret == 0 && walk.depth > 0) {
		struct level *level = &walk.levels[walk.depth - 1];

		ret = wire_next_field(&level->rest, &field, err);
		if (ret < 0)
			return error_wrap(err, "%s", level->type->name);
		if (ret == 0)
			walk.depth--;
		else
			ret = check_field(&walk, &field, err);
	}
	return ret;
}

static void *allocate(void *context, size_t size)
{
	(void)context;
	return xmalloc(size);
}

static void release(void *context, void *pointer)
{
	(void)context;
	free(pointer);
}

static ProtobufCAllocator allocator = { .alloc = allocate, .free = release };

int proto_unpack(const ProtobufCMessageDescriptor *type, struct slice bytes, void *message,
		 struct error **err)
{
	ProtobufCMessage *unpacked;
	int ret;

	ret = proto_check(type, bytes, err);
	if (ret < 0)
		return ret;
	unpacked = protobuf_c_message_unpack(type, &allocator, bytes.size,
					     bytes.size ? (const uint8_t *)bytes.data
							: (const uint8_t *)"");
	if (!unpacked)
		return error_set(err, -EBADMSG, "%s: not a message of this type", type->name);
	memcpy(message, &unpacked, sizeof(unpacked));
	return 0;
}

void proto_free(void *message)
{
	protobuf_c_message_free_unpacked(message, &allocator);
}

void proto_take_string(char **field, char *value)
{
	if (*field != protobuf_c_empty_string)
		free(*field);
	*field = value;
}

void proto_pack(const ProtobufCMessage *message, struct strbuf *out)
{
	size_t size = protobuf_c_message_get_packed_size(message);

	protobuf_c_message_pack(message, (uint8_t *)strbuf_reserve(out, size));
	strbuf_commit(out, size);
}
