// SPDX-License-Identifier: Apache-2.0
#include "agent_request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/base64.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/quote.h"
#include "base/strbuf.h"
#include "bundle.h"
#include "json_input.h"

void agent_random_id(char id[65])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[32];

	/* Cannot fail for up to 256 bytes once the kernel has started. */
	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		abort();
	for (size_t i = 0; i < sizeof(bytes); i++) {
		id[2 * i] = digits[bytes[i] >> 4];
		id[2 * i + 1] = digits[bytes[i] & 0xf];
	}
	id[64] = '\0';
}

/* ---- JSON --------------------------------------------------------------------------------------- */

static const char *after(const char *text, const char *prefix)
{
	size_t size = strlen(prefix);

	return strncmp(text, prefix, size) == 0 ? text + size : NULL;
}

/* 1 when the argument is JSON and has been read, 0 when it is none. */
static int read_json(const char *argument, cJSON **object, struct error **err)
{
	static const char *const file_prefixes[] = { "file://", "@" };
	const char *rest = after(argument, "json://");
	int ret;

	if (!rest && argument[0] == '{')
		rest = argument;
	if (rest) {
		ret = json_input_parse(slice_of(rest), "the request", object, err);
		return ret < 0 ? ret : 1;
	}
	for (size_t i = 0; !rest && i < ARRAY_SIZE(file_prefixes); i++)
		rest = after(argument, file_prefixes[i]);
	if (!rest && strcmp(argument, "-") == 0)
		rest = argument;
	if (!rest)
		return 0;
	ret = json_input_read(rest, object, err);
	return ret < 0 ? ret : 1;
}

/* ---- values of fields --------------------------------------------------------------------------- */

static int refuse(const char *field, const char *text, const char *why, struct error **err)
{
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;

	quote_go(&quoted, slice_of(text));
	return error_set(err, -EINVAL, "%s=%s: %s", field, quoted.data, why);
}

static cJSON *encode(struct slice bytes)
{
	_cleanup_strbuf_ struct strbuf encoded = STRBUF_INIT;

	base64_encode(bytes, &encoded);
	return cJSON_CreateString(encoded.data);
}

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *found = c ? strchr(digits, c) : NULL;

	return found ? (int)((found - digits) % 16) : -1;
}

/* Text as it stands, or "hex:" and digits. */
static int make_bytes(const char *field, const char *text, cJSON **json, struct error **err)
{
	const char *hex = after(text, "hex:");
	_cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT;

	if (!hex) {
		*json = encode(slice_of(text));
		return 0;
	}
	for (; hex[0]; hex += 2) {
		int high = digit(hex[0]), low = digit(hex[1]);

		if (high < 0 || low < 0)
			return refuse(
				field, text,
				"an even number of hexadecimal digits belongs behind hex:", err);
		strbuf_putc(&bytes, (char)(high << 4 | low));
	}
	*json = encode(strbuf_view(&bytes));
	return 0;
}

static int make_value(const ProtobufCFieldDescriptor *field, const char *text, cJSON **json,
		      struct error **err)
{
	bool truth;

	switch (field->type) {
	case PROTOBUF_C_TYPE_BOOL:
		if (number_parse_bool_go(slice_of(text), &truth) < 0)
			return refuse(field->name, text, "true or false belongs here", err);
		*json = cJSON_CreateBool(truth);
		return 0;
	case PROTOBUF_C_TYPE_BYTES:
		return make_bytes(field->name, text, json, err);
	case PROTOBUF_C_TYPE_MESSAGE:
		return json_input_parse(slice_of(text), field->name, json, err);
	default: /* a number may be a string as well */
		*json = cJSON_CreateString(text);
		return 0;
	}
}

/* A list is given with commas between. */
static int make_list(const ProtobufCFieldDescriptor *field, const char *text, cJSON **json,
		     struct error **err)
{
	cJSON *list = cJSON_CreateArray();
	struct slice rest = slice_of(text), item;
	int ret = 0;

	while (ret == 0 && slice_next_field(&rest, ',', &item)) {
		_cleanup_free_ char *word = slice_dup(slice_trim(item));
		cJSON *value = NULL;

		ret = make_value(field, word, &value, err);
		if (ret == 0)
			cJSON_AddItemToArray(list, value);
	}
	if (ret < 0)
		cJSON_Delete(list);
	else
		*json = list;
	return ret;
}

static int set_field(cJSON *request, const ProtobufCFieldDescriptor *field, const char *text,
		     struct error **err)
{
	cJSON *json = NULL;
	int ret;

	if (field->label == PROTOBUF_C_LABEL_REPEATED && field->type != PROTOBUF_C_TYPE_MESSAGE)
		ret = make_list(field, text, &json, err);
	else
		ret = make_value(field, text, &json, err);
	if (ret < 0)
		return ret;
	cJSON_DeleteItemFromObjectCaseSensitive(request, field->name);
	cJSON_AddItemToObject(request, field->name, json);
	return 0;
}

/* ---- fields of a command's row ------------------------------------------------------------------ */

static char *initial_value(const struct agent_field *field, const cJSON *request,
			   struct agent_values *values)
{
	const cJSON *container;
	char id[65];

	switch (field->kind) {
	case AGENT_FIELD_CONTAINER:
		agent_random_id(id);
		agent_values_set(values, slice_of(field->value), slice_of(id));
		return xstrdup(id);
	case AGENT_FIELD_PROCESS:
		container = cJSON_GetObjectItemCaseSensitive(request, "container_id");
		return cJSON_IsString(container) ? xstrdup(container->valuestring) : NULL;
	default:
		return field->initial ? xstrdup(field->initial) : NULL;
	}
}

