/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Entries one after another, each stream in the order of their times, and several streams merged into one. */

#include "block.h"
#include "reader.h"
#include "window.h"

struct logs_stream {
	/* The next entry, whose block the caller becomes a user of. As logs_reader_next(). */
	int (*next)(void *state, struct logs_entry *entry, struct error **err);
	void (*free)(void *state);
	void *state;
};

/* ---- an input, put in order --------------------------------------------------------------------- */

/* How far an entry can be out of order. */
struct logs_reach {
	size_t entries;
	size_t bytes;
};

struct logs_ordered;

/*
 * The entries of one input, opened already, in order as far as the reach allows. An entry later than that comes at
 * once, and is counted. `file` and `reading` are borrowed. Takes the source.
 */
struct logs_ordered *logs_ordered_new(const struct logs_reading *reading,
				      struct logs_source *source, unsigned input, struct slice file,
				      struct logs_reach reach);
void logs_ordered_free(struct logs_ordered *ordered);
DEFINE_CLEANUP(struct logs_ordered *, logs_ordered_free)

int logs_ordered_next(struct logs_ordered *ordered, struct logs_entry *entry, struct error **err);

/* Entries that came too late for their place. */
uint64_t logs_ordered_late(const struct logs_ordered *ordered);

const struct logs_reader *logs_ordered_reader(const struct logs_ordered *ordered);

/*
 * For input that is still being written: do not wait for what may come, hand out what is there. Until the next entry is
 * read.
 */
void logs_ordered_flush(struct logs_ordered *ordered);

/* Frees the ordered input with the stream. */
struct logs_stream logs_ordered_stream(struct logs_ordered *ordered);

/* ---- merging ------------------------------------------------------------------------------------ */

struct logs_merge;

struct logs_merge *logs_merge_new(void);
void logs_merge_free(struct logs_merge *merge);
DEFINE_CLEANUP(struct logs_merge *, logs_merge_free)

/* Take over a stream. Of entries of one time those of the stream added first come first. Before the first next. */
void logs_merge_add(struct logs_merge *merge, struct logs_stream stream);

/*
 * As logs_reader_next(). -EAGAIN is passed on at once, unless `waiting` is set: then those streams that have nothing yet
 * are left out for this time.
 */
int logs_merge_next(struct logs_merge *merge, bool waiting, struct logs_entry *entry,
		    struct error **err);

/* An entry that was found inside another: it comes when its time has come. Takes it over. */
void logs_merge_push_back(struct logs_merge *merge, const struct logs_entry *entry);
