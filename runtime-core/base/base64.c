// SPDX-License-Identifier: Apache-2.0
#include "base64.h"

#include <errno.h>
#include <stdint.h>

#define GROUP 4 /* characters that make three bytes */

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

static size_t skip_line_ends(struct slice text, size_t at)
{
	while (at < text.size && (text.data[at] == '\n' || text.data[at] == '\r'))
		at++;
	return at;
}

static int illegal(size_t at, struct error **err)
{
	return error_set(err, -EINVAL, "illegal base64 data at input byte %zu", at);
}

/* A group's `count` values, of which the last may lack its low bits, are count - 1 bytes. */
static void append_group(struct strbuf *out, const uint8_t values[GROUP], unsigned count)
{
	uint32_t bits = (uint32_t)values[0] << 18 | (uint32_t)values[1] << 12 |
			(uint32_t)values[2] << 6 | values[3];

	for (unsigned i = 0; i + 1 < count; i++)
		strbuf_putc(out, (char)(bits >> (16 - 8 * i) & 0xff));
}

/* `at` is behind the first padding character of a group that has `count` values. */
static int end_with_padding(struct slice text, size_t at, unsigned count, struct error **err)
{
	if (count < 2)
		return illegal(at - 1, err);
	if (count == 2) {
		at = skip_line_ends(text, at);
		if (at == text.size)
			return illegal(at, err);
		if (text.data[at] != '=')
			return illegal(at - 1, err);
		at++;
	}
	at = skip_line_ends(text, at);
	return at == text.size ? 0 : illegal(at, err);
}

int base64_decode(struct slice text, struct strbuf *out, struct error **err)
{
	uint8_t values[GROUP] = { 0 };
	unsigned count = 0;
	size_t at = 0;
	int ret;

	while ((at = skip_line_ends(text, at)) < text.size) {
		char c = text.data[at++];
		int value = value_of(c);

		if (c == '=') {
			ret = end_with_padding(text, at, count, err);
			if (ret == 0)
				append_group(out, values, count);
			return ret;
		}
		if (value < 0)
			return illegal(at - 1, err);
		values[count++] = (uint8_t)value;
		if (count == GROUP) {
			append_group(out, values, count);
			memset(values, 0, sizeof(values));
			count = 0;
		}
	}
	return count == 0 ? 0 : illegal(text.size - count, err);
}

static void encode(struct slice bytes, const char *last_two, struct strbuf *out)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

	for (; bytes.size > 0; bytes = slice_from(bytes, 3)) {
		size_t count = bytes.size < 3 ? bytes.size : 3;
		uint32_t bits = 0;

		for (size_t i = 0; i < 3; i++)
			bits = bits << 8 | (i < count ? (unsigned char)bytes.data[i] : 0);
		for (size_t i = 0; i < GROUP; i++) {
			unsigned value = bits >> (18 - 6 * i) & 63;
			char digit = value < 62 ? alphabet[value] : last_two[value - 62];

			strbuf_putc(out, i <= count ? digit : '=');
		}
	}
}

void base64_encode(struct slice bytes, struct strbuf *out)
{
	encode(bytes, "+/", out);
}

void base64url_encode(struct slice bytes, struct strbuf *out)
{
	encode(bytes, "-_", out);
}
