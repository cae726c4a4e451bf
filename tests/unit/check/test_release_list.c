// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/strbuf.h"
#include "check/release_list.h"

#define PAGE "https://github.com/kata-containers/kata-containers/releases/download/"

/* A page of one release with these texts. */
static char *page_of(const char *tag, const char *assets)
{
	return xasprintf("[{\"tag_name\": %s, \"assets\": %s}]", tag, assets);
}

static size_t count_usable(const char *tag, const char *assets)
{
	_cleanup_release_list_ struct release_list list = { 0 };
	_cleanup_free_ char *page = page_of(tag, assets);
	struct error *err = NULL;

	assert_ok(release_list_add_page(&list, slice_of(page), &err), err);
	return list.count;
}

#define ASSET(name, date, url) \
	"[{\"name\": " name ", \"created_at\": " date ", \"browser_download_url\": " url "}]"
#define GOOD_ASSET ASSET("\"n\"", "\"2026-01-01T00:00:00Z\"", "\"" PAGE "4.2.0/n\"")

static void test_usable_release(void **state)
{
	_cleanup_release_list_ struct release_list list = { 0 };
	_cleanup_free_ char *page = page_of("\"4.2.0-rc1\"", GOOD_ASSET);
	struct error *err = NULL;

	(void)state;
	assert_ok(release_list_add_page(&list, slice_of(page), &err), err);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.items[0].version, "4.2.0-rc1");
	assert_string_equal(list.items[0].date, "2026-01-01T00:00:00Z");
	assert_string_equal(list.items[0].url, PAGE "4.2.0/n");
	assert_slice_equal(list.items[0].parsed.prerelease, "rc1");
}

