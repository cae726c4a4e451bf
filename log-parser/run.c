// SPDX-License-Identifier: Apache-2.0
/*
 * The main job, in the order in which it is written down at the end of this file: look at the files, arrange their
 * entries, then read each entry's text, and write those that are wanted, numbered.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "kata-log-parser.h"
#include "log-output/summary.h"
#include "logs/stream.h"

#define FOLLOW_PAUSE_MS	   100
#define FOLLOW_PATIENCE	   3 /* pauses, before what is there is no longer held back */
#define RECORDS_PER_GLANCE 4096

volatile sig_atomic_t parser_stopped;

struct run {
	const struct parser_options *options;
	struct parser_inputs inputs;
	struct parser_report report;
	struct logs_rules rules;
	struct logs_filter filter;
	struct parser_arrangement *arrangement;

	struct parser_results *results;

	struct logs_record record;
	uint64_t records; /* read */
	uint64_t wanted;  /* of these */
	struct logs_instant previous;
};

/* ---- one record ---------------------------------------------------------------------------------- */

static void number(struct run *run)
{
	struct logs_record *record = &run->record;

	record->count = ++run->wanted;
	record->delta_ns =
		record->count > 1 ? logs_instant_since(record->time.instant, run->previous) : 0;
	run->previous = record->time.instant;
}

/* What stands behind the record in its line is an entry like another. */
static void push_rest(struct run *run, const struct logs_entry *entry, struct slice rest)
{
	struct logs_entry second = *entry;

	second.text = rest;
	second.block->users++;
	if (!logs_peek_time(rest, &second.when))
		second.when = entry->when;
	parser_arrangement_push_back(run->arrangement, &second);
}

/* Read an entry's text; 1 when there is a record to write. */
static int read_record(struct run *run, const struct logs_entry *entry, struct error **err)
{
	struct parser_input *input = &run->inputs.items[entry->input];
	struct logs_line line = {
		.text = entry->text,
		.file = slice_of(input->path),
		.number = entry->line,
		.fallback = entry->dated_by_journal ? &entry->when : NULL,
	};
	struct error *warning = NULL, *reason = NULL;
	int ret = logs_parse(&run->rules, &line, &run->record, &warning, &reason);

	parser_warn(&run->report, warning);
	if (line.rest.size > 0)
		push_rest(run, entry, line.rest);
	if (ret < 0)
		return parser_reject(&run->report, line.file, line.number, reason, err);
	run->records++;
	input->records++;
	return logs_filter_wants(&run->filter, &run->record);
}

static int take(struct run *run, const struct logs_entry *entry, struct error **err)
{
	int ret = read_record(run, entry, err);

	if (ret <= 0)
		return ret;
	number(run);
	return parser_results_add(run->results, &run->record, err);
}

/* ---- all records --------------------------------------------------------------------------------- */

static void glance(const struct run *run)
{
	uint64_t done, total;

	parser_arrangement_progress(run->arrangement, &done, &total);
	parser_progress(done, total, run->records);
}

static int take_all(struct run *run, struct error **err)
{
	unsigned pauses = 0;
	struct logs_entry entry;
	int ret = 0;

	while (ret >= 0 && !parser_stopped) {
		ret = parser_arrangement_next(run->arrangement, &entry, err);
		if (ret == 0)
			return 0;
		if (ret == -EAGAIN) {
			ret = parser_results_flush(run->results, err);
			clock_sleep_ms(FOLLOW_PAUSE_MS);
			if (++pauses >= FOLLOW_PATIENCE)
				parser_arrangement_flush(run->arrangement);
			continue;
		}
		if (ret < 0)
			break;
		pauses = 0;
		ret = take(run, &entry, err);
		logs_block_unref(entry.block);
		if (run->records % RECORDS_PER_GLANCE == 0)
			glance(run);
	}
	if (ret == -EINTR && parser_stopped) {
		error_free(*err);
		*err = NULL;
		return 0;
	}
	return ret < 0 ? ret : 0;
}

/* ---- before and after ---------------------------------------------------------------------------- */

static void stop(int number)
{
	parser_stopped = number;
}

/* Being asked to end means to end the document, too. A reader that goes away ends the program at once. */
static void catch_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = stop };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		sigaction(numbers[i], &action, NULL); /* cannot fail for these */
}

static int list_formats(void)
{
	for (const char *const *name = logs_format_names; *name; name++)
		puts(*name);
	return 0;
}

