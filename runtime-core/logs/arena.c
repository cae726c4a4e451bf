// SPDX-License-Identifier: Apache-2.0
#include "arena.h"

#include "base/memory.h"

#define BLOCK_BYTES ((size_t)16 << 10)
#define KEPT_BYTES  ((size_t)256 << 10) /* a larger block is given back at once */

char *logs_arena_reserve(struct logs_arena *arena, size_t size)
{
	struct logs_arena_block *block = arena->blocks;

	if (!block || block->capacity - arena->used < size) {
		size_t capacity = size > BLOCK_BYTES ? size : BLOCK_BYTES;

		block = xmalloc(sizeof(*block) + capacity);
		block->capacity = capacity;
		block->next = arena->blocks;
		arena->blocks = block;
		arena->used = 0;
	}
	return block->data + arena->used;
}

void logs_arena_reset(struct logs_arena *arena)
{
	struct logs_arena_block *kept = arena->blocks;

	if (!kept)
		return;
	if (kept->capacity > KEPT_BYTES) {
		logs_arena_release(arena);
		return;
	}
	while (kept->next) {
		struct logs_arena_block *next = kept->next;

		kept->next = next->next;
		free(next);
	}
	arena->used = 0;
}

void logs_arena_release(struct logs_arena *arena)
{
	while (arena->blocks) {
		struct logs_arena_block *next = arena->blocks->next;

		free(arena->blocks);
		arena->blocks = next;
	}
	arena->used = 0;
}
