// SPDX-License-Identifier: Apache-2.0
/*
 * One row a step: when, how long, by whom, what, and a bar. A step is a record, or several of one source with the same
 * message in a row. What a start is cannot be told from the records of every version and every flavour, so the picture
 * ends after a number of steps or some time, whichever comes first.
 */
#include "timeline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/strbuf.h"
#include "base/utf8.h"
#include "duration.h"

#define REPLACEMENT "\xEF\xBF\xBD"

#define MAX_STEPS   300
#define MAX_NS	    (INT64_C(120) * LOGS_NS_PER_S)
#define MAX_MESSAGE 88
#define LONG_STEPS  5	     /* the longest, which stand out */
#define LONG_MIN_NS 10000000 /* and take this long at least */

/* Places in the picture, in pixels. */
#define ROW_HEIGHT  18
#define HEAD_HEIGHT 96
#define OFFSET_X    90
#define DURATION_X  170
#define SOURCE_X    180
#define MESSAGE_X   330
#define BARS_X	    960
#define BARS_WIDTH  560
#define WIDTH	    (BARS_X + BARS_WIDTH + 48)
#define TICKS	    5

struct step {
	int64_t start_ns, duration_ns;
	char *source, *message, *place;
	unsigned times;
	int rank;
	bool is_long;
};

struct logs_timeline {
	char *sandbox;
	struct logs_time first;
	struct step *steps;
	size_t count, capacity;
	bool ended;
	uint64_t records, others; /* of this sandbox, of other ones */
};

struct logs_timeline *logs_timeline_new(void)
{
	return xcalloc(1, sizeof(struct logs_timeline));
}

void logs_timeline_free(struct logs_timeline *timeline)
{
	if (!timeline)
		return;
	for (size_t i = 0; i < timeline->count; i++) {
		free(timeline->steps[i].source);
		free(timeline->steps[i].message);
		free(timeline->steps[i].place);
	}
	free(timeline->steps);
	free(timeline->sandbox);
	free(timeline);
}

/* ---- collecting ---------------------------------------------------------------------------------- */

/* The first line, cut at a whole character. */
static char *short_message(struct slice text)
{
	struct slice line = slice_first(text, slice_find(text, '\n'));
	size_t size = line.size < MAX_MESSAGE ? line.size : MAX_MESSAGE;

	while (size < line.size && size > 0 && ((unsigned char)line.data[size] & 0xC0) == 0x80)
		size--;
	return xasprintf("%.*s%s", (int)size, line.data, size < text.size ? "…" : "");
}

static bool repeats(const struct step *step, const char *message, struct slice source)
{
	return strcmp(step->message, message) == 0 && slice_is(source, step->source);
}

void logs_timeline_add(struct logs_timeline *timeline, const struct logs_record *record)
{
	_cleanup_free_ char *message = NULL;
	struct step *last;
	int64_t at;

	if (record->sandbox.size == 0)
		return;
	if (!timeline->sandbox) {
		timeline->sandbox = slice_dup(record->sandbox);
		timeline->first = record->time;
	}
	if (!slice_is(record->sandbox, timeline->sandbox)) {
		timeline->others++;
		return;
	}
	timeline->records++;
	at = logs_instant_since(record->time.instant, timeline->first.instant);
	timeline->ended |= timeline->count == MAX_STEPS || at > MAX_NS;
	if (timeline->ended)
		return;
	message = short_message(record->message);
	last = timeline->count ? &timeline->steps[timeline->count - 1] : NULL;
	if (last)
		last->duration_ns = at - last->start_ns;
	if (last && repeats(last, message, record->source)) {
		last->times++;
		return;
	}
	timeline->steps = xgrow(timeline->steps, &timeline->capacity, timeline->count + 1,
				sizeof(*timeline->steps));
	timeline->steps[timeline->count++] = (struct step){
		.start_ns = at,
		.source = slice_dup(record->source),
		.message = steal(message),
		.place = xasprintf("%.*s:%" PRIu64, SLICE_ARGS(record->file), record->line),
		.times = 1,
		.rank = logs_level_rank(record->level),
	};
}

/* ---- drawing ------------------------------------------------------------------------------------- */

/* The only characters beyond ASCII that XML cannot hold: U+FFFE and U+FFFF, three bytes each. */
static bool is_noncharacter(struct slice rest)
{
	return slice_starts_with(rest, "\xEF\xBF\xBE") || slice_starts_with(rest, "\xEF\xBF\xBF");
}

