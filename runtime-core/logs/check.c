// SPDX-License-Identifier: Apache-2.0
/* What a record must have, and what strict rules ask of its texts (spec/log-parser.md 5). */
#include <errno.h>
#include <stdint.h>

#include "base/memory.h"
#include "base/quote.h"
#include "base/utf8.h"
#include "buffer.h"
#include "parse_parts.h"

#define MAX_SHOWN_BYTES 4096

static int complain(const struct logs_record *record, const char *what, struct error **err)
{
	_cleanup_logs_buffer_ struct logs_buffer shown = { 0 };
	struct slice text;

	logs_put_record(&shown, record);
	text = slice_first(logs_buffer_view(&shown), MAX_SHOWN_BYTES);
	return error_set(err, -EINVAL, "%s: %.*s%s", what, SLICE_ARGS(text),
			 text.size < shown.size ? "..." : "");
}

static bool is_one_word(struct slice text)
{
	struct slice word;

	if (memchr(text.data ? text.data : "", ' ', text.size) == NULL &&
	    memchr(text.data ? text.data : "", '\t', text.size) == NULL)
		return true;
	slice_next_word(&text, &word);
	return !slice_next_word(&text, &word);
}

int logs_record_check(const struct logs_record *record, bool ignore_missing_fields,
		      struct error **err)
{
	if (!record->has_time || logs_time_is_zero(&record->time))
		return complain(record, "missing timestamp", err);
	if (!ignore_missing_fields) {
		if (record->pid == 0)
			return complain(record, "missing pid", err);
		if (record->level.size == 0)
			return complain(record, "missing log level", err);
		if (record->source.size == 0)
			return complain(record, "missing component source", err);
		if (record->name.size == 0)
			return complain(record, "missing component name", err);
	}
	if (record->pid < 0)
		return complain(record, "invalid pid", err);
	if (!is_one_word(record->name))
		return complain(record, "field \"Name\" cannot be multi-word", err);
	if (!is_one_word(record->level))
		return complain(record, "field \"Level\" cannot be multi-word", err);
	if (!is_one_word(record->source))
		return complain(record, "field \"Source\" cannot be multi-word", err);
	return 0;
}

/* Control, format and private characters, of which no logger's text has any: what Unicode calls Cc, Cf, Co and Cs. */
static bool is_printable(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} bad[] = {
		{ 0x00, 0x08 },	       { 0x0E, 0x1F },	     { 0x7F, 0x84 },
		{ 0x86, 0x9F },	       { 0xAD, 0xAD },	     { 0x600, 0x605 },
		{ 0x61C, 0x61C },      { 0x6DD, 0x6DD },     { 0x70F, 0x70F },
		{ 0x8E2, 0x8E2 },      { 0x180E, 0x180E },   { 0x200B, 0x200F },
		{ 0x202A, 0x202E },    { 0x2060, 0x206F },   { 0xE000, 0xF8FF },
		{ 0xFEFF, 0xFEFF },    { 0xFFF9, 0xFFFB },   { 0xFFFE, 0xFFFF },
		{ 0x110BD, 0x110BD },  { 0x1D173, 0x1D17A }, { 0xE0001, 0xE007F },
		{ 0xF0000, 0x10FFFF },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (c >= bad[i].first && c <= bad[i].last)
			return false;
	return true;
}

static int check_characters(struct slice text, const char *what, struct slice key,
			    const struct logs_record *record, struct error **err)
{
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;
	struct slice rest = text;

	while (rest.size > 0) {
		uint32_t c;
		size_t size = utf8_decode(rest, &c);

		if (size > 0 && !is_printable(c)) {
			quote_go(&quoted, slice_first(text, MAX_SHOWN_BYTES));
			return logs_record_error(record, err,
						 "%s %s is invalid (key: %.*s): character %u (%x) "
						 "not printable",
						 what, quoted.data, SLICE_ARGS(key), c, c);
		}
		rest = slice_from(rest, size ? size : 1);
	}
	return 0;
}

/* "%!d(MISSING)" and its like: what Go's formatter leaves behind when the arguments do not fit. */
static const char *format_mistake(struct slice text)
{
	static const char *const traces[] = { "%!(BADINDEX)", "%!(BADPREC)", "%!(BADWIDTH)",
					      "%!(EXTRA " };

	for (size_t i = 0; i < ARRAY_SIZE(traces); i++)
		if (slice_find_string(text, traces[i]) < text.size)
			return traces[i];
	for (struct slice rest = text;;) {
		rest = slice_from(rest, slice_find_string(rest, "%!"));
		if (rest.size == 0)
			return NULL;
		rest = slice_from(rest, 3);
		if (slice_starts_with(rest, "(MISSING)"))
			return "%!.(MISSING)";
	}
}

int logs_value_check(struct slice key, struct slice value, const struct logs_record *record,
		     struct error **err)
{
	const char *trace;
	int ret;

	ret = check_characters(key, "key", key, record, err);
	/* What the guest prints on its console is not ours to judge. */
	if (ret < 0 || slice_is(key, "vmconsole"))
		return ret;
	ret = check_characters(value, "value", key, record, err);
	if (ret < 0)
		return ret;
	trace = format_mistake(value);
	value = slice_first(value, MAX_SHOWN_BYTES);
	if (trace)
		return logs_record_error(record, err,
					 "value \"%.*s\" is invalid (key: %.*s): invalid pattern "
					 "\"%s\" suggests log creator programming error",
					 SLICE_ARGS(value), SLICE_ARGS(key), trace);
	return 0;
}
