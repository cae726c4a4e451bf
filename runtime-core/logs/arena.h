/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Memory for the texts of one record: handed out piece by piece, taken back all at once. What was handed out stays
 * where it is until then. Start with a zeroed struct.
 */

#include <stddef.h>

#include "base/cleanup.h"

struct logs_arena_block {
	struct logs_arena_block *next;
	size_t capacity;
	char data[];
};

struct logs_arena {
	struct logs_arena_block *blocks; /* the newest first */
	size_t used;			 /* of the newest */
};

/* Room for `size` bytes, which are the caller's once it commits them; until then the next call gives them again. */
char *logs_arena_reserve(struct logs_arena *arena, size_t size);

static inline void logs_arena_commit(struct logs_arena *arena, size_t size)
{
	arena->used += size;
}

/* Take everything back, and keep some memory for what comes next. */
void logs_arena_reset(struct logs_arena *arena);

void logs_arena_release(struct logs_arena *arena);
