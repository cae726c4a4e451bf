// SPDX-License-Identifier: Apache-2.0
#include "record.h"

#include <stdlib.h>

#include "base/memory.h"

/* Up to here pairs are sorted by insertion, which is quick for the few that are nearly in order already. */
#define FEW_PAIRS 32

void logs_record_clear(struct logs_record *record)
{
	struct logs_pair *data = record->data;
	size_t capacity = record->data_capacity;
	struct logs_arena arena = record->arena;
	/* So that no reader of a text meets a null pointer. */
	const struct slice nothing = { "", 0 };

	logs_arena_reset(&arena);
	*record = (struct logs_record){
		.level = nothing,
		.message = nothing,
		.source = nothing,
		.name = nothing,
		.container = nothing,
		.sandbox = nothing,
		.file = nothing,
		.data = data,
		.data_capacity = capacity,
		.arena = arena,
	};
}

void logs_record_release(struct logs_record *record)
{
	free(record->data);
	logs_arena_release(&record->arena);
	*record = (struct logs_record){ 0 };
}

void logs_record_add(struct logs_record *record, struct slice key, struct slice value)
{
	if (record->data_count == record->data_capacity)
		record->data = xgrow(record->data, &record->data_capacity, record->data_count + 1,
				     sizeof(*record->data));
	record->data[record->data_count++] = (struct logs_pair){ key, value };
}

int logs_slice_compare(struct slice a, struct slice b)
{
	size_t common = a.size < b.size ? a.size : b.size;
	int order = common ? memcmp(a.data, b.data, common) : 0;

	return order ? order : (a.size > b.size) - (a.size < b.size);
}

static int compare_pairs(const void *left, const void *right)
{
	const struct logs_pair *a = left, *b = right;

	return logs_slice_compare(a->key, b->key);
}

static void sort_few(struct logs_pair *pairs, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct logs_pair moving = pairs[i];
		size_t at = i;

		while (at > 0 && compare_pairs(&pairs[at - 1], &moving) > 0) {
			pairs[at] = pairs[at - 1];
			at--;
		}
		pairs[at] = moving;
	}
}

/* A merge sort, because equal keys have to stay in the order of the line. */
static void sort_many(struct logs_pair *pairs, size_t count, struct logs_pair *spare)
{
	size_t half = count / 2, left = 0, right = half;

	if (count <= FEW_PAIRS) {
		sort_few(pairs, count);
		return;
	}
	sort_many(pairs, half, spare);
	sort_many(pairs + half, count - half, spare);
	for (size_t i = 0; i < count; i++) {
		bool from_left = right == count ||
				 (left < half && compare_pairs(&pairs[left], &pairs[right]) <= 0);

		spare[i] = from_left ? pairs[left++] : pairs[right++];
	}
	memcpy(pairs, spare, count * sizeof(*pairs));
}

bool logs_record_sort(struct logs_record *record, bool replace, struct logs_pair *duplicate)
{
	struct logs_pair *pairs = record->data;
	size_t kept = 0;

	if (record->data_count <= FEW_PAIRS) {
		sort_few(pairs, record->data_count);
	} else {
		_cleanup_free_ struct logs_pair *spare =
			xcalloc(record->data_count, sizeof(*spare));

		sort_many(pairs, record->data_count, spare);
	}
	for (size_t i = 0; i < record->data_count; i++) {
		if (kept > 0 && slice_equal(pairs[kept - 1].key, pairs[i].key)) {
			if (!replace) {
				*duplicate = pairs[kept - 1];
				return false;
			}
			kept--;
		}
		pairs[kept++] = pairs[i];
	}
	record->data_count = kept;
	return true;
}

const struct slice *logs_record_find(const struct logs_record *record, const char *key)
{
	for (size_t i = 0; i < record->data_count; i++)
		if (slice_is(record->data[i].key, key))
			return &record->data[i].value;
	return NULL;
}

int logs_level_rank(struct slice level)
{
	/* Words of one rank stand together, the agent's in upper case. */
	static const struct {
		const char *word;
		int rank;
	} words[] = {
		{ "panic", 0 }, { "fatal", 1 },	  { "critical", 2 }, { "CRIT", 2 },  { "error", 3 },
		{ "ERRO", 3 },	{ "warning", 4 }, { "warn", 4 },     { "WARN", 4 },  { "info", 5 },
		{ "INFO", 5 },	{ "debug", 6 },	  { "DEBG", 6 },     { "trace", 7 }, { "TRCE", 7 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (slice_is(level, words[i].word))
			return words[i].rank;
	return -1;
}
