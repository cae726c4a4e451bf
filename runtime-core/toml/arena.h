/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Memory that is given out piece by piece and released all at once. Start with a zeroed struct. */

#include <stddef.h>

struct arena {
	struct arena_chunk *chunks;
	char *free;
	size_t left;
	size_t chunk_size; /* of the last chunk; each is larger than the one before */
};

/* Zeroed memory, aligned for any of our types; valid until the arena is released. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((returns_nonnull, alloc_size(2)));

/* A copy of `used` bytes of `old` in a piece of `size` bytes, the rest zeroed. */
void *arena_grow(struct arena *arena, const void *old, size_t used, size_t size)
	__attribute__((returns_nonnull));

void arena_release(struct arena *arena);
