// SPDX-License-Identifier: Apache-2.0
#include "tally.h"

#include <stdlib.h>

#include "base/memory.h"

static uint64_t hash(struct slice text)
{
	uint64_t value = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < text.size; i++)
		value = (value ^ (unsigned char)text.data[i]) * UINT64_C(1099511628211);
	return value;
}

struct tally_entry *tally_find(struct tally *tally, struct slice text, bool *is_new)
{
	struct tally_entry *entry;
	size_t at;

	text = slice_first(text, TALLY_MAX_TEXT);
	*is_new = false;
	if (!tally->slots) {
		/* A power of two, and never more than half full. */
		tally->slot_count = 2;
		while (tally->slot_count < 2 * tally->max_entries)
			tally->slot_count *= 2;
		tally->slots = xcalloc(tally->slot_count, sizeof(*tally->slots));
	}
	for (at = hash(text) & (tally->slot_count - 1); tally->slots[at];
	     at = (at + 1) & (tally->slot_count - 1)) {
		entry = &tally->entries[tally->slots[at] - 1];
		if (slice_is(text, entry->text))
			return entry;
	}
	if (tally->count == tally->max_entries) {
		tally->others++;
		return NULL;
	}
	tally->entries =
		xgrow(tally->entries, &tally->capacity, tally->count + 1, sizeof(*tally->entries));
	entry = &tally->entries[tally->count++];
	*entry = (struct tally_entry){ .text = slice_dup(text), .order = tally->count };
	tally->slots[at] = (uint32_t)tally->count;
	*is_new = true;
	return entry;
}

static int compare(const void *left, const void *right)
{
	const struct tally_entry *a = left, *b = right;

	if (a->records != b->records)
		return a->records > b->records ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

void tally_sort(struct tally *tally)
{
	if (tally->count)
		qsort(tally->entries, tally->count, sizeof(*tally->entries), compare);
}

void tally_release(struct tally *tally)
{
	for (size_t i = 0; i < tally->count; i++) {
		free(tally->entries[i].text);
		free(tally->entries[i].last_message);
		free(tally->entries[i].place);
	}
	free(tally->entries);
	free(tally->slots);
	*tally = (struct tally){ 0 };
}
