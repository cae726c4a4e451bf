// SPDX-License-Identifier: Apache-2.0
#include "block.h"

#include "base/memory.h"

#define MAX_UNUSED 4

static size_t usual_bytes(const struct logs_pool *pool)
{
	return pool->block_bytes ? pool->block_bytes : LOGS_BLOCK_BYTES;
}

struct logs_block *logs_block_new(struct logs_pool *pool, size_t size)
{
	struct logs_block *block = pool->unused;

	if (block && size <= usual_bytes(pool)) {
		pool->unused = block->next;
		pool->unused_count--;
	} else {
		size_t capacity = size > usual_bytes(pool) ? size : usual_bytes(pool);

		block = xmalloc(sizeof(*block) + capacity);
		block->capacity = capacity;
		block->pool = pool;
	}
	block->users = 1;
	block->used = 0;
	pool->bytes += block->capacity;
	return block;
}

void logs_block_unref(struct logs_block *block)
{
	struct logs_pool *pool;

	if (!block || --block->users > 0)
		return;
	pool = block->pool;
	pool->bytes -= block->capacity;
	if (block->capacity != usual_bytes(pool) || pool->unused_count >= MAX_UNUSED) {
		free(block);
		return;
	}
	block->next = pool->unused;
	pool->unused = block;
	pool->unused_count++;
}

void logs_pool_release(struct logs_pool *pool)
{
	while (pool->unused) {
		struct logs_block *next = pool->unused->next;

		free(pool->unused);
		pool->unused = next;
	}
	pool->unused_count = 0;
}
