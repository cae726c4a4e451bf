// SPDX-License-Identifier: Apache-2.0
/*
 * The published conformance suite: every valid document has the value that its JSON file says, every invalid
 * one is refused with line and column.
 */
#include "suite.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>

#include "base/strbuf.h"

typedef int parse_function(struct slice text, const char *name, struct toml_document **document,
			   struct error **err);

static const char *const json_types[] = {
	[TOML_STRING] = "string",
	[TOML_INTEGER] = "integer",
	[TOML_FLOAT] = "float",
	[TOML_BOOLEAN] = "bool",
	[TOML_OFFSET_DATETIME] = "datetime",
	[TOML_LOCAL_DATETIME] = "datetime-local",
	[TOML_LOCAL_DATE] = "date-local",
	[TOML_LOCAL_TIME] = "time-local",
};

static void check_value(const struct toml_value *value, const cJSON *expected);

/* cJSON's strings end at a NUL: both sides get U+E000 in its place. */
#define NUL_IN_JSON "\\u0000"
#define NUL_STANDIN "\\ue000"

static char *without_nuls(struct slice text)
{
	struct strbuf out = STRBUF_INIT;

	for (size_t i = 0; i < text.size; i++)
		if (text.data[i])
			strbuf_putc(&out, text.data[i]);
		else
			strbuf_puts(&out, "\uE000");
	return strbuf_steal(&out);
}

static void replace_nuls(char *json)
{
	while ((json = strchr(json, '\\'))) {
		if (slice_starts_with(slice_of(json), NUL_IN_JSON))
			memcpy(json, NUL_STANDIN, strlen(NUL_STANDIN));
		json += 2; /* a backslash escapes the next character, another backslash too */
	}
}

/* Up to the zeros at the end of a fraction: ".6" is ".600". */
static bool same_time(struct slice text, const char *expected)
{
	struct slice other = slice_of(expected);
	size_t at = 0, other_at = 0;

	while (at < text.size && other_at < other.size && text.data[at] == other.data[other_at]) {
		at++;
		other_at++;
	}
	while (at && at < text.size && text.data[at] == '0')
		at++;
	while (other_at && other_at < other.size && other.data[other_at] == '0')
		other_at++;
	return slice_equal(slice_from(text, at), slice_from(other, other_at));
}

static void check_scalar(const struct toml_value *value, const char *type, const char *text)
{
	_cleanup_free_ char *string = NULL;

	assert_true(value->type < TOML_ARRAY);
	assert_string_equal(json_types[value->type], type);
	switch (value->type) {
	case TOML_STRING:
		string = without_nuls(value->string);
		assert_string_equal(string, text);
		break;
	case TOML_INTEGER:
		assert_int_equal(value->integer, strtoll(text, NULL, 10));
		break;
	case TOML_FLOAT:
		if (isnan(strtod(text, NULL)))
			assert_true(isnan(value->number));
		else
			assert_true(value->number == strtod(text, NULL));
		break;
	case TOML_BOOLEAN:
		assert_string_equal(value->boolean ? "true" : "false", text);
		break;
	default:
		if (!same_time(value->string, text))
			fail_msg("%.*s instead of %s", SLICE_ARGS(value->string), text);
	}
}

static void check_array(const struct toml_value *value, const cJSON *expected)
{
	assert_int_equal(value->type, TOML_ARRAY);
	assert_int_equal(value->array.count, cJSON_GetArraySize(expected));
	for (size_t i = 0; i < value->array.count; i++)
		check_value(value->array.items[i], cJSON_GetArrayItem(expected, (int)i));
}

static void check_table(const struct toml_value *value, const cJSON *expected)
{
	assert_int_equal(value->type, TOML_TABLE);
	assert_int_equal(value->table.count, cJSON_GetArraySize(expected));
	for (size_t i = 0; i < value->table.count; i++) {
		_cleanup_free_ char *key = without_nuls(value->table.members[i].key);
		const cJSON *item = cJSON_GetObjectItemCaseSensitive(expected, key);

		if (!item)
			fail_msg("unexpected key '%s'", key);
		check_value(value->table.members[i].value, item);
	}
}

static void check_value(const struct toml_value *value, const cJSON *expected)
{
	const cJSON *type = cJSON_GetObjectItemCaseSensitive(expected, "type");
	const cJSON *text = cJSON_GetObjectItemCaseSensitive(expected, "value");

	if (cJSON_IsArray(expected))
		check_array(value, expected);
	else if (cJSON_IsString(type) && cJSON_IsString(text))
		check_scalar(value, type->valuestring, text->valuestring);
	else
		check_table(value, expected);
}

static cJSON *read_expectation(const char *document_name)
{
	_cleanup_free_ char *name =
		xasprintf("%.*s.json", (int)strlen(document_name) - 5, document_name);
	_cleanup_free_ char *text = suite_read(name, NULL);

	replace_nuls(text);
	return cJSON_Parse(text);
}

static void check_document(const char *name, parse_function *parse)
{
	_cleanup_(toml_document_freep) struct toml_document *document = NULL;
	struct error *err = NULL;
	cJSON *expected = read_expectation(name);
	size_t size;
	_cleanup_free_ char *text = suite_read(name, &size);

	assert_non_null(expected);
	assert_ok(parse(slice_make(text, size), name, &document, &err), err);
	check_value(toml_root(document), expected);
	cJSON_Delete(expected);
}

static void is_read_as_expected(void **state)
{
	check_document(*state, toml_parse_strict);
	check_document(*state, toml_parse);
}

static void is_refused_with_a_position(void **state)
{
	const char *name = *state;
	struct toml_document *document = NULL;
	struct error *err = NULL;
	size_t size;
	_cleanup_free_ char *text = suite_read(name, &size);
	unsigned line, column;

	assert_int_equal(toml_parse_strict(slice_make(text, size), name, &document, &err), -EINVAL);
	assert_int_equal(strncmp(error_message(err), name, strlen(name)), 0);
	assert_int_equal(sscanf(error_message(err) + strlen(name), ":%u:%u: ", &line, &column), 2);
	assert_true(line >= 1 && column >= 1);
	error_free(err);
}

int main(void)
{
	int failed = suite_run("valid documents", "valid/", is_read_as_expected);

	return failed + suite_run("invalid documents", "invalid/", is_refused_with_a_position);
}
