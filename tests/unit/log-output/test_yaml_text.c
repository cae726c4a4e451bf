// SPDX-License-Identifier: Apache-2.0
#include "log-output/yaml_text.h"

#include "unit.h"

static void test_what_reads_as_a_string(void **state)
{
	static const char *const strings[] = {
		"a",	  "info",
		"0.1.0",  "1.2.3.4",
		"yEs",	  "nullify",
		"10s",	  "0x",
		"0xG",	  "1e",
		"-",	  "+",
		".",	  "1:",
		"a:1",	  "2024-05-01 x",
		"2024-5", "1.5.",
		"12ab",	  "8d762b06",
		"..",	  "2024-05-01T08:00",
		"-x",	  "+.nan",
		"1 2",
	};
	static const char *const others[] = {
		"",
		"~",
		"null",
		"Null",
		"yes",
		"NO",
		"On",
		"false",
		"TRUE",
		"y",
		"N",
		"0",
		"017",
		"0x1F",
		"0b101",
		"0o17",
		"1_000",
		"-5",
		"+5",
		"1.5",
		".5",
		"1e3",
		"1E+3",
		"1.",
		".inf",
		"-.Inf",
		".NaN",
		"1:30",
		"1:60",
		"190:20:30.15",
		"<<",
		"=",
		"1e400",
		"2024-05-01",
		"2026-02-30",
		"2024-5-1",
		"2024-05-01T08:00:00Z",
		"2024-05-01 08:00:00",
		"2024-05-01t8:00:00.5 +02:00",
		"2026-03-14 09:26:53 Z",
		"18446744073709551616",
		"09",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		if (!yaml_reads_as_string(slice_of(strings[i])))
			fail_msg("%s is a string", strings[i]);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (yaml_reads_as_string(slice_of(others[i])))
			fail_msg("%s is no string", others[i]);
}

static void test_keys_have_one_order(void **state)
{
	/* In order, each before all that follow. */
	static const char *const keys[] = {
		"",    "#",  "-",   "0",    "00", "1",	"9",   "10",   "A",  "B", "a",
		"a-b", "a1", "a1b", "a01b", "a2", "a9", "a10", "a10b", "ab", "b", "é",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		for (size_t j = 0; j < ARRAY_SIZE(keys); j++) {
			int order = yaml_compare_keys(slice_of(keys[i]), slice_of(keys[j]));

			if ((order > 0) - (order < 0) != (i > j) - (i < j))
				fail_msg("\"%s\" and \"%s\": %d", keys[i], keys[j], order);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_reads_as_a_string),
		cmocka_unit_test(test_keys_have_one_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