static int set_instant(const char *text, bool *has, struct logs_instant *instant,
		       struct error **err)
{
	*has = text[0] != '\0';
	return *has ? logs_instant_parse(text, instant, err) : 0;
}

static int prepare(struct run *run, struct error **err)
{
	const struct parser_options *options = run->options;
	int ret;

	run->rules = (struct logs_rules){
		.ignore_missing_fields = options->ignore_missing_fields,
		.keep_wrappers = options->no_agent_unpack,
		.strict = options->strict,
	};
	run->filter = (struct logs_filter){
		.sandbox = options->sandbox,
		.container = options->container,
		.source = options->source,
		.subsystem = options->subsystem,
		.level = options->level,
		.text = options->grep,
	};
	ret = set_instant(options->since, &run->filter.has_since, &run->filter.since, err);
	if (ret == 0)
		ret = set_instant(options->until, &run->filter.has_until, &run->filter.until, err);
	if (ret == 0)
		ret = logs_filter_prepare(&run->filter, err);
	return ret < 0 ? ret : parser_results_new(options, &run->results, err);
}

static void tell_counts(const struct run *run)
{
	const char *plural = run->records == 1 ? "" : "s";
	size_t files = run->inputs.count;

	parser_debug("parsed %" PRIu64 " log record%s in %zu file%s", run->records, plural, files,
		     files == 1 ? "" : "s");
	for (size_t i = 0; i < files; i++)
		parser_debug("%" PRIu64 " records from file \"%s\"", run->inputs.items[i].records,
			     run->inputs.items[i].path);
}

/* What was left out, and whether that is a failure. */
static int conclude(const struct run *run, struct error **err)
{
	uint64_t late = parser_arrangement_late(run->arrangement);

	parser_progress_clear();
	tell_counts(run);
	if (late > 0)
		parser_tell("%" PRIu64 " records were further out of order than the window "
			    "reaches; --sort=full puts all in order",
			    late);
	if (run->report.rejected == 0)
		return run->records == 0 && run->options->error_if_no_records
			       ? error_set(err, -ENODATA, "no log records to process")
			       : 0;
	if (run->options->check_only || run->records == 0)
		return error_set(err, -EBADMSG, "%" PRIu64 " lines or files are no log records%s",
				 run->report.rejected,
				 run->records == 0 ? ", and nothing else was there" : "");
	if (!run->options->quiet)
		parser_tell("%" PRIu64 " records read, %" PRIu64 " lines or files skipped",
			    run->records, run->report.rejected);
	return 0;
}

static int finish_results(struct run *run, struct error **err)
{
	struct logs_summary_counts counts = {
		.read = run->records,
		.skipped = run->report.rejected,
		.unpack_failed = run->report.unpack_failed,
		.late = parser_arrangement_late(run->arrangement),
	};

	parser_progress_clear();
	return parser_results_finish(run->results, &counts, err);
}

static int run_all(struct run *run, char *const *files, struct error **err)
{
	int ret = parser_inputs_find(run->options, files, &run->inputs, err);

	if (ret == 0)
		ret = prepare(run, err);
	if (ret < 0)
		return ret;
	catch_signals();
	ret = parser_arrange(run->options, &run->inputs, &run->report, &run->arrangement, err);
	if (ret == 0)
		ret = parser_results_open(run->results, &run->inputs, err);
	if (ret == 0)
		ret = take_all(run, err);
	if (ret < 0)
		return ret;
	ret = finish_results(run, err);
	return ret < 0 ? ret : conclude(run, err);
}

int parser_run(const struct parser_options *options, char *const *files, struct error **err)
{
	struct run run = { .options = options, .report = { .options = options } };
	int ret;

	if (options->debug && !options->output_file[0] && !options->check_only)
		return error_set(
			err, -EINVAL,
			"must specify '--output-file' with '--debug' to avoid invalidating "
			"output");
	if (options->list_output_formats)
		return list_formats();
	log_set_level(options->debug   ? LOG_LEVEL_DEBUG
		      : options->quiet ? LOG_LEVEL_ERROR
				       : LOG_LEVEL_WARNING);
	ret = run_all(&run, files, err);
	parser_results_free(run.results);
	logs_record_release(&run.record);
	parser_arrangement_free(run.arrangement);
	parser_inputs_release(&run.inputs);
	if (ret == 0 && parser_stopped)
		return 128 + parser_stopped;
	return ret;
}
