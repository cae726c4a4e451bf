/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Entries in the order of their times, among the last few thousand: what writers of a log disagree about is which
 * of two records of the same moment comes first, not the hour. Records of one time stay in the order of arrival.
 */

#include "block.h"

struct logs_window;

/* `max_entries` bounds what is held, and so does `max_bytes` of the pool's blocks. */
struct logs_window *logs_window_new(size_t max_entries, size_t max_bytes, struct logs_pool *pool);
void logs_window_free(struct logs_window *window);
DEFINE_CLEANUP(struct logs_window *, logs_window_free)

/* Take over an entry. */
void logs_window_add(struct logs_window *window, const struct logs_entry *entry);

/* Has the first entry to go, before another is added? */
bool logs_window_is_full(struct logs_window *window);

/* The first in order; NULL when it is empty. Valid until the next call. */
const struct logs_entry *logs_window_first(const struct logs_window *window);

/* Hand the first entry to the caller. The window is not empty. */
struct logs_entry logs_window_take(struct logs_window *window);
