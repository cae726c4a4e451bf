// SPDX-License-Identifier: Apache-2.0
/* slice, strbuf, string_list, number, utf8, quote: what the headers promise. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/quote.h"
#include "base/strbuf.h"
#include "base/string_list.h"
#include "base/utf8.h"

static void lines_end_with_lf_or_crlf(void **state)
{
	struct slice rest = slice_of("one\r\ntwo\n\nlast"), line;
	static const char *const expected[] = { "one", "two", "", "last" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		assert_true(slice_next_line(&rest, &line));
		assert_slice_equal(line, expected[i]);
	}
	assert_false(slice_next_line(&rest, &line));
}

static void words_are_cut_at_any_white_space(void **state)
{
	struct slice rest = slice_of(" \tfpu  vme\n"), word;

	(void)state;
	assert_true(slice_next_word(&rest, &word));
	assert_slice_equal(word, "fpu");
	assert_true(slice_next_word(&rest, &word));
	assert_slice_equal(word, "vme");
	assert_false(slice_next_word(&rest, &word));
}

static void fields_may_be_empty(void **state)
{
	struct slice rest = slice_of("a,,b,"), field;
	static const char *const expected[] = { "a", "", "b", "" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		assert_true(slice_next_field(&rest, ',', &field));
		assert_slice_equal(field, expected[i]);
	}
	assert_false(slice_next_field(&rest, ',', &field));
}

static void a_word_needs_borders_on_both_sides(void **state)
{
	(void)state;
	assert_true(slice_contains_word(slice_of("fpu lm svm"), "lm"));
	assert_true(slice_contains_word(slice_of("lahf_lm lm"), "lm"));
	assert_true(slice_contains_word(slice_of("lm"), "lm"));
	assert_false(slice_contains_word(slice_of("lahf_lm"), "lm"));
	assert_false(slice_contains_word(slice_of("lm2"), "lm"));
	assert_false(slice_contains_word(slice_of(""), "lm"));
	assert_false(slice_contains_word(slice_of("lm"), ""));
}

static void a_buffer_grows_and_is_always_terminated(void **state)
{
	_cleanup_strbuf_ struct strbuf buffer = STRBUF_INIT;
	_cleanup_free_ char *stolen = NULL;

	(void)state;
	assert_string_equal(buffer.data, "");
	for (int i = 0; i < 1000; i++)
		strbuf_printf(&buffer, "%d,", i);
	assert_int_equal(buffer.size, 3890);
	strbuf_truncate(&buffer, 4);
	assert_string_equal(buffer.data, "0,1,");
	strbuf_fill(&buffer, '-', 3);
	strbuf_putc(&buffer, '>');
	stolen = strbuf_steal(&buffer);
	assert_string_equal(stolen, "0,1,--->");
	assert_int_equal(buffer.size, 0);
	assert_string_equal(buffer.data, "");
}

static void a_list_is_an_argument_vector(void **state)
{
	_cleanup_string_list_ struct string_list list = { 0 };
	_cleanup_string_list_ struct string_list copy = { 0 };
	_cleanup_free_ char *joined = NULL;

	(void)state;
	string_list_add(&list, "b");
	string_list_add_slice(&list, slice_make("aXX", 1));
	string_list_take(&list, xstrdup("Z"));
	string_list_sort(&list);
	joined = string_list_join(&list, " ");
	assert_string_equal(joined, "Z a b");
	assert_null(list.items[3]);
	assert_true(string_list_contains(&list, "b"));
	assert_false(string_list_contains(&list, "c"));
	string_list_add_all(&copy, &list);
	assert_true(string_list_equal(&copy, &list));
	string_list_add(&copy, "more");
	assert_false(string_list_equal(&copy, &list));
}

static void decimal_numbers_are_digits_only(void **state)
{
	static const struct {
		const char *text;
		int ret;
		uint64_t value;
	} cases[] = {
		{ "0", 0, 0 },
		{ "007", 0, 7 },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 },
		{ "1 ", -EINVAL, 0 },
		{ "0x10", -EINVAL, 0 },
		{ "1_0", -EINVAL, 0 },
		{ "99999999999999999999x", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t value = 0;

		assert_int_equal(number_parse_u64(slice_of(cases[i].text), &value), cases[i].ret);
		assert_true(value == cases[i].value);
	}
}

static void signed_numbers(void **state)
{
	static const struct {
		const char *text;
		int ret;
		int64_t value;
	} cases[] = {
		{ "0", 0, 0 },
		{ "-1", 0, -1 },
		{ "+7", 0, 7 },
		{ "9223372036854775807", 0, INT64_MAX },
		{ "-9223372036854775808", 0, INT64_MIN },
		{ "9223372036854775808", -ERANGE, 0 },
		{ "-9223372036854775809", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "-", -EINVAL, 0 },
		{ "+-1", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t value = 0;

		assert_int_equal(number_parse_i64(slice_of(cases[i].text), &value), cases[i].ret);
		assert_true(value == cases[i].value);
	}
}

static void go_numbers_know_their_base(void **state)
{
	static const struct {
		const char *text;
		int ret;
		uint64_t value;
	} cases[] = {
		{ "10", 0, 10 },      { "0", 0, 0 },
		{ "0x1F", 0, 31 },    { "0o17", 0, 15 },
		{ "017", 0, 15 },     { "0b101", 0, 5 },
		{ "1_000", 0, 1000 }, { "0x_ff", 0, 255 },
		{ "0_7", 0, 7 },      { "1__0", -EINVAL, 0 },
		{ "_1", -EINVAL, 0 }, { "1_", -EINVAL, 0 },
		{ "08", -EINVAL, 0 }, { "0x", -EINVAL, 0 },
		{ "1G", -EINVAL, 0 }, { "0xFFFFFFFFFFFFFFFFF", -ERANGE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t value = 0;

		assert_int_equal(number_parse_u64_go(slice_of(cases[i].text), &value),
				 cases[i].ret);
		assert_true(value == cases[i].value);
	}
}

static void go_booleans_are_twelve_words(void **state)
{
	static const char *const wrong[] = { "", "yes", "tRUE", "2", "true ", "on" };
	bool value = false;

	(void)state;
	assert_int_equal(number_parse_bool_go(slice_of("True"), &value), 0);
	assert_true(value);
	assert_int_equal(number_parse_bool_go(slice_of("f"), &value), 0);
	assert_false(value);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(number_parse_bool_go(slice_of(wrong[i]), &value), -EINVAL);
}

static void lengths_of_time_have_units(void **state)
{
	static const struct {
		const char *text;
		int ret;
		int64_t ns;
	} cases[] = {
		{ "0", 0, 0 },
		{ "5s", 0, 5000000000 },
		{ "2ms", 0, 2000000 },
		{ "1h1m1s1ms1us1ns", 0, 3661001001001 },
		{ "9223372036854775807ns", 0, INT64_MAX },
		{ "9223372036854775808ns", -ERANGE, 0 },
		{ "2562048h", -ERANGE, 0 },
		{ "9223372036s1s", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "5", -EINVAL, 0 },
		{ "00", -EINVAL, 0 },
		{ "s", -EINVAL, 0 },
		{ "5 s", -EINVAL, 0 },
		{ "-5s", -EINVAL, 0 },
		{ "5sec", -EINVAL, 0 },
		{ "1.5s", -EINVAL, 0 },
		{ "1s1", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t ns = 0;

		assert_int_equal(number_parse_duration(slice_of(cases[i].text), &ns), cases[i].ret);
		assert_int_equal(ns, cases[i].ns);
	}
}

static void broken_utf8_is_found(void **state)
{
	static const struct {
		const char *text;
		size_t first_invalid;
	} cases[] = {
		{ "", 0 },
		{ "abc", 3 },
		{ "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 9 },
		{ "a\xFF", 1 },
		{ "\xC0\x80", 0 },	   /* overlong */
		{ "\xED\xA0\x80", 0 },	   /* surrogate */
		{ "\xF4\x90\x80\x80", 0 }, /* above U+10FFFF */
		{ "ab\xE2\x82", 2 },	   /* cut off */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(utf8_find_invalid(slice_of(cases[i].text)),
				 cases[i].first_invalid);
}

