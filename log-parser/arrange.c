// SPDX-License-Identifier: Apache-2.0
/*
 * Three ways lead from files to entries in order of time:
 *
 * - Each file through a window, and the windows merged: nothing is kept but a few thousand entries. It is exact as long
 *   as no entry is further out of order than its window reaches.
 * - Everything through a sorter, which is exact whatever comes, but writes temporary files for input that does not fit
 *   into memory, and has nothing to show before the end of the input.
 * - Small input: the sorter too, which keeps it in memory.
 *
 * Where the input can be read twice, as files can, it is gone through once to see whether the windows suffice. That
 * takes a tenth of the time of the whole, because only the times are looked at. What comes through a pipe is sorted,
 * unless the user wants it as it comes.
 *
 * With strict rules nothing may be written when a line is bad, so all lines are read before the first is written: in
 * that first pass, or on the way into the sorter.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "kata-log-parser.h"
#include "logs/sorter.h"
#include "logs/stream.h"

#define SMALL_BYTES    ((uint64_t)4 << 20)
#define WINDOW_ENTRIES 4096
#define WINDOW_BYTES   ((size_t)6 << 20)
#define MIN_ENTRIES    256
#define MIN_BYTES      ((size_t)1 << 20)
#define SORTER_ENTRIES 16384
#define SORTER_BYTES   ((size_t)8 << 20)
/* More files than that are not kept open at once. */
#define MAX_MERGED 64

/* An input while it is read: the stream that a merge takes. */
struct feed {
	struct parser_arrangement *arrangement;
	const struct parser_input *input;
	struct logs_ordered *ordered;
};

struct parser_arrangement {
	const struct parser_options *options;
	struct parser_inputs *inputs;
	struct parser_report *report;
	struct logs_reading reading;
	struct logs_reach reach;

	struct feed *feeds;
	struct logs_merge *merge;
	struct logs_sorter *sorter;
	struct logs_pool pool; /* the sorter's */
	bool waiting;
	uint64_t late;
	/* Of the inputs that have been read to their end. */
	uint64_t done;
};

static int open_feed(struct parser_arrangement *arrangement, size_t number,
		     const struct logs_reading *reading, struct logs_ordered **ordered,
		     struct error **err)
{
	const struct parser_input *input = &arrangement->inputs->items[number];
	_cleanup_error_ struct error *reason = NULL;
	struct logs_source *source;

	*ordered = NULL;
	if (parser_input_open(arrangement->options, input, &source, &reason) < 0)
		return parser_reject_input(arrangement->report, input->path, 0, steal(reason), err);
	*ordered = logs_ordered_new(reading, source, (unsigned)number, slice_of(input->path),
				    arrangement->reach);
	return 0;
}

/* Input that cannot be read on has an end here, of which the user is told. */
static int end_of_input(struct feed *feed, int ret, struct error **err)
{
	struct parser_report *report = feed->arrangement->report;
	const struct logs_reader *reader = logs_ordered_reader(feed->ordered);
	struct error *reason = *err;

	if (ret == -EAGAIN || ret == -EINTR || report->is_fatal)
		return ret;
	*err = NULL;
	return parser_reject_input(report, feed->input->path, logs_reader_lines(reader), reason,
				   err);
}

static int feed_next(void *state, struct logs_entry *entry, struct error **err)
{
	struct feed *feed = state;
	int ret;

	if (!feed->ordered)
		return 0;
	ret = logs_ordered_next(feed->ordered, entry, err);
	if (ret > 0 || ret == -EAGAIN)
		return ret;
	if (ret < 0)
		ret = end_of_input(feed, ret, err);
	/* An empty standard input is a mistake in a pipeline. */
	if (ret == 0 && logs_reader_lines(logs_ordered_reader(feed->ordered)) == 0 &&
	    strcmp(feed->input->path, "-") == 0) {
		struct error *reason = NULL;

		error_set(&reason, -ENODATA, "file is empty");
		ret = parser_reject_input(feed->arrangement->report, "-", 0, reason, err);
	}
	if (ret == 0) {
		feed->arrangement->late += logs_ordered_late(feed->ordered);
		feed->arrangement->done += feed->input->size;
		logs_ordered_free(steal(feed->ordered));
	}
	return ret;
}

static void feed_free(void *state)
{
	struct feed *feed = state;

	logs_ordered_free(steal(feed->ordered));
}

/* ---- the first pass ------------------------------------------------------------------------------ */

static int ignore(void *context, struct slice file, uint64_t line, struct error *reason,
		  struct error **err)
{
	(void)context;
	(void)file;
	(void)line;
	(void)err;
	error_free(reason); /* it is met again, and told then */
	return 0;
}

