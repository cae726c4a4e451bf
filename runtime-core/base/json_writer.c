// SPDX-License-Identifier: Apache-2.0
#include "json_writer.h"

#include <assert.h>
#include <inttypes.h>

#include "quote.h"

#define INDENTATION 2

static void break_line(struct json_writer *json)
{
	strbuf_putc(json->out, '\n');
	strbuf_fill(json->out, ' ', (size_t)INDENTATION * json->depth);
}

/* What stands in front of a name, or of a value that has none. */
static void begin_entry(struct json_writer *json)
{
	if (json->named) {
		json->named = false;
		return;
	}
	if (json->filled[json->depth])
		strbuf_putc(json->out, ',');
	json->filled[json->depth] = true;
	if (json->depth)
		break_line(json);
}

void json_begin(struct json_writer *json, char bracket)
{
	assert(json->depth < JSON_WRITER_MAX_DEPTH);
	begin_entry(json);
	strbuf_putc(json->out, bracket);
	json->filled[++json->depth] = false;
}

void json_end(struct json_writer *json, char bracket)
{
	assert(json->depth > 0 && !json->named);
	if (json->filled[json->depth--])
		break_line(json);
	strbuf_putc(json->out, bracket);
}

void json_name(struct json_writer *json, const char *name)
{
	begin_entry(json);
	quote_json(json->out, slice_of(name));
	strbuf_puts(json->out, ": ");
	json->named = true;
}

void json_string(struct json_writer *json, const char *text)
{
	begin_entry(json);
	quote_json(json->out, slice_of(text));
}

void json_u64(struct json_writer *json, uint64_t number)
{
	begin_entry(json);
	strbuf_printf(json->out, "%" PRIu64, number);
}

void json_bool(struct json_writer *json, bool value)
{
	json_raw(json, value ? "true" : "false");
}

void json_null(struct json_writer *json)
{
	json_raw(json, "null");
}

void json_raw(struct json_writer *json, const char *text)
{
	begin_entry(json);
	strbuf_puts(json->out, text);
}
