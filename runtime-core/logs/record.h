/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A log record: the fields that every format knows, and the pairs that are left (spec/log-parser.md 5 and 8).
 *
 * Its texts are slices of the line it was read from, or of its arena where they had escapes. They live until the record
 * is cleared or the line goes away. One record serves for a whole log: clear it, fill it, write it.
 */

#include "arena.h"
#include "base/slice.h"
#include "timestamp.h"

/* The version of the records' layout, which every document carries. */
#define LOGS_FORMAT_VERSION "0.0.2"

struct logs_pair {
	struct slice key, value;
};

struct logs_record {
	bool has_time;
	struct logs_time time;
	struct slice level, message, source, name, container, sandbox;
	int64_t pid;

	struct slice file; /* where it was read, as shown */
	uint64_t line;	   /* counted from 1 */

	/* What else there is, sorted by key in byte order, each key once. */
	struct logs_pair *data;
	size_t data_count;
	size_t data_capacity;

	/* Its place in the result; set when it is known. */
	uint64_t count; /* from 1 */
	int64_t delta_ns;

	struct logs_arena arena;
};

/* Empty it, keeping its memory. */
void logs_record_clear(struct logs_record *record);
void logs_record_release(struct logs_record *record);

/* Add a pair behind the others, in no order yet. */
void logs_record_add(struct logs_record *record, struct slice key, struct slice value);

/* Sort the pairs. Of pairs with one key the last stays when `replace` is set; else the key is returned. */
bool logs_record_sort(struct logs_record *record, bool replace, struct logs_pair *duplicate);

/* The value of a key of a sorted record, or NULL. */
const struct slice *logs_record_find(const struct logs_record *record, const char *key);

/* Byte order, as memcmp, a beginning before the longer text. */
int logs_slice_compare(struct slice a, struct slice b);

/* The level as a number, 0 for the most urgent; -1 for a word that is no level. Agent's words are known too. */
int logs_level_rank(struct slice level);