static void test_unusable_releases_are_left_out(void **state)
{
	static const struct {
		const char *tag, *assets;
	} cases[] = {
		{ "\"v4.2.0\"", GOOD_ASSET },
		{ "\"4.2\"", GOOD_ASSET },
		{ "\"\"", GOOD_ASSET },
		{ "null", GOOD_ASSET },
		{ "4", GOOD_ASSET },
		{ "\"4.2.0\"", "[]" },
		{ "\"4.2.0\"", "{}" },
		{ "\"4.2.0\"", "null" },
		{ "\"4.2.0\"", "[7]" },
		{ "\"4.2.0\"", "[null, {}]" },
		{ "\"4.2.0\"", ASSET("\"\"", "\"d\"", "\"" PAGE "x\"") },
		{ "\"4.2.0\"", ASSET("7", "\"d\"", "\"" PAGE "x\"") },
		{ "\"4.2.0\"", ASSET("\"n\"", "\"\"", "\"" PAGE "x\"") },
		{ "\"4.2.0\"", ASSET("\"n\"", "null", "\"" PAGE "x\"") },
		{ "\"4.2.0\"", ASSET("\"n\"", "\"a;b\"", "\"" PAGE "x\"") },
		{ "\"4.2.0\"", ASSET("\"n\"", "\"a b\"", "\"" PAGE "x\"") },
		{ "\"4.2.0\"", ASSET("\"n\"", "\"\\u001b[31m\"", "\"" PAGE "x\"") },
		{ "\"4.2.0\"", ASSET("\"n\"", "\"d\"", "\"\"") },
		{ "\"4.2.0\"", ASSET("\"n\"", "\"d\"", "\"" PAGE "x\\ny\"") },
		{ "\"4.2.0\"", ASSET("\"n\"", "\"d\"", "\"https://example.org/x\"") },
		{ "\"4.2.0\"", ASSET("\"n\"", "\"d\"", "\"http://github.com/kata-containers/x\"") },
		{ "\"4.2.0\"", ASSET("\"n\"", "\"d\"",
				     "\"https://github.com/kata-containers/kata-containers/"
				     "releases/downloads.evil/x\"") },
	};

	(void)state;
	assert_int_equal(count_usable("\"4.2.0\"", GOOD_ASSET), 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (count_usable(cases[i].tag, cases[i].assets) != 0)
			fail_msg("%s %s was taken", cases[i].tag, cases[i].assets);
}

static void test_only_the_first_asset_counts(void **state)
{
	(void)state;
	assert_int_equal(count_usable("\"4.2.0\"", "[{\"name\": \"n\"}, {\"name\": \"n\", "
						   "\"created_at\": \"d\", "
						   "\"browser_download_url\": \"" PAGE "x\"}]"),
			 0);
}

static void test_old_releases_are_in_another_place(void **state)
{
	(void)state;
	assert_int_equal(count_usable("\"1.13.0\"", ASSET("\"n\"", "\"d\"",
							  "\"https://github.com/kata-containers/"
							  "runtime/releases/download/x\"")),
			 1);
}

static void test_what_is_no_list(void **state)
{
	static const struct {
		const char *json, *text;
	} cases[] = {
		{ "", "unexpected end of JSON input" },
		{ "  ", "unexpected end of JSON input" },
		{ "[", "unexpected end of JSON input" },
		{ "[{\"tag_name\": \"4.", "JSON" },
		{ "<!DOCTYPE html>", "invalid character '<' looking for beginning of value" },
		{ "\n <html>", "invalid character '<' looking for beginning of value" },
		{ "\xff[1, 2]", "invalid JSON at byte 0" },
		{ "[1,]", "invalid JSON at byte " },
		{ "{\"message\": \"no\"}", "an object instead of an array of releases" },
		{ "\"text\"", "a string instead of an array" },
		{ "7", "a number instead of an array" },
		{ "true", "a boolean instead of an array" },
		{ "null", "null instead of an array" },
		{ "[{}, []]", "release 2 is an array instead of an object" },
		{ "[] []", "more behind the end of the JSON document" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_release_list_ struct release_list list = { 0 };
		struct error *err = NULL;
		int ret = release_list_add_page(&list, slice_of(cases[i].json), &err);

		assert_failed(ret, err, -EBADMSG, cases[i].text);
		assert_int_equal(list.count, 0);
	}
}

static void test_page_is_bounded(void **state)
{
	_cleanup_release_list_ struct release_list list = { 0 };
	_cleanup_strbuf_ struct strbuf page = STRBUF_INIT;
	struct error *err = NULL;
	int ret;

	(void)state;
	strbuf_puts(&page, "[{}");
	for (int i = 0; i < RELEASE_PAGE_MAX_RELEASES; i++)
		strbuf_puts(&page, ",{}");
	strbuf_puts(&page, "]");
	ret = release_list_add_page(&list, strbuf_view(&page), &err);
	assert_failed(ret, err, -EBADMSG, "more than 1000 releases");

	strbuf_truncate(&page, 0);
	strbuf_fill(&page, '[', 1 << 20);
	ret = release_list_add_page(&list, strbuf_view(&page), &err);
	assert_failed(ret, err, -EBADMSG, "JSON");
}

static void add(struct release_list *list, const char *tag)
{
	_cleanup_free_ char *quoted = xasprintf("\"%s\"", tag);
	_cleanup_free_ char *page = page_of(quoted, GOOD_ASSET);
	struct error *err = NULL;

	assert_ok(release_list_add_page(list, slice_of(page), &err), err);
}

static void test_order_and_filter(void **state)
{
	static const char *const tags[] = { "4.10.0", "4.2.0",	   "4.2.0-rc1",
					    "3.30.1", "4.9.0+b.2", "4.9.0+b.1" };
	static const char *const sorted[] = { "3.30.1",	   "4.2.0-rc1", "4.2.0",
					      "4.9.0+b.1", "4.9.0+b.2", "4.10.0" };
	_cleanup_release_list_ struct release_list list = { 0 };

	(void)state;
	release_list_sort(&list);
	for (size_t i = 0; i < ARRAY_SIZE(tags); i++)
		add(&list, tags[i]);
	release_list_sort(&list);
	assert_int_equal(list.count, ARRAY_SIZE(sorted));
	for (size_t i = 0; i < list.count; i++)
		assert_string_equal(list.items[i].version, sorted[i]);
	release_list_drop_prereleases(&list);
	assert_int_equal(list.count, ARRAY_SIZE(sorted) - 1);
	assert_string_equal(list.items[0].version, "3.30.1");
	assert_string_equal(list.items[1].version, "4.2.0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usable_release),
		cmocka_unit_test(test_unusable_releases_are_left_out),
		cmocka_unit_test(test_only_the_first_asset_counts),
		cmocka_unit_test(test_old_releases_are_in_another_place),
		cmocka_unit_test(test_what_is_no_list),
		cmocka_unit_test(test_page_is_bounded),
		cmocka_unit_test(test_order_and_filter),
	};

	return cmocka_run_group_tests_name("release_list", tests, NULL, NULL);
}
