// SPDX-License-Identifier: Apache-2.0
#include "big_numbers.h"

/* All integers of so many digits are doubles too. */
#define EXACT_DIGITS 15

/* The size of the string at the start of the text, both quotes included. */
static size_t string_size(struct slice text)
{
	size_t i = 1;

	while (i < text.size && text.data[i] != '"')
		i += text.data[i] == '\\' ? 2 : 1;
	return i < text.size ? i + 1 : text.size;
}

/* The size of the number at the start of the text, 0 where there is none; *digits: of an integer, else 0. */
static size_t number_size(struct slice text, size_t *digits)
{
	size_t i = text.data[0] == '-';

	*digits = 0;
	while (i < text.size && text.data[i] >= '0' && text.data[i] <= '9') {
		i++;
		++*digits;
	}
	if (*digits == 0)
		return 0;
	while (i < text.size && strchr("+-.0123456789Ee", text.data[i]) && text.data[i]) {
		i++;
		*digits = 0;
	}
	return i;
}

void quote_big_numbers(struct slice json, struct strbuf *out)
{
	while (json.size > 0) {
		size_t digits = 0, size;

		if (json.data[0] == '"')
			size = string_size(json);
		else
			size = number_size(json, &digits);
		if (size == 0)
			size = 1;
		if (digits > EXACT_DIGITS)
			strbuf_printf(out, "\"%.*s\"", SLICE_ARGS(slice_first(json, size)));
		else
			strbuf_slice(out, slice_first(json, size));
		json = slice_from(json, size);
	}
}
