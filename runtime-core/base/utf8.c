// SPDX-License-Identifier: Apache-2.0
#include "utf8.h"

size_t utf8_decode(struct slice text, uint32_t *codepoint)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = (unsigned char)text.data[0];
	uint32_t value;
	size_t size;

	if (first < 0x80) {
		*codepoint = first;
		return 1;
	}
	if (first >= 0xC2 && first < 0xE0)
		size = 2;
	else if (first >= 0xE0 && first < 0xF0)
		size = 3;
	else if (first >= 0xF0 && first < 0xF5)
		size = 4;
	else
		return 0;
	if (text.size < size)
		return 0;
	value = first & (0x7FU >> size);
	for (size_t i = 1; i < size; i++) {
		unsigned char next = (unsigned char)text.data[i];

		if ((next & 0xC0) != 0x80)
			return 0;
		value = value << 6 | (next & 0x3F);
	}
	if (value < smallest[size] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000))
		return 0;
	*codepoint = value;
	return size;
}

size_t utf8_encode(uint32_t codepoint, char *out)
{
	static const unsigned char leads[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
	size_t size;

	if (codepoint > 0x10FFFF || (codepoint >= 0xD800 && codepoint < 0xE000))
		codepoint = 0xFFFD;
	size = codepoint < 0x80 ? 1 : codepoint < 0x800 ? 2 : codepoint < 0x10000 ? 3 : 4;
	for (size_t i = size; i-- > 1; codepoint >>= 6)
		out[i] = (char)(0x80 | (codepoint & 0x3F));
	out[0] = (char)(leads[size] | codepoint);
	return size;
}

size_t utf8_find_invalid(struct slice text)
{
	size_t at = 0;

	while (at < text.size) {
		uint32_t codepoint;
		size_t size = 1;

		if ((unsigned char)text.data[at] >= 0x80)
			size = utf8_decode(slice_from(text, at), &codepoint);
		if (size == 0)
			break;
		at += size;
	}
	return at;
}

void utf8_append_valid(struct strbuf *out, struct slice text)
{
	while (text.size > 0) {
		size_t valid = utf8_find_invalid(text);

		strbuf_slice(out, slice_first(text, valid));
		text = slice_from(text, valid);
		if (text.size == 0)
			break;
		strbuf_puts(out, "\xEF\xBF\xBD");
		text = slice_from(text, 1);
	}
}
