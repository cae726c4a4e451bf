/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A log in memory, which comes in pieces of at most `piece` bytes. */

#include <string.h>

#include "base/slice.h"
#include "logs/source.h"

struct memory {
	struct slice rest;
	size_t piece;
};

static ssize_t memory_read(void *state, char *data, size_t size, struct error **err)
{
	struct memory *memory = state;
	size_t count = memory->rest.size < size ? memory->rest.size : size;

	(void)err;
	if (count > memory->piece)
		count = memory->piece;
	if (count)
		memcpy(data, memory->rest.data, count);
	memory->rest = slice_from(memory->rest, count);
	return (ssize_t)count;
}

static void memory_close(void *state)
{
	(void)state;
}

static const struct logs_source_kind memory_source = { memory_read, memory_close };