/* Text for SVG and HTML; what they cannot hold becomes U+FFFD. */
static void put_text(struct strbuf *out, const char *text)
{
	_cleanup_strbuf_ struct strbuf valid = STRBUF_INIT;

	utf8_append_valid(&valid, slice_of(text));
	for (size_t i = 0; i < valid.size; i++) {
		char c = valid.data[i];

		if (c == '&')
			strbuf_puts(out, "&amp;");
		else if (c == '<')
			strbuf_puts(out, "&lt;");
		else if (c == '>')
			strbuf_puts(out, "&gt;");
		else if (c == '"')
			strbuf_puts(out, "&quot;");
		else if ((unsigned char)c < 0x20 || c == 0x7F)
			strbuf_puts(out, c == '\t' ? " " : REPLACEMENT);
		else if (!is_noncharacter(slice_from(strbuf_view(&valid), i)))
			strbuf_putc(out, c);
		else {
			strbuf_puts(out, REPLACEMENT);
			i += 2;
		}
	}
}

static void put_label(struct strbuf *out, int x, int y, const char *class, const char *text)
{
	strbuf_printf(out, "<text x=\"%d\" y=\"%d\" class=\"%s\">", x, y, class);
	put_text(out, text);
	strbuf_puts(out, "</text>\n");
}

static void put_duration_label(struct strbuf *out, int x, int y, const char *class, int64_t ns)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	logs_put_duration(&text, ns);
	put_label(out, x, y, class, text.data);
}

static int compare_durations(const void *left, const void *right)
{
	const int64_t *a = left, *b = right;

	return (*a < *b) - (*a > *b);
}

/* Steps at least as long as this stand out. */
static int64_t long_from(const struct logs_timeline *timeline)
{
	int64_t durations[MAX_STEPS];
	size_t at = timeline->count < LONG_STEPS ? timeline->count : LONG_STEPS;

	for (size_t i = 0; i < timeline->count; i++)
		durations[i] = timeline->steps[i].duration_ns;
	qsort(durations, timeline->count, sizeof(*durations), compare_durations);
	return at && durations[at - 1] > LONG_MIN_NS ? durations[at - 1] : LONG_MIN_NS;
}

static int64_t total_of(const struct logs_timeline *timeline)
{
	const struct step *last = &timeline->steps[timeline->count - 1];
	int64_t total = last->start_ns + last->duration_ns;

	return total > 0 ? total : 1;
}

static double place(int64_t ns, int64_t total)
{
	return BARS_X + (double)ns / (double)total * BARS_WIDTH;
}

static const char *class_of(const struct step *step)
{
	if (step->rank >= 0 && step->rank <= 3)
		return "error";
	if (step->rank == 4)
		return "warning";
	if (strcmp(step->source, "agent") == 0)
		return "agent";
	return strcmp(step->source, "vmconsole") == 0 ? "console" : "host";
}

static void put_axis(struct strbuf *out, int64_t total, int height)
{
	for (int i = 0; i <= TICKS; i++) {
		int64_t at = total / TICKS * i;
		int x = (int)place(at, total);

		strbuf_printf(out,
			      "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" class=\"grid\"/>\n", x,
			      HEAD_HEIGHT - 8, x, height);
		put_duration_label(out, x, HEAD_HEIGHT - 14, "tick", at);
	}
}

static void put_step(struct strbuf *out, const struct step *step, size_t row, int64_t total,
		     int64_t long_ns)
{
	int y = HEAD_HEIGHT + (int)row * ROW_HEIGHT, text_y = y + ROW_HEIGHT - 5;
	double start = place(step->start_ns, total);
	double width = (double)step->duration_ns / (double)total * BARS_WIDTH;
	const char *class = class_of(step);
	_cleanup_free_ char *message = NULL;

	strbuf_puts(out, "<g><title>");
	put_text(out, step->place);
	strbuf_puts(out, "</title>\n");
	if (step->duration_ns >= long_ns)
		strbuf_printf(
			out, "<rect x=\"0\" y=\"%d\" width=\"%d\" height=\"%d\" class=\"long\"/>\n",
			y, WIDTH, ROW_HEIGHT);
	put_duration_label(out, OFFSET_X, text_y, "number", step->start_ns);
	put_duration_label(out, DURATION_X, text_y, "number", step->duration_ns);
	put_label(out, SOURCE_X, text_y, class, step->source);
	if (step->times > 1)
		message = xasprintf("%s (%u times)", step->message, step->times);
	put_label(out, MESSAGE_X, text_y, class, message ? message : step->message);
	strbuf_printf(
		out,
		"<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" class=\"bar %s\"/>\n</g>\n",
		start, y + 4, width > 1.5 ? width : 1.5, ROW_HEIGHT - 8, class);
}

