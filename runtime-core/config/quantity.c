// SPDX-License-Identifier: Apache-2.0
#include "quantity.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>

#include "base/memory.h"

/* More digits behind the point than this make no difference to a whole number of bytes. */
#define FRACTION_DIGITS_MAX 18

static const struct suffix {
	const char *text;
	unsigned shift; /* the power of two; 0: decimal */
} suffixes[] = {
	{ "Ki", 10 }, { "Mi", 20 }, { "Gi", 30 }, { "Ti", 40 }, { "Pi", 50 }, { "Ei", 60 },
	{ "", 0 },    { "n", 0 },   { "u", 0 },	  { "m", 0 },	{ "k", 0 },   { "M", 0 },
	{ "G", 0 },   { "T", 0 },   { "P", 0 },	  { "E", 0 },
};

static size_t digits_of(struct slice text)
{
	size_t count = 0;

	while (count < text.size && isdigit((unsigned char)text.data[count]))
		count++;
	return count;
}

/* e3, E-6 */
static bool is_exponent(struct slice text)
{
	if (!slice_starts_with(text, "e") && !slice_starts_with(text, "E"))
		return false;
	text = slice_from(text, 1);
	if (slice_starts_with(text, "+") || slice_starts_with(text, "-"))
		text = slice_from(text, 1);
	return text.size > 0 && digits_of(text) == text.size;
}

static const struct suffix *find_suffix(struct slice text)
{
	static const struct suffix exponent = { "e", 0 };

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (slice_is(text, suffixes[i].text))
			return &suffixes[i];
	return is_exponent(text) ? &exponent : NULL;
}

/* Whole and fraction, as digits, times 2^shift, rounded up. */
static int scale(struct slice whole, struct slice fraction, unsigned shift, uint64_t *value)
{
	unsigned __int128 sum = 0, rest = 0, unit = 1;

	for (size_t i = 0; i < whole.size; i++) {
		sum = sum * 10 + (unsigned)(whole.data[i] - '0');
		if (sum > INT64_MAX)
			return -ERANGE;
	}
	fraction = slice_first(fraction, FRACTION_DIGITS_MAX);
	for (size_t i = 0; i < fraction.size; i++) {
		rest = rest * 10 + (unsigned)(fraction.data[i] - '0');
		unit *= 10;
	}
	sum = (sum << shift) + ((rest << shift) + unit - 1) / unit;
	if (sum > INT64_MAX)
		return -ERANGE;
	*value = (uint64_t)sum;
	return 0;
}

int quantity_parse(struct slice text, enum quantity_format *format, uint64_t *value)
{
	bool negative = slice_starts_with(text, "-");
	struct slice whole, fraction = { 0 };
	const struct suffix *suffix;

	if (negative || slice_starts_with(text, "+"))
		text = slice_from(text, 1);
	whole = slice_first(text, digits_of(text));
	text = slice_from(text, whole.size);
	if (slice_starts_with(text, ".")) {
		text = slice_from(text, 1);
		fraction = slice_first(text, digits_of(text));
		text = slice_from(text, fraction.size);
	}
	suffix = find_suffix(text);
	if (whole.size + fraction.size == 0 || !suffix)
		return -EINVAL;
	*format = suffix->shift ? QUANTITY_BINARY : QUANTITY_DECIMAL;
	if (!suffix->shift)
		return 0;
	return negative ? -ERANGE : scale(whole, fraction, suffix->shift, value);
}
