// SPDX-License-Identifier: Apache-2.0
/*
 * One loop walks the text character by character; a dialect says how it writes the characters that
 * need an escape, and everything else is copied.
 */
#include "quote.h"

#include <stdbool.h>
#include <stdint.h>

#include "utf8.h"

struct dialect {
	const char *quote;
	/* Pairs of a character and the letter behind the backslash. */
	const char *letters;
	/* Does this character need a numeric escape? */
	bool (*escaped)(uint32_t codepoint);
	/* Numeric escapes of ASCII as \xNN rather than \u00NN. */
	bool short_ascii;
	/* Broken UTF-8 as \xNN rather than as U+FFFD. */
	bool keeps_broken_bytes;
};

/* What Go does not count as printable, as far as it occurs: controls, separators, odd blanks. */
static bool unprintable(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0xAD || (c >= 0x2000 && c <= 0x200F) ||
	       (c >= 0x2028 && c <= 0x202F) || (c >= 0x205F && c <= 0x206F) || c == 0x3000 ||
	       c == 0xFEFF || (c >= 0xE000 && c <= 0xF8FF) || (c & 0xFFFE) == 0xFFFE;
}

static bool escaped_in_toml(uint32_t c)
{
	return c < 0x20 || c == 0x7F;
}

static bool escaped_on_terminal(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200E && c <= 0x200F) ||
	       (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

static bool escaped_in_json(uint32_t c)
{
	return c == '<' || c == '>' || c == '&' || c == 0x2028 || c == 0x2029 ||
	       escaped_on_terminal(c);
}

static const struct dialect go = { "\"", "\"\"\\\\\aa\bb\ff\nn\rr\tt\vv", unprintable, true, true };
static const struct dialect json = { "\"", "\"\"\\\\\nn\rr\tt\bb\ff", escaped_in_json, false,
				     false };
static const struct dialect toml = { "\"", "\"\"\\\\\bb\ff\nn\rr\tt", escaped_in_toml, false,
				     false };
static const struct dialect terminal = { "", "\\\\\nn\rr\tt", escaped_on_terminal, true, true };

static bool escaped_on_terminal_lines(uint32_t c)
{
	return c != '\n' && c != '\t' && escaped_on_terminal(c);
}
static const struct dialect terminal_lines = { "", "", escaped_on_terminal_lines, true, true };

static bool put_letter(struct strbuf *out, const struct dialect *dialect, uint32_t codepoint)
{
	for (const char *pair = dialect->letters; *pair; pair += 2)
		if ((uint32_t)(unsigned char)pair[0] == codepoint) {
			strbuf_putc(out, '\\');
			strbuf_putc(out, pair[1]);
			return true;
		}
	return false;
}

static void put_number(struct strbuf *out, const struct dialect *dialect, uint32_t codepoint)
{
	if (dialect->short_ascii && codepoint < 0x80)
		strbuf_printf(out, "\\x%02x", codepoint);
	else if (codepoint <= 0xFFFF)
		strbuf_printf(out, "\\u%04x", codepoint);
	else
		strbuf_printf(out, "\\U%08x", codepoint);
}

static void quote(struct strbuf *out, const struct dialect *dialect, struct slice text)
{
	strbuf_puts(out, dialect->quote);
	while (text.size) {
		uint32_t codepoint;
		size_t size = utf8_decode(text, &codepoint);

		if (size == 0) {
			if (dialect->keeps_broken_bytes)
				strbuf_printf(out, "\\x%02x", (unsigned char)text.data[0]);
			else
				strbuf_puts(out, "\xEF\xBF\xBD");
			text = slice_from(text, 1);
			continue;
		}
		if (!put_letter(out, dialect, codepoint)) {
			if (dialect->escaped(codepoint))
				put_number(out, dialect, codepoint);
			else
				strbuf_append(out, text.data, size);
		}
		text = slice_from(text, size);
	}
	strbuf_puts(out, dialect->quote);
}

void quote_go(struct strbuf *out, struct slice text)
{
	quote(out, &go, text);
}

void quote_json(struct strbuf *out, struct slice text)
{
	quote(out, &json, text);
}

void quote_toml(struct strbuf *out, struct slice text)
{
	quote(out, &toml, text);
}

void quote_terminal(struct strbuf *out, struct slice text)
{
	quote(out, &terminal, text);
}

void quote_terminal_lines(struct strbuf *out, struct slice text)
{
	quote(out, &terminal_lines, text);
}
