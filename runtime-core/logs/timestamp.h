/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Time stamps of log records: RFC 3339 with up to nine digits of a second, in the zone they were written in
 * (spec/log-parser.md 5, 8 and 13). Every year from 0000 to 9999 has its place in the order.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

/* A point in time, for comparing: Go's zero time is LOGS_INSTANT_ZERO. */
struct logs_instant {
	int64_t seconds; /* since 1970 in UTC */
	uint32_t nanoseconds;
};

struct logs_time {
	struct logs_instant instant;
	int16_t offset_minutes; /* of its zone, east of UTC */
	bool is_utc;		/* written with Z */
	char local[20];		/* "2024-05-01T08:00:02" in its zone */
};

/* 0001-01-01T00:00:00Z, which counts as no time at all. */
#define LOGS_TIME_ZERO_SECONDS INT64_C(-62135596800)

#define LOGS_NS_PER_S 1000000000

static inline bool logs_instant_before(struct logs_instant a, struct logs_instant b)
{
	return a.seconds != b.seconds ? a.seconds < b.seconds : a.nanoseconds < b.nanoseconds;
}

static inline bool logs_instant_equal(struct logs_instant a, struct logs_instant b)
{
	return a.seconds == b.seconds && a.nanoseconds == b.nanoseconds;
}

static inline bool logs_time_is_zero(const struct logs_time *time)
{
	return time->instant.seconds == LOGS_TIME_ZERO_SECONDS && time->instant.nanoseconds == 0;
}

/* From b to a in nanoseconds; what does not fit becomes the nearest that does. */
int64_t logs_instant_since(struct logs_instant a, struct logs_instant b);

/*
 * Read a whole text such as 2024-05-01T08:00:02.5+02:00. A comma may stand for the point, and the fraction may be
 * missing. On -EINVAL *why says what is wrong, a static text.
 */
int logs_time_parse(struct slice text, struct logs_time *time, const char **why);

/* The time of an instant, in UTC. Years outside 0000 to 9999 become the nearest that fits. */
void logs_time_from_instant(struct logs_instant instant, struct logs_time *time);

/* The longest text that the following write. */
#define LOGS_TIME_MAX_TEXT 80

/* RFC 3339 without trailing zeros, an offset of 0 as Z. Returns the length; no NUL is written. */
size_t logs_time_rfc3339(const struct logs_time *time, char *text);

/*
 * As Go's Time.String(): "2024-05-01 08:00:02.5 +0200 CEST". The name is that of the local zone where its offset
 * at that instant is the same, otherwise the offset again. Returns the length; no NUL is written.
 */
size_t logs_time_go_string(const struct logs_time *time, char *text);

/*
 * Seconds since 1970 of a civil date and time in UTC; no check of the fields.
 */
int64_t logs_civil_seconds(int year, unsigned month, unsigned day, unsigned hour, unsigned minute,
			   unsigned second);

/*
 * A time on the command line: RFC 3339, "YYYY-MM-DD HH:MM[:SS]" or "YYYY-MM-DD" in the local zone, @SECONDS,
 * or -N and a unit s, m, h, d for that long ago. Error -EINVAL names the forms.
 */
int logs_instant_parse(const char *text, struct logs_instant *instant, struct error **err);
