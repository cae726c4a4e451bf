// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/semver.h"

/* The lists of valid and invalid versions that semver.org names as test cases for parsers. */
static const char *const valid[] = {
	"0.0.4",
	"1.2.3",
	"10.20.30",
	"1.1.2-prerelease+meta",
	"1.1.2+meta",
	"1.1.2+meta-valid",
	"1.0.0-alpha",
	"1.0.0-beta",
	"1.0.0-alpha.beta",
	"1.0.0-alpha.beta.1",
	"1.0.0-alpha.1",
	"1.0.0-alpha0.valid",
	"1.0.0-alpha.0valid",
	"1.0.0-alpha-a.b-c-somethinglong+build.1-aef.1-its-okay",
	"1.0.0-rc.1+build.1",
	"2.0.0-rc.1+build.123",
	"1.2.3-beta",
	"10.2.3-DEV-SNAPSHOT",
	"1.2.3-SNAPSHOT-123",
	"1.0.0",
	"2.0.0",
	"1.1.7",
	"2.0.0+build.1848",
	"2.0.1-alpha.1227",
	"1.0.0-alpha+beta",
	"1.2.3----RC-SNAPSHOT.12.9.1--.12+788",
	"1.2.3----R-S.12.9.1--.12+meta",
	"1.2.3----RC-SNAPSHOT.12.9.1--.12",
	"1.0.0+0.build.1-rc.10000aaa-kk-0.1",
	"99999999999999999999999.999999999999999999.99999999999999999",
	"1.0.0-0A.is.legal",
	"1.0.0+001",
};

static const char *const invalid[] = {
	"",
	"1",
	"1.2",
	"1.2.3-0123",
	"1.2.3-0123.0123",
	"1.1.2+.123",
	"+invalid",
	"-invalid",
	"-invalid+invalid",
	"-invalid.01",
	"alpha",
	"alpha.beta",
	"alpha.beta.1",
	"alpha.1",
	"alpha+beta",
	"alpha_beta",
	"alpha.",
	"alpha..",
	"beta",
	"1.0.0-alpha_beta",
	"-alpha.",
	"1.0.0-alpha..",
	"1.0.0-alpha..1",
	"1.0.0-alpha...1",
	"1.0.0-alpha....1",
	"01.1.1",
	"1.01.1",
	"1.1.01",
	"1.2.3.DEV",
	"1.2-SNAPSHOT",
	"1.2.31.2.3----RC-SNAPSHOT.12.09.1--..12+788",
	"1.2-RC-SNAPSHOT",
	"-1.0.3-gamma+b7718",
	"+justmeta",
	"9.8.7+meta+meta",
	"9.8.7-whatever+meta+meta",
	("99999999999999999999999.999999999999999999.99999999999999999----RC-SNAPSHOT.12.09.1-----"
	 "---------------------------..12"),
	"v3.0.0",
	"1.0",
	"1..0",
	"1.2.3-",
	"1.2.3+",
	"1.2.3 ",
	" 1.2.3",
	"1.2.3\n",
	"1.2.x",
	"1.2.\xc3\xa9",
};

static void test_valid(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(valid); i++) {
		struct error *err = NULL;
		struct semver version;

		assert_ok(semver_parse(slice_of(valid[i]), &version, &err), err);
		assert_int_equal(semver_compare(&version, &version), 0);
	}
}

static void test_invalid(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(invalid); i++) {
		_cleanup_error_ struct error *err = NULL;
		struct semver version;

		if (semver_parse(slice_of(invalid[i]), &version, &err) != -EINVAL || !err)
			fail_msg("\"%s\" was accepted", invalid[i]);
	}
}

static void test_nul_is_no_end(void **state)
{
	_cleanup_error_ struct error *err = NULL;
	struct semver version;

	(void)state;
	assert_int_equal(semver_parse(slice_make("1.2.3\0", 6), &version, &err), -EINVAL);
}

