// SPDX-License-Identifier: Apache-2.0
#include "scanner.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/quote.h"
#include "base/utf8.h"

/* How many characters start in these bytes of valid UTF-8. */
static unsigned count_characters(const char *data, size_t size)
{
	unsigned count = 0;

	for (size_t i = 0; i < size; i++)
		count += ((unsigned char)data[i] & 0xC0) != 0x80;
	return count;
}

struct toml_position scanner_position(struct scanner *scanner, size_t offset)
{
	struct toml_position position = scanner->last;
	const char *from, *to = scanner->text.data + offset;
	const char *newline;

	if (offset < position.offset || position.line == 0)
		position = (struct toml_position){ .line = 1, .column = 1 };
	from = scanner->text.data + position.offset;
	while (from < to && (newline = memchr(from, '\n', (size_t)(to - from)))) {
		position.line++;
		position.column = 1;
		from = newline + 1;
	}
	position.column += count_characters(from, (size_t)(to - from));
	position.offset = offset;
	scanner->last = position;
	return position;
}

int scanner_fail_with(struct scanner *scanner, int code, struct toml_position position,
		      const char *message)
{
	if (!scanner->name)
		return error_set(scanner->err, code, "line %u, column %u: %s", position.line,
				 position.column, message);
	return error_set(scanner->err, code, "%s:%u:%u: %s", scanner->name, position.line,
			 position.column, message);
}

int scanner_fail(struct scanner *scanner, size_t offset, const char *format, ...)
{
	_cleanup_free_ char *message = NULL;
	va_list arguments;

	va_start(arguments, format);
	message = xvasprintf(format, arguments);
	va_end(arguments);
	return scanner_fail_with(scanner, -EINVAL, scanner_position(scanner, offset), message);
}

const char *scanner_found(const struct scanner *scanner)
{
	static _Thread_local char found[48];
	_cleanup_strbuf_ struct strbuf shown = STRBUF_INIT;
	struct slice rest = slice_from(scanner->text, scanner->at);
	uint32_t codepoint;

	if (rest.size == 0)
		return "the end of the file";
	if (rest.data[0] == '\n' || slice_starts_with(rest, "\r\n"))
		return "the end of the line";
	if (rest.data[0] == '\r')
		return "a carriage return without a line feed";
	if (rest.data[0] == '\'')
		return "a single quote";
	quote_terminal(&shown, slice_first(rest, utf8_decode(rest, &codepoint)));
	if (codepoint < 0x80)
		snprintf(found, sizeof(found), "'%s'", shown.data);
	else
		snprintf(found, sizeof(found), "'%s' (U+%04X)", shown.data, codepoint);
	return found;
}

void scanner_skip_blanks(struct scanner *scanner)
{
	while (scanner_peek(scanner) == ' ' || scanner_peek(scanner) == '\t')
		scanner->at++;
}

bool scanner_skip_newline(struct scanner *scanner)
{
	if (scanner_peek(scanner) == '\n')
		scanner->at++;
	else if (scanner_is_at(scanner, "\r\n"))
		scanner->at += 2;
	else
		return false;
	return true;
}

int scanner_skip_comment(struct scanner *scanner)
{
	scanner_skip_blanks(scanner);
	if (scanner_peek(scanner) != '#')
		return 0;
	for (;; scanner->at++) {
		int c = scanner_peek(scanner);

		if (c < 0 || c == '\n' || (c == '\r' && scanner_is_at(scanner, "\r\n")))
			return 0;
		if ((c < ' ' && c != '\t') || c == 0x7F)
			return scanner_fail(scanner, scanner->at,
					    "a comment cannot contain %s; remove that character",
					    scanner_found(scanner));
	}
}

int scanner_skip_lines(struct scanner *scanner)
{
	int ret;

	do {
		ret = scanner_skip_comment(scanner);
		if (ret < 0)
			return ret;
	} while (scanner_skip_newline(scanner));
	return 0;
}

int scanner_end_line(struct scanner *scanner, const char *what)
{
	int ret = scanner_skip_comment(scanner);

	if (ret < 0)
		return ret;
	if (scanner_skip_newline(scanner) || scanner_peek(scanner) < 0)
		return 0;
	return scanner_fail(scanner, scanner->at,
			    "expected the end of the line behind %s, found %s", what,
			    scanner_found(scanner));
}
