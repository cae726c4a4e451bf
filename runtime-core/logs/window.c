// SPDX-License-Identifier: Apache-2.0
/*
 * A sorted array of small keys that is taken from at its front and added to near its back: in a log that is almost in
 * order, adding is a look at the last key, and moving a few of them in the worst case. The entries themselves stay
 * where they are.
 */
#include "window.h"

#include <string.h>

#include "base/memory.h"

struct key {
	int64_t seconds;
	uint32_t nanoseconds;
	uint32_t slot;
};

struct logs_window {
	struct logs_pool *pool;
	size_t max_entries, max_bytes;
	struct key *keys; /* twice max_entries; in use are those from `head` to `tail` */
	size_t head, tail;
	struct logs_entry *slots;
	uint32_t *free_slots;
	size_t free_count;
	size_t text_bytes; /* of all entries */
};

struct logs_window *logs_window_new(size_t max_entries, size_t max_bytes, struct logs_pool *pool)
{
	struct logs_window *window = xcalloc(1, sizeof(*window));

	window->pool = pool;
	window->max_entries = max_entries;
	window->max_bytes = max_bytes;
	window->keys = xcalloc(2 * (max_entries + 1), sizeof(*window->keys));
	window->slots = xcalloc(max_entries + 1, sizeof(*window->slots));
	window->free_slots = xcalloc(max_entries + 1, sizeof(*window->free_slots));
	while (window->free_count <= max_entries) {
		window->free_slots[window->free_count] =
			(uint32_t)(max_entries - window->free_count);
		window->free_count++;
	}
	return window;
}

void logs_window_free(struct logs_window *window)
{
	if (!window)
		return;
	while (window->head < window->tail) {
		struct logs_entry entry = logs_window_take(window);

		logs_block_unref(entry.block);
	}
	free(window->keys);
	free(window->slots);
	free(window->free_slots);
	free(window);
}

static bool key_after(const struct key *key, struct logs_instant when)
{
	return key->seconds != when.seconds ? key->seconds > when.seconds
					    : key->nanoseconds > when.nanoseconds;
}

/* Where a new key belongs: behind all that are not later. */
static size_t find_place(const struct logs_window *window, struct logs_instant when)
{
	size_t high = window->tail, step = 1, low;

	/* From the back in growing steps, then by halves. */
	while (high > window->head && key_after(&window->keys[high - 1], when)) {
		high = high - window->head > step ? high - step : window->head;
		step *= 2;
	}
	low = high;
	high = window->tail - high > step ? high + step : window->tail;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (key_after(&window->keys[middle], when))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

void logs_window_add(struct logs_window *window, const struct logs_entry *entry)
{
	uint32_t slot = window->free_slots[--window->free_count];
	size_t place;

	if (window->tail == 2 * (window->max_entries + 1)) {
		memmove(window->keys, window->keys + window->head,
			(window->tail - window->head) * sizeof(*window->keys));
		window->tail -= window->head;
		window->head = 0;
	}
	place = find_place(window, entry->when);
	memmove(window->keys + place + 1, window->keys + place,
		(window->tail - place) * sizeof(*window->keys));
	window->tail++;
	window->keys[place] = (struct key){ entry->when.seconds, entry->when.nanoseconds, slot };
	window->slots[slot] = *entry;
	window->text_bytes += entry->text.size;
}

/*
 * Copy all texts into fresh blocks. A few entries that wait long, because their time is far ahead, would otherwise hold
 * a block each.
 */
static void compact(struct logs_window *window)
{
	struct logs_block *block = NULL;

	for (size_t i = window->head; i < window->tail; i++) {
		struct logs_entry *entry = &window->slots[window->keys[i].slot];

		if (!block || block->capacity - block->used < entry->text.size) {
			logs_block_unref(block);
			block = logs_block_new(window->pool, entry->text.size);
		}
		memcpy(block->data + block->used, entry->text.data, entry->text.size);
		entry->text.data = block->data + block->used;
		block->used += entry->text.size;
		block->users++;
		logs_block_unref(entry->block);
		entry->block = block;
	}
	logs_block_unref(block);
}

/* The block that is being read into is there anyway, however large a line has made it. */
static bool holds_too_much(const struct logs_window *window)
{
	return window->pool->bytes - window->pool->filling > window->max_bytes;
}

bool logs_window_is_full(struct logs_window *window)
{
	if (window->tail - window->head >= window->max_entries)
		return true;
	if (window->head == window->tail || !holds_too_much(window))
		return false;
	if (window->text_bytes < window->max_bytes / 2)
		compact(window);
	return holds_too_much(window);
}

const struct logs_entry *logs_window_first(const struct logs_window *window)
{
	return window->head < window->tail ? &window->slots[window->keys[window->head].slot] : NULL;
}

struct logs_entry logs_window_take(struct logs_window *window)
{
	uint32_t slot = window->keys[window->head++].slot;

	window->free_slots[window->free_count++] = slot;
	window->text_bytes -= window->slots[slot].text.size;
	return window->slots[slot];
}
