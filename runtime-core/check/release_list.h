/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Releases as GitHub lists them: one page of its JSON after the other becomes one sorted list. */

#include <stddef.h>

#include "base/error.h"
#include "base/semver.h"
#include "base/slice.h"

/* All three are printable ASCII without blanks, whatever the server sent. */
struct release {
	char *version; /* the tag */
	char *date;    /* when the first asset was made: "2026-01-02T03:04:05Z" */
	char *url; /* where the first asset is downloaded, below one of Kata's own release pages */
	struct semver parsed; /* of version */
};

/* Start with a zeroed struct. */
struct release_list {
	struct release *items;
	size_t count;
	size_t capacity;
};

#define RELEASE_PAGE_MAX_RELEASES 1000

/*
 * Add the usable releases of a page, pre-releases included. Unusable ones are left out: a tag that is no
 * strict semantic version, no asset, a first asset without name, date or download from Kata's own pages
 * (spec/kata-runtime.md 7.3). -EBADMSG when the page is no JSON array of objects: "invalid character '<'
 * looking for beginning of value", "an object instead of an array of releases"; then nothing is added.
 */
int release_list_add_page(struct release_list *list, struct slice json, struct error **err);

/* Sort by precedence, lowest first. */
void release_list_sort(struct release_list *list);

void release_list_drop_prereleases(struct release_list *list);

void release_list_release(struct release_list *list);
#define _cleanup_release_list_ _cleanup_(release_list_release)
