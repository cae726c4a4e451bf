/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of this program share. */

#include <signal.h>
#include <stdbool.h>

#include "base/error.h"
#include "build.h"
#include "log-output/document.h"
#include "logs/filter.h"
#include "logs/parse.h"
#include "logs/source.h"

#define PARSER_NAME    "kata-log-parser"
#define PARSER_VERSION "0.0.1" /* of the interface (spec/log-parser.md) */
/* Empty for a build from a tarball that does not say it. */
#define PARSER_COMMIT KATA_COMMIT

/* In the order of the choices of --sort. */
enum parser_sort {
	PARSER_SORT_AUTO,
	PARSER_SORT_WINDOW,
	PARSER_SORT_FULL,
};

struct parser_options {
	bool check_only, debug, error_if_file_empty, error_if_no_records, ignore_missing_fields;
	bool list_output_formats, no_agent_unpack, quiet, strict;
	const char *output_format, *output_file;
	/* Ours. */
	const char *sandbox, *container, *level, *source, *subsystem, *since, *until, *grep;
	bool follow, summary, journal;
	const char *timeline, *boot, *identifier, *journal_directory;
	unsigned sort;
	const char *temporary_directory;
	const char *completion;
};

/* ---- inputs.c: what is to be read -------------------------------------------------------------- */

struct parser_input {
	char *path;	 /* as records show it: resolved, "-", or "journal" */
	char *open_path; /* what to open */
	bool is_journal;
	bool is_seekable; /* can be read twice */
	uint64_t size;	  /* in bytes; 0 when it is not known */
	uint64_t records; /* read from it */
};

struct parser_inputs {
	struct parser_input *items;
	size_t count, capacity;
};

/*
 * Look at the files of the command line, in order; empty ones are left out. Errors: "need files", "path must be
 * specified", "file F does not exist", and, where the options ask for it, "file "F" empty" and "no log records to process".
 */
int parser_inputs_find(const struct parser_options *options, char *const *files,
		       struct parser_inputs *inputs, struct error **err);
void parser_inputs_release(struct parser_inputs *inputs);

/* Open one. Errors: "read /dir: is a directory". */
int parser_input_open(const struct parser_options *options, const struct parser_input *input,
		      struct logs_source **source, struct error **err);

/* ---- report.c: what the user is told, on standard error ----------------------------------------- */

struct parser_report {
	const struct parser_options *options;
	uint64_t rejected; /* lines, and files, that were no records */
	uint64_t shown;	   /* of these */
	uint64_t unpack_failed;
	bool is_fatal; /* one of them has ended the run */
};

/* For logs_reading: tell of a line and count it, or make it the error that ends the run. Takes the reason. */
int parser_reject(void *report, struct slice file, uint64_t line, struct error *reason,
		  struct error **err);

/* The same for input that cannot be opened, or not be read on behind this line. */
int parser_reject_input(struct parser_report *report, const char *file, uint64_t line,
			struct error *reason, struct error **err);

/* A wrapper that could not be unpacked. Takes the warning; NULL is fine. */
void parser_warn(struct parser_report *report, struct error *warning);

void parser_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "ERROR: kata-log-parser: MESSAGE" */
void parser_report_error(const char *message);

/* One line of the program's own, "kata-log-parser: TEXT", harmless for a terminal. */
void parser_tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* How far the work is, for a terminal. `total` is 0 when it is not known. */
void parser_progress(uint64_t done, uint64_t total, uint64_t records);
void parser_progress_clear(void);

/* ---- arrange.c: entries in the order in which they are written ------------------------------------ */

struct logs_merge;
struct logs_entry;
struct parser_arrangement;

/*
 * Read the inputs so far that their entries can be had in order: see there how. With strict rules everything that
 * is wrong with them is known afterwards, if they have an end.
 */
int parser_arrange(const struct parser_options *options, struct parser_inputs *inputs,
		   struct parser_report *report, struct parser_arrangement **arrangement,
		   struct error **err);
void parser_arrangement_free(struct parser_arrangement *arrangement);
DEFINE_CLEANUP(struct parser_arrangement *, parser_arrangement_free)

/* The next entry, as logs_merge_next(); -EAGAIN with --follow only. */
int parser_arrangement_next(struct parser_arrangement *arrangement, struct logs_entry *entry,
			    struct error **err);

/* With --follow, when nothing has come for a while: do not hold back what is there. */
void parser_arrangement_flush(struct parser_arrangement *arrangement);

/* Another record that was found in an entry's line. */
void parser_arrangement_push_back(struct parser_arrangement *arrangement,
				  const struct logs_entry *entry);

/* Entries that were later than their place allowed. */
uint64_t parser_arrangement_late(const struct parser_arrangement *arrangement);

/* Bytes read so far and in all, for showing how far the work is. */
void parser_arrangement_progress(const struct parser_arrangement *arrangement, uint64_t *done,
				 uint64_t *total);

/* ---- results.c: what comes out ------------------------------------------------------------------- */

struct logs_summary_counts;
struct parser_results;

/* What the options ask for. Errors: "no display handler for F", a timeline of an unknown form. */
int parser_results_new(const struct parser_options *options, struct parser_results **results,
		       struct error **err);
void parser_results_free(struct parser_results *results);

/* Open the files to write, which must be none of the inputs. "open /x/y: no such file or directory" */
int parser_results_open(struct parser_results *results, const struct parser_inputs *inputs,
			struct error **err);

int parser_results_add(struct parser_results *results, const struct logs_record *record,
		       struct error **err);

/* Write what there is so far. */
int parser_results_flush(struct parser_results *results, struct error **err);

/* Write the ends and the summary, and close. Full disks are found here at the latest. */
int parser_results_finish(struct parser_results *results, const struct logs_summary_counts *counts,
			  struct error **err);

/* ---- run.c ------------------------------------------------------------------------------------- */

/* The number of the signal that asks the program to end, or 0. */
extern volatile sig_atomic_t parser_stopped;

/* Do what the options say. As cli_command.run. */
int parser_run(const struct parser_options *options, char *const *files, struct error **err);
