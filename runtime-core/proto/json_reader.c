// SPDX-License-Identifier: Apache-2.0
/*
 * JSON becomes the bytes of a message, and these a message by the way that foreign bytes take: one place
 * allocates, and the bounds are checked there.
 */
#include <errno.h>
#include <math.h>

#include "base/base64.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/string_list.h"
#include "json.h"
#include "json_fields.h"
#include "wire.h"

/* The largest number that a double keeps together with its neighbours. */
#define MAX_EXACT 9007199254740992.0 /* 2^53 */

struct reader {
	struct strbuf place; /* where in the JSON: "OCI.Linux.Devices[2].Major" */
	struct error **err;
};

static int refuse(struct reader *reader, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static int refuse(struct reader *reader, const char *format, ...)
{
	_cleanup_free_ char *reason = NULL;
	va_list arguments;

	va_start(arguments, format);
	reason = xvasprintf(format, arguments);
	va_end(arguments);
	return error_set(reader->err, -EINVAL, "%s%s%s", reader->place.data,
			 reader->place.size ? ": " : "", reason);
}

/* ---- numbers -------------------------------------------------------------------------------- */

struct integer {
	bool negative;
	uint64_t magnitude;
};

static int read_integer(struct reader *reader, const cJSON *json, struct integer *integer)
{
	double number = cJSON_IsNumber(json) ? json->valuedouble : 0;
	struct slice text;

	if (cJSON_IsNumber(json)) {
		if (fabs(number) > MAX_EXACT)
			return refuse(reader, "write a number of this size as a string");
		if (number != trunc(number))
			return refuse(reader, "%g is not an integer", number);
		integer->negative = number < 0;
		integer->magnitude = (uint64_t)fabs(number);
		return 0;
	}
	if (!cJSON_IsString(json))
		return refuse(reader, "a number belongs here");
	text = slice_of(json->valuestring);
	integer->negative = slice_starts_with(text, "-");
	if (number_parse_u64(slice_from(text, integer->negative), &integer->magnitude) < 0)
		return refuse(reader, "\"%s\" is not a number", json->valuestring);
	return 0;
}

/* The wire form of an integer between -min and max. */
static int put_integer(struct reader *reader, const cJSON *json, uint32_t id, uint64_t min,
		       uint64_t max, struct strbuf *out)
{
	struct integer integer = { 0 };
	int ret;

	ret = read_integer(reader, json, &integer);
	if (ret < 0)
		return ret;
	if (integer.magnitude > (integer.negative ? min : max))
		return refuse(reader, "%s%ju is out of range", integer.negative ? "-" : "",
			      (uintmax_t)integer.magnitude);
	wire_put_varint(out, id, integer.negative ? -integer.magnitude : integer.magnitude);
	return 0;
}

static int put_double(struct reader *reader, const cJSON *json, uint32_t id, struct strbuf *out)
{
	uint64_t bits;

	if (!cJSON_IsNumber(json))
		return refuse(reader, "a number belongs here");
	memcpy(&bits, &json->valuedouble, sizeof(bits));
	wire_put_fixed64(out, id, bits);
	return 0;
}

static int put_enum(struct reader *reader, const cJSON *json, const ProtobufCFieldDescriptor *field,
		    struct strbuf *out)
{
	const ProtobufCEnumDescriptor *type = field->descriptor;
	const ProtobufCEnumValue *value;
	_cleanup_string_list_ struct string_list names = { 0 };
	_cleanup_free_ char *list = NULL;

	if (cJSON_IsNumber(json))
		return put_integer(reader, json, field->id, UINT64_C(1) << 31, INT32_MAX, out);
	if (!cJSON_IsString(json))
		return refuse(reader, "a name or a number belongs here");
	value = protobuf_c_enum_descriptor_get_value_by_name(type, json->valuestring);
	if (!value) {
		for (unsigned i = 0; i < type->n_values; i++)
			string_list_add(&names, type->values[i].name);
		list = string_list_join(&names, ", ");
		return refuse(reader, "\"%s\" is none of %s", json->valuestring, list);
	}
	wire_put_varint(out, field->id, (uint64_t)(int64_t)value->value);
	return 0;
}

/* ---- values --------------------------------------------------------------------------------- */

/* Rust writes bytes as a list of numbers. */
static int read_byte_list(struct reader *reader, const cJSON *json, struct strbuf *bytes)
{
	const cJSON *element;

	cJSON_ArrayForEach(element, json)
	{
		double number = cJSON_IsNumber(element) ? element->valuedouble : -1;

		if (number < 0 || number > UINT8_MAX || number != trunc(number))
			return refuse(reader, "a list of bytes has numbers from 0 to 255");
		strbuf_putc(bytes, (char)(unsigned char)number);
	}
	return 0;
}

static int put_bytes(struct reader *reader, const cJSON *json, uint32_t id, struct strbuf *out)
{
	_cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT;
	_cleanup_error_ struct error *error = NULL;

	if (cJSON_IsArray(json)) {
		if (read_byte_list(reader, json, &bytes) < 0)
			return error_code(*reader->err);
	} else if (!cJSON_IsString(json)) {
		return refuse(reader, "a string with base64 belongs here");
	} else if (base64_decode(slice_of(json->valuestring), &bytes, &error) < 0) {
		return refuse(reader, "%s", error_message(error));
	}
	wire_put_bytes(out, id, strbuf_view(&bytes));
	return 0;
}

static int put_message(struct reader *reader, const cJSON *json,
		       const ProtobufCMessageDescriptor *type, struct strbuf *out);

static int put_submessage(struct reader *reader, const cJSON *json,
			  const ProtobufCFieldDescriptor *field, struct strbuf *out)
{
	_cleanup_strbuf_ struct strbuf message = STRBUF_INIT;
	int ret;

	ret = put_message(reader, json, field->descriptor, &message);
	if (ret == 0)
		wire_put_bytes(out, field->id, strbuf_view(&message));
	return ret;
}

static int put_value(struct reader *reader, const cJSON *json,
		     const ProtobufCFieldDescriptor *field, struct strbuf *out)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_INT32:
		return put_integer(reader, json, field->id, UINT64_C(1) << 31, INT32_MAX, out);
	case PROTOBUF_C_TYPE_INT64:
		return put_integer(reader, json, field->id, UINT64_C(1) << 63, INT64_MAX, out);
	case PROTOBUF_C_TYPE_UINT32:
		return put_integer(reader, json, field->id, 0, UINT32_MAX, out);
	case PROTOBUF_C_TYPE_UINT64:
		return put_integer(reader, json, field->id, 0, UINT64_MAX, out);
	case PROTOBUF_C_TYPE_DOUBLE:
		return put_double(reader, json, field->id, out);
	case PROTOBUF_C_TYPE_BOOL:
		if (!cJSON_IsBool(json))
			return refuse(reader, "true or false belongs here");
		wire_put_varint(out, field->id, cJSON_IsTrue(json));
		return 0;
	case PROTOBUF_C_TYPE_ENUM:
		return put_enum(reader, json, field, out);
	case PROTOBUF_C_TYPE_STRING:
		if (!cJSON_IsString(json))
			return refuse(reader, "a string belongs here");
		wire_put_bytes(out, field->id, slice_of(json->valuestring));
		return 0;
	case PROTOBUF_C_TYPE_BYTES:
		return put_bytes(reader, json, field->id, out);
	case PROTOBUF_C_TYPE_MESSAGE:
		return put_submessage(reader, json, field, out);
	default:
		return refuse(reader, "cannot be given as JSON");
	}
}

