// SPDX-License-Identifier: Apache-2.0
/* GitHub's list of releases: any bytes give an error or a sorted list of printable releases. */
#include <stdint.h>
#include <stdlib.h>

#include "check/releases.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool promise)
{
	if (!promise)
		abort();
}

static void check_list(const struct release_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct release *release = &list->items[i];

		require(i == 0 ||
			semver_compare(&list->items[i - 1].parsed, &release->parsed) <= 0);
		for (const char *c = release->url; *c; c++)
			require(*c > ' ' && *c <= '~');
		for (const char *c = release->date; *c; c++)
			require(*c > ' ' && *c <= '~' && *c != ';');
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_releases_ struct releases releases = { 0 };
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	_cleanup_error_ struct error *err = NULL;
	int ret;

	ret = release_list_add_page(&releases.list, slice_make((const char *)data, size), &err);
	require((ret == 0) == (err == NULL));
	require(ret == 0 || releases.list.count == 0);
	release_list_sort(&releases.list);
	check_list(&releases.list);
	releases_describe_list(&releases, &text);
	release_list_drop_prereleases(&releases.list);
	check_list(&releases.list);
	releases_describe(&releases, &text);
	return 0;
}
