// SPDX-License-Identifier: Apache-2.0
#include "arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define FIRST_CHUNK   4096
#define LARGEST_CHUNK ((size_t)1 << 20)

struct arena_chunk {
	struct arena_chunk *next;
	alignas(8) char data[];
};

static void add_chunk(struct arena *arena, size_t size)
{
	struct arena_chunk *chunk;

	if (arena->chunk_size == 0)
		arena->chunk_size = FIRST_CHUNK;
	else if (arena->chunk_size < LARGEST_CHUNK)
		arena->chunk_size *= 2;
	if (size < arena->chunk_size)
		size = arena->chunk_size;
	chunk = xmalloc(sizeof(*chunk) + size);
	chunk->next = arena->chunks;
	arena->chunks = chunk;
	arena->free = chunk->data;
	arena->left = size;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	void *piece;

	size = (size + 7) & ~(size_t)7;
	if (size > arena->left || !arena->free)
		add_chunk(arena, size);
	piece = arena->free;
	arena->free += size;
	arena->left -= size;
	return memset(piece, 0, size);
}

void *arena_grow(struct arena *arena, const void *old, size_t used, size_t size)
{
	void *piece = arena_alloc(arena, size);

	if (used)
		memcpy(piece, old, used);
	return piece;
}

void arena_release(struct arena *arena)
{
	while (arena->chunks) {
		struct arena_chunk *next = arena->chunks->next;

		free(arena->chunks);
		arena->chunks = next;
	}
	*arena = (struct arena){ 0 };
}
