// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <string.h>

#include "http/url.h"

static void test_escape(void **state)
{
	static const struct {
		const char *text, *escaped;
	} cases[] = {
		{ "", "" },
		{ "azAZ09-_.~", "azAZ09-_.~" },
		{ "/dev/sd b/c?d", "%2Fdev%2Fsd%20b%2Fc%3Fd" },
		{ "$&+:=@", "%24%26%2B%3A%3D%40" },
		{ "%41", "%2541" },
		{ "\xc3\xa9\n", "%C3%A9%0A" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

		url_escape(&out, slice_of(cases[i].text));
		assert_string_equal(out.data, cases[i].escaped);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escape),
	};

	return cmocka_run_group_tests_name("url", tests, NULL, NULL);
}