/* ---- fields --------------------------------------------------------------------------------- */

static int put_list(struct reader *reader, const cJSON *json, const ProtobufCFieldDescriptor *field,
		    struct strbuf *out)
{
	size_t place = reader->place.size;
	const cJSON *element;
	size_t index = 0;
	int ret;

	if (!cJSON_IsArray(json))
		return refuse(reader, "a list belongs here");
	cJSON_ArrayForEach(element, json)
	{
		strbuf_printf(&reader->place, "[%zu]", index++);
		ret = put_value(reader, element, field, out);
		if (ret < 0)
			return ret;
		strbuf_truncate(&reader->place, place);
	}
	return 0;
}

static int put_map(struct reader *reader, const cJSON *json, const ProtobufCFieldDescriptor *field,
		   struct strbuf *out)
{
	const ProtobufCMessageDescriptor *type = field->descriptor;
	_cleanup_strbuf_ struct strbuf entry = STRBUF_INIT;
	size_t place = reader->place.size;
	const cJSON *member;
	int ret;

	if (!cJSON_IsObject(json))
		return refuse(reader, "an object belongs here");
	cJSON_ArrayForEach(member, json)
	{
		strbuf_printf(&reader->place, "[\"%s\"]", member->string);
		strbuf_truncate(&entry, 0);
		wire_put_bytes(&entry, type->fields[0].id, slice_of(member->string));
		ret = put_value(reader, member, &type->fields[1], &entry);
		if (ret < 0)
			return ret;
		wire_put_bytes(out, field->id, strbuf_view(&entry));
		strbuf_truncate(&reader->place, place);
	}
	return 0;
}

