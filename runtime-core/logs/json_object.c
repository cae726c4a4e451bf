// SPDX-License-Identifier: Apache-2.0
#include "json_object.h"

#include <errno.h>
#include <stdint.h>

#include "base/json_syntax.h"
#include "base/utf8.h"
#include "scan.h"

static int fail(struct json_object *object, const char *at, const char *problem)
{
	object->at = (size_t)(at - object->text.data);
	object->problem = problem;
	return -EINVAL;
}

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
		at++;
	return at;
}

/* Four hexadecimal digits; -1 when they are not there. */
static int read_hex(const char *at, const char *end)
{
	int value = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int c = (unsigned char)at[i];
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
			    : c >= 'A' && c <= 'F' ? c - 'A' + 10
						   : -1;

		if (digit < 0)
			return -1;
		value = value << 4 | digit;
	}
	return value;
}

/* \uXXXX, and the second half behind it if there is one; `at` is behind the u. */
static const char *read_unicode(const char *at, const char *end, char **out)
{
	int first = read_hex(at, end), second = -1;
	uint32_t codepoint;

	if (first < 0)
		return NULL;
	at += 4;
	codepoint = (uint32_t)first;
	if (first >= 0xD800 && first < 0xDC00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u')
		second = read_hex(at + 2, end);
	if (second >= 0xDC00 && second <= 0xDFFF) {
		codepoint = (uint32_t)(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
		at += 6;
	}
	*out += utf8_encode(codepoint, *out);
	return at;
}

static const char *read_escape(const char *at, const char *end, char **out)
{
	static const char letters[] = "\"\"\\\\//b\bf\fn\nr\rt\t";

	if (at == end)
		return NULL;
	if (*at == 'u')
		return read_unicode(at + 1, end, out);
	for (const char *pair = letters; *pair; pair += 2)
		if (*pair == *at) {
			*(*out)++ = pair[1];
			return at + 1;
		}
	return NULL;
}

/* Where the plain part of a string ends: at a quote, an escape, a control byte or broken UTF-8. */
static const char *skip_plain(const char *at, const char *end)
{
	uint32_t codepoint;
	size_t size;

	for (;;) {
		at = scan_json_end(at, end);
		if (at == end || (unsigned char)*at < 0x80)
			return at;
		size = utf8_decode(slice_make(at, (size_t)(end - at)), &codepoint);
		if (size == 0)
			return at;
		at += size;
	}
}

/* The rest of a string from the first byte on that cannot stay as it is. */
static int rewrite_string(struct json_object *object, const char *start, const char *at,
			  struct slice *value)
{
	const char *end = object->text.data + object->text.size;
	/* One broken byte becomes three. */
	char *const out_start = logs_arena_reserve(object->arena, 3 * (size_t)(end - start));
	char *out = out_start;
	const char *plain = start;

	for (;;) {
		memcpy(out, plain, (size_t)(at - plain));
		out += at - plain;
		if (at == end)
			return fail(object, at, "unterminated string");
		if (*at == '"')
			break;
		if (*at == '\\') {
			const char *behind = read_escape(at + 1, end, &out);

			if (!behind)
				return fail(object, at, "invalid escape");
			at = behind;
		} else if ((unsigned char)*at < 0x20) {
			return fail(object, at, "control character in a string");
		} else {
			out += utf8_encode(0xFFFD, out);
			at++;
		}
		plain = at;
		at = skip_plain(at, end);
	}
	*value = slice_make(out_start, (size_t)(out - out_start));
	logs_arena_commit(object->arena, value->size);
	object->at = (size_t)(at + 1 - object->text.data);
	return 0;
}

/* A string, `start` being behind its opening quote. */
static int read_string(struct json_object *object, const char *start, struct slice *value)
{
	const char *end = object->text.data + object->text.size;
	const char *at = skip_plain(start, end);

	if (at == end || *at != '"')
		return rewrite_string(object, start, at, value);
	*value = slice_make(start, (size_t)(at - start));
	object->at = (size_t)(at + 1 - object->text.data);
	return 0;
}

/* Where a value that is no string ends: at a comma or bracket of the object itself. */
static const char *skip_value(const char *at, const char *end)
{
	size_t depth = 0;
	bool in_string = false;

	for (; at < end; at++) {
		if (in_string) {
			if (*at == '\\' && at + 1 < end)
				at++;
			else if (*at == '"')
				in_string = false;
			continue;
		}
		if (*at == '"')
			in_string = true;
		else if (*at == '{' || *at == '[')
			depth++;
		else if (depth == 0 && (*at == ',' || *at == '}' || *at == ']'))
			break;
		else if (*at == '}' || *at == ']')
			depth--;
	}
	return at;
}

static int read_other(struct json_object *object, const char *start, struct json_member *member)
{
	const char *end = object->text.data + object->text.size;
	const char *at = skip_value(start, end);
	_cleanup_error_ struct error *ignored = NULL; /* what is wrong is said by `problem` */

	while (at > start && skip_blanks(at - 1, at) == at)
		at--;
	member->value = slice_make(start, (size_t)(at - start));
	if (json_check(member->value, &ignored) < 0)
		return fail(object, start, "invalid value");
	member->kind = JSON_OTHER;
	if (slice_is(member->value, "null")) {
		member->kind = JSON_NULL;
		member->value.size = 0;
	}
	object->at = (size_t)(at - object->text.data);
	return 0;
}

static int read_member(struct json_object *object, const char *at, struct json_member *member)
{
	const char *end = object->text.data + object->text.size;
	int ret;

	if (at == end || *at != '"')
		return fail(object, at, "expected the name of a member");
	ret = read_string(object, at + 1, &member->key);
	if (ret < 0)
		return ret;
	at = skip_blanks(object->text.data + object->at, end);
	if (at == end || *at != ':')
		return fail(object, at, "expected a colon");
	at = skip_blanks(at + 1, end);
	if (at == end || *at != '"') {
		ret = read_other(object, at, member);
	} else {
		member->kind = JSON_STRING;
		ret = read_string(object, at + 1, &member->value);
	}
	return ret < 0 ? ret : 1;
}

int json_object_next(struct json_object *object, struct json_member *member)
{
	const char *end = object->text.data + object->text.size;
	const char *at = skip_blanks(object->text.data + object->at, end);
	bool first = !object->begun;

	if (first) {
		if (at == end || *at != '{')
			return fail(object, at, "expected an object");
		object->begun = true;
		at = skip_blanks(at + 1, end);
	}
	if (at < end && *at == '}') {
		at = skip_blanks(at + 1, end);
		object->at = (size_t)(at - object->text.data);
		return at == end ? 0 : fail(object, at, "text behind the object");
	}
	if (first)
		return read_member(object, at, member);
	if (at == end || *at != ',')
		return fail(object, at, "expected a comma or the object's end");
	return read_member(object, skip_blanks(at + 1, end), member);
}
