// SPDX-License-Identifier: Apache-2.0
/*
 * Entries go through a window; what leaves it goes to the current run as long as it is not earlier than what went
 * there before. So input that is almost in order makes one long run, and day two in front of day one makes two. Runs
 * of one level become one run of the next when there are many, so that few files are open and each byte is rewritten
 * a logarithmic number of times.
 */
#include "sorter.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "buffer.h"

#define MAX_RUNS_PER_LEVEL 32
#define WRITE_BYTES	   ((size_t)256 << 10)
#define READ_BYTES	   ((size_t)64 << 10)

/* An entry in a run: this, then the text. */
struct stored {
	int64_t seconds;
	uint32_t nanoseconds;
	uint32_t input;
	uint64_t line;
	uint64_t size;
	uint64_t dated_by_journal;
};

struct run {
	unsigned level;
	int fd;
	/* Reading it. */
	struct logs_pool pool;
	struct logs_block *block;
	size_t begin;
};

struct logs_sorter {
	const char *directory;
	struct logs_window *window;
	struct run **runs;
	size_t run_count, run_capacity;
	/* The run being written. */
	int fd;
	struct logs_buffer buffer;
	struct logs_instant last;
};

struct logs_sorter *logs_sorter_new(const char *directory, struct logs_reach memory,
				    struct logs_pool *pool)
{
	struct logs_sorter *sorter = xcalloc(1, sizeof(*sorter));

	sorter->directory = directory;
	sorter->window = logs_window_new(memory.entries, memory.bytes, pool);
	sorter->fd = -1;
	return sorter;
}

static void run_free(void *state)
{
	struct run *run = state;

	logs_block_unref(run->block);
	logs_pool_release(&run->pool);
	close(run->fd);
	free(run);
}

void logs_sorter_free(struct logs_sorter *sorter)
{
	if (!sorter)
		return;
	for (size_t i = 0; i < sorter->run_count; i++)
		run_free(sorter->runs[i]);
	free(sorter->runs);
	if (sorter->fd >= 0)
		close(sorter->fd);
	logs_buffer_release(&sorter->buffer);
	logs_window_free(sorter->window);
	free(sorter);
}

/* ---- writing ------------------------------------------------------------------------------------ */

