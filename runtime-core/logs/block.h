/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The bytes of a log while they are needed: large blocks that are read into, and that live as long as a line in them
 * is waiting for its turn. Lines are never copied for it.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "timestamp.h"

#define LOGS_BLOCK_BYTES ((size_t)256 << 10)

struct logs_pool;

struct logs_block {
	struct logs_pool *pool;
	struct logs_block *next; /* the pool's own */
	size_t users;		 /* lines, and whoever fills it */
	size_t capacity;
	size_t used;
	char data[];
};

/* Blocks of those who read one input. Start with a zeroed struct. It outlives its blocks. */
struct logs_pool {
	size_t block_bytes; /* 0 for LOGS_BLOCK_BYTES */
	struct logs_block *unused;
	size_t unused_count;
	size_t bytes;	/* of blocks in use */
	size_t filling; /* of these, of the block that is being read into */
};

/* An empty block with room for `size` bytes at least; the caller is its first user. */
struct logs_block *logs_block_new(struct logs_pool *pool, size_t size);

/* One user less. The last one gives it back to the pool. NULL is fine. */
void logs_block_unref(struct logs_block *block);

/* Free what is not in use. */
void logs_pool_release(struct logs_pool *pool);

/* A record on its way, still as text. It is a user of its block. */
struct logs_entry {
	struct logs_instant when; /* what it is sorted by */
	/* `when` is the journal's time of the entry, not one from the text. */
	bool dated_by_journal;
	unsigned input; /* which of the inputs, counted from 0 */
	uint64_t line;
	struct slice text;
	struct logs_block *block;
};
