// SPDX-License-Identifier: Apache-2.0
/* Entries come out of the window, and of the sorter, in order of time, and in the order of arrival where times are equal. */
#include "logs/sorter.h"

#include "unit.h"

#define COUNT 5000

static uint32_t random_state = 1;

static uint32_t random_number(void)
{
	random_state = random_state * 1664525 + 1013904223;
	return random_state >> 8;
}

/* An entry whose line is its number; its text says its time. */
static struct logs_entry entry_at(struct logs_pool *pool, struct logs_block **block,
				  int64_t seconds, uint64_t line)
{
	char text[32];
	int size = snprintf(text, sizeof(text), "%lld", (long long)seconds);
	struct logs_entry entry = { .when = { seconds, 0 }, .line = line };

	if (!*block || (*block)->capacity - (*block)->used < (size_t)size) {
		logs_block_unref(*block);
		*block = logs_block_new(pool, (size_t)size);
	}
	entry.text = slice_make((*block)->data + (*block)->used, (size_t)size);
	memcpy((*block)->data + (*block)->used, text, (size_t)size);
	(*block)->used += (size_t)size;
	entry.block = *block;
	entry.block->users++;
	return entry;
}

static void is_right(const struct logs_entry *entry)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)entry->when.seconds);
	assert_slice_equal(entry->text, text);
}

struct order {
	bool any;
	int64_t seconds;
	uint64_t line;
};

static void comes_after(struct order *last, const struct logs_entry *entry)
{
	is_right(entry);
	if (last->any) {
		assert_true(last->seconds <= entry->when.seconds);
		if (last->seconds == entry->when.seconds)
			assert_true(last->line < entry->line);
	}
	*last = (struct order){ true, entry->when.seconds, entry->line };
}

static void test_window_of_everything_sorts(void **state)
{
	struct logs_pool pool = { 0 };
	struct logs_window *window = logs_window_new(COUNT, SIZE_MAX, &pool);
	struct logs_block *block = NULL;
	struct order last = { 0 };

	(void)state;
	for (uint64_t i = 0; i < COUNT; i++) {
		struct logs_entry entry = entry_at(&pool, &block, random_number() % 700, i);

		assert_false(logs_window_is_full(window));
		logs_window_add(window, &entry);
	}
	assert_true(logs_window_is_full(window));
	for (size_t i = 0; i < COUNT; i++) {
		struct logs_entry entry = logs_window_take(window);

		comes_after(&last, &entry);
		logs_block_unref(entry.block);
	}
	assert_null(logs_window_first(window));
	logs_window_free(window);
	logs_block_unref(block);
	assert_int_equal(pool.bytes, 0);
	logs_pool_release(&pool);
}

static void test_disorder_within_reach_is_undone(void **state)
{
	struct logs_pool pool = { 0 };
	struct logs_window *window = logs_window_new(64, SIZE_MAX, &pool);
	struct logs_block *block = NULL;
	struct order last = { 0 };

	(void)state;
	for (uint64_t i = 0; i < COUNT; i++) {
		struct logs_entry entry =
			entry_at(&pool, &block, (int64_t)i - random_number() % 60, i);

		while (logs_window_is_full(window)) {
			struct logs_entry first = logs_window_take(window);

			comes_after(&last, &first);
			logs_block_unref(first.block);
		}
		logs_window_add(window, &entry);
	}
	logs_window_free(window);
	logs_block_unref(block);
	assert_int_equal(pool.bytes, 0);
	logs_pool_release(&pool);
}

