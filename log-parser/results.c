// SPDX-License-Identifier: Apache-2.0
/*
 * Records go to standard output or to the output file. Summary and timeline come in place of the records; with an output
 * file there are both.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "kata-log-parser.h"
#include "log-output/summary.h"
#include "log-output/timeline.h"

struct parser_results {
	const struct parser_options *options;
	const struct logs_format *format;
	enum logs_timeline_form timeline_form;
	int document_fd, timeline_fd; /* -1, or a file of ours */
	struct logs_output output;    /* of the document */
	/* NULL for what is not asked for. */
	struct logs_document *document;
	struct logs_summary *summary;
	struct logs_timeline *timeline;
};

static int choose_timeline_form(struct parser_results *results, struct error **err)
{
	struct slice path = slice_of(results->options->timeline);

	if (slice_ends_with(path, ".html") || slice_ends_with(path, ".htm"))
		results->timeline_form = LOGS_TIMELINE_HTML;
	else if (slice_ends_with(path, ".svg"))
		results->timeline_form = LOGS_TIMELINE_SVG;
	else if (path.size > 0)
		return error_set(err, -EINVAL,
				 "timeline %s: the name has to end with .html or .svg",
				 results->options->timeline);
	return 0;
}

int parser_results_new(const struct parser_options *options, struct parser_results **out,
		       struct error **err)
{
	struct parser_results *results = xcalloc(1, sizeof(*results));

	*out = results;
	results->options = options;
	results->document_fd = results->timeline_fd = -1;
	results->format = logs_format_find(options->output_format);
	if (!results->format)
		return error_set(err, -EINVAL, "no display handler for %s", options->output_format);
	return choose_timeline_form(results, err);
}

void parser_results_free(struct parser_results *results)
{
	if (!results)
		return;
	logs_document_free(results->document);
	logs_summary_free(results->summary);
	logs_timeline_free(results->timeline);
	logs_output_release(&results->output);
	if (results->document_fd >= 0)
		close(results->document_fd);
	if (results->timeline_fd >= 0)
		close(results->timeline_fd);
	free(results);
}

/* ---- files --------------------------------------------------------------------------------------- */

static int refuse_input(const struct parser_inputs *inputs, const char *path,
			const struct stat *output, struct error **err)
{
	for (size_t i = 0; i < inputs->count; i++) {
		const struct parser_input *input = &inputs->items[i];
		struct stat facts;
		bool known = strcmp(input->path, "-") == 0 ? fstat(STDIN_FILENO, &facts) == 0
							   : stat(input->open_path, &facts) == 0;

		if (known && S_ISREG(facts.st_mode) && facts.st_ino == output->st_ino &&
		    facts.st_dev == output->st_dev)
			return error_set(err, -EINVAL,
					 "the output file %s is one of the files to read", path);
	}
	return 0;
}

/* Open a file to be written anew. Nothing in it is lost before it is known that it is no input. */
static int open_file(const struct parser_inputs *inputs, const char *path, int *fd,
		     struct error **err)
{
	struct stat facts;
	int ret;

	*fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (*fd < 0)
		return error_set(err, -errno, "open %s: %s", path, errno_text(errno));
	if (fstat(*fd, &facts) < 0 || !S_ISREG(facts.st_mode))
		return 0;
	ret = refuse_input(inputs, path, &facts, err);
	if (ret == 0 && ftruncate(*fd, 0) < 0)
		ret = error_set(err, -errno, "write %s: %s", path, errno_text(errno));
	return ret;
}

/* Some file systems tell only now that they are full. */
static int close_file(int *fd, const char *path, struct error **err)
{
	if (*fd < 0 || close(steal_fd(*fd)) == 0)
		return 0;
	return error_set(err, -errno, "write %s: %s", path, errno_text(errno));
}

/* ---- the steps ----------------------------------------------------------------------------------- */

static int open_document(struct parser_results *results, const struct parser_inputs *inputs,
			 struct error **err)
{
	static const struct logs_about about = {
		PARSER_NAME,
		PARSER_VERSION,
		PARSER_COMMIT,
	};
	const char *path = results->options->output_file;
	int ret;

	if (path[0]) {
		ret = open_file(inputs, path, &results->document_fd, err);
		if (ret < 0)
			return ret;
		logs_output_open(&results->output, results->document_fd, path);
	} else {
		logs_output_open(&results->output, STDOUT_FILENO, "/dev/stdout");
	}
	results->document = logs_document_new(results->format, &results->output, &about);
	return 0;
}

int parser_results_open(struct parser_results *results, const struct parser_inputs *inputs,
			struct error **err)
{
	const struct parser_options *options = results->options;
	int ret = 0;

	if (options->check_only)
		return 0;
	if (options->summary)
		results->summary = logs_summary_new();
	if (options->timeline[0]) {
		results->timeline = logs_timeline_new();
		ret = open_file(inputs, options->timeline, &results->timeline_fd, err);
	}
	if (ret < 0 || ((results->summary || results->timeline) && !options->output_file[0]))
		return ret;
	return open_document(results, inputs, err);
}

int parser_results_add(struct parser_results *results, const struct logs_record *record,
		       struct error **err)
{
	if (results->summary)
		logs_summary_add(results->summary, record);
	if (results->timeline)
		logs_timeline_add(results->timeline, record);
	return results->document ? logs_document_add(results->document, record, err) : 0;
}

int parser_results_flush(struct parser_results *results, struct error **err)
{
	return results->document ? logs_output_flush(&results->output, err) : 0;
}

static int write_summary(struct parser_results *results, const struct logs_summary_counts *counts,
			 struct error **err)
{
	struct logs_output output;
	int ret;

	logs_output_open(&output, STDOUT_FILENO, "/dev/stdout");
	if (strcmp(results->options->output_format, "json") == 0)
		logs_summary_write_json(results->summary, counts, &output);
	else
		logs_summary_write_text(results->summary, counts, &output);
	ret = logs_output_flush(&output, err);
	logs_output_release(&output);
	return ret;
}

static int write_timeline(struct parser_results *results, struct error **err)
{
	const char *path = results->options->timeline;
	struct logs_output output;
	int ret;

	logs_output_open(&output, results->timeline_fd, path);
	ret = logs_timeline_write(results->timeline, results->timeline_form, &output, err);
	if (ret == 0)
		ret = logs_output_flush(&output, err);
	logs_output_release(&output);
	return ret < 0 ? ret : close_file(&results->timeline_fd, path, err);
}

int parser_results_finish(struct parser_results *results, const struct logs_summary_counts *counts,
			  struct error **err)
{
	int ret = 0;

	if (results->document)
		ret = logs_document_end(results->document, err);
	if (ret == 0)
		ret = close_file(&results->document_fd, results->options->output_file, err);
	if (ret == 0 && results->timeline)
		ret = write_timeline(results, err);
	if (ret == 0 && results->summary)
		ret = write_summary(results, counts, err);
	return ret;
}
