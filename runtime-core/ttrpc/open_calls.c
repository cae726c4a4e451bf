// SPDX-License-Identifier: Apache-2.0
#include "open_calls.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void ttrpc_open_calls_add(struct ttrpc_open_calls *calls, uint32_t stream, void *value)
{
	calls->entries =
		xgrow(calls->entries, &calls->capacity, calls->count + 1, sizeof(*calls->entries));
	calls->entries[calls->count++] =
		(struct ttrpc_open_call){ .stream = stream, .value = value };
}

static struct ttrpc_open_call *find(const struct ttrpc_open_calls *calls, uint32_t stream)
{
	size_t low = 0, high = calls->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (calls->entries[middle].stream < stream)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == calls->count || calls->entries[low].stream != stream)
		return NULL;
	return &calls->entries[low];
}

void *ttrpc_open_calls_find(const struct ttrpc_open_calls *calls, uint32_t stream)
{
	const struct ttrpc_open_call *entry = find(calls, stream);

	return entry ? entry->value : NULL;
}

void *ttrpc_open_calls_remove(struct ttrpc_open_calls *calls, uint32_t stream)
{
	struct ttrpc_open_call *entry = find(calls, stream);
	void *value;

	if (!entry)
		return NULL;
	value = entry->value;
	calls->count--;
	memmove(entry, entry + 1, (size_t)(calls->entries + calls->count - entry) * sizeof(*entry));
	return value;
}

void ttrpc_open_calls_release(struct ttrpc_open_calls *calls)
{
	free(calls->entries);
	*calls = (struct ttrpc_open_calls){ 0 };
}
