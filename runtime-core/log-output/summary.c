// SPDX-License-Identifier: Apache-2.0
#include "summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json_writer.h"
#include "base/memory.h"
#include "duration.h"
#include "tally.h"

#define MAX_MESSAGES  2000
#define MAX_SANDBOXES 5000
#define MAX_SHOWN     20
#define MAX_GAPS      10
#define SHOWN_ID      16
#define MIN_ID	      12 /* hexadecimal digits */

/* Ranks of logs_level_rank(). */
#define RANK_ERROR   3
#define RANK_WARNING 4
#define RANKS	     8

struct gap {
	int64_t ns;
	char *sandbox, *before, *after, *place;
};

struct logs_summary {
	uint64_t records, unknown_level;
	uint64_t levels[RANKS];
	struct logs_time first, last;
	struct tally messages[2]; /* of errors, of warnings */
	struct tally sandboxes;
	struct gap gaps[MAX_GAPS]; /* the longest first */
	size_t gap_count;
};

static const char *const level_names[RANKS] = { "panic",   "fatal", "critical", "error",
						"warning", "info",  "debug",	"trace" };

struct logs_summary *logs_summary_new(void)
{
	struct logs_summary *summary = xcalloc(1, sizeof(*summary));

	summary->messages[0].max_entries = summary->messages[1].max_entries = MAX_MESSAGES;
	summary->sandboxes.max_entries = MAX_SANDBOXES;
	return summary;
}

static void gap_release(struct gap *gap)
{
	free(gap->sandbox);
	free(gap->before);
	free(gap->after);
	free(gap->place);
}

void logs_summary_free(struct logs_summary *summary)
{
	if (!summary)
		return;
	for (size_t i = 0; i < summary->gap_count; i++)
		gap_release(&summary->gaps[i]);
	tally_release(&summary->messages[0]);
	tally_release(&summary->messages[1]);
	tally_release(&summary->sandboxes);
	free(summary);
}

static char *place_of(const struct logs_record *record)
{
	return xasprintf("%.*s:%" PRIu64, SLICE_ARGS(record->file), record->line);
}

