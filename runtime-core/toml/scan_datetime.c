// SPDX-License-Identifier: Apache-2.0
/* Dates and times of RFC 3339, whole or in part. Their text is kept, in one spelling: "T", "Z", seconds. */
#include "scanner.h"

#include <errno.h>

struct reader {
	struct slice rest;
	const char *defect;
};

/* Exactly `count` digits, at most `largest`. */
static unsigned read_number(struct reader *reader, unsigned count, unsigned smallest,
			    unsigned largest, const char *defect)
{
	unsigned value = 0;

	if (reader->defect)
		return 0;
	for (unsigned i = 0; i < count; i++) {
		unsigned char digit =
			i < reader->rest.size ? (unsigned char)reader->rest.data[i] : 0;

		if (digit < '0' || digit > '9') {
			reader->defect = defect;
			return 0;
		}
		value = value * 10 + (digit - '0');
	}
	if (value < smallest || value > largest)
		reader->defect = defect;
	reader->rest = slice_from(reader->rest, count);
	return value;
}

static bool read_character(struct reader *reader, const char *any_of)
{
	if (reader->defect || reader->rest.size == 0 || !strchr(any_of, reader->rest.data[0]))
		return false;
	reader->rest = slice_from(reader->rest, 1);
	return true;
}

static void expect_character(struct reader *reader, const char *any_of, const char *defect)
{
	if (!read_character(reader, any_of) && !reader->defect)
		reader->defect = defect;
}

static unsigned days_of(unsigned year, unsigned month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (month < 1 || month > 12)
		return 0;
	return days[month - 1] + (month == 2 && leap);
}

static void read_date(struct reader *reader)
{
	unsigned year, month;

	year = read_number(reader, 4, 0, 9999, "the year needs four digits");
	expect_character(reader, "-", "a date is written YYYY-MM-DD");
	month = read_number(reader, 2, 1, 12, "the month must be 01 to 12");
	expect_character(reader, "-", "a date is written YYYY-MM-DD");
	read_number(reader, 2, 1, days_of(year, month), "the month has no such day");
}

/* *had_seconds stays true where the text has them; only TOML 1.1 lets them be left out. */
static void read_time(struct reader *reader, bool strict, bool *had_seconds, size_t *minutes_end,
		      const char *start)
{
	read_number(reader, 2, 0, 23, "the hour must be 00 to 23");
	expect_character(reader, ":", "a time is written HH:MM:SS");
	read_number(reader, 2, 0, 59, "the minute must be 00 to 59");
	*minutes_end = (size_t)(reader->rest.data - start);
	if (!read_character(reader, ":")) {
		*had_seconds = false;
		if (strict && !reader->defect)
			reader->defect = "the seconds are missing";
		return;
	}
	read_number(reader, 2, 0, 60, "the second must be 00 to 60");
	if (!read_character(reader, "."))
		return;
	read_number(reader, 1, 0, 9, "a digit must follow the point");
	while (read_character(reader, "0123456789"))
		;
}

/* False where there is none. */
static bool read_offset(struct reader *reader)
{
	if (read_character(reader, "Zz"))
		return true;
	if (!read_character(reader, "+-"))
		return false;
	read_number(reader, 2, 0, 23, "the offset's hour must be 00 to 23");
	expect_character(reader, ":", "an offset is written +HH:MM");
	read_number(reader, 2, 0, 59, "the offset's minute must be 00 to 59");
	return true;
}

bool scanner_is_datetime(struct slice word)
{
	size_t digits = 0;

	while (digits < word.size && word.data[digits] >= '0' && word.data[digits] <= '9')
		digits++;
	return digits > 0 && digits < word.size &&
	       (word.data[digits] == '-' || word.data[digits] == ':');
}

/* The text with a "T" between date and time, a capital "Z", and seconds. */
static struct slice normalize(struct scanner *scanner, struct slice word, bool has_date,
			      bool has_seconds, size_t minutes_end)
{
	static const char no_seconds[] = { ':', '0', '0' };
	size_t size = word.size + (has_seconds ? 0 : sizeof(no_seconds));
	char *text = arena_alloc(scanner->arena, size);

	memcpy(text, word.data, word.size);
	if (!has_seconds) {
		memcpy(text + minutes_end, no_seconds, sizeof(no_seconds));
		memcpy(text + minutes_end + sizeof(no_seconds), word.data + minutes_end,
		       word.size - minutes_end);
	}
	if (has_date)
		text[strlen("1979-05-27")] = 'T';
	if (text[size - 1] == 'z')
		text[size - 1] = 'Z';
	return slice_make(text, size);
}

int scanner_datetime(struct scanner *scanner, size_t start, struct slice word,
		     struct toml_value *value)
{
	struct reader reader = { .rest = word };
	bool has_date = word.size > 2 && word.data[2] != ':';
	bool has_time = true, has_seconds = true;
	size_t minutes_end = 0;

	value->type = TOML_LOCAL_TIME;
	if (has_date) {
		read_date(&reader);
		has_time = read_character(&reader, "Tt ");
		value->type = has_time ? TOML_LOCAL_DATETIME : TOML_LOCAL_DATE;
	}
	if (has_time)
		read_time(&reader, scanner->strict, &has_seconds, &minutes_end, word.data);
	if (has_date && has_time && read_offset(&reader))
		value->type = TOML_OFFSET_DATETIME;
	if (!reader.defect && reader.rest.size)
		reader.defect = "there is something behind it";
	if (reader.defect)
		return scanner_fail(scanner, start, "'%.*s' is no date or time: %s",
				    SLICE_ARGS(slice_first(word, 60)), reader.defect);
	value->string =
		has_time ? normalize(scanner, word, has_date, has_seconds, minutes_end) : word;
	return 0;
}
