// SPDX-License-Identifier: Apache-2.0
/* A host without libcurl: the request fails with the name of the package, and nothing else happens. */
#include "fake_server.h"

#include <glob.h>

#include "http/http.h"

/* Hide the library behind an empty file, in a mount namespace of our own. */
static bool hide_library(const char *directory)
{
	_cleanup_free_ char *empty = path_join(directory, "empty");
	glob_t found;
	bool hidden;

	if (!enter_own_network() || !write_text(empty, "") ||
	    glob("/usr/lib/*/libcurl.so.4", 0, NULL, &found) != 0)
		return false;
	hidden = mount(empty, found.gl_pathv[0], "none", MS_BIND, NULL) == 0;
	globfree(&found);
	return hidden;
}

static void test_package_is_named(void **state)
{
	const struct http_request request = { .url = "https://example.org/",
					      .timeout_ms = 1000,
					      .max_response_bytes = 1000 };

	if (!hide_library(*state))
		skip();
	/* The second call is told the same. */
	for (int i = 0; i < 2; i++) {
		_cleanup_http_response_ struct http_response response = HTTP_RESPONSE_INIT;
		struct error *err = NULL;
		int ret = http_perform(&request, &response, &err);

		assert_int_equal(
			strncmp(error_message(err),
				"Get \"https://example.org/\": open library libcurl.so.4: ",
				strlen("Get \"https://example.org/\": open library ")),
			0);
		assert_failed(ret, err, -ELIBACC, "; install the package libcurl4");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_package_is_named),
	};

	return cmocka_run_group_tests_name("no_curl", tests, make_directory, remove_directory);
}
