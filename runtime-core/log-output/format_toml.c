// SPDX-License-Identifier: Apache-2.0
/* TOML: an array of tables, each with its pairs as a table behind the fields. */
#include "base/utf8.h"
#include "format.h"
#include "logs/scan.h"
#include "quoted.h"

/* TOML is UTF-8 and has no way to say another byte. */
static const char *put_wide(struct logs_buffer *out, const char *at, const char *end)
{
	uint32_t codepoint;
	size_t size = utf8_decode(slice_make(at, (size_t)(end - at)), &codepoint);

	if (size == 0)
		logs_put_literal(out, "\xEF\xBF\xBD");
	else
		logs_put(out, at, size);
	return at + (size ? size : 1);
}

static void put_string(struct logs_buffer *out, struct slice text)
{
	logs_put_quoted(out, text, scan_toml, put_wide);
}

static bool is_bare(struct slice key)
{
	for (size_t i = 0; i < key.size; i++) {
		char c = key.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '_' || c == '-'))
			return false;
	}
	return key.size > 0;
}

static void begin(struct logs_writer *writer)
{
	logs_put_about(writer);
	logs_put_literal(writer->out, "FormatVersion = \"" LOGS_FORMAT_VERSION "\"\n");
}

#define PUT_NAME(out, name) logs_put_literal(out, "\n    " name " = ")

static void put_record(struct logs_writer *writer, const struct logs_record *record)
{
	struct logs_buffer *out = writer->out;

	logs_put_literal(out, "\n[[Entries]]");
	PUT_NAME(out, "Time");
	logs_put_rfc3339(out, &record->time);
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
	logs_put_literal(out, "\n    [Entries.Data]\n");
	for (size_t i = 0; i < record->data_count; i++) {
		logs_put_literal(out, "        ");
		if (is_bare(record->data[i].key))
			logs_put_slice(out, record->data[i].key);
		else
			put_string(out, record->data[i].key);
		logs_put_literal(out, " = ");
		put_string(out, record->data[i].value);
		logs_put_char(out, '\n');
	}
}

const struct logs_format logs_format_toml = {
	.name = "toml",
	.begin = begin,
	.record = put_record,
};
