// SPDX-License-Identifier: Apache-2.0
#include "yaml_text.h"

#include "base/utf8.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_special_word(struct slice text)
{
	static const char *const words[] = {
		"",	 "~",	  "null",  "Null", "NULL", "y",	   "Y",	    "yes",   "Yes",
		"YES",	 "n",	  "N",	   "no",   "No",   "NO",   "on",    "On",    "ON",
		"off",	 "Off",	  "OFF",   "true", "True", "TRUE", "false", "False", "FALSE",
		".nan",	 ".NaN",  ".NAN",  ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF",
		"-.inf", "-.Inf", "-.INF", "<<",   "=",
	};

	if (text.size > 5)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_is(text, words[i]))
			return true;
	return false;
}

/* Step over digits of a kind, and underscores between them. Returns how many digits there were. */
static size_t skip_digits(struct slice *text, const char *digits)
{
	size_t count = 0;

	for (; text->size > 0; *text = slice_from(*text, 1)) {
		if (strchr(digits, text->data[0]) && text->data[0])
			count++;
		else if (text->data[0] != '_')
			break;
	}
	return count;
}

#define DECIMAL "0123456789"

/* One of these characters, if it is the next one. */
static bool skip_one(struct slice *text, const char *characters)
{
	if (text->size == 0 || !text->data[0] || !strchr(characters, text->data[0]))
		return false;
	*text = slice_from(*text, 1);
	return true;
}

static bool is_number(struct slice text)
{
	static const struct {
		const char *letters, *digits;
	} bases[] = { { "xX", "0123456789abcdefABCDEF" }, { "bB", "01" }, { "oO", "01234567" } };
	struct slice rest;
	size_t digits;

	skip_one(&text, "+-");
	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		rest = text;
		if (skip_one(&rest, "0") && skip_one(&rest, bases[i].letters) &&
		    skip_digits(&rest, bases[i].digits) && rest.size == 0)
			return true;
	}
	digits = skip_digits(&text, DECIMAL);
	while (digits && skip_one(&text, ":"))
		if (!skip_digits(&text, DECIMAL))
			return false;
	if (skip_one(&text, "."))
		digits += skip_digits(&text, DECIMAL);
	if (digits == 0)
		return false;
	if (skip_one(&text, "eE")) {
		skip_one(&text, "+-");
		if (!skip_digits(&text, DECIMAL))
			return false;
	}
	return text.size == 0;
}

/* One or two digits. */
static bool skip_short(struct slice *text)
{
	if (text->size == 0 || !is_digit(text->data[0]))
		return false;
	*text = slice_from(*text, 1);
	if (text->size > 0 && is_digit(text->data[0]))
		*text = slice_from(*text, 1);
	return true;
}

static void skip_blanks(struct slice *text)
{
	while (skip_one(text, " \t"))
		;
}

/* A date, or a date and a time, whether there is such a day or not. */
static bool is_time(struct slice text)
{
	for (size_t i = 0; i < 4; i++)
		if (text.size <= i || !is_digit(text.data[i]))
			return false;
	text = slice_from(text, 4);
	if (!skip_one(&text, "-") || !skip_short(&text) || !skip_one(&text, "-") ||
	    !skip_short(&text))
		return false;
	if (text.size == 0)
		return true;
	if (!skip_one(&text, "Tt \t"))
		return false;
	skip_blanks(&text);
	if (!skip_short(&text) || !skip_one(&text, ":") || !skip_short(&text) ||
	    !skip_one(&text, ":") || !skip_short(&text))
		return false;
	if (skip_one(&text, "."))
		skip_digits(&text, DECIMAL);
	skip_blanks(&text);
	if (skip_one(&text, "Z") || text.size == 0)
		return text.size == 0;
	return skip_one(&text, "+-") && skip_short(&text) &&
	       (text.size == 0 || (skip_one(&text, ":") && skip_short(&text) && text.size == 0));
}

bool yaml_reads_as_string(struct slice text)
{
	if (is_special_word(text))
		return false;
	if (!is_digit(text.data[0]) && !strchr("+-.", text.data[0]))
		return true;
	return !is_number(text) && !is_time(text);
}

/* Cut a run of digits off. */
static struct slice cut_run(struct slice *text)
{
	size_t size = 0;

	while (size < text->size && is_digit(text->data[size]))
		size++;
	*text = slice_make(text->data + size, text->size - size);
	return slice_make(text->data - size, size);
}

static int compare_runs(struct slice a, struct slice b)
{
	size_t a_size = a.size, b_size = b.size;

	while (a.size > 0 && a.data[0] == '0')
		a = slice_from(a, 1);
	while (b.size > 0 && b.data[0] == '0')
		b = slice_from(b, 1);
	if (a.size != b.size)
		return a.size < b.size ? -1 : 1;
	if (a.size > 0 && memcmp(a.data, b.data, a.size) != 0)
		return memcmp(a.data, b.data, a.size);
	return (a_size > b_size) - (a_size < b_size);
}

/* Beyond ASCII nearly everything that occurs in a key is a letter. */
static bool is_letter(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0xAA;
}

static int compare_characters(uint32_t a, uint32_t b)
{
	if (is_letter(a) != is_letter(b))
		return is_letter(b) ? -1 : 1;
	return (a > b) - (a < b);
}

/* The next character; a byte that is none stands for itself. */
static uint32_t cut_character(struct slice *text)
{
	uint32_t c = (unsigned char)text->data[0];
	size_t size = utf8_decode(*text, &c);

	*text = slice_from(*text, size ? size : 1);
	return c;
}

int yaml_compare_keys(struct slice a, struct slice b)
{
	while (a.size > 0 && b.size > 0) {
		int order;

		if (is_digit(a.data[0]) && is_digit(b.data[0])) {
			struct slice a_run = cut_run(&a), b_run = cut_run(&b);

			order = compare_runs(a_run, b_run);
		} else {
			order = compare_characters(cut_character(&a), cut_character(&b));
		}
		if (order)
			return order;
	}
	return (a.size > 0) - (b.size > 0);
}
