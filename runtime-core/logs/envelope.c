// SPDX-License-Identifier: Apache-2.0
#include "envelope.h"

#include <errno.h>
#include <time.h>

#include "base/memory.h"
#include "base/number.h"
#include "json_object.h"

#define US_PER_S	1000000
#define SECONDS_PER_DAY 86400

static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* 1 to 12, or 0. */
static unsigned month_of(struct slice text)
{
	for (unsigned i = 0; text.size >= 3 && i < 12; i++)
		if (memcmp(text.data, month_names + 3 * (size_t)i, 3) == 0)
			return i + 1;
	return 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Does the text have this form? 9 stands for a digit, _ for a digit or a blank, the rest for itself. */
static bool has_form(struct slice text, const char *form)
{
	for (size_t i = 0; form[i]; i++) {
		char c = i < text.size ? text.data[i] : '\0';

		if (form[i] == '9'   ? !is_digit(c)
		    : form[i] == '_' ? !is_digit(c) && c != ' '
				     : c != form[i])
			return false;
	}
	return true;
}

/* "host identifier[pid]: message" behind a stamp; false when it does not look like that. */
static bool cut_origin(struct slice rest, struct slice *text)
{
	size_t host, identifier;

	if (rest.size == 0 || rest.data[0] != ' ')
		return false;
	rest = slice_from(rest, 1);
	host = slice_find(rest, ' ');
	rest = slice_from(rest, host + 1);
	identifier = slice_find(rest, ' ');
	if (host == 0 || identifier < 2 || rest.data[identifier - 1] != ':')
		return false;
	*text = slice_from(rest, identifier + 1);
	return true;
}

static bool is_marker(struct slice line)
{
	return slice_starts_with(line, "-- ") && slice_ends_with(line, " --");
}

/* The journal's own fields are in capitals; no logger's keys are. */
static bool is_journal_json(struct slice line)
{
	char first = line.size > 2 && line.data[1] == '"' ? line.data[2] : ' ';

	return first == '_' || (first >= 'A' && first <= 'Z');
}

enum logs_envelope logs_envelope_find(struct slice line, struct slice *text, struct slice *stamp)
{
	enum logs_envelope envelope = LOGS_ENVELOPE_NONE;
	size_t size;

	*text = line;
	*stamp = slice_make(line.data, 0);
	if (line.size < 8 || line.data[0] == 't')
		return LOGS_ENVELOPE_NONE;
	if (line.data[0] == '{')
		return is_journal_json(line) ? LOGS_ENVELOPE_JSON : LOGS_ENVELOPE_NONE;
	if (line.data[0] == '-')
		return is_marker(line) ? LOGS_ENVELOPE_MARKER : LOGS_ENVELOPE_NONE;
	if (line.data[0] == '<' && slice_find(slice_first(line, 5), '>') < 5)
		line = slice_from(line, slice_find(line, '>') + 1);

	if (month_of(line) && has_form(slice_from(line, 3), " _9 99:99:99")) {
		envelope = LOGS_ENVELOPE_SHORT;
		size = strlen("May 01 08:00:00");
		while (size < line.size && (line.data[size] == '.' || is_digit(line.data[size])))
			size++;
	} else if (has_form(line, "9999-99-99T99:99:99")) {
		envelope = LOGS_ENVELOPE_ISO;
		size = slice_find(line, ' ');
	} else if (has_form(line, "9999999999")) {
		envelope = LOGS_ENVELOPE_UNIX;
		size = slice_find(line, ' ');
	} else if (line.data[0] == '[') {
		envelope = LOGS_ENVELOPE_MONOTONIC;
		size = slice_find(line, ']') + 1;
	} else {
		return LOGS_ENVELOPE_NONE;
	}
	if (!cut_origin(slice_from(line, size), text))
		return LOGS_ENVELOPE_NONE;
	*stamp = slice_first(line, size);
	return envelope;
}

static unsigned number_at(struct slice text, size_t at)
{
	unsigned tens = text.data[at] == ' ' ? 0 : (unsigned)(text.data[at] - '0');

	return tens * 10 + (unsigned)(text.data[at + 1] - '0');
}

/* No year, no zone: local time, in the year that puts it into the past. */
static bool short_time(struct slice stamp, struct logs_instant *instant)
{
	time_t now = time(NULL), then = now;
	struct tm local, today;

	localtime_r(&now, &today);
	for (int year = today.tm_year; year >= today.tm_year - 1; year--) {
		local = (struct tm){
			.tm_year = year,
			.tm_mon = (int)month_of(stamp) - 1,
			.tm_mday = (int)number_at(stamp, 4),
			.tm_hour = (int)number_at(stamp, 7),
			.tm_min = (int)number_at(stamp, 10),
			.tm_sec = (int)number_at(stamp, 13),
			.tm_isdst = -1,
		};
		then = mktime(&local);
		if (then <= now + SECONDS_PER_DAY)
			break;
	}
	*instant = (struct logs_instant){ .seconds = then };
	return true;
}

/* RFC 3339, the colon of whose offset may be missing. */
static bool iso_time(struct slice stamp, struct logs_instant *instant)
{
	char text[LOGS_TIME_MAX_TEXT];
	struct logs_time time;
	const char *why;

	if (stamp.size + 1 > sizeof(text))
		return false;
	memcpy(text, stamp.data, stamp.size);
	if (stamp.size > 5 && has_form(slice_from(stamp, stamp.size - 4), "9999")) {
		memcpy(text + stamp.size - 2, ":", 1);
		memcpy(text + stamp.size - 1, stamp.data + stamp.size - 2, 2);
		stamp.size++;
	}
	if (logs_time_parse(slice_make(text, stamp.size), &time, &why) < 0)
		return false;
	*instant = time.instant;
	return true;
}

static bool unix_time(struct slice stamp, struct logs_instant *instant)
{
	struct slice seconds = slice_first(stamp, slice_find(stamp, '.'));
	struct slice fraction = slice_from(stamp, seconds.size + 1);
	uint64_t value;

	if (number_parse_u64(seconds, &value) < 0 || value > INT64_MAX / US_PER_S)
		return false;
	*instant = (struct logs_instant){ .seconds = (int64_t)value };
	if (fraction.size == 6 && number_parse_u64(fraction, &value) == 0)
		instant->nanoseconds = (uint32_t)value * 1000;
	return true;
}

bool logs_envelope_time(enum logs_envelope envelope, struct slice stamp,
			struct logs_instant *instant)
{
	switch (envelope) {
	case LOGS_ENVELOPE_SHORT:
		return short_time(stamp, instant);
	case LOGS_ENVELOPE_ISO:
		return iso_time(stamp, instant);
	case LOGS_ENVELOPE_UNIX:
		return unix_time(stamp, instant);
	default:
		return false;
	}
}

bool logs_journal_time(struct slice digits, struct logs_instant *instant)
{
	uint64_t value;

	if (number_parse_u64(digits, &value) < 0 || value > INT64_MAX)
		return false;
	instant->seconds = (int64_t)(value / US_PER_S);
	instant->nanoseconds = (uint32_t)(value % US_PER_S) * 1000;
	return true;
}

/* [116,105,109,...]: how the journal writes a message that is not clean text. */
static int bytes_of_array(struct slice array, struct logs_arena *arena, struct slice *message)
{
	struct slice rest, item;
	char *out;
	size_t size = 0;

	if (array.size < 2 || array.data[0] != '[')
		return -EINVAL;
	rest = slice_make(array.data + 1, array.size - 2);
	out = logs_arena_reserve(arena, array.size);
	while (slice_next_field(&rest, ',', &item)) {
		uint64_t value;

		if (number_parse_u64(slice_trim(item), &value) < 0 || value > UINT8_MAX)
			return -EINVAL;
		out[size++] = (char)value;
	}
	*message = slice_make(out, size);
	logs_arena_commit(arena, size);
	return 0;
}

int logs_envelope_json(struct slice line, struct logs_arena *arena, struct slice *message,
		       bool *dated, struct logs_instant *instant)
{
	struct json_object object = { .text = line, .arena = arena };
	struct json_member member;
	bool found = false;
	int ret;

	*dated = false;
	while ((ret = json_object_next(&object, &member)) > 0) {
		if (slice_is(member.key, "__REALTIME_TIMESTAMP")) {
			*dated = logs_journal_time(member.value, instant);
		} else if (slice_is(member.key, "MESSAGE")) {
			*message = member.value;
			if (member.kind == JSON_OTHER &&
			    bytes_of_array(member.value, arena, message) < 0)
				return -EINVAL;
			found = true;
		}
	}
	return ret == 0 && found ? 0 : -EINVAL;
}
