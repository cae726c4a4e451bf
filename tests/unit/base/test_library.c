// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/library.h"

LIBRARY_NOTE("mathematics", "nothing but this test", "suggested", "libm.so.6");

struct math_functions {
	__typeof__(cbrt) *cbrt;
};

static void test_open(void **state)
{
	static const struct library_symbol symbols[] = {
		LIBRARY_SYMBOL(struct math_functions, cbrt),
		{ 0 },
	};
	struct math_functions math = { 0 };
	struct error *err = NULL;

	(void)state;
	assert_ok(library_open("libm.so.6", symbols, &math, &err), err);
	assert_true(math.cbrt(27.0) > 2.9 && math.cbrt(27.0) < 3.1);
}

static void test_open_says_what_is_missing(void **state)
{
	static const struct library_symbol symbols[] = { { "no_such_function", 0 }, { 0 } };
	void *function = NULL;
	struct error *err = NULL;

	(void)state;
	assert_failed(library_open("libnone.so.9", symbols, &function, &err), err, -ENOENT,
		      "open library libnone.so.9: ");
	assert_failed(library_open("libm.so.6", symbols, &function, &err), err, -ENOSYS,
		      "library libm.so.6 has no function no_such_function");
	assert_null(function);
}

/* Packagers' tools look for the owner, the type, and JSON behind them. */
static void test_note(void **state)
{
	(void)state;
	assert_int_equal(library_note.header.n_namesz, 4);
	assert_int_equal(library_note.header.n_type, 0x407c0c0a);
	assert_string_equal(library_note.owner, "FDO");
	assert_int_equal((const char *)library_note.text - (const char *)&library_note, 16);
	assert_string_equal(
		library_note.text,
		"[{\"feature\":\"mathematics\",\"description\":\"nothing but this test\","
		"\"priority\":\"suggested\",\"soname\":[\"libm.so.6\"]}]");
}

static struct math_functions used_functions;

static void test_use(void **state)
{
	static const struct library_symbol symbols[] = {
		LIBRARY_SYMBOL(struct math_functions, cbrt),
		{ 0 },
	};
	static struct library math = { .soname = "libm.so.6",
				       .package = "libc6",
				       .symbols = symbols,
				       .functions = &used_functions };
	static struct library none = { .soname = "libnone.so.9",
				       .package = "libnone9",
				       .symbols = symbols,
				       .functions = &used_functions };
	struct error *err = NULL;

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_ok(library_use(&math, &err), err);
		assert_true(used_functions.cbrt(8.0) > 1.9);
		assert_failed(library_use(&none, &err), err, -ELIBACC,
			      "install the package libnone9");
	}
	free(none.failure);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_use),
		cmocka_unit_test(test_open_says_what_is_missing),
		cmocka_unit_test(test_note),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