static void test_parts(void **state)
{
	struct error *err = NULL;
	struct semver version;

	(void)state;
	assert_ok(semver_parse(slice_of("10.2.33-rc.1-x+b.007"), &version, &err), err);
	assert_slice_equal(version.major, "10");
	assert_slice_equal(version.minor, "2");
	assert_slice_equal(version.patch, "33");
	assert_slice_equal(version.prerelease, "rc.1-x");
	assert_slice_equal(version.build, "b.007");
	assert_true(semver_is_prerelease(&version));
	assert_ok(semver_parse(slice_of("1.2.3+b-7"), &version, &err), err);
	assert_false(semver_is_prerelease(&version));
	assert_int_equal(version.prerelease.size, 0);
}

static void test_reasons(void **state)
{
	static const struct {
		const char *text, *reason;
	} cases[] = {
		{ "", "version is empty" },
		{ "1.0", "no major, minor and patch number with dots between" },
		{ "v3.0.0", "major number \"v3\" has other characters than digits" },
		{ "1..0", "minor number is empty" },
		{ "1.0.01", "patch number \"01\" has a leading zero" },
		{ "1.0.0-a..b", "pre-release has an empty identifier" },
		{ "1.0.0-a.01", "pre-release \"01\" has a leading zero" },
		{ "1.0.0+a_b", "build metadata \"a_b\" has other characters than letters" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error *err = NULL;
		struct semver version;
		int ret = semver_parse(slice_of(cases[i].text), &version, &err);

		assert_failed(ret, err, -EINVAL, cases[i].reason);
	}
}

static void test_length_is_bounded(void **state)
{
	char text[SEMVER_MAX_BYTES + 2] = "1.2.3-";
	struct error *err = NULL;
	struct semver version;
	int ret;

	(void)state;
	memset(text + 6, 'a', SEMVER_MAX_BYTES - 6);
	assert_ok(semver_parse(slice_of(text), &version, &err), err);
	text[SEMVER_MAX_BYTES] = 'a';
	ret = semver_parse(slice_of(text), &version, &err);
	assert_failed(ret, err, -EINVAL, "longer than 256 bytes");
}

/* Every version of the list comes before all that follow it: semver.org 11, and numbers of any size. */
static void test_precedence(void **state)
{
	static const char *const ascending[] = {
		"0.0.1",
		"0.9.10",
		"1.0.0-0",
		"1.0.0-2",
		"1.0.0-11",
		"1.0.0-99999999999999999999999",
		"1.0.0--",
		"1.0.0-A",
		"1.0.0-alpha",
		"1.0.0-alpha.1",
		"1.0.0-alpha.beta",
		"1.0.0-beta",
		"1.0.0-beta.2",
		"1.0.0-beta.11",
		"1.0.0-rc.1",
		"1.0.0",
		"2.0.0",
		"2.1.0",
		"2.1.1",
		"2.10.0",
		"10.0.0",
		"99999999999999999999998.0.0",
		"99999999999999999999999.0.0",
	};
	struct error *err = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ascending); i++)
		for (size_t j = 0; j < ARRAY_SIZE(ascending); j++) {
			struct semver a, b;
			int order;

			assert_ok(semver_parse(slice_of(ascending[i]), &a, &err), err);
			assert_ok(semver_parse(slice_of(ascending[j]), &b, &err), err);
			order = semver_compare(&a, &b);
			if ((order > 0) - (order < 0) != (i > j) - (i < j))
				fail_msg("%s against %s: %d", ascending[i], ascending[j], order);
		}
}

static void test_build_metadata_does_not_count(void **state)
{
	struct error *err = NULL;
	struct semver a, b;

	(void)state;
	assert_ok(semver_parse(slice_of("4.1.0+c.1"), &a, &err), err);
	assert_ok(semver_parse(slice_of("4.1.0"), &b, &err), err);
	assert_int_equal(semver_compare(&a, &b), 0);
	assert_ok(semver_parse(slice_of("4.1.0-rc+z"), &a, &err), err);
	assert_ok(semver_parse(slice_of("4.1.0-rc+a"), &b, &err), err);
	assert_int_equal(semver_compare(&a, &b), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_nul_is_no_end),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_length_is_bounded),
		cmocka_unit_test(test_precedence),
		cmocka_unit_test(test_build_metadata_does_not_count),
	};

	return cmocka_run_group_tests_name("semver", tests, NULL, NULL);
}
