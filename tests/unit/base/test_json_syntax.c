// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/json_syntax.h"

static void good(void **state)
{
	static const char *const texts[] = {
		"null",
		" true ",
		"false",
		"0",
		"-0",
		"-12.5e+3",
		"1E9",
		"\"\"",
		"[]",
		"{}",
		"[1, [2], {\"a\": null}]",
		"{\"a\":\"b\\n\\u00e9\\/\",\"a\":[]}",
		"\n\t\r [ ] \n",
		"\"caf\xc3\xa9\"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct error *err = NULL;

		assert_ok(json_check(slice_of(texts[i]), &err), err);
	}
}

static void bad(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "", "unexpected end of JSON input" },
		{ "  ", "unexpected end of JSON input" },
		{ "{", "unexpected end of JSON input" },
		{ "[1,", "unexpected end of JSON input" },
		{ "\"abc", "unexpected end of JSON input" },
		{ "tru", "unexpected end of JSON input" },
		{ "1.", "unexpected end of JSON input" },
		{ "{bad}", "invalid character 'b' looking for beginning of object key string" },
		{ "{\"a\":1,}",
		  "invalid character '}' looking for beginning of object key string" },
		{ "{} x", "invalid character 'x' after top-level value" },
		{ "01", "invalid character '1' after top-level value" },
		{ "<html>", "invalid character '<' looking for beginning of value" },
		{ "[1,]", "invalid character ']' looking for beginning of value" },
		{ "'a'", "invalid character '\\'' looking for beginning of value" },
		{ "[1 \"a\"]", "invalid character '\"' after array element" },
		{ "{\"a\" 1}", "invalid character '1' after object key" },
		{ "{\"a\":1 2}", "invalid character '2' after object key:value pair" },
		{ "\"a\nb\"", "invalid character '\\n' in string literal" },
		{ "\"\\x\"", "invalid character 'x' in string escape code" },
		{ "\"\\u12g4\"", "invalid character 'g' in \\u hexadecimal character escape" },
		{ "trUe", "invalid character 'U' in literal true (expecting 'u')" },
		{ "-x", "invalid character 'x' in numeric literal" },
		{ "1.x", "invalid character 'x' after decimal point in numeric literal" },
		{ "1ex", "invalid character 'x' in exponent of numeric literal" },
		{ "\xef\xbb\xbf{}", "invalid character '\xc3\xaf' looking for beginning of value" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error *err = NULL;

		assert_int_equal(json_check(slice_of(cases[i].text), &err), -EINVAL);
		assert_string_equal(error_message(err), cases[i].message);
		error_free(err);
	}
}

static void deep(void **state)
{
	char text[2 * JSON_MAX_DEPTH];
	struct error *err = NULL;

	(void)state;
	memset(text, '[', sizeof(text));
	assert_failed(json_check(slice_make(text, sizeof(text)), &err), err, -EINVAL, "max depth");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(bad),
		cmocka_unit_test(deep),
	};

	return cmocka_run_group_tests_name("json_syntax", tests, NULL, NULL);
}
