// SPDX-License-Identifier: Apache-2.0
/* toml_write_*: what is written reads back equal. */
#include "unit.h"

#include <float.h>
#include <math.h>

#include "base/strbuf.h"
#include "toml/toml.h"

static void floats_have_a_point_and_are_short(void **state)
{
	static const struct {
		double number;
		const char *text;
	} cases[] = {
		{ 1, "1.0" },
		{ 0.1, "0.1" },
		{ -0.0, "-0.0" },
		{ 1e22, "1e+22" },
		{ INFINITY, "inf" },
		{ -INFINITY, "-inf" },
		{ NAN, "nan" },
		{ 1.0 / 3, "0.3333333333333333" },
		{ 123456.0, "123456.0" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

		toml_write_float(&out, cases[i].number);
		assert_string_equal(out.data, cases[i].text);
	}
}

static void keys_are_quoted_only_if_they_must_be(void **state)
{
	static const struct {
		const char *key;
		const char *text;
	} cases[] = {
		{ "enable_debug-2", "enable_debug-2" },
		{ "io.containerd.cri", "\"io.containerd.cri\"" },
		{ "", "\"\"" },
		{ "a\"b\\\n", "\"a\\\"b\\\\\\n\"" },
		{ "\xC3\xA9", "\"\xC3\xA9\"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

		toml_write_key(&out, slice_of(cases[i].key));
		assert_string_equal(out.data, cases[i].text);
	}
}

static void values_are_written_on_one_line(void **state)
{
	static const char *const text =
		"s = \"\"\"a\nb\"\"\"\ni = -5\nf = 1e3\nb = true\ny = 1979-05-27\n"
		"a = [ 1, [ 'x', ], [] ]\ne = {}\n[t.'u v']\nw = { x = 1 }\n[[l]]\n[[l]]\nm = 1\n";
	_cleanup_(toml_document_freep) struct toml_document *document = NULL;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct error *err = NULL;

	(void)state;
	assert_ok(toml_parse(slice_of(text), "t", &document, &err), err);
	toml_write_value(&out, toml_root(document));
	assert_string_equal(out.data,
			    "{ s = \"a\\nb\", i = -5, f = 1000.0, b = true, y = 1979-05-27, "
			    "a = [1, [\"x\"], []], e = {}, t = { \"u v\" = { w = { x = 1 } } }, "
			    "l = [{}, { m = 1 }] }");
}

static void written_values_read_back_equal(void **state)
{
	static const double numbers[] = {
		DBL_MAX, DBL_MIN, 5e-324, 0.1, 1e-7, 123456789.123456789, 9007199254740993.0
	};
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		_cleanup_(toml_document_freep) struct toml_document *document = NULL;
		struct error *err = NULL;

		strbuf_truncate(&text, 0);
		strbuf_puts(&text, "k = ");
		toml_write_float(&text, numbers[i]);
		assert_ok(toml_parse(strbuf_view(&text), "t", &document, &err), err);
		assert_true(toml_get(toml_root(document), "k")->number == numbers[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(floats_have_a_point_and_are_short),
		cmocka_unit_test(keys_are_quoted_only_if_they_must_be),
		cmocka_unit_test(values_are_written_on_one_line),
		cmocka_unit_test(written_values_read_back_equal),
	};

	return cmocka_run_group_tests_name("toml writer", tests, NULL, NULL);
}
