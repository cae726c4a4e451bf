// SPDX-License-Identifier: Apache-2.0
#include "report.h"

#include <string.h>

#include "base/memory.h"
#include "base/quote.h"

#define MAX_LISTED 64

static const struct {
	const char *word;
	const char *colour;
} statuses[] = {
	[CHECK_PASS] = { "PASS", "\033[32m" },
	[CHECK_WARN] = { "WARN", "\033[33m" },
	[CHECK_FAIL] = { "FAIL", "\033[31m" },
	[CHECK_SKIP] = { "SKIP", "" },
};

static void put_status(struct strbuf *out, enum check_status status, bool colour)
{
	if (colour && statuses[status].colour[0])
		strbuf_printf(out, "%s%s\033[0m", statuses[status].colour, statuses[status].word);
	else
		strbuf_puts(out, statuses[status].word);
}

/* "      label       text", a further line of the text under its first one. */
static void put_detail(struct strbuf *out, const char *label, const char *text)
{
	struct slice rest = slice_of(text ? text : ""), line;

	while (slice_next_line(&rest, &line)) {
		strbuf_printf(out, "      %-12s", label);
		quote_terminal(out, line);
		strbuf_putc(out, '\n');
		label = "";
	}
}

static bool is_trouble(const struct check_result *result)
{
	return result->status == CHECK_FAIL || result->status == CHECK_WARN;
}

static void put_result(struct strbuf *out, const struct check_result *result, int id_width,
		       bool colour)
{
	const char *remark = result->status == CHECK_PASS ? result->found : result->message;

	put_status(out, result->status, colour);
	strbuf_printf(out, "  %-*s  %s", id_width, result->check->id, result->check->title);
	if (is_trouble(result)) {
		strbuf_putc(out, '\n');
		put_detail(out, "looked for:", result->expected);
		put_detail(out, "found:", result->found);
		put_detail(out, "meaning:", result->message);
		put_detail(out, "remedy:", result->fix);
		return;
	}
	if (remark) {
		strbuf_puts(out, ": ");
		quote_terminal(out, slice_of(remark));
	}
	strbuf_putc(out, '\n');
}

void check_result_text(const struct check_result *result, bool colour, struct strbuf *out)
{
	put_result(out, result, 0, colour);
}

static int widest_id(const struct check_report *report, bool all)
{
	size_t width = 0;

	for (size_t i = 0; i < report->count; i++) {
		size_t length = strlen(report->results[i].check->id);

		if ((all || is_trouble(&report->results[i])) && length > width)
			width = length;
	}
	return (int)width;
}

static void put_count(struct strbuf *out, size_t count, const char *one, const char *many)
{
	if (count)
		strbuf_printf(out, ", %zu %s", count, count == 1 ? one : many);
}

void check_report_text(const struct check_report *report, enum check_detail detail, bool colour,
		       struct strbuf *out)
{
	bool all = detail == CHECK_DETAIL_ALL;
	int id_width = widest_id(report, all);

	if (id_width == 0)
		return;
	for (size_t i = 0; i < report->count; i++)
		if (all || is_trouble(&report->results[i]))
			put_result(out, &report->results[i], id_width, colour);
	strbuf_printf(out, "%zu passed", check_report_count(report, CHECK_PASS));
	put_count(out, check_report_count(report, CHECK_WARN), "warning", "warnings");
	put_count(out, check_report_count(report, CHECK_FAIL), "failed", "failed");
	put_count(out, check_report_count(report, CHECK_SKIP), "skipped", "skipped");
	strbuf_putc(out, '\n');
}

void check_list_text(const struct host *host, struct strbuf *out)
{
	const struct check *list[MAX_LISTED];
	size_t count = check_list(host, list, ARRAY_SIZE(list));
	size_t width = 0;

	for (size_t i = 0; i < count; i++)
		if (strlen(list[i]->id) > width)
			width = strlen(list[i]->id);
	for (size_t i = 0; i < count; i++)
		strbuf_printf(out, "%-*s  %s\n", (int)width, list[i]->id, list[i]->title);
}