static int open_temporary(const char *directory, struct error **err)
{
	_cleanup_free_ char *path = NULL;
	int fd = open(directory, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	/* Not every file system can do without a name. */
	path = xasprintf("%s/kata-log-parser-XXXXXX", directory);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return error_set(err, -errno,
				 "make a temporary file in %s: %s; name another directory with "
				 "--temporary-directory",
				 directory, errno_text(errno));
	unlink(path);
	return fd;
}

static int write_buffer(struct logs_sorter *sorter, struct error **err)
{
	int ret = fd_write_all(sorter->fd, sorter->buffer.data, sorter->buffer.size);

	sorter->buffer.size = 0;
	if (ret < 0)
		return error_set(err, ret,
				 "write a temporary file in %s: %s; name another directory with "
				 "--temporary-directory",
				 sorter->directory, errno_text(ret));
	return 0;
}

/* Append to the current run, which is begun if there is none. The entry's block loses its user. */
static int store(struct logs_sorter *sorter, struct logs_entry *entry, struct error **err)
{
	struct stored stored = {
		.seconds = entry->when.seconds,
		.nanoseconds = entry->when.nanoseconds,
		.input = entry->input,
		.line = entry->line,
		.size = entry->text.size,
		.dated_by_journal = entry->dated_by_journal,
	};
	int ret = 0;

	if (sorter->fd < 0) {
		ret = open_temporary(sorter->directory, err);
		sorter->fd = ret;
	}
	if (ret >= 0) {
		logs_put(&sorter->buffer, (const char *)&stored, sizeof(stored));
		logs_put_slice(&sorter->buffer, entry->text);
		sorter->last = entry->when;
		ret = sorter->buffer.size >= WRITE_BYTES ? write_buffer(sorter, err) : 0;
	}
	logs_block_unref(entry->block);
	return ret;
}

/* The current run is complete. */
static int end_run(struct logs_sorter *sorter, unsigned level, struct error **err)
{
	struct run *run;
	int ret;

	if (sorter->fd < 0)
		return 0;
	ret = write_buffer(sorter, err);
	if (ret < 0)
		return ret;
	if (lseek(sorter->fd, 0, SEEK_SET) < 0)
		return error_set_errno(err, -errno, "read a temporary file in %s",
				       sorter->directory);
	run = xcalloc(1, sizeof(*run));
	run->level = level;
	run->fd = sorter->fd;
	run->pool.block_bytes = READ_BYTES;
	sorter->fd = -1;
	sorter->runs = xgrow(sorter->runs, &sorter->run_capacity, sorter->run_count + 1,
			     sizeof(struct run *));
	sorter->runs[sorter->run_count++] = run;
	return 0;
}

/* ---- reading ------------------------------------------------------------------------------------ */

/* See to it that `size` bytes stand at the beginning. 1, 0 when the file has ended, or a negative errno. */
static int need(struct run *run, size_t size, struct error **err)
{
	struct logs_block *old = run->block;
	size_t kept = old ? old->used - run->begin : 0;

	if (kept >= size)
		return 1;
	if (!old || old->capacity - run->begin < size) {
		run->block = logs_block_new(&run->pool, size);
		if (kept)
			memcpy(run->block->data, old->data + run->begin, kept);
		logs_block_unref(old);
		run->block->used = kept;
		run->begin = 0;
	}
	while (run->block->used - run->begin < size) {
		ssize_t got = read(run->fd, run->block->data + run->block->used,
				   run->block->capacity - run->block->used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set_errno(err, -errno, "read a temporary file");
		if (got == 0)
			return 0;
		run->block->used += (size_t)got;
	}
	return 1;
}

static int run_next(void *state, struct logs_entry *entry, struct error **err)
{
	struct run *run = state;
	struct stored stored;
	int ret = need(run, sizeof(stored), err);

	if (ret <= 0)
		return ret;
	memcpy(&stored, run->block->data + run->begin, sizeof(stored));
	run->begin += sizeof(stored);
	ret = need(run, stored.size, err);
	if (ret < 0)
		return ret;
	if (ret == 0)
		return error_set(err, -EIO, "read a temporary file: it has become shorter");
	*entry = (struct logs_entry){
		.when = { stored.seconds, stored.nanoseconds },
		.dated_by_journal = stored.dated_by_journal,
		.input = stored.input,
		.line = stored.line,
		.text = slice_make(run->block->data + run->begin, stored.size),
		.block = run->block,
	};
	run->block->users++;
	run->begin += stored.size;
	return 1;
}

static int window_next(void *state, struct logs_entry *entry, struct error **err)
{
	(void)err;
	if (!logs_window_first(state))
		return 0;
	*entry = logs_window_take(state);
	return 1;
}

static void window_stays(void *state)
{
	(void)state; /* the sorter's */
}

/* ---- runs of runs ------------------------------------------------------------------------------- */

/* Move the runs from `first` on to a merge. */
static void give_runs(struct logs_sorter *sorter, size_t first, struct logs_merge *merge)
{
	for (size_t i = first; i < sorter->run_count; i++)
		logs_merge_add(merge, (struct logs_stream){ run_next, run_free, sorter->runs[i] });
	sorter->run_count = first;
}

/* When the last runs are many of one level, make them one of the next, and so on. */
static int condense(struct logs_sorter *sorter, struct error **err)
{
	while (sorter->run_count >= MAX_RUNS_PER_LEVEL) {
		size_t first = sorter->run_count - MAX_RUNS_PER_LEVEL;
		unsigned level = sorter->runs[sorter->run_count - 1]->level;
		_cleanup_(logs_merge_freep) struct logs_merge *merge = NULL;
		struct logs_entry entry;
		int ret;

		if (sorter->runs[first]->level != level)
			return 0;
		merge = logs_merge_new();
		give_runs(sorter, first, merge);
		while ((ret = logs_merge_next(merge, false, &entry, err)) > 0) {
			ret = store(sorter, &entry, err);
			if (ret < 0)
				return ret;
		}
		if (ret == 0)
			ret = end_run(sorter, level + 1, err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* What the window has goes to the current run, and a new one begins. */
static int start_over(struct logs_sorter *sorter, struct error **err)
{
	int ret = 0;

	while (ret == 0 && logs_window_first(sorter->window)) {
		struct logs_entry entry = logs_window_take(sorter->window);

		ret = store(sorter, &entry, err);
	}
	if (ret == 0)
		ret = end_run(sorter, 0, err);
	return ret < 0 ? ret : condense(sorter, err);
}

int logs_sorter_add(struct logs_sorter *sorter, const struct logs_entry *entry, struct error **err)
{
	int ret = 0;

	while (ret == 0 && logs_window_is_full(sorter->window)) {
		struct logs_entry first = logs_window_take(sorter->window);

		ret = store(sorter, &first, err);
	}
	if (ret == 0 && sorter->fd >= 0 && logs_instant_before(entry->when, sorter->last))
		ret = start_over(sorter, err);
	logs_window_add(sorter->window, entry);
	return ret;
}

int logs_sorter_finish(struct logs_sorter *sorter, struct logs_merge *merge, struct error **err)
{
	struct logs_stream rest = { window_next, window_stays, sorter->window };
	int ret = end_run(sorter, 0, err);

	if (ret < 0)
		return ret;
	give_runs(sorter, 0, merge);
	logs_merge_add(merge, rest);
	return 0;
}
