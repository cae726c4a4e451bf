/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Entries in any order, put in order as a whole. Up to a bound they stay in memory; beyond it they are written to
 * temporary files, as runs that are each in order. These files have no names, so that nothing is left of them however
 * the program ends.
 */

#include "stream.h"

struct logs_sorter;

/* `directory` is where temporary files go; borrowed. The entries' blocks are of this pool. */
struct logs_sorter *logs_sorter_new(const char *directory, struct logs_reach memory,
				    struct logs_pool *pool);
void logs_sorter_free(struct logs_sorter *sorter);
DEFINE_CLEANUP(struct logs_sorter *, logs_sorter_free)

/* Take over an entry. Error: "write temporary file in D: no space left on device". */
int logs_sorter_add(struct logs_sorter *sorter, const struct logs_entry *entry, struct error **err);

/* Hand all entries over to a merge, as streams. The sorter stays until the merge is gone. Errors as above. */
int logs_sorter_finish(struct logs_sorter *sorter, struct logs_merge *merge, struct error **err);
