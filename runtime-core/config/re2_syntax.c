// SPDX-License-Identifier: Apache-2.0
/*
 * RE2's syntax into PCRE2's. The two look alike and differ where it matters for a gate: what RE2 refuses
 * (look-around, back references, possessive repetition, comments, verbs) would widen or narrow the gate in
 * PCRE2, and \s, \v, $ and a few more mean something else. So the pattern is read here by RE2's rules, and
 * every element is written in a form that has only one meaning: characters as \x{...}, groups without
 * capture, assertions in a group of their own, so that a repetition may follow.
 *
 * Not modelled: a repetition directly behind flags such as (?i), which RE2 applies to what stands in front
 * of them; here it is refused.
 */
#include "re2_syntax.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "re2.h"

#define MAX_REPEAT 1000 /* RE2's limit */
#define NO_LIMIT   UINT_MAX

struct translation {
	struct slice rest;
	struct strbuf *out;
	unsigned depth;
	bool has_item; /* there is something that a repetition could repeat */
	struct error **err;
};

static int invalid(struct translation *t, const char *why)
{
	return error_set(t->err, -EINVAL, "%s", why);
}

static char peek(const struct translation *t, size_t offset)
{
	return offset < t->rest.size ? t->rest.data[offset] : '\0';
}

static bool looking_at(const struct translation *t, const char *text)
{
	return slice_starts_with(t->rest, text);
}

static void skip(struct translation *t, size_t bytes)
{
	t->rest = slice_from(t->rest, bytes);
}

static void emit_character(struct translation *t, uint32_t character)
{
	strbuf_printf(t->out, "\\x{%" PRIx32 "}", character);
}

/* --- single characters ---------------------------------------------------------------------------- */

static int take_character(struct translation *t, uint32_t *character)
{
	size_t size = utf8_decode(t->rest, character);

	if (size == 0)
		return invalid(t, "invalid UTF-8");
	skip(t, size);
	return 0;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Behind \x: two digits, or any number of them in braces. */
static int take_hex(struct translation *t, uint32_t *character)
{
	bool braces = peek(t, 0) == '{';
	size_t digits = 0;

	*character = 0;
	skip(t, braces);
	while (digits < t->rest.size && hex_value(t->rest.data[digits]) >= 0 &&
	       (braces || digits < 2)) {
		*character = *character * 16 + (uint32_t)hex_value(t->rest.data[digits++]);
		if (*character > 0x10ffff)
			return invalid(t, "invalid escape sequence \\x");
	}
	if (digits == 0 || (!braces && digits < 2) || (braces && peek(t, digits) != '}'))
		return invalid(t, "invalid escape sequence \\x");
	skip(t, digits + braces);
	return 0;
}

/* Up to three octal digits; a single one other than 0 would be a back reference. */
static int take_octal(struct translation *t, uint32_t *character)
{
	size_t digits = 0;

	*character = 0;
	while (digits < 3 && peek(t, digits) >= '0' && peek(t, digits) <= '7')
		*character = *character * 8 + (uint32_t)(peek(t, digits++) - '0');
	if (digits == 0 || (digits == 1 && *character != 0))
		return invalid(t, "back references are not supported");
	skip(t, digits);
	return 0;
}

/* An escape that stands for one character; the backslash is still there. */
static int take_escaped(struct translation *t, uint32_t *character)
{
	static const char letters[] = "aftnrv";
	static const char meanings[] = "\a\f\t\n\r\v";
	char c = peek(t, 1);
	const char *letter = c ? strchr(letters, c) : NULL;

	if (t->rest.size < 2)
		return invalid(t, "trailing backslash");
	skip(t, 1);
	if (isdigit((unsigned char)c))
		return take_octal(t, character);
	skip(t, 1);
	if (c == 'x')
		return take_hex(t, character);
	if (letter)
		*character = (uint32_t)meanings[letter - letters];
	else if (c > 0 && !isalnum((unsigned char)c))
		*character = (uint32_t)c;
	else
		return error_set(t->err, -EINVAL, "invalid escape sequence \\%c",
				 isalnum((unsigned char)c) ? c : '?');
	return 0;
}

/* --- sets of characters --------------------------------------------------------------------------- */

/* \pL, \p{Greek}, \p{^Lu}: taken over as they are, once the form is right. */
static int take_unicode_class(struct translation *t)
{
	size_t size = 3;

	if (peek(t, 2) == '{') {
		size += peek(t, 3) == '^';
		while (isalpha((unsigned char)peek(t, size)) || peek(t, size) == '_')
			size++;
		if (peek(t, size) != '}')
			return invalid(t, "invalid character class range \\p");
		size++;
	} else if (!isalpha((unsigned char)peek(t, 2))) {
		return invalid(t, "invalid character class range \\p");
	}
	strbuf_slice(t->out, slice_first(t->rest, size));
	skip(t, size);
	return 0;
}

/* \d \s \w and their opposites. RE2's white space is without the vertical tab. */
static const struct perl_class {
	char letter;
	const char *inside, *outside; /* of square brackets */
} perl_classes[] = {
	{ 'd', "\\d", "\\d" },
	{ 'D', "\\D", "\\D" },
	{ 'w', "\\w", "\\w" },
	{ 'W', "\\W", "\\W" },
	{ 's', "\\t\\n\\f\\r\\x{20}", "[\\t\\n\\f\\r\\x{20}]" },
	{ 'S', "\\S\\x{b}", "[^\\t\\n\\f\\r\\x{20}]" },
};

static const struct perl_class *perl_class_at(const struct translation *t)
{
	for (size_t i = 0; i < ARRAY_SIZE(perl_classes); i++)
		if (peek(t, 0) == '\\' && peek(t, 1) == perl_classes[i].letter)
			return &perl_classes[i];
	return NULL;
}

static bool unicode_class_at(const struct translation *t)
{
	return looking_at(t, "\\p") || looking_at(t, "\\P");
}

/* [:alpha:] inside brackets. False where "[:" begins nothing of the kind and "[" is just a character. */
static bool posix_class_at(const struct translation *t, size_t *size)
{
	size_t end = slice_find_string(t->rest, ":]");

	*size = end + 2;
	return looking_at(t, "[:") && end < t->rest.size;
}

static int take_posix_class(struct translation *t, size_t size)
{
	static const char *const names[] = { "alnum", "alpha", "ascii", "blank", "cntrl",
					     "digit", "graph", "lower", "print", "punct",
					     "space", "upper", "word",	"xdigit" };
	struct slice name = slice_first(slice_from(t->rest, 2), size - 4);
	bool negated = slice_starts_with(name, "^");

	name = slice_from(name, negated);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!slice_is(name, names[i]))
			continue;
		strbuf_printf(t->out, "[:%s%s:]", negated ? "^" : "", names[i]);
		skip(t, size);
		return 0;
	}
	return invalid(t, "invalid character class range");
}