/* Go through one input; *fits is cleared when its window does not reach. */
static int pass_input(struct parser_arrangement *arrangement, size_t number, bool *fits,
		      struct error **err)
{
	struct logs_reading reading = arrangement->reading;
	struct parser_report untold = { .options = arrangement->options };
	_cleanup_(logs_ordered_freep) struct logs_ordered *ordered = NULL;
	_cleanup_error_ struct error *reason = NULL;
	const struct parser_input *input = &arrangement->inputs->items[number];
	struct logs_source *source;
	struct logs_entry entry;
	int ret;

	if (arrangement->options->strict)
		reading.check_all = true;
	else
		reading.reject = ignore;
	reading.context = &untold;
	ret = parser_input_open(arrangement->options, input, &source, &reason);
	if (ret == 0) {
		ordered = logs_ordered_new(&reading, source, (unsigned)number,
					   slice_of(input->path), arrangement->reach);
		while (!parser_stopped && *fits &&
		       (ret = logs_ordered_next(ordered, &entry, &reason)) > 0) {
			logs_block_unref(entry.block);
			*fits = arrangement->options->strict || logs_ordered_late(ordered) == 0;
		}
		*fits &= logs_ordered_late(ordered) == 0;
	}
	/* What cannot be read is told by the second pass, if there is one. */
	if (ret >= 0 || !arrangement->options->strict)
		return 0;
	if (untold.is_fatal)
		return error_propagate(err, steal(reason));
	return parser_reject_input(arrangement->report, input->path,
				   ordered ? logs_reader_lines(logs_ordered_reader(ordered)) : 0,
				   steal(reason), err);
}

/* Standard input stands where it stood when we were started. */
static int pass_all(struct parser_arrangement *arrangement, bool *fits, struct error **err)
{
	off_t start = lseek(STDIN_FILENO, 0, SEEK_CUR);
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < arrangement->inputs->count; i++) {
		ret = pass_input(arrangement, i, fits, err);
		if (strcmp(arrangement->inputs->items[i].path, "-") == 0)
			lseek(STDIN_FILENO, start, SEEK_SET);
	}
	return ret;
}

/* ---- the choice ---------------------------------------------------------------------------------- */

static bool all_seekable(const struct parser_inputs *inputs, uint64_t *bytes)
{
	*bytes = 0;
	for (size_t i = 0; i < inputs->count; i++) {
		if (!inputs->items[i].is_seekable)
			return false;
		*bytes += inputs->items[i].size;
		/* Standard input named twice has nothing left for the second reader. */
		for (size_t j = 0; j < i; j++)
			if (strcmp(inputs->items[i].path, "-") == 0 &&
			    strcmp(inputs->items[j].path, "-") == 0)
				return false;
	}
	return true;
}

static bool any_journal(const struct parser_inputs *inputs)
{
	for (size_t i = 0; i < inputs->count; i++)
		if (inputs->items[i].is_journal)
			return true;
	return false;
}

static int choose(struct parser_arrangement *arrangement, bool *use_windows, struct error **err)
{
	const struct parser_options *options = arrangement->options;
	uint64_t bytes;
	bool seekable = all_seekable(arrangement->inputs, &bytes);

	*use_windows = options->follow || options->sort == PARSER_SORT_WINDOW;
	if (options->sort != PARSER_SORT_AUTO || options->follow ||
	    arrangement->inputs->count > MAX_MERGED)
		return 0;
	if (!seekable) {
		*use_windows = any_journal(arrangement->inputs) && !options->strict;
		return 0;
	}
	if (bytes <= SMALL_BYTES)
		return 0;
	*use_windows = true;
	return pass_all(arrangement, use_windows, err);
}

/* ---- the two ways -------------------------------------------------------------------------------- */

static int merge_windows(struct parser_arrangement *arrangement, struct error **err)
{
	size_t count = arrangement->inputs->count;
	int ret = 0;

	arrangement->feeds = xcalloc(count + 1, sizeof(*arrangement->feeds));
	for (size_t i = 0; ret == 0 && i < count; i++) {
		struct feed *feed = &arrangement->feeds[i];

		feed->arrangement = arrangement;
		feed->input = &arrangement->inputs->items[i];
		ret = open_feed(arrangement, i, &arrangement->reading, &feed->ordered, err);
		logs_merge_add(arrangement->merge,
			       (struct logs_stream){ feed_next, feed_free, feed });
	}
	return ret;
}

