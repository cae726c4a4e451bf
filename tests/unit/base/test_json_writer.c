// SPDX-License-Identifier: Apache-2.0
/* json_writer: the layout that its header promises. */
#include "unit.h"

#include "base/json_writer.h"
#include "base/strbuf.h"

static void members_and_items_stand_on_lines_of_their_own(void **state)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct json_writer json = { .out = &out };

	(void)state;
	json_begin(&json, '{');
	json_name(&json, "a<b");
	json_string(&json, "x\"y");
	json_name(&json, "list");
	json_begin(&json, '[');
	json_u64(&json, UINT64_MAX);
	json_bool(&json, true);
	json_null(&json);
	json_end(&json, ']');
	json_name(&json, "none");
	json_begin(&json, '{');
	json_end(&json, '}');
	json_name(&json, "empty");
	json_begin(&json, '[');
	json_end(&json, ']');
	json_name(&json, "raw");
	json_raw(&json, "1.5");
	json_end(&json, '}');

	assert_string_equal(out.data, "{\n"
				      "  \"a\\u003cb\": \"x\\\"y\",\n"
				      "  \"list\": [\n"
				      "    18446744073709551615,\n"
				      "    true,\n"
				      "    null\n"
				      "  ],\n"
				      "  \"none\": {},\n"
				      "  \"empty\": [],\n"
				      "  \"raw\": 1.5\n"
				      "}");
}

static void an_array_may_hold_objects(void **state)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct json_writer json = { .out = &out };

	(void)state;
	json_begin(&json, '[');
	for (int i = 0; i < 2; i++) {
		json_begin(&json, '{');
		json_name(&json, "i");
		json_u64(&json, (uint64_t)i);
		json_end(&json, '}');
	}
	json_end(&json, ']');
	assert_string_equal(out.data, "[\n  {\n    \"i\": 0\n  },\n  {\n    \"i\": 1\n  }\n]");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_and_items_stand_on_lines_of_their_own),
		cmocka_unit_test(an_array_may_hold_objects),
	};

	return cmocka_run_group_tests_name("base: JSON writer", tests, NULL, NULL);
}
