// SPDX-License-Identifier: Apache-2.0
/* Every valid document of the conformance suite can be edited at every place, and restored to the byte. */
#include "suite.h"

#define violated(...) fail_msg(__VA_ARGS__)
#include "properties.h"

static void can_be_edited_and_restored(void **state)
{
	size_t size;
	_cleanup_free_ char *text = suite_read(*state, &size);

	check_properties(slice_make(text, size), 100000);
}

int main(void)
{
	return suite_run("documents", "valid/", can_be_edited_and_restored);
}
