// SPDX-License-Identifier: Apache-2.0
/* Fields are found by protobuf-c's descriptors, as offsets into the message's struct. */
#include <inttypes.h>
#include <math.h>

#include "base/base64.h"
#include "base/memory.h"
#include "json.h"
#include "json_fields.h"

static cJSON *digits(const char *format, ...) __attribute__((format(printf, 1, 2)));
static cJSON *digits(const char *format, ...)
{
	_cleanup_free_ char *string = NULL;
	va_list arguments;

	va_start(arguments, format);
	string = xvasprintf(format, arguments);
	va_end(arguments);
	return cJSON_CreateString(string);
}

static cJSON *floating(double value)
{
	if (isfinite(value))
		return cJSON_CreateNumber(value);
	return cJSON_CreateString(isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
}

static cJSON *bytes(const ProtobufCBinaryData *data)
{
	_cleanup_strbuf_ struct strbuf encoded = STRBUF_INIT;

	base64_encode(slice_make((const char *)data->data, data->len), &encoded);
	return cJSON_CreateString(encoded.data);
}

static cJSON *enumerator(const ProtobufCEnumDescriptor *type, int value)
{
	const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(type, value);

	return known ? cJSON_CreateString(known->name) : cJSON_CreateNumber(value);
}

/* The value at `at`, which is a member of the message or an element of a list. */
static cJSON *write_value(const ProtobufCFieldDescriptor *field, const void *at)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_INT32:
		return cJSON_CreateNumber(*(const int32_t *)at);
	case PROTOBUF_C_TYPE_UINT32:
		return cJSON_CreateNumber(*(const uint32_t *)at);
	case PROTOBUF_C_TYPE_INT64:
		return digits("%" PRId64, *(const int64_t *)at);
	case PROTOBUF_C_TYPE_UINT64:
		return digits("%" PRIu64, *(const uint64_t *)at);
	case PROTOBUF_C_TYPE_DOUBLE:
		return floating(*(const double *)at);
	case PROTOBUF_C_TYPE_BOOL:
		return cJSON_CreateBool(*(const protobuf_c_boolean *)at);
	case PROTOBUF_C_TYPE_ENUM:
		return enumerator(field->descriptor, *(const int *)at);
	case PROTOBUF_C_TYPE_STRING:
		return cJSON_CreateString(*(const char *const *)at);
	case PROTOBUF_C_TYPE_BYTES:
		return bytes(at);
	case PROTOBUF_C_TYPE_MESSAGE:
		return proto_to_json(*(const ProtobufCMessage *const *)at);
	default:
		return cJSON_CreateNull();
	}
}

static const void *member(const ProtobufCMessage *message, unsigned offset)
{
	return (const char *)message + offset;
}

static cJSON *write_list(const ProtobufCFieldDescriptor *field, const char *elements, size_t count)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < count; i++)
		cJSON_AddItemToArray(
			list, write_value(field, elements + i * json_value_size(field->type)));
	return list;
}

/* Keys are texts in all our maps. */
static cJSON *write_map(ProtobufCMessage *const *entries, size_t count)
{
	cJSON *map = cJSON_CreateObject();

	for (size_t i = 0; i < count; i++) {
		const ProtobufCFieldDescriptor *fields = entries[i]->descriptor->fields;
		const char *const *key = member(entries[i], fields[0].offset);

		cJSON_AddItemToObject(
			map, *key, write_value(&fields[1], member(entries[i], fields[1].offset)));
	}
	return map;
}

static cJSON *write_repeated(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	size_t count = *(const size_t *)member(message, field->quantifier_offset);
	const void *const *elements = member(message, field->offset);

	if (json_field_is_map(field))
		return write_map((ProtobufCMessage *const *)*elements, count);
	return write_list(field, *elements, count);
}

static bool is_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
		return *(const uint32_t *)member(message, field->quantifier_offset) == field->id;
	if (field->type == PROTOBUF_C_TYPE_MESSAGE || field->type == PROTOBUF_C_TYPE_STRING)
		return *(const void *const *)member(message, field->offset) != NULL;
	if (field->label == PROTOBUF_C_LABEL_OPTIONAL)
		return *(const protobuf_c_boolean *)member(message, field->quantifier_offset);
	return true;
}

cJSON *proto_to_json(const ProtobufCMessage *message)
{
	cJSON *object = cJSON_CreateObject();

	for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];

		if (field->label == PROTOBUF_C_LABEL_REPEATED)
			cJSON_AddItemToObject(object, field->name, write_repeated(message, field));
		else if (is_set(message, field))
			cJSON_AddItemToObject(object, field->name,
					      write_value(field, member(message, field->offset)));
	}
	return object;
}
