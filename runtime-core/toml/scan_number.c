// SPDX-License-Identifier: Apache-2.0
/* Booleans, integers and floats. */
#include "scanner.h"

#include <errno.h>
#include <math.h>

#include "base/number.h"

/* A word is whatever a number, date or bare word can consist of. */
static bool is_word_character(int c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
	       c == '-' || c == '+' || c == '.' || c == ':';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The length of the digits, of this base, at the start of the text, single underscores between them. */
static size_t span_digits(struct slice text, unsigned base)
{
	size_t size = 0;
	bool after_digit = false;

	for (; size < text.size; size++) {
		char c = text.data[size];
		unsigned digit =
			is_digit(c) ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a') + 10;

		if (c == '_' ? !after_digit : digit >= base)
			break;
		after_digit = c != '_';
	}
	return size && !after_digit ? size - 1 : size;
}

static struct slice skip_sign(struct slice word)
{
	return word.size && (word.data[0] == '-' || word.data[0] == '+') ? slice_from(word, 1)
									 : word;
}

static int fail_number(struct scanner *scanner, size_t start, struct slice word, const char *why)
{
	return scanner_fail(scanner, start, "'%.*s' is no number: %s",
			    SLICE_ARGS(slice_first(word, 60)), why);
}

static int fail_range(struct scanner *scanner, size_t start, struct slice word, const char *range)
{
	return scanner_fail(scanner, start, "%.*s is out of range: %s",
			    SLICE_ARGS(slice_first(word, 60)), range);
}

/* Digits that span_digits has found to be right. -ERANGE beyond 64 bits. */
static int digits_value(struct slice digits, unsigned base, uint64_t *value)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < digits.size; i++) {
		char c = digits.data[i];

		if (c == '_')
			continue;
		if (__builtin_mul_overflow(sum, (uint64_t)base, &sum) ||
		    __builtin_add_overflow(
			    sum, (uint64_t)(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10), &sum))
			return -ERANGE;
	}
	*value = sum;
	return 0;
}

static int scan_integer(struct scanner *scanner, size_t start, struct slice word, int64_t *integer)
{
	static const struct {
		const char *prefix;
		unsigned base;
		const char *name;
	} bases[] = {
		{ "0x", 16, "0x must be followed by hexadecimal digits" },
		{ "0o", 8, "0o must be followed by octal digits" },
		{ "0b", 2, "0b must be followed by binary digits" },
	};
	struct slice digits = skip_sign(word);
	bool negative = word.data[0] == '-';
	uint64_t magnitude, limit = (uint64_t)INT64_MAX + negative;
	unsigned base = 10;

	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		if (!slice_starts_with(digits, bases[i].prefix))
			continue;
		if (digits.size != word.size)
			return fail_number(scanner, start, word,
					   "a prefix such as 0x allows no sign");
		base = bases[i].base;
		digits = slice_from(digits, 2);
		if (digits.size == 0 || span_digits(digits, base) != digits.size)
			return fail_number(scanner, start, word, bases[i].name);
	}
	if (digits.size == 0 || span_digits(digits, base) != digits.size)
		return fail_number(
			scanner, start, word,
			"it may consist of digits and of single underscores between them");
	if (base == 10 && digits.size > 1 && digits.data[0] == '0')
		return fail_number(scanner, start, word,
				   "leading zeros are not allowed; octal is written 0o...");
	if (digits_value(digits, base, &magnitude) < 0 || magnitude > limit)
		return fail_range(scanner, start, word, "an integer has 64 bits, sign included");
	*integer = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	return 0;
}

/* What is wrong with the form of a float, NULL for nothing. */
static const char *float_defect(struct slice word)
{
	struct slice rest = skip_sign(word);
	size_t size = span_digits(rest, 10);

	if (size == 0)
		return "it must start with a digit";
	if (size > 1 && rest.data[0] == '0')
		return "leading zeros are not allowed";
	rest = slice_from(rest, size);
	if (slice_starts_with(rest, ".")) {
		rest = slice_from(rest, 1);
		size = span_digits(rest, 10);
		if (size == 0)
			return "a digit must follow the point";
		rest = slice_from(rest, size);
	}
	if (rest.size && (rest.data[0] | 0x20) == 'e') {
		rest = skip_sign(slice_from(rest, 1));
		size = span_digits(rest, 10);
		if (size == 0)
			return "the exponent has no digits";
		rest = slice_from(rest, size);
	}
	if (rest.size)
		return "it may consist of digits, a point, an exponent, and single underscores "
		       "between "
		       "digits";
	return NULL;
}