/* A few entries whose time is far ahead wait to the end. They must not keep the blocks they came in. */
static void test_stragglers_do_not_hold_memory(void **state)
{
	const size_t max_bytes = 8 * LOGS_BLOCK_BYTES;
	struct logs_pool pool = { 0 };
	struct logs_window *window = logs_window_new(1000, max_bytes, &pool);
	size_t most = 0, far_ahead = 0;

	(void)state;
	for (uint64_t i = 0; i < 500; i++) {
		struct logs_block *block = NULL; /* one for each entry */
		struct logs_entry entry = entry_at(&pool, &block, i % 5 ? (int64_t)i : 1000000, i);

		far_ahead += i % 5 == 0;
		logs_block_unref(block);
		while (logs_window_is_full(window)) {
			struct logs_entry first = logs_window_take(window);

			assert_true(first.when.seconds < 1000000);
			logs_block_unref(first.block);
		}
		logs_window_add(window, &entry);
		most = pool.bytes > most ? pool.bytes : most;
	}
	assert_true(most <= max_bytes + 2 * LOGS_BLOCK_BYTES);
	while (logs_window_first(window)) {
		struct logs_entry first = logs_window_take(window);

		is_right(&first);
		far_ahead -= first.when.seconds == 1000000;
		logs_block_unref(first.block);
	}
	assert_int_equal(far_ahead, 0);
	logs_window_free(window);
	logs_pool_release(&pool);
}

static size_t sort(const char *directory, struct logs_reach memory, int64_t (*time_of)(uint64_t i))
{
	struct logs_pool pool = { 0 };
	struct logs_sorter *sorter = logs_sorter_new(directory, memory, &pool);
	struct logs_merge *merge = logs_merge_new();
	struct logs_block *block = NULL;
	struct error *err = NULL;
	struct order last = { 0 };
	struct logs_entry entry;
	size_t count = 0;
	int ret;

	for (uint64_t i = 0; i < COUNT; i++) {
		entry = entry_at(&pool, &block, time_of(i), i);
		assert_ok(logs_sorter_add(sorter, &entry, &err), err);
	}
	assert_ok(logs_sorter_finish(sorter, merge, &err), err);
	while ((ret = logs_merge_next(merge, false, &entry, &err)) > 0) {
		comes_after(&last, &entry);
		logs_block_unref(entry.block);
		count++;
	}
	assert_ok(ret, err);
	logs_merge_free(merge);
	logs_sorter_free(sorter);
	logs_block_unref(block);
	assert_int_equal(pool.bytes, 0);
	logs_pool_release(&pool);
	return count;
}

static int64_t any_time(uint64_t i)
{
	(void)i;
	return random_number() % 900;
}

static int64_t backwards(uint64_t i)
{
	return (int64_t)(COUNT - i);
}

static int64_t day_two_first(uint64_t i)
{
	return i < COUNT / 2 ? (int64_t)i + COUNT : (int64_t)i;
}

static void test_sorter_sorts_whatever_comes(void **state)
{
	(void)state;
	/* In memory; in some runs; in so many that runs are made of runs. */
	for (size_t entries = COUNT + 1; entries >= 3; entries /= 20) {
		struct logs_reach memory = { entries, SIZE_MAX };

		assert_int_equal(sort("/tmp", memory, any_time), COUNT);
		assert_int_equal(sort("/tmp", memory, backwards), COUNT);
		assert_int_equal(sort("/tmp", memory, day_two_first), COUNT);
	}
}

static void test_temporary_files_need_a_directory(void **state)
{
	struct logs_pool pool = { 0 };
	struct logs_reach memory = { 1, SIZE_MAX };
	struct logs_sorter *sorter = logs_sorter_new("/nope", memory, &pool);
	struct logs_block *block = NULL;
	struct error *err = NULL;
	struct logs_entry entry = entry_at(&pool, &block, 1, 1);

	(void)state;
	assert_ok(logs_sorter_add(sorter, &entry, &err), err);
	entry = entry_at(&pool, &block, 2, 2);
	assert_failed(logs_sorter_add(sorter, &entry, &err), err, -2,
		      "name another directory with --temporary-directory");
	logs_sorter_free(sorter);
	logs_block_unref(block);
	assert_int_equal(pool.bytes, 0);
	logs_pool_release(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_window_of_everything_sorts),
		cmocka_unit_test(test_disorder_within_reach_is_undone),
		cmocka_unit_test(test_stragglers_do_not_hold_memory),
		cmocka_unit_test(test_sorter_sorts_whatever_comes),
		cmocka_unit_test(test_temporary_files_need_a_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
