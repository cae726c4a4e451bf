/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From the bytes of one input to entries: the text of one record each, free of what journalctl put around it, and its
 * time. The text itself is read later, when the entry's turn has come; only where its beginning does not tell
 * the time is it read here. What is no record is handed to the caller with its line number.
 */

#include "block.h"
#include "parse.h"
#include "source.h"

/* What the readers of one run share. */
struct logs_reading {
	struct logs_rules rules;
	/* Read every text here already, so that what is wrong with it is known before anything is written. */
	bool check_all;
	/*
	 * Told of everything that is not a record; takes the error. What it returns, if not 0, ends the reading, with
	 * *err set.
	 */
	int (*reject)(void *context, struct slice file, uint64_t line, struct error *reason,
		      struct error **err);
	void *context;
};

struct logs_reader;

/*
 * `file` is what records say they are from; borrowed, as are `reading` and the pool, which outlives the entries. Takes
 * the source.
 */
struct logs_reader *logs_reader_new(const struct logs_reading *reading, struct logs_source *source,
				    struct logs_pool *pool, unsigned input, struct slice file);
void logs_reader_free(struct logs_reader *reader);
DEFINE_CLEANUP(struct logs_reader *, logs_reader_free)

/*
 * The next entry; the caller becomes the user of its block. 1, 0 at the end, -EAGAIN where more may come later, -EINTR
 * after a signal, another negative errno for input that cannot be read on. Blocks as its source does.
 */
int logs_reader_next(struct logs_reader *reader, struct logs_entry *entry, struct error **err);

/* How much it has read. */
const struct logs_source *logs_reader_source(const struct logs_reader *reader);
uint64_t logs_reader_lines(const struct logs_reader *reader);
