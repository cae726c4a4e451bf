/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What every unit test needs: cmocka, a temporary directory, and assertions on our own types. */

/* cmocka wants these four in front of it. */
/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/slice.h"

#define assert_slice_equal(slice, string)                                \
	do {                                                             \
		assert_int_equal((slice).size, strlen(string));          \
		assert_memory_equal((slice).data, string, (slice).size); \
	} while (0)

/* The call failed with this code and a message that contains this text; the error is freed. */
#define assert_failed(result, error, expected_code, expected_text)                       \
	do {                                                                             \
		assert_int_equal(result, expected_code);                                 \
		assert_non_null(error);                                                  \
		assert_int_equal(error_code(error), expected_code);                      \
		if (!strstr(error_message(error), expected_text))                        \
			fail_msg("\"%s\" does not contain \"%s\"", error_message(error), \
				 expected_text);                                         \
		error_free(error);                                                       \
		(error) = NULL;                                                          \
	} while (0)

/* The call succeeded; else the test fails with the error's message. */
#define assert_ok(result, error)                              \
	do {                                                  \
		if ((result) < 0)                             \
			fail_msg("%s", error_message(error)); \
		assert_null(error);                           \
	} while (0)

/* Group set-up and tear-down: *state is the path of a fresh directory, removed at the end. */
static inline int make_directory(void **state)
{
	char *path = xstrdup("/tmp/kata-test-XXXXXX");

	if (!mkdtemp(path))
		return -1;
	*state = path;
	return 0;
}

static inline int remove_directory(void **state)
{
	_cleanup_error_ struct error *err = NULL;
	int ret = path_remove_all(*state, &err);

	free(*state);
	return ret;
}
