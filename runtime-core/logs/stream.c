// SPDX-License-Identifier: Apache-2.0
#include "stream.h"

#include <errno.h>

#include "base/memory.h"

/* ---- an input, put in order --------------------------------------------------------------------- */

struct logs_ordered {
	struct logs_pool pool;
	struct logs_reader *reader;
	struct logs_window *window;
	bool ended, flushing;
	struct error *failure; /* what ended it, told when the window is empty */
	bool any_taken;
	struct logs_instant last_taken;
	uint64_t late;
};

struct logs_ordered *logs_ordered_new(const struct logs_reading *reading,
				      struct logs_source *source, unsigned input, struct slice file,
				      struct logs_reach reach)
{
	struct logs_ordered *ordered = xcalloc(1, sizeof(*ordered));

	ordered->reader = logs_reader_new(reading, source, &ordered->pool, input, file);
	ordered->window = logs_window_new(reach.entries, reach.bytes, &ordered->pool);
	return ordered;
}

void logs_ordered_free(struct logs_ordered *ordered)
{
	if (!ordered)
		return;
	error_free(ordered->failure);
	logs_window_free(ordered->window);
	logs_reader_free(ordered->reader);
	logs_pool_release(&ordered->pool);
	free(ordered);
}

uint64_t logs_ordered_late(const struct logs_ordered *ordered)
{
	return ordered->late;
}

const struct logs_reader *logs_ordered_reader(const struct logs_ordered *ordered)
{
	return ordered->reader;
}

void logs_ordered_flush(struct logs_ordered *ordered)
{
	ordered->flushing = true;
}

static int take(struct logs_ordered *ordered, struct logs_entry *entry)
{
	*entry = logs_window_take(ordered->window);
	ordered->last_taken = entry->when;
	ordered->any_taken = true;
	return 1;
}

int logs_ordered_next(struct logs_ordered *ordered, struct logs_entry *entry, struct error **err)
{
	while (!ordered->ended && !logs_window_is_full(ordered->window)) {
		struct logs_entry read;
		int ret = logs_reader_next(ordered->reader, &read, err);

		if (ret == -EAGAIN) {
			if (ordered->flushing && logs_window_first(ordered->window))
				break;
			return ret;
		}
		if (ret == -EINTR)
			return ret;
		ordered->ended = ret <= 0;
		if (ret < 0)
			ordered->failure = steal(*err);
		if (ordered->ended)
			break;
		ordered->flushing = false;
		if (ordered->any_taken && logs_instant_before(read.when, ordered->last_taken))
			ordered->late++;
		logs_window_add(ordered->window, &read);
	}
	if (logs_window_first(ordered->window))
		return take(ordered, entry);
	return ordered->failure ? error_propagate(err, steal(ordered->failure)) : 0;
}

static int next_of_ordered(void *state, struct logs_entry *entry, struct error **err)
{
	return logs_ordered_next(state, entry, err);
}

static void free_ordered(void *state)
{
	logs_ordered_free(state);
}

struct logs_stream logs_ordered_stream(struct logs_ordered *ordered)
{
	return (struct logs_stream){ next_of_ordered, free_ordered, ordered };
}

/* ---- merging ------------------------------------------------------------------------------------ */

struct input {
	struct logs_stream stream;
	struct logs_entry head;
	bool has_head, ended;
};

struct logs_merge {
	struct input *inputs;
	size_t count, capacity;
	/* The inputs that have a head, as a heap by it: the first is the one to take from. */
	size_t *heap;
	size_t heap_count;
	bool started;	   /* all inputs but `taken_from` have a head or have ended */
	size_t taken_from; /* the input whose head was taken last, the heap's first still */
	/* Entries pushed back; few, if any. */
	struct logs_entry *pushed;
	size_t pushed_count, pushed_capacity;
};

#define NO_INPUT   SIZE_MAX
#define MAX_PUSHED 32

struct logs_merge *logs_merge_new(void)
{
	struct logs_merge *merge = xcalloc(1, sizeof(*merge));

	merge->taken_from = NO_INPUT;
	return merge;
}

void logs_merge_free(struct logs_merge *merge)
{
	if (!merge)
		return;
	for (size_t i = 0; i < merge->pushed_count; i++)
		logs_block_unref(merge->pushed[i].block);
	for (size_t i = 0; i < merge->count; i++) {
		if (merge->inputs[i].has_head)
			logs_block_unref(merge->inputs[i].head.block);
		merge->inputs[i].stream.free(merge->inputs[i].stream.state);
	}
	free(merge->pushed);
	free(merge->inputs);
	free(merge->heap);
	free(merge);
}

void logs_merge_add(struct logs_merge *merge, struct logs_stream stream)
{
	merge->inputs =
		xgrow(merge->inputs, &merge->capacity, merge->count + 1, sizeof(*merge->inputs));
	merge->inputs[merge->count++] = (struct input){ .stream = stream };
}

