// SPDX-License-Identifier: Apache-2.0
/*
 * The fields of a time stamp stand at fixed places, so they are read and written there, without a general
 * parser. The local zone is asked only for texts in Go's own form, once per quarter of an hour of log: zones
 * change their offset at no other times.
 */
#include "timestamp.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/number.h"
#include "base/strbuf.h"

#define LOCAL_SIZE	   19 /* "2024-05-01T08:00:02" */
#define MAX_FRACTION	   9
#define SECONDS_PER_MINUTE 60
#define SECONDS_PER_HOUR   3600
#define SECONDS_PER_DAY	   86400
#define MAX_SECONDS	   INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define MIN_SECONDS	   INT64_C(-62167219200) /* 0000-01-01T00:00:00Z */
#define ZONE_PERIOD	   900

int64_t logs_instant_since(struct logs_instant a, struct logs_instant b)
{
	int64_t seconds = a.seconds - b.seconds;
	int64_t nanoseconds = (int64_t)a.nanoseconds - b.nanoseconds;
	int64_t result;

	if (__builtin_mul_overflow(seconds, (int64_t)LOGS_NS_PER_S, &result))
		return seconds < 0 ? INT64_MIN : INT64_MAX;
	if (__builtin_add_overflow(result, nanoseconds, &result))
		return nanoseconds < 0 ? INT64_MIN : INT64_MAX;
	return result;
}

