// SPDX-License-Identifier: Apache-2.0
#include "logfmt.h"

#include <errno.h>
#include <stdint.h>

#include "base/utf8.h"
#include "scan.h"

static int fail(struct logfmt_line *line, const char *at, const char *problem)
{
	line->at = (size_t)(at - line->text.data);
	line->problem = problem;
	return -EINVAL;
}

static int unexpected(struct logfmt_line *line, const char *at)
{
	return fail(line, at, *at == '=' ? "unexpected '='" : "unexpected '\"'");
}

/* Upstream refuses these because it replaces broken UTF-8 with U+FFFD and then looks for that. */
static bool key_is_text(struct slice key)
{
	if (utf8_find_invalid(key) < key.size)
		return false;
	return slice_find_string(key, "\xEF\xBF\xBD") == key.size;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* `count` hexadecimal digits; -1 when they are not all there. */
static int64_t read_hex(const char *at, const char *end, int count)
{
	int64_t value = 0;

	if (end - at < count)
		return -1;
	for (int i = 0; i < count; i++) {
		int digit = hex_digit(at[i]);

		if (digit < 0)
			return -1;
		value = value << 4 | digit;
	}
	return value;
}

/* \uXXXX behind the u, together with its second half if it is the first of a pair. */
static const char *read_utf16(const char *at, const char *end, uint32_t *codepoint)
{
	int64_t first = read_hex(at, end, 4), second = -1;

	if (first < 0)
		return NULL;
	at += 4;
	*codepoint = (uint32_t)first;
	if (first < 0xD800 || first > 0xDFFF)
		return at;
	if (first < 0xDC00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u')
		second = read_hex(at + 2, end, 4);
	if (second < 0xDC00 || second > 0xDFFF) {
		*codepoint = 0xFFFD;
		return at;
	}
	*codepoint = (uint32_t)(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
	return at + 6;
}

/* \NNN in octal, one byte. */
static const char *read_octal(const char *at, const char *end, char **out)
{
	int value = 0;

	for (int i = 0; i < 3; i++, at++) {
		if (at == end || *at < '0' || *at > '7')
			return NULL;
		value = value * 8 + (*at - '0');
	}
	if (value > 255)
		return NULL;
	*(*out)++ = (char)value;
	return at;
}

/* One escape, `at` being behind its backslash. Returns what is behind it, or NULL. Never grows the text. */
static const char *unescape(const char *at, const char *end, char **out)
{
	static const char letters[] = "\"\"\\\\//''a\ab\bf\fn\nr\rt\tv\v";
	uint32_t codepoint;
	int64_t wide;

	if (at == end)
		return NULL;
	switch (*at) {
	case 'x':
		*(*out)++ = '\\';
		*(*out)++ = 'x';
		return at + 1;
	case 'u':
		at = read_utf16(at + 1, end, &codepoint);
		if (at)
			*out += utf8_encode(codepoint, *out);
		return at;
	case 'U':
		wide = read_hex(at + 1, end, 8);
		if (wide < 0 || wide > 0x10FFFF)
			return NULL;
		*out += utf8_encode((uint32_t)wide, *out);
		return at + 9;
	default:
		break;
	}
	for (const char *pair = letters; *pair; pair += 2)
		if (*pair == *at) {
			*(*out)++ = pair[1];
			return at + 1;
		}
	return *at >= '0' && *at <= '7' ? read_octal(at, end, out) : NULL;
}

/* The rest of a quoted value from its first escape on; `start` is behind the opening quote. */
static int unquote(struct logfmt_line *line, const char *start, const char *escape,
		   struct slice *value)
{
	const char *end = line->text.data + line->text.size, *at = escape;
	char *const out_start = logs_arena_reserve(line->arena, (size_t)(end - start));
	char *out = out_start;
	bool valid = true;

	memcpy(out, start, (size_t)(escape - start));
	out += escape - start;
	while (at < end && *at != '"') {
		const char *plain = at;

		if (*at == '\\') {
			at = valid ? unescape(at + 1, end, &out) : NULL;
			if (!at) {
				/* Of two mistakes the missing end comes first, so look for it. */
				valid = false;
				at = plain + (end - plain < 2 ? 1 : 2);
			}
			continue;
		}
		at = scan_quote(at, end);
		memcpy(out, plain, (size_t)(at - plain));
		out += at - plain;
	}
	if (at >= end)
		return fail(line, end, "unterminated quoted value");
	if (!valid)
		return fail(line, at + 1, "invalid quoted value");
	*value = slice_make(out_start, (size_t)(out - out_start));
	logs_arena_commit(line->arena, value->size);
	line->at = (size_t)(at + 1 - line->text.data);
	return 1;
}

/* A quoted value, `start` being behind its opening quote. */
static int read_quoted(struct logfmt_line *line, const char *start, struct slice *value)
{
	const char *end = line->text.data + line->text.size;
	const char *at = scan_quote(start, end);

	if (at == end)
		return fail(line, end, "unterminated quoted value");
	if (*at == '\\')
		return unquote(line, start, at, value);
	*value = slice_make(start, (size_t)(at - start));
	line->at = (size_t)(at + 1 - line->text.data);
	return 1;
}

int logfmt_next(struct logfmt_line *line, struct slice *key, struct slice *value)
{
	const char *end = line->text.data + line->text.size;
	const char *at = line->text.data + line->at;
	const char *start;
	unsigned char bits = 0;

	while (at < end && (unsigned char)*at <= ' ')
		at++;
	if (at == end) {
		line->at = line->text.size;
		return 0;
	}
	for (start = at; at < end && (unsigned char)*at > ' ' && *at != '=' && *at != '"'; at++)
		bits |= (unsigned char)*at;
	if (at < end && (*at == '"' || (*at == '=' && at == start)))
		return unexpected(line, at);
	*key = slice_make(start, (size_t)(at - start));
	*value = slice_make(at, 0);
	if (bits >= 0x80 && !key_is_text(*key))
		return fail(line, at, "invalid key");
	if (at < end && *at == '=') {
		at++;
		if (at < end && *at == '"')
			return read_quoted(line, at + 1, value);
		start = at;
		at = scan_bare(at, end);
		if (at < end && (unsigned char)*at > ' ')
			return unexpected(line, at);
		*value = slice_make(start, (size_t)(at - start));
	}
	line->at = (size_t)(at - line->text.data);
	return 1;
}
