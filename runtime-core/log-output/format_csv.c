// SPDX-License-Identifier: Apache-2.0
/* RFC 4180 as Go's writer has it: quotes only where a field needs them, lines that end with LF. */
#include "format.h"
#include "logs/scan.h"

/* Does the text begin with what Unicode calls white space? Go's writer then quotes. */
static bool begins_blank(struct slice text)
{
	static const char *const wide[] = { "\xC2\x85",	    "\xC2\xA0",	    "\xE1\x9A\x80",
					    "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF",
					    "\xE2\x81\x9F", "\xE3\x80\x80" };
	unsigned char first = (unsigned char)text.data[0];

	if (first < 0x80)
		return first == ' ' || (first >= '\t' && first <= '\r');
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (slice_starts_with(text, wide[i]))
			return true;
	/* U+2000 to U+200A */
	return slice_starts_with(text, "\xE2\x80") && text.size > 2 &&
	       (unsigned char)text.data[2] <= 0x8A;
}

static bool needs_quotes(struct slice text)
{
	const char *end = text.data + text.size;

	return text.size > 0 &&
	       (begins_blank(text) || scan_csv(text.data, end) < end || slice_is(text, "\\."));
}

static void put_field(struct logs_buffer *out, struct slice text)
{
	if (!needs_quotes(text)) {
		logs_put_slice(out, text);
		return;
	}
	logs_put_char(out, '"');
	while (text.size > 0) {
		size_t plain = slice_find(text, '"');

		logs_put_slice(out, slice_first(text, plain));
		if (plain < text.size)
			logs_put_literal(out, "\"\"");
		text = slice_from(text, plain + 1);
	}
	logs_put_char(out, '"');
}

static void begin(struct logs_writer *writer)
{
	logs_put_literal(writer->out, LOGS_FIELDS "\n");
}

static void put_record(struct logs_writer *writer, const struct logs_record *record)
{
	const struct slice texts[] = { record->file,   record->level, record->message,
				       record->source, record->name,  record->container,
				       record->sandbox };
	struct logs_buffer *out = writer->out;

	writer->text.size = 0;
	logs_put_map(&writer->text, record);
	put_field(out, logs_buffer_view(&writer->text));
	logs_put_char(out, ',');
	out->size += logs_time_go_string(&record->time, logs_reserve(out, LOGS_TIME_MAX_TEXT));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		logs_put_char(out, ',');
		put_field(out, texts[i]);
	}
	logs_put_char(out, ',');
	logs_put_u64(out, record->line);
	logs_put_char(out, ',');
	logs_put_u64(out, record->count);
	logs_put_char(out, ',');
	logs_put_i64(out, record->delta_ns);
	logs_put_char(out, ',');
	logs_put_i64(out, record->pid);
	logs_put_char(out, '\n');
}

const struct logs_format logs_format_csv = {
	.name = "csv",
	.begin = begin,
	.record = put_record,
};