/* The digits of "1a,0x2b" as decimal numbers; NULL on failure. */
static char *from_hexadecimal(const struct agent_field *field, const char *text, struct error **err)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct slice rest = slice_of(text), item;

	while (slice_next_field(&rest, ',', &item)) {
		_cleanup_free_ char *word = NULL;
		uint64_t number;

		item = slice_trim(item);
		if (slice_starts_with(item, "0x") || slice_starts_with(item, "0X"))
			item = slice_from(item, 2);
		word = xasprintf("0x%.*s", SLICE_ARGS(item));
		if (number_parse_u64_go(slice_of(word), &number) < 0) {
			refuse(field->value, text, "hexadecimal numbers belong here", err);
			return NULL;
		}
		strbuf_printf(&out, "%s%ju", out.size ? "," : "", (uintmax_t)number);
	}
	return strbuf_steal(&out);
}

/* A value in the form that fields take; NULL on failure. */
static char *convert(const struct agent_field *field, const char *text, struct error **err)
{
	unsigned number;

	switch (field->kind) {
	case AGENT_FIELD_SIGNAL:
		if (agent_signal_parse(text, &number) == 0)
			return xasprintf("%u", number);
		refuse(field->value, text, "a signal is a number up to 255 or a name, as TERM",
		       err);
		return NULL;
	case AGENT_FIELD_HEXADECIMAL:
		return from_hexadecimal(field, text, err);
	default:
		return xstrdup(text);
	}
}

/* The process of the bundle's configuration that `spec` names, if it does. */
static int fill_process(const struct agent_field *field, const struct agent_values *values,
			cJSON *request, struct error **err)
{
	const char *value = agent_values_get(values, field->value);
	const char *path = value ? after(value, "file://") : NULL;
	cJSON *spec, *process;
	int ret;

	if (!value)
		return 0;
	ret = bundle_read(path ? path : value, &spec, err);
	if (ret < 0)
		return ret;
	process = cJSON_DetachItemFromObjectCaseSensitive(spec, "Process");
	cJSON_Delete(spec);
	if (process)
		cJSON_AddItemToObject(request, field->field, process);
	return 0;
}

static const ProtobufCFieldDescriptor *find_field(const struct agent_method *method,
						  const char *name)
{
	return protobuf_c_message_descriptor_get_field_by_name(method->input, name);
}

static int fill_field(const struct agent_field *field, const struct agent_method *method,
		      bool automatic, struct agent_values *values, cJSON *request,
		      struct error **err)
{
	const char *known = agent_values_get(values, field->value);
	_cleanup_free_ char *value = NULL;
	_cleanup_free_ char *converted = NULL;

	if (cJSON_HasObjectItem(request, field->field))
		return 0;
	if (field->kind == AGENT_FIELD_SPEC)
		return fill_process(field, values, request, err);
	if (known)
		value = xstrdup(known);
	else if (automatic)
		value = initial_value(field, request, values);
	if (!value)
		return 0;
	converted = convert(field, value, err);
	if (!converted)
		return error_code(*err);
	return set_field(request, find_field(method, field->field), converted, err);
}

/* ---- the whole request -------------------------------------------------------------------------- */

static bool fills_field(const struct agent_command *command, const char *name)
{
	for (const struct agent_field *field = command->fields; field && field->field; field++)
		if (strcmp(field->value, name) == 0)
			return true;
	return false;
}

/* A word `name=value`: a field of this request, or a value for this and later ones. */
static int take_value(const char *word, const struct agent_command *command,
		      const struct agent_method *method, struct agent_values *values,
		      cJSON *request, struct error **err)
{
	const char *equals = strchr(word, '=');
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;
	_cleanup_free_ char *name = NULL;
	const ProtobufCFieldDescriptor *field;

	if (!equals || equals == word) {
		quote_go(&quoted, slice_of(word));
		return error_set(err, -EINVAL,
				 "%s is not name=value; JSON stands in front, as json://{...}, "
				 "{...}, file://PATH or @PATH",
				 quoted.data);
	}
	name = slice_dup(slice_make(word, (size_t)(equals - word)));
	field = find_field(method, name);
	if (field && !fills_field(command, name))
		return set_field(request, field, equals + 1, err);
	agent_values_set(values, slice_of(name), slice_of(equals + 1));
	return 0;
}

/* JSON stands in front, `name=value` words behind it. */
static int take_arguments(char *const *arguments, const struct agent_command *command,
			  const struct agent_method *method, struct agent_values *values,
			  cJSON **request, struct error **err)
{
	int ret = arguments[0] ? read_json(arguments[0], request, err) : 0;

	if (ret < 0)
		return ret;
	arguments += ret;
	if (ret == 0)
		*request = cJSON_CreateObject();
	for (ret = 0; *arguments && ret == 0; arguments++)
		ret = take_value(*arguments, command, method, values, *request, err);
	return ret;
}

int agent_request_make(const struct agent_command *command, char *const *arguments, bool automatic,
		       struct agent_values *values, cJSON **request, struct error **err)
{
	struct agent_method method;
	cJSON *made = NULL;
	int ret;

	agent_method_find(command->method, &method);
	ret = take_arguments(arguments, command, &method, values, &made, err);
	for (const struct agent_field *field = command->fields; ret == 0 && field && field->field;
	     field++)
		ret = fill_field(field, &method, automatic, values, made, err);
	if (ret == 0 && command->prepare)
		ret = command->prepare(made, err);
	if (ret < 0)
		cJSON_Delete(made);
	else
		*request = made;
	return ret;
}
