// SPDX-License-Identifier: Apache-2.0
#include "number.h"

#include <errno.h>

#include "clock.h"
#include "memory.h"

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 10;
	return 255;
}

/* -EINVAL wins over -ERANGE: "99999999999999999999x" is no number at all. */
static int parse_digits(struct slice text, unsigned base, bool underscores, uint64_t *value)
{
	uint64_t sum = 0;
	bool overflow = false;
	bool after_digit = underscores && base != 10;

	if (text.size == 0)
		return -EINVAL;
	for (size_t i = 0; i < text.size; i++) {
		unsigned digit;

		if (underscores && text.data[i] == '_') {
			if (!after_digit || i + 1 == text.size)
				return -EINVAL;
			after_digit = false;
			continue;
		}
		digit = (unsigned)digit_value(text.data[i]);
		if (digit >= base)
			return -EINVAL;
		after_digit = true;
		overflow |= __builtin_mul_overflow(sum, (uint64_t)base, &sum);
		overflow |= __builtin_add_overflow(sum, (uint64_t)digit, &sum);
	}
	if (overflow)
		return -ERANGE;
	*value = sum;
	return 0;
}

int number_parse_u64(struct slice text, uint64_t *value)
{
	return parse_digits(text, 10, false, value);
}

int number_parse_i64(struct slice text, int64_t *value)
{
	bool negative = slice_starts_with(text, "-");
	uint64_t magnitude;
	int ret;

	if (negative || slice_starts_with(text, "+"))
		text = slice_from(text, 1);
	ret = number_parse_u64(text, &magnitude);
	if (ret < 0)
		return ret;
	if (magnitude > (uint64_t)INT64_MAX + negative)
		return -ERANGE;
	*value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	return 0;
}

int number_parse_u64_go(struct slice text, uint64_t *value)
{
	static const struct {
		char letter;
		unsigned base;
	} prefixes[] = { { 'x', 16 }, { 'o', 8 }, { 'b', 2 } };

	if (text.size < 2 || text.data[0] != '0')
		return parse_digits(text, 10, true, value);
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if ((text.data[1] | 0x20) == prefixes[i].letter)
			return parse_digits(slice_from(text, 2), prefixes[i].base, true, value);
	return parse_digits(slice_from(text, 1), 8, true, value);
}

int number_parse_bool_go(struct slice text, bool *value)
{
	static const char *const words[][6] = {
		{ "0", "f", "F", "false", "FALSE", "False" },
		{ "1", "t", "T", "true", "TRUE", "True" },
	};

	for (unsigned truth = 0; truth < 2; truth++)
		for (unsigned i = 0; i < 6; i++)
			if (slice_is(text, words[truth][i])) {
				*value = truth;
				return 0;
			}
	return -EINVAL;
}

int number_parse_duration(struct slice text, int64_t *duration_ns)
{
	static const struct {
		const char *name;
		int64_t ns;
	} units[] = { { "ns", 1 },	 { "us", 1000 },	 { "ms", 1000000 },
		      { "s", NS_PER_S }, { "m", 60 * NS_PER_S }, { "h", 3600 * NS_PER_S } };
	int64_t sum = 0;

	if (slice_is(text, "0")) {
		*duration_ns = 0;
		return 0;
	}
	do {
		size_t digits = 0, letters, unit = 0;
		uint64_t count;
		int64_t part;
		struct slice name;
		int ret;

		while (digits < text.size && digit_value(text.data[digits]) < 10)
			digits++;
		letters = digits;
		while (letters < text.size && digit_value(text.data[letters]) >= 10)
			letters++;
		name = slice_from(slice_first(text, letters), digits);
		while (unit < ARRAY_SIZE(units) && !slice_is(name, units[unit].name))
			unit++;
		ret = number_parse_u64(slice_first(text, digits), &count);
		if (ret < 0 || unit == ARRAY_SIZE(units))
			return ret < 0 ? ret : -EINVAL;
		if (__builtin_mul_overflow(count, units[unit].ns, &part) ||
		    __builtin_add_overflow(sum, part, &sum))
			return -ERANGE;
		text = slice_from(text, letters);
	} while (text.size > 0);
	*duration_ns = sum;
	return 0;
}
