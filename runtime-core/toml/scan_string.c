// SPDX-License-Identifier: Apache-2.0
/*
 * Strings. One without escapes is a view of the document's own text; another is decoded into the arena,
 * where it never takes more room than its source.
 */
#include "scanner.h"

#include <errno.h>

/* Is this byte allowed as such in a string? Line ends are the caller's business. */
static bool is_plain(int c)
{
	return (c >= ' ' && c != 0x7F) || c == '\t';
}

static int fail_character(struct scanner *scanner, size_t opened, char quote)
{
	int c = scanner_peek(scanner);

	if (c < 0 || c == '\n' || scanner_is_at(scanner, "\r\n"))
		return scanner_fail(scanner, opened, "this string has no closing quote%s",
				    c < 0 ? "" : " on its line");
	return scanner_fail(scanner, scanner->at, "a string cannot contain %s; %s\\u%04X",
			    scanner_found(scanner),
			    quote == '"' ? "write " : "put it in double quotes and write ",
			    (unsigned)c);
}

static size_t encode_utf8(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xE0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3F));
		out[2] = (char)(0x80 | (c & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3F));
	out[2] = (char)(0x80 | (c >> 6 & 0x3F));
	out[3] = (char)(0x80 | (c & 0x3F));
	return 4;
}

static int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;
	return -1;
}

/* The digits behind \x, \u or \U. */
static int scan_codepoint(struct scanner *scanner, size_t escape, unsigned digits, char **out)
{
	uint32_t codepoint = 0;

	for (unsigned i = 0; i < digits; i++) {
		int digit = hex_digit(scanner_peek(scanner));

		if (digit < 0)
			return scanner_fail(scanner, escape,
					    "this escape needs %u hexadecimal digits, found %s",
					    digits, scanner_found(scanner));
		codepoint = codepoint << 4 | (uint32_t)digit;
		scanner->at++;
	}
	if (codepoint > 0x10FFFF || (codepoint >= 0xD800 && codepoint < 0xE000))
		return scanner_fail(scanner, escape,
				    "this escape names no character: U+%04X is not a Unicode "
				    "scalar value",
				    codepoint);
	*out += encode_utf8(*out, codepoint);
	return 0;
}

/* A backslash at the end of a line swallows all white space up to the next other character. */
static bool skip_folded_lines(struct scanner *scanner)
{
	size_t start = scanner->at;

	scanner_skip_blanks(scanner);
	if (!scanner_skip_newline(scanner)) {
		scanner->at = start;
		return false;
	}
	do {
		scanner_skip_blanks(scanner);
	} while (scanner_skip_newline(scanner));
	return true;
}

/* An escape; the current character is the backslash. */
static int scan_escape(struct scanner *scanner, bool multi_line, char **out)
{
	static const struct {
		char letter;
		char meaning;
		unsigned char digits;
		bool strict; /* is it in TOML 1.0? */
	} escapes[] = {
		{ '"', '"', 0, true },	 { '\\', '\\', 0, true }, { 'n', '\n', 0, true },
		{ 't', '\t', 0, true },	 { 'r', '\r', 0, true },  { 'b', '\b', 0, true },
		{ 'f', '\f', 0, true },	 { 'u', 0, 4, true },	  { 'U', 0, 8, true },
		{ 'e', 0x1B, 0, false }, { 'x', 0, 2, false },
	};
	size_t escape = scanner->at++;
	int c = scanner_peek(scanner);

	if (multi_line && skip_folded_lines(scanner))
		return 0;
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		if (escapes[i].letter != c || (scanner->strict && !escapes[i].strict))
			continue;
		scanner->at++;
		if (escapes[i].digits)
			return scan_codepoint(scanner, escape, escapes[i].digits, out);
		*(*out)++ = escapes[i].meaning;
		return 0;
	}
	return scanner_fail(scanner, escape,
			    "no such escape: backslash and %s; write two backslashes for one, or "
			    "put the text in single quotes",
			    scanner_found(scanner));
}

/* Closing quotes of a multi-line string: up to two further ones in front of them belong to the text. */
static bool skip_closing_quotes(struct scanner *scanner, char quote, size_t *text_end)
{
	size_t quotes = 0;

	while (scanner_peek(scanner) == quote && quotes < 5) {
		scanner->at++;
		quotes++;
	}
	*text_end = scanner->at - 3;
	return quotes >= 3;
}

/*
 * Walk over a string from behind its opening quotes to behind its closing ones. `end` is where its text ends.
 * Escapes are stepped over here and decoded later, once it is known how much room they may need.
 */
static int find_end(struct scanner *scanner, size_t opened, char quote, bool multi_line,
		    size_t *end, bool *has_escapes)
{
	for (;;) {
		int c = scanner_peek(scanner);

		if (c == quote && !multi_line) {
			*end = scanner->at++;
			return 0;
		}
		if (c == quote) {
			if (skip_closing_quotes(scanner, quote, end))
				return 0;
			continue;
		}
		if (c == '\\' && quote == '"') {
			*has_escapes = true;
			scanner->at++;
			if (scanner_peek(scanner) == '"' || scanner_peek(scanner) == '\\')
				scanner->at++;
			continue;
		}
		if (multi_line && scanner_skip_newline(scanner))
			continue;
		if (!is_plain(c))
			return fail_character(scanner, opened, quote);
		scanner->at++;
	}
}

static int decode(struct scanner *scanner, size_t end, bool multi_line, struct slice *string)
{
	char *start = arena_alloc(scanner->arena, end - scanner->at);
	char *out = start;

	while (scanner->at < end) {
		int ret;

		if (scanner_peek(scanner) != '\\') {
			*out++ = scanner->text.data[scanner->at++];
			continue;
		}
		ret = scan_escape(scanner, multi_line, &out);
		if (ret < 0)
			return ret;
	}
	*string = slice_make(start, (size_t)(out - start));
	return 0;
}

int scanner_string(struct scanner *scanner, bool may_span_lines, struct slice *string)
{
	size_t opened = scanner->at;
	char quote = scanner->text.data[opened];
	bool multi_line = scanner_is_at(scanner, quote == '"' ? "\"\"\"" : "'''");
	bool has_escapes = false;
	size_t start, end = 0, behind;
	int ret;

	if (multi_line && !may_span_lines)
		return scanner_fail(scanner, opened, "a key cannot be a multi-line string");
	scanner->at += multi_line ? 3 : 1;
	if (multi_line)
		scanner_skip_newline(scanner);
	start = scanner->at;
	ret = find_end(scanner, opened, quote, multi_line, &end, &has_escapes);
	if (ret < 0)
		return ret;
	*string = slice_make(scanner->text.data + start, end - start);
	if (!has_escapes)
		return 0;
	behind = scanner->at;
	scanner->at = start;
	ret = decode(scanner, end, multi_line, string);
	scanner->at = behind;
	return ret;
}