/* Is this the field's name in lowerCamelCase, as protobuf's mapping prefers it? */
static bool is_camel_case_of(const char *name, const char *field)
{
	for (; *field; field++) {
		char expected = *field;

		if (expected == '_' && field[1] >= 'a' && field[1] <= 'z')
			expected = (char)(*++field - 'a' + 'A');
		if (*name++ != expected)
			return false;
	}
	return *name == '\0';
}

static const ProtobufCFieldDescriptor *find_field(const ProtobufCMessageDescriptor *type,
						  const char *name)
{
	for (unsigned i = 0; i < type->n_fields; i++)
		if (strcmp(type->fields[i].name, name) == 0 ||
		    is_camel_case_of(name, type->fields[i].name))
			return &type->fields[i];
	return NULL;
}

static int put_field(struct reader *reader, const cJSON *json,
		     const ProtobufCFieldDescriptor *field, struct strbuf *out)
{
	if (cJSON_IsNull(json))
		return 0;
	if (json_field_is_map(field))
		return put_map(reader, json, field, out);
	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		return put_list(reader, json, field, out);
	return put_value(reader, json, field, out);
}

/* Recursive, but no deeper than the types are nested. */
static int put_message(struct reader *reader, const cJSON *json,
		       const ProtobufCMessageDescriptor *type, struct strbuf *out)
{
	size_t place = reader->place.size;
	const cJSON *member;
	int ret;

	if (!cJSON_IsObject(json))
		return refuse(reader, "an object (%s) belongs here", type->name);
	cJSON_ArrayForEach(member, json)
	{
		const ProtobufCFieldDescriptor *field = find_field(type, member->string);

		strbuf_printf(&reader->place, "%s%s", place ? "." : "", member->string);
		if (!field)
			return refuse(reader, "%s has no such field", type->name);
		ret = put_field(reader, member, field, out);
		if (ret < 0)
			return ret;
		strbuf_truncate(&reader->place, place);
	}
	return 0;
}

int proto_from_json(const ProtobufCMessageDescriptor *type, const cJSON *json, void *message,
		    struct error **err)
{
	_cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT;
	struct reader reader = { .place = STRBUF_INIT, .err = err };
	int ret;

	ret = put_message(&reader, json, type, &bytes);
	strbuf_release(&reader.place);
	if (ret < 0)
		return ret;
	return proto_unpack(type, strbuf_view(&bytes), message, err);
}
