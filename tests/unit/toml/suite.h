/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The published conformance suite, where it is there: one test for each of its documents. */

#include <unistd.h>

#include "unit.h"

#include "base/string_list.h"
#include "toml/toml.h"

#define SUITE	   "../shared/data/toml-test"
#define SUITE_LIST SUITE "/files-toml-1.0.0"

/* To be freed. */
static inline char *suite_read(const char *name, size_t *size)
{
	_cleanup_free_ char *path = xasprintf("%s/%s", SUITE, name);
	struct error *err = NULL;
	char *text;

	assert_ok(file_read_all(path, TOML_MAX_BYTES, &text, size, &err), err);
	return text;
}

/*
 * Run `test` for every TOML document below a folder ("valid/"); *state is its name. Without the suite there is
 * one skipped test.
 */
static inline int suite_run(const char *group, const char *folder, CMUnitTestFunction test)
{
	_cleanup_string_list_ struct string_list names = { 0 };
	_cleanup_free_ struct CMUnitTest *tests = NULL;
	_cleanup_free_ char *list = NULL;
	struct error *err = NULL;
	struct slice rest, line;
	size_t size;

	if (access(SUITE_LIST, R_OK) < 0) {
		printf("1..1\nok 1 - %s # skip %s is not there\n", group, SUITE_LIST);
		return 0;
	}
	if (file_read_all(SUITE_LIST, TOML_MAX_BYTES, &list, &size, &err) < 0) {
		printf("not ok 1 - %s # %s\n", group, error_message(err));
		error_free(err);
		return 1;
	}
	rest = slice_make(list, size);
	while (slice_next_line(&rest, &line))
		if (slice_starts_with(line, folder) && slice_ends_with(line, ".toml"))
			string_list_add_slice(&names, line);
	tests = xcalloc(names.count, sizeof(*tests));
	for (size_t i = 0; i < names.count; i++)
		tests[i] = (struct CMUnitTest){
			.name = names.items[i],
			.test_func = test,
			.initial_state = names.items[i],
		};
	return _cmocka_run_group_tests(group, tests, names.count, NULL, NULL);
}