static int scan_float(struct scanner *scanner, size_t start, struct slice word, double *number)
{
	_cleanup_strbuf_ struct strbuf digits = STRBUF_INIT;
	struct slice unsigned_word = skip_sign(word);
	const char *defect;

	if (slice_is(unsigned_word, "inf") || slice_is(unsigned_word, "nan")) {
		*number = unsigned_word.data[0] == 'i' ? INFINITY : NAN;
		*number = copysign(*number, word.data[0] == '-' ? -1.0 : 1.0);
		return 0;
	}
	defect = float_defect(word);
	if (defect)
		return fail_number(scanner, start, word, defect);
	for (size_t i = 0; i < word.size; i++)
		if (word.data[i] != '_')
			strbuf_putc(&digits, word.data[i]);
	/* The programs of this house stay in the C locale, where the point is a point. */
	*number = strtod(digits.data, NULL);
	if (isinf(*number))
		return fail_range(scanner, start, word, "a float has 64 bits");
	return 0;
}

static size_t span_word(struct slice text)
{
	size_t size = 0;

	while (size < text.size && is_word_character((unsigned char)text.data[size]))
		size++;
	return size;
}

/* A date and a time may be separated by one blank. */
static size_t word_end(const struct scanner *scanner)
{
	struct slice rest = slice_from(scanner->text, scanner->at);
	size_t size = span_word(rest), date = strlen("1979-05-27");

	if (size == date && rest.data[4] == '-' && rest.size > date + 3 && rest.data[date] == ' ' &&
	    is_digit(rest.data[date + 1]) && is_digit(rest.data[date + 2]) &&
	    rest.data[date + 3] == ':')
		size = date + 1 + span_word(slice_from(rest, date + 1));
	return scanner->at + size;
}

static bool looks_like_float(struct slice word)
{
	struct slice unsigned_word = skip_sign(word);

	if (slice_is(unsigned_word, "inf") || slice_is(unsigned_word, "nan"))
		return true;
	if (slice_starts_with(unsigned_word, "0x"))
		return false;
	return slice_find(word, '.') < word.size || slice_find(word, 'e') < word.size ||
	       slice_find(word, 'E') < word.size;
}

static int fail_bare_word(struct scanner *scanner, size_t start, struct slice word)
{
	bool truth;

	if (word.size == 0)
		return scanner_fail(scanner, start, "expected a value, found %s",
				    scanner_found(scanner));
	if (word.size > 1 && number_parse_bool_go(word, &truth) == 0)
		return scanner_fail(scanner, start, "'%.*s' is no boolean; write %s",
				    SLICE_ARGS(word), truth ? "true" : "false");
	return scanner_fail(scanner, start, "'%.*s' is no value; text needs quotes around it",
			    SLICE_ARGS(slice_first(word, 60)));
}

int scanner_word(struct scanner *scanner, struct toml_value *value)
{
	size_t start = scanner->at, end = word_end(scanner);
	struct slice word = slice_make(scanner->text.data + start, end - start);
	struct slice unsigned_word = skip_sign(word);

	if (slice_is(word, "true") || slice_is(word, "false")) {
		scanner->at = end;
		value->type = TOML_BOOLEAN;
		value->boolean = word.data[0] == 't';
		return 0;
	}
	if (scanner_is_datetime(word)) {
		scanner->at = end;
		return scanner_datetime(scanner, start, word, value);
	}
	if (!slice_is(unsigned_word, "inf") && !slice_is(unsigned_word, "nan") &&
	    (unsigned_word.size == 0 ||
	     !(is_digit(unsigned_word.data[0]) || unsigned_word.data[0] == '.')))
		return fail_bare_word(scanner, start, word);
	scanner->at = end;
	if (looks_like_float(word)) {
		value->type = TOML_FLOAT;
		return scan_float(scanner, start, word, &value->number);
	}
	value->type = TOML_INTEGER;
	return scan_integer(scanner, start, word, &value->integer);
}
