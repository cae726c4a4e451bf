// SPDX-License-Identifier: Apache-2.0
/*
 * XML as Go's encoder writes it. The names of a record's pairs are names of elements; a name that XML does not allow is
 * written with _xHHHH_ for each character that is in the way (the convention of .NET's XmlConvert and of ISO 9075-14),
 * and "_x_" is the empty one.
 */
#include "base/utf8.h"
#include "format.h"
#include "logs/scan.h"

static bool allowed_in_text(uint32_t c)
{
	return c >= 0x20 && c != 0xFFFE && c != 0xFFFF;
}

/* What stands for one byte; NULL for a character that XML cannot hold. */
static const char *escape_of(unsigned char c, bool field)
{
	switch (c) {
	case '"':
		return "&#34;";
	case '\'':
		return "&#39;";
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '\t':
		return "&#x9;";
	case '\n':
		return field ? "&#xA;" : "\n";
	case '\r':
		return "&#xD;";
	default:
		return NULL;
	}
}

#define REPLACEMENT "\xEF\xBF\xBD"

static const char *put_wide(struct logs_buffer *out, const char *at, const char *end)
{
	uint32_t codepoint;
	size_t size = utf8_decode(slice_make(at, (size_t)(end - at)), &codepoint);

	if (size == 0 || !allowed_in_text(codepoint))
		logs_put_literal(out, REPLACEMENT);
	else
		logs_put(out, at, size);
	return at + (size ? size : 1);
}

/* The text of an element. In a record's own fields a line end is a reference, in its pairs it is a line end. */
static void put_text(struct logs_buffer *out, struct slice text, bool field)
{
	const char *at = text.data, *end = text.data + text.size;

	while (at < end) {
		const char *plain = at, *escape;

		at = scan_xml(at, end);
		logs_put(out, plain, (size_t)(at - plain));
		if (at == end)
			break;
		if ((unsigned char)*at >= 0x80) {
			at = put_wide(out, at, end);
			continue;
		}
		escape = escape_of((unsigned char)*at++, field);
		logs_put_slice(out, slice_of(escape ? escape : REPLACEMENT));
	}
}

/* The characters of XML 1.0's names, without the colon, which would be a prefix. */
static bool allowed_in_name(uint32_t c, bool first)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{ 'A', 'Z' },
		{ '_', '_' },
		{ 'a', 'z' },
		{ 0xC0, 0xD6 },
		{ 0xD8, 0xF6 },
		{ 0xF8, 0x2FF },
		{ 0x370, 0x37D },
		{ 0x37F, 0x1FFF },
		{ 0x200C, 0x200D },
		{ 0x2070, 0x218F },
		{ 0x2C00, 0x2FEF },
		{ 0x3001, 0xD7FF },
		{ 0xF900, 0xFDCF },
		{ 0xFDF0, 0xFFFD },
		{ 0x10000, 0xEFFFF },
		/* not as the first one */
		{ '-', '.' },
		{ '0', '9' },
		{ 0xB7, 0xB7 },
		{ 0x300, 0x36F },
		{ 0x203F, 0x2040 },
	};
	size_t count = sizeof(ranges) / sizeof(ranges[0]);

	for (size_t i = 0; i < (first ? count - 5 : count); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

static void put_name_escape(struct logs_buffer *out, uint32_t c)
{
	static const char digits[] = "0123456789ABCDEF";

	logs_put_literal(out, "_x");
	for (int shift = c > 0xFFFF ? 28 : 12; shift >= 0; shift -= 4)
		logs_put_char(out, digits[c >> shift & 15]);
	logs_put_char(out, '_');
}

static void put_name(struct logs_buffer *out, struct slice name)
{
	bool first = true;

	if (name.size == 0)
		logs_put_literal(out, "_x_");
	for (struct slice rest = name; rest.size > 0; first = false) {
		uint32_t c = 0xFFFD;
		size_t size = utf8_decode(rest, &c);

		/* What would read as one of our escapes is escaped itself. */
		if (!allowed_in_name(c, first) || slice_starts_with(rest, "_x"))
			put_name_escape(out, c);
		else if (size == 0)
			logs_put_literal(out, REPLACEMENT);
		else
			logs_put(out, rest.data, size);
		rest = slice_from(rest, size ? size : 1);
	}
}

static void begin(struct logs_writer *writer)
{
	logs_put_literal(writer->out,
			 "<LogEntries>\n"
			 "    <FormatVersion>" LOGS_FORMAT_VERSION "</FormatVersion>\n");
}

static void put_data(struct logs_buffer *out, const struct logs_record *record)
{
	if (record->data_count == 0) {
		logs_put_literal(out, "        <Data></Data>\n");
		return;
	}
	logs_put_literal(out, "        <Data>\n");
	for (size_t i = 0; i < record->data_count; i++) {
		logs_put_literal(out, "            <");
		put_name(out, record->data[i].key);
		logs_put_char(out, '>');
		put_text(out, record->data[i].value, false);
		logs_put_literal(out, "</");
		put_name(out, record->data[i].key);
		logs_put_literal(out, ">\n");
	}
	logs_put_literal(out, "        </Data>\n");
}

#define PUT_FIELD(out, name, put)                            \
	do {                                                 \
		logs_put_literal(out, "        <" name ">"); \
		put;                                         \
		logs_put_literal(out, "</" name ">\n");      \
	} while (0)

static void put_record(struct logs_writer *writer, const struct logs_record *record)
{
	struct logs_buffer *out = writer->out;

	logs_put_literal(out, "    <Entries>\n");
	put_data(out, record);
	PUT_FIELD(out, "Time", logs_put_rfc3339(out, &record->time));
	PUT_FIELD(out, "Filename", put_text(out, record->file, true));
	PUT_FIELD(out, "Level", put_text(out, record->level, true));
	PUT_FIELD(out, "Msg", put_text(out, record->message, true));
	PUT_FIELD(out, "Source", put_text(out, record->source, true));
	PUT_FIELD(out, "Name", put_text(out, record->name, true));
	PUT_FIELD(out, "Container", put_text(out, record->container, true));
	PUT_FIELD(out, "Sandbox", put_text(out, record->sandbox, true));
	PUT_FIELD(out, "Line", logs_put_u64(out, record->line));
	PUT_FIELD(out, "Count", logs_put_u64(out, record->count));
	PUT_FIELD(out, "TimeDelta", logs_put_i64(out, record->delta_ns));
	PUT_FIELD(out, "Pid", logs_put_i64(out, record->pid));
	logs_put_literal(out, "    </Entries>\n");
}

static void end(struct logs_writer *writer)
{
	logs_put_literal(writer->out, "</LogEntries>\n");
}

const struct logs_format logs_format_xml = {
	.name = "xml",
	.begin = begin,
	.record = put_record,
	.end = end,
};