static int take_class_character(struct translation *t, uint32_t *character)
{
	if (t->rest.size == 0)
		return invalid(t, "missing closing ]");
	return peek(t, 0) == '\\' ? take_escaped(t, character) : take_character(t, character);
}

static int take_range(struct translation *t)
{
	uint32_t low = 0, high = 0;
	int ret;

	ret = take_class_character(t, &low);
	if (ret < 0)
		return ret;
	emit_character(t, low);
	if (peek(t, 0) != '-' || peek(t, 1) == ']' || t->rest.size < 2)
		return 0;
	skip(t, 1);
	ret = take_class_character(t, &high);
	if (ret < 0)
		return ret;
	if (high < low)
		return invalid(t, "invalid character class range");
	strbuf_putc(t->out, '-');
	emit_character(t, high);
	return 0;
}

static int take_brackets(struct translation *t)
{
	bool negated = peek(t, 1) == '^';
	bool first = true;
	int ret = 0;

	skip(t, 1U + negated);
	strbuf_puts(t->out, negated ? "[^" : "[");
	for (; ret == 0 && (first || peek(t, 0) != ']'); first = false) {
		const struct perl_class *class = perl_class_at(t);
		size_t size;

		if (class) {
			strbuf_puts(t->out, class->inside);
			skip(t, 2);
		} else if (unicode_class_at(t)) {
			ret = take_unicode_class(t);
		} else if (posix_class_at(t, &size)) {
			ret = take_posix_class(t, size);
		} else {
			ret = take_range(t);
		}
	}
	if (ret < 0)
		return ret;
	strbuf_putc(t->out, ']');
	skip(t, 1);
	t->has_item = true;
	return 0;
}

/* --- groups --------------------------------------------------------------------------------------- */

/* (?P<name> or (?<name>: how long is it? 0 when it is none. */
static size_t named_group_at(const struct translation *t)
{
	size_t at = looking_at(t, "(?P<") ? 4 : looking_at(t, "(?<") ? 3 : 0;
	size_t start = at;

	while (at && (isalnum((unsigned char)peek(t, at)) || peek(t, at) == '_'))
		at++;
	return at > start && peek(t, at) == '>' ? at + 1 : 0;
}

/* (?flags) or (?flags: with the flags i, m, s, U and those behind a minus switched off. */
static size_t flags_at(const struct translation *t)
{
	bool minus = false, any_behind = true;

	for (size_t at = 2; at < t->rest.size; at++) {
		char c = peek(t, at);

		if (c == ':' || c == ')')
			return any_behind ? at + 1 : 0;
		if (c == '-' && !minus) {
			minus = true;
			any_behind = false;
		} else if (c != '\0' && strchr("imsU", c)) {
			any_behind = true;
		} else {
			return 0;
		}
	}
	return 0;
}

static int take_group(struct translation *t)
{
	size_t size = named_group_at(t);
	bool opens = true;

	if (size > 0) {
		strbuf_puts(t->out, "(?:");
	} else if (looking_at(t, "(?")) {
		size = flags_at(t);
		if (size == 0)
			return invalid(t, "invalid or unsupported Perl syntax (?");
		opens = peek(t, size - 1) == ':';
		strbuf_slice(t->out, slice_first(t->rest, size));
	} else {
		size = 1;
		strbuf_puts(t->out, "(?:");
	}
	skip(t, size);
	t->has_item = false;
	t->depth += opens;
	return t->depth > RE2_MAX_DEPTH ? invalid(t, "too deep") : 0;
}