static struct slice first_line(struct slice text)
{
	return slice_first(slice_first(text, slice_find(text, '\n')), TALLY_MAX_TEXT);
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static bool is_alphanumeric(char c)
{
	return is_hex(c) || (c >= 'g' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/*
 * What many messages have in common: ids become ID and numbers N, so that a thousand failures of one kind are one
 * line and not a thousand.
 */
static struct slice pattern_of(struct slice text, char pattern[TALLY_MAX_TEXT])
{
	size_t size = 0;

	for (size_t at = 0; at < text.size;) {
		size_t end = at, digits = 0;
		bool starts_word = at == 0 || !is_alphanumeric(text.data[at - 1]);

		for (; end < text.size && is_hex(text.data[end]); end++)
			digits += text.data[end] <= '9';
		if (starts_word && digits > 0 && end - at >= MIN_ID) {
			size += (size_t)snprintf(pattern + size, TALLY_MAX_TEXT - size, "ID");
			at = end;
		} else if (text.data[at] >= '0' && text.data[at] <= '9') {
			pattern[size++] = 'N';
			while (at < text.size && text.data[at] >= '0' && text.data[at] <= '9')
				at++;
		} else {
			pattern[size++] = text.data[at++];
		}
	}
	return slice_make(pattern, size);
}

static void count_message(struct logs_summary *summary, const struct logs_record *record, int rank)
{
	struct tally *tally = &summary->messages[rank == RANK_WARNING];
	char pattern[TALLY_MAX_TEXT];
	bool is_new;
	struct tally_entry *entry =
		tally_find(tally, pattern_of(first_line(record->message), pattern), &is_new);

	if (!entry)
		return;
	entry->records++;
	if (is_new) {
		entry->place = place_of(record);
		entry->first = record->time;
	}
}

/* Keep a gap if it is one of the longest. */
static void consider_gap(struct logs_summary *summary, const struct tally_entry *sandbox,
			 const struct logs_record *record)
{
	int64_t ns = logs_instant_since(record->time.instant, sandbox->last);
	struct gap *gaps = summary->gaps;
	size_t at = summary->gap_count;

	if (at == MAX_GAPS && ns <= gaps[MAX_GAPS - 1].ns)
		return;
	if (at == MAX_GAPS)
		gap_release(&gaps[--at]);
	else
		summary->gap_count++;
	for (; at > 0 && gaps[at - 1].ns < ns; at--)
		gaps[at] = gaps[at - 1];
	gaps[at] = (struct gap){
		.ns = ns,
		.sandbox = xstrdup(sandbox->text),
		.before = xstrdup(sandbox->last_message),
		.after = slice_dup(first_line(record->message)),
		.place = place_of(record),
	};
}

static void count_sandbox(struct logs_summary *summary, const struct logs_record *record, int rank)
{
	bool is_new;
	struct tally_entry *entry = tally_find(&summary->sandboxes, record->sandbox, &is_new);

	if (!entry)
		return;
	if (is_new)
		entry->first = record->time;
	else
		consider_gap(summary, entry, record);
	entry->records++;
	entry->errors += rank >= 0 && rank <= RANK_ERROR;
	entry->warnings += rank == RANK_WARNING;
	entry->last = record->time.instant;
	free(entry->last_message);
	entry->last_message = slice_dup(first_line(record->message));
}

void logs_summary_add(struct logs_summary *summary, const struct logs_record *record)
{
	int rank = logs_level_rank(record->level);

	if (summary->records++ == 0)
		summary->first = record->time;
	summary->last = record->time;
	if (rank < 0)
		summary->unknown_level++;
	else
		summary->levels[rank]++;
	if (rank >= 0 && rank <= RANK_WARNING)
		count_message(summary, record, rank);
	if (record->sandbox.size > 0)
		count_sandbox(summary, record, rank);
}

/* ---- text ---------------------------------------------------------------------------------------- */

static void put_time(struct strbuf *out, const struct logs_time *time)
{
	char text[LOGS_TIME_MAX_TEXT];

	strbuf_append(out, text, logs_time_rfc3339(time, text));
}

static void put_overview(struct strbuf *out, const struct logs_summary *summary,
			 const struct logs_summary_counts *counts)
{
	strbuf_printf(out,
		      "records   %" PRIu64 " read, %" PRIu64 " wanted; %" PRIu64
		      " lines or files skipped, %" PRIu64 " agent records not unpacked, %" PRIu64
		      " out of order\n",
		      counts->read, summary->records, counts->skipped, counts->unpack_failed,
		      counts->late);
	if (summary->records == 0)
		return;
	strbuf_puts(out, "time      ");
	put_time(out, &summary->first);
	strbuf_puts(out, " to ");
	put_time(out, &summary->last);
	strbuf_puts(out, ", ");
	logs_put_duration(out, logs_instant_since(summary->last.instant, summary->first.instant));
	strbuf_puts(out, "\nlevels    ");
	for (size_t i = 0, shown = 0; i < RANKS; i++)
		if (summary->levels[i])
			strbuf_printf(out, "%s%s %" PRIu64, shown++ ? ", " : "", level_names[i],
				      summary->levels[i]);
	if (summary->unknown_level)
		strbuf_printf(out, ", other %" PRIu64, summary->unknown_level);
	strbuf_putc(out, '\n');
}

static void put_others(struct strbuf *out, const struct tally *tally)
{
	size_t hidden = tally->count > MAX_SHOWN ? tally->count - MAX_SHOWN : 0;

	if (hidden || tally->others)
		strbuf_printf(out, "          ... and %zu more%s\n", hidden,
			      tally->others ? ", and those that came when the table was full" : "");
}

static void put_messages(struct strbuf *out, const char *title, struct tally *tally)
{
	tally_sort(tally);
	if (tally->count == 0)
		return;
	strbuf_printf(out, "\n%s, by message\n   count  message\n", title);
	for (size_t i = 0; i < tally->count && i < MAX_SHOWN; i++)
		strbuf_printf(out, "%8" PRIu64 "  %s  (first: %s)\n", tally->entries[i].records,
			      tally->entries[i].text, tally->entries[i].place);
	put_others(out, tally);
}

static void put_sandboxes(struct strbuf *out, struct tally *tally)
{
	tally_sort(tally);
	if (tally->count == 0)
		return;
	strbuf_puts(
		out,
		"\nsandboxes\n records   errors warnings        lasted  sandbox, first record\n");
	for (size_t i = 0; i < tally->count && i < MAX_SHOWN; i++) {
		const struct tally_entry *entry = &tally->entries[i];
		_cleanup_strbuf_ struct strbuf lasted = STRBUF_INIT;

		logs_put_duration(&lasted, logs_instant_since(entry->last, entry->first.instant));
		strbuf_printf(out, "%8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %13s  %.*s  ",
			      entry->records, entry->errors, entry->warnings, lasted.data, SHOWN_ID,
			      entry->text);
		put_time(out, &entry->first);
		strbuf_putc(out, '\n');
	}
	put_others(out, tally);
}

static void put_gaps(struct strbuf *out, const struct logs_summary *summary)
{
	if (summary->gap_count == 0)
		return;
	strbuf_puts(out, "\nlongest gaps between two records of one sandbox\n");
	for (size_t i = 0; i < summary->gap_count; i++) {
		const struct gap *gap = &summary->gaps[i];
		_cleanup_strbuf_ struct strbuf length = STRBUF_INIT;

		logs_put_duration(&length, gap->ns);
		strbuf_printf(out,
			      "%14s  %.*s  before %s\n                after:  %s\n"
			      "                before: %s\n",
			      length.data, SHOWN_ID, gap->sandbox, gap->place, gap->before,
			      gap->after);
	}
}

static void give(struct logs_output *output, const struct strbuf *text)
{
	logs_put_slice(&output->buffer, strbuf_view(text));
}

void logs_summary_write_text(struct logs_summary *summary, const struct logs_summary_counts *counts,
			     struct logs_output *output)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	put_overview(&out, summary, counts);
	put_messages(&out, "errors", &summary->messages[0]);
	put_messages(&out, "warnings", &summary->messages[1]);
	put_sandboxes(&out, &summary->sandboxes);
	put_gaps(&out, summary);
	give(output, &out);
}

/* ---- JSON ---------------------------------------------------------------------------------------- */

static void json_count(struct json_writer *json, const char *name, uint64_t value)
{
	json_name(json, name);
	json_u64(json, value);
}

static void json_text(struct json_writer *json, const char *name, const char *value)
{
	json_name(json, name);
	json_string(json, value);
}

static void json_time(struct json_writer *json, const char *name, const struct logs_time *time)
{
	char text[LOGS_TIME_MAX_TEXT];

	text[logs_time_rfc3339(time, text)] = '\0';
	json_text(json, name, text);
}

/* Durations may be negative only where records are out of order; 0 then. */
static uint64_t not_negative(int64_t ns)
{
	return ns > 0 ? (uint64_t)ns : 0;
}

static void json_overview(struct json_writer *json, const struct logs_summary *summary,
			  const struct logs_summary_counts *counts)
{
	json_count(json, "read", counts->read);
	json_count(json, "wanted", summary->records);
	json_count(json, "skipped", counts->skipped);
	json_count(json, "unpack_failed", counts->unpack_failed);
	json_count(json, "out_of_order", counts->late);
	if (summary->records > 0) {
		json_time(json, "first", &summary->first);
		json_time(json, "last", &summary->last);
	}
	json_name(json, "levels");
	json_begin(json, '{');
	for (size_t i = 0; i < RANKS; i++)
		json_count(json, level_names[i], summary->levels[i]);
	json_count(json, "other", summary->unknown_level);
	json_end(json, '}');
}

static void json_messages(struct json_writer *json, const char *name, struct tally *tally)
{
	tally_sort(tally);
	json_name(json, name);
	json_begin(json, '[');
	for (size_t i = 0; i < tally->count; i++) {
		json_begin(json, '{');
		json_count(json, "count", tally->entries[i].records);
		json_text(json, "message", tally->entries[i].text);
		json_text(json, "first", tally->entries[i].place);
		json_end(json, '}');
	}
	json_end(json, ']');
}

static void json_sandboxes(struct json_writer *json, struct tally *tally)
{
	tally_sort(tally);
	json_name(json, "sandboxes");
	json_begin(json, '[');
	for (size_t i = 0; i < tally->count; i++) {
		const struct tally_entry *entry = &tally->entries[i];

		json_begin(json, '{');
		json_text(json, "sandbox", entry->text);
		json_count(json, "records", entry->records);
		json_count(json, "errors", entry->errors);
		json_count(json, "warnings", entry->warnings);
		json_time(json, "first", &entry->first);
		json_count(json, "lasted_ns",
			   not_negative(logs_instant_since(entry->last, entry->first.instant)));
		json_end(json, '}');
	}
	json_end(json, ']');
}

static void json_gaps(struct json_writer *json, const struct logs_summary *summary)
{
	json_name(json, "gaps");
	json_begin(json, '[');
	for (size_t i = 0; i < summary->gap_count; i++) {
		json_begin(json, '{');
		json_count(json, "ns", not_negative(summary->gaps[i].ns));
		json_text(json, "sandbox", summary->gaps[i].sandbox);
		json_text(json, "after", summary->gaps[i].before);
		json_text(json, "before", summary->gaps[i].after);
		json_text(json, "place", summary->gaps[i].place);
		json_end(json, '}');
	}
	json_end(json, ']');
}

void logs_summary_write_json(struct logs_summary *summary, const struct logs_summary_counts *counts,
			     struct logs_output *output)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct json_writer json = { .out = &out };

	json_begin(&json, '{');
	json_overview(&json, summary, counts);
	json_messages(&json, "errors", &summary->messages[0]);
	json_messages(&json, "warnings", &summary->messages[1]);
	json_sandboxes(&json, &summary->sandboxes);
	json_gaps(&json, summary);
	json_end(&json, '}');
	strbuf_putc(&out, '\n');
	give(output, &out);
}
