// SPDX-License-Identifier: Apache-2.0
#include "logs/timestamp.h"

#include <errno.h>
#include <time.h>

#include "unit.h"

static struct logs_time parsed(const char *text)
{
	struct logs_time time;
	const char *why = "";

	if (logs_time_parse(slice_of(text), &time, &why) < 0)
		fail_msg("%s: %s", text, why);
	return time;
}

static void is_rejected(const char *text)
{
	struct logs_time time;
	const char *why = NULL;

	assert_int_equal(logs_time_parse(slice_of(text), &time, &why), -EINVAL);
	assert_non_null(why);
}

static void test_reads_what_calendars_know(void **state)
{
	/* Every day of 800 years, against the C library. */
	struct logs_time time;
	char text[64];

	(void)state;
	for (int64_t day = -365 * 200; day < 365 * 600; day += 1) {
		time_t seconds = (time_t)day * 86400 + 12345;
		struct tm utc;

		gmtime_r(&seconds, &utc);
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
		time = parsed(text);
		assert_int_equal(time.instant.seconds, seconds);
	}
	assert_int_equal(parsed("0001-01-01T00:00:00.0Z").instant.seconds, LOGS_TIME_ZERO_SECONDS);
	time = parsed("0001-01-01T00:00:00.0Z");
	assert_true(logs_time_is_zero(&time));
}

static void test_reads_fractions_and_zones(void **state)
{
	struct logs_time time = parsed("2024-05-01T08:00:02,5+02:30");

	(void)state;
	assert_int_equal(time.instant.nanoseconds, 500000000);
	assert_int_equal(time.offset_minutes, 150);
	assert_int_equal(time.instant.seconds, parsed("2024-05-01T05:30:02Z").instant.seconds);
	assert_int_equal(parsed("2024-05-01T08:00:02.000000001Z").instant.nanoseconds, 1);
	assert_int_equal(parsed("2024-05-01T08:00:02.5-23:59").offset_minutes, -1439);
	assert_int_equal(parsed("2024-05-01T08:00:02.5+01:60").offset_minutes, 120);
	is_rejected("");
	is_rejected("2024-05-01T08:00:02");
	is_rejected("2024-05-01T08:00:02.Z");
	is_rejected("2024-05-01T08:00:02.0000000001Z");
	is_rejected("2024-05-01T08:00:02.5Zx");
	is_rejected("2024-05-01T08:00:02.5+24:00");
	is_rejected("2024-05-01T08:00:02.5+23:60");
	is_rejected("2024-05-01T08:00:02.5+01:61");
	is_rejected("2023-02-29T08:00:02.5Z");
	is_rejected("2100-02-29T08:00:02.5Z");
	is_rejected("2024-00-01T08:00:02.5Z");
	is_rejected("2024-05-00T08:00:02.5Z");
	is_rejected("2o24-05-01T08:00:02.5Z");
}

static void writes(const char *text, const char *rfc3339, const char *go)
{
	struct logs_time time = parsed(text);
	char out[LOGS_TIME_MAX_TEXT];

	assert_slice_equal(slice_make(out, logs_time_rfc3339(&time, out)), rfc3339);
	assert_slice_equal(slice_make(out, logs_time_go_string(&time, out)), go);
}

static void test_writes_both_forms(void **state)
{
	(void)state;
	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	writes("2024-05-01T08:00:02.500Z", "2024-05-01T08:00:02.5Z",
	       "2024-05-01 08:00:02.5 +0000 UTC");
	writes("2024-05-01T08:00:02.0+00:00", "2024-05-01T08:00:02Z",
	       "2024-05-01 08:00:02 +0000 +0000");
	writes("2024-05-01T08:00:02.0+02:00", "2024-05-01T08:00:02+02:00",
	       "2024-05-01 08:00:02 +0200 CEST");
	writes("2024-12-01T08:00:02.0+02:00", "2024-12-01T08:00:02+02:00",
	       "2024-12-01 08:00:02 +0200 +0200");
	writes("2024-12-01T08:00:02.0+01:00", "2024-12-01T08:00:02+01:00",
	       "2024-12-01 08:00:02 +0100 CET");
	writes("2024-12-01T08:00:02.25-03:30", "2024-12-01T08:00:02.25-03:30",
	       "2024-12-01 08:00:02.25 -0330 -0330");
}

static void test_differences_saturate(void **state)
{
	struct logs_instant early = { LOGS_TIME_ZERO_SECONDS, 0 };
	struct logs_instant late = parsed("9999-12-31T23:59:59.9Z").instant;

	(void)state;
	assert_true(logs_instant_since(late, early) == INT64_MAX);
	assert_true(logs_instant_since(early, late) == INT64_MIN);
	assert_true(logs_instant_since(parsed("2024-05-01T08:00:02.5Z").instant,
				       parsed("2024-05-01T08:00:03.25Z").instant) == -750000000);
	assert_true(logs_instant_before(early, late));
	assert_false(logs_instant_before(late, late));
}

static void test_instants_of_the_journal(void **state)
{
	struct logs_time time;

	(void)state;
	logs_time_from_instant((struct logs_instant){ 1714550400, 5 }, &time);
	assert_string_equal(time.local, "2024-05-01T08:00:00");
	assert_true(time.is_utc);
	logs_time_from_instant((struct logs_instant){ INT64_MAX, 0 }, &time);
	assert_string_equal(time.local, "9999-12-31T23:59:59");
	logs_time_from_instant((struct logs_instant){ INT64_MIN, 0 }, &time);
	assert_string_equal(time.local, "0000-01-01T00:00:00");
}

static void test_times_of_the_command_line(void **state)
{
	struct error *err = NULL;
	struct logs_instant instant;
	time_t now = time(NULL);

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	assert_ok(logs_instant_parse("2024-05-01T08:00:00Z", &instant, &err), err);
	assert_int_equal(instant.seconds, 1714550400);
	assert_ok(logs_instant_parse("2024-05-01 08:00", &instant, &err), err);
	assert_int_equal(instant.seconds, 1714550400);
	assert_ok(logs_instant_parse("2024-05-01", &instant, &err), err);
	assert_int_equal(instant.seconds, 1714521600);
	assert_ok(logs_instant_parse("@1714550400", &instant, &err), err);
	assert_int_equal(instant.seconds, 1714550400);
	assert_ok(logs_instant_parse("-2h", &instant, &err), err);
	assert_in_range(now - instant.seconds, 7000, 7200);
	assert_failed(logs_instant_parse("-2w", &instant, &err), err, -EINVAL, "no time: \"-2w\"");
	assert_failed(logs_instant_parse("", &instant, &err), err, -EINVAL, "no time");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_what_calendars_know),
		cmocka_unit_test(test_reads_fractions_and_zones),
		cmocka_unit_test(test_writes_both_forms),
		cmocka_unit_test(test_differences_saturate),
		cmocka_unit_test(test_instants_of_the_journal),
		cmocka_unit_test(test_times_of_the_command_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