static int sort_input(struct parser_arrangement *arrangement, size_t number,
		      const struct logs_reading *reading, struct error **err)
{
	const struct parser_input *input = &arrangement->inputs->items[number];
	_cleanup_(logs_reader_freep) struct logs_reader *reader = NULL;
	_cleanup_error_ struct error *reason = NULL;
	struct logs_source *source;
	struct logs_entry entry;
	int ret;

	ret = parser_input_open(arrangement->options, input, &source, &reason);
	if (ret == 0) {
		reader = logs_reader_new(reading, source, &arrangement->pool, (unsigned)number,
					 slice_of(input->path));
		while (!parser_stopped && (ret = logs_reader_next(reader, &entry, &reason)) > 0) {
			ret = logs_sorter_add(arrangement->sorter, &entry, err);
			if (ret < 0)
				return ret;
		}
	}
	if (ret < 0 && arrangement->report->is_fatal)
		return error_propagate(err, steal(reason));
	if (ret == 0 && reader && logs_reader_lines(reader) == 0 && strcmp(input->path, "-") == 0)
		ret = error_set(&reason, -ENODATA, "file is empty");
	arrangement->done += input->size;
	if (ret >= 0 || ret == -EINTR)
		return 0;
	return parser_reject_input(arrangement->report, input->path,
				   reader ? logs_reader_lines(reader) : 0, steal(reason), err);
}

static int sort_all(struct parser_arrangement *arrangement, struct error **err)
{
	const char *directory = arrangement->options->temporary_directory;
	struct logs_reach memory = { SORTER_ENTRIES, SORTER_BYTES };
	struct logs_reading reading = arrangement->reading;
	int ret = 0;

	if (!directory[0])
		directory = getenv("TMPDIR");
	reading.check_all = arrangement->options->strict;
	arrangement->sorter = logs_sorter_new(directory && directory[0] ? directory : "/var/tmp",
					      memory, &arrangement->pool);
	for (size_t i = 0; ret == 0 && !parser_stopped && i < arrangement->inputs->count; i++)
		ret = sort_input(arrangement, i, &reading, err);
	return ret < 0 ? ret : logs_sorter_finish(arrangement->sorter, arrangement->merge, err);
}

int parser_arrange(const struct parser_options *options, struct parser_inputs *inputs,
		   struct parser_report *report, struct parser_arrangement **out,
		   struct error **err)
{
	_cleanup_(parser_arrangement_freep) struct parser_arrangement *arrangement =
		xcalloc(1, sizeof(*arrangement));
	size_t count = inputs->count ? inputs->count : 1;
	bool use_windows = false;
	int ret;

	*arrangement = (struct parser_arrangement){
		.options = options,
		.inputs = inputs,
		.report = report,
		.merge = logs_merge_new(),
		.reach = { WINDOW_ENTRIES / count, WINDOW_BYTES / count },
		.reading = {
			.rules = {
				.ignore_missing_fields = options->ignore_missing_fields,
				.keep_wrappers = options->no_agent_unpack,
				.strict = options->strict,
			},
			.reject = parser_reject,
			.context = report,
		},
	};
	if (arrangement->reach.entries < MIN_ENTRIES)
		arrangement->reach.entries = MIN_ENTRIES;
	if (arrangement->reach.bytes < MIN_BYTES)
		arrangement->reach.bytes = MIN_BYTES;
	ret = choose(arrangement, &use_windows, err);
	if (ret == 0)
		ret = use_windows ? merge_windows(arrangement, err) : sort_all(arrangement, err);
	if (ret < 0)
		return ret;
	*out = steal(arrangement);
	return 0;
}

void parser_arrangement_free(struct parser_arrangement *arrangement)
{
	if (!arrangement)
		return;
	logs_merge_free(arrangement->merge);
	logs_sorter_free(arrangement->sorter);
	logs_pool_release(&arrangement->pool);
	free(arrangement->feeds);
	free(arrangement);
}

int parser_arrangement_next(struct parser_arrangement *arrangement, struct logs_entry *entry,
			    struct error **err)
{
	int ret = logs_merge_next(arrangement->merge, arrangement->waiting, entry, err);

	if (ret > 0)
		arrangement->waiting = false;
	return ret;
}

void parser_arrangement_flush(struct parser_arrangement *arrangement)
{
	arrangement->waiting = true;
	for (size_t i = 0; arrangement->feeds && i < arrangement->inputs->count; i++)
		if (arrangement->feeds[i].ordered)
			logs_ordered_flush(arrangement->feeds[i].ordered);
}

void parser_arrangement_push_back(struct parser_arrangement *arrangement,
				  const struct logs_entry *entry)
{
	logs_merge_push_back(arrangement->merge, entry);
}

uint64_t parser_arrangement_late(const struct parser_arrangement *arrangement)
{
	return arrangement->late;
}

void parser_arrangement_progress(const struct parser_arrangement *arrangement, uint64_t *done,
				 uint64_t *total)
{
	*done = arrangement->done;
	*total = 0;
	for (size_t i = 0; i < arrangement->inputs->count; i++) {
		const struct feed *feed = arrangement->feeds ? &arrangement->feeds[i] : NULL;
		uint64_t input_done = 0, input_total;

		*total += arrangement->inputs->items[i].size;
		if (feed && feed->ordered)
			logs_source_progress(logs_reader_source(logs_ordered_reader(feed->ordered)),
					     &input_done, &input_total);
		*done += input_done;
	}
}