static const char style[] =
	"<style>\n"
	"svg { background: #fff; font: 12px sans-serif; }\n"
	"text { fill: #222; }\n"
	".title { font-size: 17px; font-weight: bold; }\n"
	".number, .tick { text-anchor: end; fill: #555; font-variant-numeric: tabular-nums; }\n"
	".tick { text-anchor: middle; }\n"
	".grid { stroke: #ddd; }\n"
	".long { fill: #fff3c4; }\n"
	"text.error { fill: #b00020; font-weight: bold; } text.warning { fill: #8a5a00; }\n"
	"text.agent { fill: #00629b; } text.console { fill: #777; }\n"
	".bar.host { fill: #4a7fb5; } .bar.agent { fill: #2a9d8f; } .bar.console { fill: #bbb; }\n"
	".bar.warning { fill: #e09f1f; } .bar.error { fill: #d62839; }\n"
	"</style>\n";

static void put_head(struct strbuf *out, const struct logs_timeline *timeline, int64_t total)
{
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
	_cleanup_free_ char *title = xasprintf("Start of sandbox %s", timeline->sandbox);
	char time[LOGS_TIME_MAX_TEXT];
	size_t errors = 0;

	for (size_t i = 0; i < timeline->count; i++)
		errors += strcmp(class_of(&timeline->steps[i]), "error") == 0;
	put_label(out, 20, 28, "title", title);
	strbuf_append(&line, time, logs_time_rfc3339(&timeline->first, time));
	strbuf_puts(&line, ", then ");
	logs_put_duration(&line, total);
	strbuf_printf(&line, ", %zu steps, %zu errors", timeline->count, errors);
	if (timeline->ended)
		strbuf_printf(&line, "; the log goes on (%" PRIu64 " records of this sandbox)",
			      timeline->records);
	if (timeline->others)
		strbuf_printf(&line, "; %" PRIu64 " records of other sandboxes are not shown",
			      timeline->others);
	put_label(out, 20, 50, "note", line.data);
	put_label(out, OFFSET_X, HEAD_HEIGHT - 14, "number", "after");
	put_label(out, DURATION_X, HEAD_HEIGHT - 14, "number", "took");
	put_label(out, SOURCE_X, HEAD_HEIGHT - 14, "note", "source");
	put_label(out, MESSAGE_X, HEAD_HEIGHT - 14, "note", "step");
}

static void put_svg(struct strbuf *out, const struct logs_timeline *timeline)
{
	int height = HEAD_HEIGHT + (int)timeline->count * ROW_HEIGHT + 12;
	int64_t total = total_of(timeline), long_ns = long_from(timeline);

	strbuf_printf(out,
		      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
		      "viewBox=\"0 0 %d %d\">\n",
		      WIDTH, height, WIDTH, height);
	strbuf_puts(out, style);
	put_head(out, timeline, total);
	put_axis(out, total, height);
	for (size_t i = 0; i < timeline->count; i++)
		put_step(out, &timeline->steps[i], i, total, long_ns);
	strbuf_puts(out, "</svg>\n");
}

int logs_timeline_write(const struct logs_timeline *timeline, enum logs_timeline_form form,
			struct logs_output *output, struct error **err)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	if (timeline->count == 0)
		return error_set(err, -ENODATA,
				 "draw a timeline: no wanted record names its sandbox");
	if (form == LOGS_TIMELINE_HTML) {
		strbuf_puts(&out,
			    "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">"
			    "<title>Start of sandbox ");
		put_text(&out, timeline->sandbox);
		strbuf_puts(&out, "</title></head>\n<body>\n");
	}
	put_svg(&out, timeline);
	if (form == LOGS_TIMELINE_HTML)
		strbuf_puts(&out, "</body>\n</html>\n");
	logs_put_slice(&output->buffer, strbuf_view(&out));
	return 0;
}
