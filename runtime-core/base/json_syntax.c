// SPDX-License-Identifier: Apache-2.0
#include "json_syntax.h"

#include <ctype.h>
#include <errno.h>

#include "quote.h"

struct scan {
	struct slice rest;
	struct error **err;
};

/* The next character, or -1 at the end. */
static int peek(const struct scan *scan)
{
	return scan->rest.size ? (unsigned char)scan->rest.data[0] : -1;
}

static void skip(struct scan *scan)
{
	scan->rest = slice_from(scan->rest, 1);
}

static void skip_blanks(struct scan *scan)
{
	while (peek(scan) == ' ' || peek(scan) == '\t' || peek(scan) == '\r' || peek(scan) == '\n')
		skip(scan);
}

/* The next character, wherever the text has got to, does not fit. */
static int refuse(struct scan *scan, const char *where)
{
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;
	int c = peek(scan);
	/* As Go does it, a byte is taken for the character of that number. */
	const char utf8[] = { (char)(0xc0 | c >> 6), (char)(0x80 | (c & 0x3f)) };
	const char ascii = (char)c;

	if (c < 0)
		return error_set(scan->err, -EINVAL, "unexpected end of JSON input");
	if (c == '\'' || c == '"')
		return error_set(scan->err, -EINVAL, "invalid character '%s%c' %s",
				 c == '\'' ? "\\" : "", c, where);
	quote_go(&quoted, c < 0x80 ? slice_make(&ascii, 1) : slice_make(utf8, 2));
	return error_set(scan->err, -EINVAL, "invalid character '%.*s' %s", (int)quoted.size - 2,
			 quoted.data + 1, where);
}

static int scan_escape(struct scan *scan)
{
	int c = peek(scan);

	if (c < 0 || !strchr("bfnrt\\/\"u", c) || c == '\0')
		return refuse(scan, "in string escape code");
	skip(scan);
	if (c != 'u')
		return 0;
	for (int digit = 0; digit < 4; digit++) {
		if (!isxdigit(peek(scan)))
			return refuse(scan, "in \\u hexadecimal character escape");
		skip(scan);
	}
	return 0;
}

/* Behind the opening quote. */
static int scan_string(struct scan *scan)
{
	int ret = 0;

	while (ret == 0) {
		int c = peek(scan);

		if (c < 0x20)
			return refuse(scan, "in string literal");
		skip(scan);
		if (c == '"')
			return 0;
		if (c == '\\')
			ret = scan_escape(scan);
	}
	return ret;
}

static int scan_digits(struct scan *scan, const char *where)
{
	if (!isdigit(peek(scan)))
		return refuse(scan, where);
	while (isdigit(peek(scan)))
		skip(scan);
	return 0;
}

static int scan_number(struct scan *scan)
{
	int ret = 0;

	if (peek(scan) == '-')
		skip(scan);
	if (peek(scan) == '0')
		skip(scan);
	else
		ret = scan_digits(scan, "in numeric literal");
	if (ret == 0 && peek(scan) == '.') {
		skip(scan);
		ret = scan_digits(scan, "after decimal point in numeric literal");
	}
	if (ret == 0 && (peek(scan) == 'e' || peek(scan) == 'E')) {
		skip(scan);
		if (peek(scan) == '+' || peek(scan) == '-')
			skip(scan);
		ret = scan_digits(scan, "in exponent of numeric literal");
	}
	return ret;
}

static int scan_word(struct scan *scan, const char *word)
{
	char where[64];

	for (const char *expected = word; *expected; expected++) {
		if (peek(scan) != *expected) {
			snprintf(where, sizeof(where), "in literal %s (expecting '%c')", word,
				 *expected);
			return refuse(scan, where);
		}
		skip(scan);
	}
	return 0;
}

static int scan_value(struct scan *scan, unsigned depth);

static int scan_key(struct scan *scan)
{
	int ret;

	skip_blanks(scan);
	if (peek(scan) != '"')
		return refuse(scan, "looking for beginning of object key string");
	skip(scan);
	ret = scan_string(scan);
	if (ret < 0)
		return ret;
	skip_blanks(scan);
	if (peek(scan) != ':')
		return refuse(scan, "after object key");
	skip(scan);
	return 0;
}

/* Behind the opening bracket of an array or object. */
static int scan_members(struct scan *scan, char close, unsigned depth)
{
	bool object = close == '}';
	int ret;

	skip_blanks(scan);
	if (peek(scan) == close) {
		skip(scan);
		return 0;
	}
	for (;;) {
		ret = object ? scan_key(scan) : 0;
		if (ret == 0)
			ret = scan_value(scan, depth);
		if (ret < 0)
			return ret;
		skip_blanks(scan);
		if (peek(scan) != ',' && peek(scan) != close)
			return refuse(scan, object ? "after object key:value pair"
						   : "after array element");
		if (peek(scan) == close) {
			skip(scan);
			return 0;
		}
		skip(scan);
	}
}

static int scan_value(struct scan *scan, unsigned depth)
{
	int c;

	if (depth > JSON_MAX_DEPTH)
		return error_set(scan->err, -EINVAL, "exceeded max depth");
	skip_blanks(scan);
	c = peek(scan);
	switch (c) {
	case '{':
	case '[':
		skip(scan);
		return scan_members(scan, c == '{' ? '}' : ']', depth + 1);
	case '"':
		skip(scan);
		return scan_string(scan);
	case 't':
		return scan_word(scan, "true");
	case 'f':
		return scan_word(scan, "false");
	case 'n':
		return scan_word(scan, "null");
	default:
		if (c == '-' || isdigit(c))
			return scan_number(scan);
		return refuse(scan, "looking for beginning of value");
	}
}

int json_check(struct slice text, struct error **err)
{
	struct scan scan = { text, err };
	int ret = scan_value(&scan, 0);

	if (ret < 0)
		return ret;
	skip_blanks(&scan);
	return peek(&scan) < 0 ? 0 : refuse(&scan, "after top-level value");
}
