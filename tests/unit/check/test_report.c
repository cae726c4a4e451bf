// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "check/report.h"
#include "recorded_check.h"

static const struct check examples[] = {
	{ .id = "host.one", .title = "One", .group = CHECK_CAPABILITY, .required = true },
	{ .id = "host.second", .title = "Two", .group = CHECK_CAPABILITY },
	{ .id = "host.third", .title = "Three", .group = CHECK_CREATION },
	{ .id = "network.fourth", .title = "Four", .group = CHECK_NETWORK },
};

static void fill(struct check_report *report)
{
	struct check_result *result = check_report_add(report, &examples[0]);

	result->found = xstrdup("here");
	result->duration_us = 12034;
	result = check_report_add(report, &examples[1]);
	result->status = CHECK_WARN;
	result->expected = xstrdup("a \"name\"");
	result->found = xstrdup("\033[31mred\xff");
	result->message = xstrdup("first line\nsecond line");
	result->fix = xstrdup("<fix> & go");
	result = check_report_add(report, &examples[2]);
	result->status = CHECK_FAIL;
	result->found = xstrdup("nothing");
	result = check_report_add(report, &examples[3]);
	result->status = CHECK_SKIP;
	result->message = xstrdup("not asked for");
}

static void test_text(void **state)
{
	_cleanup_check_report_ struct check_report report = { 0 };
	_cleanup_strbuf_ struct strbuf all = STRBUF_INIT, trouble = STRBUF_INIT;

	(void)state;
	fill(&report);
	check_report_text(&report, CHECK_DETAIL_ALL, false, &all);
	assert_string_equal(all.data, "PASS  host.one        One: here\n"
				      "WARN  host.second     Two\n"
				      "      looked for: a \"name\"\n"
				      "      found:      \\x1b[31mred\\xff\n"
				      "      meaning:    first line\n"
				      "                  second line\n"
				      "      remedy:     <fix> & go\n"
				      "FAIL  host.third      Three\n"
				      "      found:      nothing\n"
				      "SKIP  network.fourth  Four: not asked for\n"
				      "1 passed, 1 warning, 1 failed, 1 skipped\n");
	check_report_text(&report, CHECK_DETAIL_TROUBLE, true, &trouble);
	assert_non_null(strstr(trouble.data, "\033[33mWARN\033[0m  host.second  Two\n"));
	assert_null(strstr(trouble.data, "host.one"));
	assert_null(strstr(trouble.data, "network.fourth"));
}

static void test_text_of_a_good_host(void **state)
{
	_cleanup_check_report_ struct check_report report = { 0 };
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	(void)state;
	check_report_add(&report, &examples[0]);
	check_report_text(&report, CHECK_DETAIL_TROUBLE, false, &text);
	assert_string_equal(text.data, "");
	check_report_text(&report, CHECK_DETAIL_ALL, false, &text);
	assert_string_equal(text.data, "PASS  host.one  One\n1 passed\n");
}

static const char *string_at(const cJSON *object, const char *name)
{
	const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

	assert_non_null(value);
	return value;
}

static void test_json(void **state)
{
	_cleanup_recorded_host_ struct recorded_host recorded = recorded_host("amd64-hygon");
	_cleanup_check_report_ struct check_report report = { 0 };
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	const cJSON *checks, *check;
	cJSON *document;

	(void)state;
	fill(&report);
	check_report_json(&report, &recorded.host, &text);
	document = cJSON_Parse(text.data);
	assert_non_null(document);
	assert_int_equal(cJSON_GetNumberValue(cJSON_GetObjectItem(document, "version")), 1);
	assert_string_equal(string_at(document, "verdict"), "not-capable");
	assert_int_equal(strlen(string_at(document, "time")), strlen("2026-01-02T03:04:05Z"));
	assert_string_equal(string_at(cJSON_GetObjectItem(document, "host"), "architecture"),
			    "amd64");
	assert_string_equal(
		string_at(cJSON_GetObjectItem(cJSON_GetObjectItem(document, "host"), "cpu"),
			  "vendor"),
		"HygonGenuine");
	checks = cJSON_GetObjectItem(document, "checks");
	assert_int_equal(cJSON_GetArraySize(checks), 4);
	check = cJSON_GetArrayItem(checks, 1);
	assert_string_equal(string_at(check, "id"), "host.second");
	assert_string_equal(string_at(check, "status"), "warn");
	assert_string_equal(string_at(check, "found"), "\033[31mred\xef\xbf\xbd");
	assert_string_equal(string_at(check, "fix"), "<fix> & go");
	assert_string_equal(string_at(check, "doc"), "host-checks.md#hostsecond");
	assert_string_equal(string_at(cJSON_GetArrayItem(checks, 0), "fix"), "");
	assert_true(strstr(text.data, "\"duration_ms\": 12.034\n") != NULL);
	cJSON_Delete(document);
}

/* Broken hosts give a whole document, too. */
static void test_json_of_nothing(void **state)
{
	_cleanup_recorded_host_ struct recorded_host recorded =
		recorded_host_at("/nonexistent", HOST_ARCH_RISCV64);
	_cleanup_check_report_ struct check_report report = { 0 };
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	cJSON *document;

	(void)state;
	check_report_json(&report, &recorded.host, &text);
	document = cJSON_Parse(text.data);
	assert_non_null(document);
	assert_string_equal(string_at(document, "verdict"), "unknown");
	assert_string_equal(string_at(cJSON_GetObjectItem(document, "host"), "kernel"), "");
	cJSON_Delete(document);
}

/* Each check is listed once, and explained in the document that the report points to. */
static void test_every_check_is_documented(void **state)
{
	static const char *const names[] = { "amd64-intel",    "amd64-amd", "arm64",
					     "ppc64le-power9", "s390x",	    "riscv64" };
	_cleanup_free_ char *text = NULL;
	struct error *err = NULL;

	(void)state;
	assert_ok(file_read_all("docs/host-checks.md", 1 << 20, &text, NULL, &err), err);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_recorded_host_ struct recorded_host recorded = recorded_host(names[i]);
		const struct check *list[64];
		size_t count = check_list(&recorded.host, list, ARRAY_SIZE(list));

		assert_in_range(count, 5, 40);
		for (size_t c = 0; c < count; c++) {
			_cleanup_free_ char *heading = xasprintf("\n### %s\n", list[c]->id);

			for (size_t other = 0; other < c; other++)
				assert_string_not_equal(list[c]->id, list[other]->id);
			if (!strstr(text, heading))
				fail_msg("docs/host-checks.md has no section %s", list[c]->id);
		}
	}
}

static void test_list(void **state)
{
	_cleanup_recorded_host_ struct recorded_host recorded = recorded_host("s390x");
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	(void)state;
	check_list_text(&recorded.host, &text);
	assert_non_null(strstr(text.data, "\nhost.cpu.virtualization  Virtualization support\n"));
	assert_null(strstr(text.data, "kvm_intel"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_text_of_a_good_host),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_json_of_nothing),
		cmocka_unit_test(test_every_check_is_documented),
		cmocka_unit_test(test_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