/* Does input a come before input b? */
static bool comes_first(const struct logs_merge *merge, size_t a, size_t b)
{
	struct logs_instant left = merge->inputs[a].head.when, right = merge->inputs[b].head.when;

	return logs_instant_equal(left, right) ? a < b : logs_instant_before(left, right);
}

static void swap(size_t *a, size_t *b)
{
	size_t kept = *a;

	*a = *b;
	*b = kept;
}

static void heap_add(struct logs_merge *merge, size_t input)
{
	size_t at = merge->heap_count++;

	merge->heap[at] = input;
	while (at > 0 && comes_first(merge, merge->heap[at], merge->heap[(at - 1) / 2])) {
		swap(&merge->heap[at], &merge->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
}

/* The first of the heap has another head, or has been replaced by the last: move it to its place. */
static void heap_settle(struct logs_merge *merge)
{
	size_t at = 0;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= merge->heap_count)
			return;
		if (child + 1 < merge->heap_count &&
		    comes_first(merge, merge->heap[child + 1], merge->heap[child]))
			child++;
		if (!comes_first(merge, merge->heap[child], merge->heap[at]))
			return;
		swap(&merge->heap[at], &merge->heap[child]);
		at = child;
	}
}

/* Get a head for an input that has none. 1, 0 at its end, or a negative errno. */
static int refill(struct input *input, struct error **err)
{
	int ret;

	if (input->ended)
		return 0;
	ret = input->stream.next(input->stream.state, &input->head, err);
	input->has_head = ret > 0;
	input->ended = ret == 0;
	return ret;
}

/* All inputs that have no head, apart from those that have nothing yet. */
static int refill_all(struct logs_merge *merge, bool waiting, struct error **err)
{
	bool complete = true;

	for (size_t i = 0; i < merge->count; i++) {
		int ret;

		if (merge->inputs[i].has_head)
			continue;
		ret = refill(&merge->inputs[i], err);
		complete &= ret != -EAGAIN;
		if (ret < 0 && !(ret == -EAGAIN && waiting))
			return ret;
		if (ret > 0)
			heap_add(merge, i);
	}
	merge->started = complete;
	return 0;
}

/* The input that was taken from gets its next head, which usually stays near the top of the heap. */
static int refill_taken(struct logs_merge *merge, struct error **err)
{
	struct input *input = &merge->inputs[merge->taken_from];
	int ret = refill(input, err);

	if (ret <= 0)
		merge->heap[0] = merge->heap[--merge->heap_count];
	heap_settle(merge);
	merge->taken_from = NO_INPUT;
	if (ret == -EAGAIN)
		merge->started = false;
	return ret < 0 ? ret : 0;
}

static size_t first_pushed(const struct logs_merge *merge)
{
	size_t first = 0;

	for (size_t i = 1; i < merge->pushed_count; i++)
		if (logs_instant_before(merge->pushed[i].when, merge->pushed[first].when))
			first = i;
	return first;
}

static int take_pushed(struct logs_merge *merge, size_t at, struct logs_entry *entry)
{
	*entry = merge->pushed[at];
	memmove(merge->pushed + at, merge->pushed + at + 1,
		(--merge->pushed_count - at) * sizeof(*merge->pushed));
	return 1;
}

int logs_merge_next(struct logs_merge *merge, bool waiting, struct logs_entry *entry,
		    struct error **err)
{
	struct input *first;
	int ret = 0;

	if (!merge->heap)
		merge->heap = xcalloc(merge->count + 1, sizeof(*merge->heap));
	if (merge->taken_from != NO_INPUT)
		ret = refill_taken(merge, err);
	if (ret == -EAGAIN && waiting)
		ret = 0;
	if (ret == 0 && !merge->started)
		ret = refill_all(merge, waiting, err);
	if (ret < 0)
		return ret;
	first = merge->heap_count ? &merge->inputs[merge->heap[0]] : NULL;
	if (merge->pushed_count) {
		size_t pushed = first_pushed(merge);

		/* With very many waiting for a time far ahead, order gives way to memory. */
		if (!first || merge->pushed_count >= MAX_PUSHED ||
		    !logs_instant_before(first->head.when, merge->pushed[pushed].when))
			return take_pushed(merge, pushed, entry);
	}
	if (!first)
		return merge->started ? 0 : -EAGAIN;
	*entry = first->head;
	first->has_head = false;
	merge->taken_from = merge->heap[0];
	return 1;
}

void logs_merge_push_back(struct logs_merge *merge, const struct logs_entry *entry)
{
	merge->pushed = xgrow(merge->pushed, &merge->pushed_capacity, merge->pushed_count + 1,
			      sizeof(*merge->pushed));
	merge->pushed[merge->pushed_count++] = *entry;
}
