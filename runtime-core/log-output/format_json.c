// SPDX-License-Identifier: Apache-2.0
/* JSON as Go's encoder writes it, with an indentation of four blanks, and < > & escaped. */
#include "base/utf8.h"
#include "format.h"
#include "logs/scan.h"
#include "quoted.h"

/* One character that is not ASCII. Returns where it ends. */
static const char *put_wide(struct logs_buffer *out, const char *at, const char *end)
{
	uint32_t codepoint;
	size_t size = utf8_decode(slice_make(at, (size_t)(end - at)), &codepoint);

	if (size == 0) {
		logs_put_literal(out, "\\ufffd");
		return at + 1;
	}
	if (codepoint == 0x2028)
		logs_put_literal(out, "\\u2028");
	else if (codepoint == 0x2029)
		logs_put_literal(out, "\\u2029");
	else
		logs_put(out, at, size);
	return at + size;
}

static void put_string(struct logs_buffer *out, struct slice text)
{
	logs_put_quoted(out, text, scan_json, put_wide);
}

static void begin(struct logs_writer *writer)
{
	logs_put_literal(writer->out, "{\n"
				      "    \"FormatVersion\": \"" LOGS_FORMAT_VERSION "\",\n"
				      "    \"Entries\": ");
}

static void put_data(struct logs_buffer *out, const struct logs_record *record)
{
	if (record->data_count == 0) {
		logs_put_literal(out, "{}");
		return;
	}
	logs_put_char(out, '{');
	for (size_t i = 0; i < record->data_count; i++) {
		if (i > 0)
			logs_put_char(out, ',');
		logs_put_literal(out, "\n                ");
		put_string(out, record->data[i].key);
		logs_put_literal(out, ": ");
		put_string(out, record->data[i].value);
	}
	logs_put_literal(out, "\n            }");
}

/* A field that is not the first: its name, the value follows. */
#define PUT_NAME(out, name) logs_put_literal(out, ",\n            \"" name "\": ")

static void put_record(struct logs_writer *writer, const struct logs_record *record)
{
	struct logs_buffer *out = writer->out;

	if (writer->written == 0)
		logs_put_literal(out, "[\n        {\n            \"Data\": ");
	else
		logs_put_literal(out, ",\n        {\n            \"Data\": ");
	put_data(out, record);
	PUT_NAME(out, "Time");
	logs_put_char(out, '"');
	logs_put_rfc3339(out, &record->time);
	logs_put_char(out, '"');
	PUT_NAME(out, "Filename");
	put_string(out, record->file);
	PUT_NAME(out, "Level");
	put_string(out, record->level);
	PUT_NAME(out, "Msg");
	put_string(out, record->message);
	PUT_NAME(out, "Source");
	put_string(out, record->source);
	PUT_NAME(out, "Name");
	put_string(out, record->name);
	PUT_NAME(out, "Container");
	put_string(out, record->container);
	PUT_NAME(out, "Sandbox");
	put_string(out, record->sandbox);
	PUT_NAME(out, "Line");
	logs_put_u64(out, record->line);
	PUT_NAME(out, "Count");
	logs_put_u64(out, record->count);
	PUT_NAME(out, "TimeDelta");
	logs_put_i64(out, record->delta_ns);
	PUT_NAME(out, "Pid");
	logs_put_i64(out, record->pid);
	logs_put_literal(out, "\n        }");
}

static void end(struct logs_writer *writer)
{
	if (writer->written == 0)
		logs_put_literal(writer->out, "null\n}\n");
	else
		logs_put_literal(writer->out, "\n    ]\n}\n");
}

const struct logs_format logs_format_json = {
	.name = "json",
	.begin = begin,
	.record = put_record,
	.end = end,
};
