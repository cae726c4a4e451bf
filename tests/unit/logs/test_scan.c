// SPDX-License-Identifier: Apache-2.0
/* The search that goes 16 bytes at a time finds what a search byte by byte finds, wherever it stands. */
#include "logs/scan.h"

#include <stdbool.h>

#include "unit.h"

#define SIZE 70

static bool is_json(unsigned char c)
{
	return c < 0x20 || c >= 0x80 || strchr("\"\\<>&", c);
}

static bool is_quote(unsigned char c)
{
	return c == '"' || c == '\\';
}

static bool is_bare_end(unsigned char c)
{
	return c <= ' ' || c == '=' || c == '"';
}

static bool is_xml(unsigned char c)
{
	return c < 0x20 || c >= 0x80 || strchr("\"'&<>", c);
}

static bool is_csv(unsigned char c)
{
	return c && strchr(",\"\n\r", c);
}

static bool is_toml(unsigned char c)
{
	return c < 0x20 || c >= 0x7F || c == '"' || c == '\\';
}

static bool is_json_end(unsigned char c)
{
	return c < 0x20 || c >= 0x80 || c == '"' || c == '\\';
}

static void test_every_byte_at_every_place(void **state)
{
	static const struct {
		const char *(*scan)(const char *at, const char *end);
		bool (*is)(unsigned char c);
	} scans[] = {
		{ scan_json, is_json },		{ scan_quote, is_quote },
		{ scan_bare, is_bare_end },	{ scan_xml, is_xml },
		{ scan_csv, is_csv },		{ scan_toml, is_toml },
		{ scan_json_end, is_json_end },
	};
	char text[SIZE];

	(void)state;
	for (size_t s = 0; s < ARRAY_SIZE(scans); s++)
		for (int c = 0; c < 256; c++)
			for (size_t at = 0; at < SIZE; at++) {
				const char *expected =
					text + (scans[s].is((unsigned char)c) ? at : SIZE);

				memset(text, 'x', SIZE);
				text[at] = (char)c;
				assert_ptr_equal(scans[s].scan(text, text + SIZE), expected);
				assert_ptr_equal(scans[s].scan(text, text + at), text + at);
			}
}

static void test_the_first_of_several(void **state)
{
	char text[SIZE];

	(void)state;
	memset(text, 'x', SIZE);
	text[40] = text[41] = text[50] = '"';
	for (size_t from = 0; from <= 40; from++)
		assert_ptr_equal(scan_quote(text + from, text + SIZE), text + 40);
	assert_ptr_equal(scan_quote(text + 42, text + SIZE), text + 50);
	assert_ptr_equal(scan_quote(text, text), text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_byte_at_every_place),
		cmocka_unit_test(test_the_first_of_several),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