static void each_dialect_quotes_its_own_way(void **state)
{
	static const struct {
		void (*quote)(struct strbuf *, struct slice);
		const char *text, *expected;
	} cases[] = {
		{ quote_go, "a\"b\\c\n\t\x01\x7F", "\"a\\\"b\\\\c\\n\\t\\x01\\x7f\"" },
		{ quote_go, "\xC3\xA9\xFF\xE2\x80\xA8", "\"\xC3\xA9\\xff\\u2028\"" },
		{ quote_json, "<<unknown>>&", "\"\\u003c\\u003cunknown\\u003e\\u003e\\u0026\"" },
		{ quote_json, "\x01\xFF", "\"\\u0001\xEF\xBF\xBD\"" },
		{ quote_json, "\x7F\xC2\x9B\xE2\x80\xAE\xC3\xA9",
		  "\"\\u007f\\u009b\\u202e\xC3\xA9\"" },
		{ quote_toml, "<a> \"b\"\n\x1B", "\"<a> \\\"b\\\"\\n\\u001b\"" },
		{ quote_terminal, "ok\x1B[31m\xC2\x9B", "ok\\x1b[31m\\u009b" },
		{ quote_terminal,
		  "\xE2\x80\xAE"
		  "abc",
		  "\\u202eabc" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

		cases[i].quote(&out, slice_of(cases[i].text));
		assert_string_equal(out.data, cases[i].expected);
	}
}

static void invalid_utf8_becomes_the_replacement_character(void **state)
{
	static const struct {
		const char *text;
		const char *expected;
	} cases[] = {
		{ "", "" },
		{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
		{ "\xff", "\xEF\xBF\xBD" },
		{ "a\xc3", "a\xEF\xBF\xBD" },
		{ "\xed\xa0\x80z", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

		utf8_append_valid(&out, slice_of(cases[i].text));
		assert_string_equal(out.data, cases[i].expected);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_end_with_lf_or_crlf),
		cmocka_unit_test(words_are_cut_at_any_white_space),
		cmocka_unit_test(fields_may_be_empty),
		cmocka_unit_test(a_word_needs_borders_on_both_sides),
		cmocka_unit_test(a_buffer_grows_and_is_always_terminated),
		cmocka_unit_test(a_list_is_an_argument_vector),
		cmocka_unit_test(decimal_numbers_are_digits_only),
		cmocka_unit_test(signed_numbers),
		cmocka_unit_test(go_numbers_know_their_base),
		cmocka_unit_test(go_booleans_are_twelve_words),
		cmocka_unit_test(lengths_of_time_have_units),
		cmocka_unit_test(broken_utf8_is_found),
		cmocka_unit_test(each_dialect_quotes_its_own_way),
		cmocka_unit_test(invalid_utf8_becomes_the_replacement_character),
	};

	return cmocka_run_group_tests_name("base: text", tests, NULL, NULL);
}
