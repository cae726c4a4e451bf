// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/quote.h"
#include "kata-log-parser.h"

/* A log whose every line is bad shall not make a second log of it. */
#define MAX_SHOWN 1000

#define PROGRESS_FIRST_MS 1000
#define PROGRESS_EVERY_MS 200
#define MIB		  1048576.0

static bool progress_shown;

/* Text that holds a log's bytes, for standard error. To be freed. */
static char *harmless(const char *text)
{
	struct strbuf out = STRBUF_INIT;

	if (isatty(STDERR_FILENO) == 1)
		quote_terminal_lines(&out, slice_of(text));
	else
		strbuf_puts(&out, text);
	return strbuf_steal(&out);
}

static void print(const char *start, const char *message)
{
	_cleanup_free_ char *text = harmless(message);

	parser_progress_clear();
	fprintf(stderr, "%s%s\n", start, text);
}

void parser_report_error(const char *message)
{
	print("ERROR: " PARSER_NAME ": ", message);
}

void parser_tell(const char *format, ...)
{
	_cleanup_free_ char *message = NULL;
	va_list arguments;

	va_start(arguments, format);
	message = xvasprintf(format, arguments);
	va_end(arguments);
	print(PARSER_NAME ": ", message);
}

void parser_debug(const char *format, ...)
{
	_cleanup_free_ char *message = NULL, *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	message = xvasprintf(format, arguments);
	va_end(arguments);
	text = harmless(message);
	parser_progress_clear();
	log_debug(text);
}

void parser_warn(struct parser_report *report, struct error *warning)
{
	_cleanup_free_ char *text = NULL;

	if (!warning)
		return;
	text = harmless(error_message(warning));
	if (report->unpack_failed++ < MAX_SHOWN) {
		parser_progress_clear();
		log_warning(text);
	}
	error_free(warning);
}

/* The existing tool names file and line only where the reason does not. */
static bool names_its_place(const char *reason)
{
	return strstr(reason, "need key/value pairs") == reason ||
	       strstr(reason, "Filename:") != NULL;
}

int parser_reject(void *context, struct slice file, uint64_t line, struct error *reason,
		  struct error **err)
{
	struct parser_report *report = context;
	_cleanup_error_ struct error *owned = reason;

	report->rejected++;
	report->is_fatal = report->options->strict;
	if (report->is_fatal && names_its_place(error_message(reason)))
		return error_propagate(err, steal(owned));
	if (report->is_fatal)
		return error_set(err, error_code(reason),
				 "failed to parse file \"%.*s\", line %" PRIu64 ": %s",
				 SLICE_ARGS(file), line, error_message(reason));
	if (report->options->quiet || report->shown >= MAX_SHOWN)
		return 0;
	parser_tell("%.*s:%" PRIu64 ": skipped: %s", SLICE_ARGS(file), line, error_message(reason));
	if (++report->shown == MAX_SHOWN)
		parser_tell("further lines that are no records are only counted");
	return 0;
}

int parser_reject_input(struct parser_report *report, const char *file, uint64_t line,
			struct error *reason, struct error **err)
{
	int ret = error_wrap(&reason, "failed to parse file \"%s\" line %" PRIu64, file, line);

	report->rejected++;
	report->is_fatal = report->options->strict;
	if (report->is_fatal) {
		error_propagate(err, reason);
		return ret;
	}
	parser_tell("%s", error_message(reason));
	error_free(reason);
	return 0;
}

void parser_progress(uint64_t done, uint64_t total, uint64_t records)
{
	static int64_t next_ms;
	int64_t now = clock_now_ms();

	if (next_ms == 0) {
		next_ms = isatty(STDERR_FILENO) == 1 ? now + PROGRESS_FIRST_MS : INT64_MAX;
		return;
	}
	if (now < next_ms)
		return;
	next_ms = now + PROGRESS_EVERY_MS;
	if (total > 0)
		fprintf(stderr, "\r\033[K%3.0f %% of %.0f MiB, %" PRIu64 " records",
			100.0 * (double)done / (double)total, (double)total / MIB, records);
	else
		fprintf(stderr, "\r\033[K%.0f MiB, %" PRIu64 " records", (double)done / MIB,
			records);
	progress_shown = true;
}

void parser_progress_clear(void)
{
	if (progress_shown)
		fputs("\r\033[K", stderr);
	progress_shown = false;
}