/* Days since 1970-01-01 of a day in the Gregorian calendar; years are counted from March. */
static int64_t civil_days(int year, unsigned month, unsigned day)
{
	int64_t shifted = month <= 2 ? year - 1 : year;
	int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
	int64_t year_of_era = shifted - era * 400;
	int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

int64_t logs_civil_seconds(int year, unsigned month, unsigned day, unsigned hour, unsigned minute,
			   unsigned second)
{
	return civil_days(year, month, day) * SECONDS_PER_DAY + (int64_t)hour * SECONDS_PER_HOUR +
	       (int64_t)minute * SECONDS_PER_MINUTE + second;
}

static unsigned days_in_month(int year, unsigned month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* Two digits; anything else gives a number above 99. */
static unsigned two_digits(const char *text)
{
	unsigned tens = (unsigned)(unsigned char)text[0] - '0';
	unsigned ones = (unsigned)(unsigned char)text[1] - '0';

	return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}

/* The date and the time of day, in the time stamp's own zone. */
static int parse_local(struct slice text, struct logs_time *time, const char **why)
{
	const char *t = text.data;
	unsigned century, year_of_century, month, day, hour, minute, second;
	int year;

	*why = "not of the form YYYY-MM-DDTHH:MM:SS";
	if (text.size < LOCAL_SIZE || t[4] != '-' || t[7] != '-' || t[10] != 'T' || t[13] != ':' ||
	    t[16] != ':')
		return -EINVAL;
	century = two_digits(t);
	year_of_century = two_digits(t + 2);
	month = two_digits(t + 5);
	day = two_digits(t + 8);
	hour = two_digits(t + 11);
	minute = two_digits(t + 14);
	second = two_digits(t + 17);
	if (century > 99 || year_of_century > 99 || month > 99 || day > 99 || hour > 99 ||
	    minute > 99 || second > 99)
		return -EINVAL;
	year = (int)(century * 100 + year_of_century);
	*why = "month out of range";
	if (month < 1 || month > 12)
		return -EINVAL;
	*why = "day out of range";
	if (day < 1 || day > days_in_month(year, month))
		return -EINVAL;
	*why = "hour, minute or second out of range";
	if (hour > 23 || minute > 59 || second > 59)
		return -EINVAL;
	time->instant.seconds = logs_civil_seconds(year, month, day, hour, minute, second);
	memcpy(time->local, t, LOCAL_SIZE);
	time->local[LOCAL_SIZE] = '\0';
	return 0;
}

static int parse_fraction(struct slice *rest, struct logs_time *time, const char **why)
{
	uint32_t value = 0;
	size_t digits = 0;

	time->instant.nanoseconds = 0;
	if (rest->size == 0 || (rest->data[0] != '.' && rest->data[0] != ','))
		return 0;
	for (size_t i = 1; i < rest->size; i++) {
		unsigned digit = (unsigned)(unsigned char)rest->data[i] - '0';

		if (digit > 9)
			break;
		if (++digits > MAX_FRACTION) {
			*why = "more than nine digits of a second";
			return -EINVAL;
		}
		value = value * 10 + digit;
	}
	if (digits == 0) {
		*why = "no digits behind the decimal point";
		return -EINVAL;
	}
	*rest = slice_from(*rest, digits + 1);
	for (; digits < MAX_FRACTION; digits++)
		value *= 10;
	time->instant.nanoseconds = value;
	return 0;
}

static int parse_zone(struct slice rest, struct logs_time *time, const char **why)
{
	unsigned hours, minutes;

	time->offset_minutes = 0;
	time->is_utc = rest.size == 1 && rest.data[0] == 'Z';
	if (time->is_utc)
		return 0;
	*why = "no zone: expected Z, +HH:MM or -HH:MM at the end";
	if (rest.size != 6 || (rest.data[0] != '+' && rest.data[0] != '-') || rest.data[3] != ':')
		return -EINVAL;
	hours = two_digits(rest.data + 1);
	minutes = two_digits(rest.data + 4);
	if (hours > 99 || minutes > 99)
		return -EINVAL;
	*why = "timezone hour outside of range [0,23]";
	minutes += hours > 23 ? 0 : hours * 60;
	if (hours > 23 || minutes > 23 * 60 + 59)
		return -EINVAL;
	*why = "timezone minute outside of range [0,60]";
	if (minutes - hours * 60 > 60)
		return -EINVAL;
	time->offset_minutes = (int16_t)(rest.data[0] == '-' ? -(int)minutes : (int)minutes);
	time->instant.seconds -= (int64_t)time->offset_minutes * SECONDS_PER_MINUTE;
	return 0;
}

int logs_time_parse(struct slice text, struct logs_time *time, const char **why)
{
	struct slice rest = slice_from(text, LOCAL_SIZE);
	int ret = parse_local(text, time, why);

	if (ret == 0)
		ret = parse_fraction(&rest, time, why);
	return ret < 0 ? ret : parse_zone(rest, time, why);
}

static char *put_two(char *out, unsigned value)
{
	*out++ = (char)('0' + value / 10);
	*out++ = (char)('0' + value % 10);
	return out;
}

void logs_time_from_instant(struct logs_instant instant, struct logs_time *time)
{
	int64_t seconds = instant.seconds > MAX_SECONDS	  ? MAX_SECONDS
			  : instant.seconds < MIN_SECONDS ? MIN_SECONDS
							  : instant.seconds;
	time_t clock = (time_t)seconds;
	struct tm utc;
	char *out = time->local;
	unsigned year;

	*time = (struct logs_time){ .instant = { seconds, instant.nanoseconds }, .is_utc = true };
	gmtime_r(&clock, &utc);
	year = (unsigned)utc.tm_year + 1900;
	out = put_two(out, year / 100);
	out = put_two(out, year % 100);
	*out++ = '-';
	out = put_two(out, (unsigned)utc.tm_mon + 1);
	*out++ = '-';
	out = put_two(out, (unsigned)utc.tm_mday);
	*out++ = 'T';
	out = put_two(out, (unsigned)utc.tm_hour);
	*out++ = ':';
	out = put_two(out, (unsigned)utc.tm_min);
	*out++ = ':';
	put_two(out, (unsigned)utc.tm_sec);
}

/* ".5", nothing for a whole second. */
static char *put_fraction(char *out, uint32_t nanoseconds)
{
	char digits[MAX_FRACTION];
	size_t size = MAX_FRACTION;

	if (nanoseconds == 0)
		return out;
	for (size_t i = MAX_FRACTION; i-- > 0; nanoseconds /= 10)
		digits[i] = (char)('0' + nanoseconds % 10);
	while (digits[size - 1] == '0')
		size--;
	*out++ = '.';
	memcpy(out, digits, size);
	return out + size;
}

static char *put_offset(char *out, int offset_minutes, const char *colon)
{
	unsigned minutes = (unsigned)abs(offset_minutes);

	*out++ = offset_minutes < 0 ? '-' : '+';
	out = put_two(out, minutes / 60);
	if (*colon)
		*out++ = *colon;
	return put_two(out, minutes % 60);
}

size_t logs_time_rfc3339(const struct logs_time *time, char *text)
{
	char *out = text;

	memcpy(out, time->local, LOCAL_SIZE);
	out = put_fraction(out + LOCAL_SIZE, time->instant.nanoseconds);
	if (time->offset_minutes == 0)
		*out++ = 'Z';
	else
		out = put_offset(out, time->offset_minutes, ":");
	return (size_t)(out - text);
}

/* What the local zone is called at an instant; NULL when its offset is another one. */
static const char *local_zone(const struct logs_time *time)
{
	static _Thread_local int64_t known_period = INT64_MIN;
	static _Thread_local long known_offset;
	static _Thread_local char known_name[16];
	int64_t period = time->instant.seconds / ZONE_PERIOD;

	if (period != known_period) {
		time_t clock = (time_t)time->instant.seconds;
		struct tm local;

		known_period = period;
		known_offset = LONG_MIN;
		if (localtime_r(&clock, &local)) {
			known_offset = local.tm_gmtoff;
			snprintf(known_name, sizeof(known_name), "%s", local.tm_zone);
		}
	}
	return known_offset == (long)time->offset_minutes * SECONDS_PER_MINUTE ? known_name : NULL;
}

size_t logs_time_go_string(const struct logs_time *time, char *text)
{
	const char *zone = time->is_utc ? "UTC" : local_zone(time);
	char *out = text;

	memcpy(out, time->local, LOCAL_SIZE);
	out[10] = ' ';
	out = put_fraction(out + LOCAL_SIZE, time->instant.nanoseconds);
	*out++ = ' ';
	out = put_offset(out, time->offset_minutes, "");
	*out++ = ' ';
	if (!zone)
		return (size_t)(put_offset(out, time->offset_minutes, "") - text);
	while (*zone)
		*out++ = *zone++;
	return (size_t)(out - text);
}

/* "-15m": that long before now. */
static int parse_ago(struct slice text, struct logs_instant *instant)
{
	static const struct {
		char letter;
		int seconds;
	} units[] = { { 's', 1 },
		      { 'm', SECONDS_PER_MINUTE },
		      { 'h', SECONDS_PER_HOUR },
		      { 'd', SECONDS_PER_DAY } };
	struct timespec now;
	uint64_t count;

	if (text.size < 3 || text.data[0] != '-' ||
	    number_parse_u64(slice_make(text.data + 1, text.size - 2), &count) < 0 ||
	    count > (uint64_t)MAX_SECONDS / SECONDS_PER_DAY)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (units[i].letter == text.data[text.size - 1]) {
			clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
			instant->seconds = now.tv_sec - (int64_t)count * units[i].seconds;
			instant->nanoseconds = (uint32_t)now.tv_nsec;
			return 0;
		}
	return -EINVAL;
}

static int parse_calendar(const char *text, struct logs_instant *instant)
{
	static const char *const forms[] = { "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d" };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm local = { .tm_isdst = -1 };
		const char *end = strptime(text, forms[i], &local);

		if (end && !*end) {
			*instant = (struct logs_instant){ .seconds = mktime(&local) };
			return 0;
		}
	}
	return -EINVAL;
}

int logs_instant_parse(const char *text, struct logs_instant *instant, struct error **err)
{
	struct slice slice = slice_of(text);
	struct logs_time time;
	const char *why;

	if (logs_time_parse(slice, &time, &why) == 0) {
		*instant = time.instant;
		return 0;
	}
	*instant = (struct logs_instant){ 0 };
	if (text[0] == '@' && number_parse_i64(slice_from(slice, 1), &instant->seconds) == 0)
		return 0;
	if (parse_ago(slice, instant) == 0 || parse_calendar(text, instant) == 0)
		return 0;
	return error_set(err, -EINVAL,
			 "no time: \"%s\"; write 2024-05-01T08:00:00Z, \"2024-05-01 08:00\", "
			 "@SECONDS, or -15m for that long ago",
			 text);
}