static int take_group_end(struct translation *t)
{
	if (t->depth == 0)
		return invalid(t, "unexpected )");
	t->depth--;
	strbuf_putc(t->out, ')');
	skip(t, 1);
	t->has_item = true;
	return 0;
}

/* --- repetition ----------------------------------------------------------------------------------- */

/* A number without leading zeros; *size is its length, 0 if there is none. */
static unsigned number_at(const struct translation *t, size_t at, size_t *size)
{
	unsigned number = 0;

	*size = 0;
	if (peek(t, at) == '0' && isdigit((unsigned char)peek(t, at + 1)))
		return 0;
	while (isdigit((unsigned char)peek(t, at + *size))) {
		if (number <= MAX_REPEAT)
			number = number * 10 + (unsigned)(peek(t, at + *size) - '0');
		(*size)++;
	}
	return number;
}

/* {n}, {n,} or {n,m}: its length, 0 where "{" is just a character. */
static size_t braces_at(const struct translation *t, unsigned *min, unsigned *max)
{
	size_t at = 1, digits;

	*min = *max = number_at(t, at, &digits);
	if (peek(t, 0) != '{' || digits == 0)
		return 0;
	at += digits;
	if (peek(t, at) == ',') {
		at++;
		*max = number_at(t, at, &digits);
		if (digits == 0)
			*max = NO_LIMIT;
		at += digits;
	}
	return peek(t, at) == '}' ? at + 1 : 0;
}

static size_t repetition_at(const struct translation *t, unsigned *min, unsigned *max)
{
	*min = *max = 0;
	if (peek(t, 0) != '\0' && strchr("*+?", peek(t, 0)))
		return 1;
	return braces_at(t, min, max);
}

static int take_repetition(struct translation *t, size_t size, unsigned min, unsigned max)
{
	if (!t->has_item)
		return invalid(t, "missing argument to repetition operator");
	if (min > MAX_REPEAT || (max != NO_LIMIT && (max > MAX_REPEAT || min > max)))
		return invalid(t, "invalid repeat count");
	size += peek(t, size) == '?';
	strbuf_slice(t->out, slice_first(t->rest, size));
	skip(t, size);
	if (repetition_at(t, &min, &max) > 0)
		return invalid(t, "invalid nested repetition operator");
	return 0;
}

/* --- everything ----------------------------------------------------------------------------------- */

/* Everything up to \E, or to the end, is text. */
static int take_quoted(struct translation *t)
{
	skip(t, 2);
	while (t->rest.size > 0 && !looking_at(t, "\\E")) {
		uint32_t character = 0;
		int ret = take_character(t, &character);

		if (ret < 0)
			return ret;
		emit_character(t, character);
		t->has_item = true;
	}
	skip(t, 2);
	return 0;
}

static int take_backslash(struct translation *t)
{
	const struct perl_class *class = perl_class_at(t);
	uint32_t character = 0;
	int ret = 0;

	if (looking_at(t, "\\Q"))
		return take_quoted(t);
	t->has_item = true;
	if (class) {
		strbuf_puts(t->out, class->outside);
		skip(t, 2);
	} else if (unicode_class_at(t)) {
		ret = take_unicode_class(t);
	} else if (peek(t, 1) != '\0' && strchr("AbBz", peek(t, 1))) {
		strbuf_printf(t->out, "(?:\\%c)", peek(t, 1));
		skip(t, 2);
	} else {
		ret = take_escaped(t, &character);
		if (ret == 0)
			emit_character(t, character);
	}
	return ret;
}

static int take_plain(struct translation *t)
{
	char c = peek(t, 0);
	uint32_t character = 0;
	int ret = 0;

	t->has_item = c != '|';
	if (c == '^' || c == '$') {
		strbuf_printf(t->out, "(?:%c)", c);
		skip(t, 1);
	} else if (c == '|' || c == '.') {
		strbuf_putc(t->out, c);
		skip(t, 1);
	} else {
		ret = take_character(t, &character);
		if (ret == 0)
			emit_character(t, character);
	}
	return ret;
}

static int take_element(struct translation *t)
{
	unsigned min, max;
	size_t repetition = repetition_at(t, &min, &max);

	if (repetition > 0)
		return take_repetition(t, repetition, min, max);
	switch (peek(t, 0)) {
	case '\\':
		return take_backslash(t);
	case '[':
		return take_brackets(t);
	case '(':
		return take_group(t);
	case ')':
		return take_group_end(t);
	default:
		return take_plain(t);
	}
}

int re2_translate(struct slice pattern, struct strbuf *out, struct error **err)
{
	struct translation t = { .rest = pattern, .out = out, .err = err };
	int ret = 0;

	if (pattern.size > RE2_MAX_PATTERN)
		return error_set(err, -EINVAL, "longer than %d bytes", RE2_MAX_PATTERN);
	while (ret == 0 && t.rest.size > 0)
		ret = take_element(&t);
	if (ret == 0 && t.depth > 0)
		ret = invalid(&t, "missing closing )");
	return ret;
}
