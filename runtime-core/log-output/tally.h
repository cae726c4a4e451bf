/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Counts by text, for a bounded number of different texts. Inside this room only. */

#include <stdbool.h>
#include <stdint.h>

#include "logs/timestamp.h"

struct tally_entry {
	char *text; /* one line, cut to a sane length */
	uint64_t records, errors, warnings;
	struct logs_time first;
	struct logs_instant last;
	char *last_message; /* where the caller keeps it */
	char *place;	    /* "FILE:LINE" of the first */
	uint64_t order;	    /* in which they came */
};

struct tally {
	struct tally_entry *entries;
	size_t count, capacity;
	size_t max_entries;
	uint32_t *slots; /* numbers of entries, counted from 1 */
	size_t slot_count;
	uint64_t others; /* that came when it was full */
};

#define TALLY_MAX_TEXT 240

/* The entry of a text; NULL when there is no room for another. *is_new tells whether it was made now. */
struct tally_entry *tally_find(struct tally *tally, struct slice text, bool *is_new);

/* Sort by the number of records, the largest first. No tally_find() afterwards. */
void tally_sort(struct tally *tally);

void tally_release(struct tally *tally);
