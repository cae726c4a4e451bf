// SPDX-License-Identifier: Apache-2.0
#include "env_document.h"

#include "base/memory.h"
#include "base/quote.h"

#define INDENT	  2
#define MAX_DEPTH 8

/* ---- collecting -------------------------------------------------------------------------------- */

static void add(struct env_document *document, const struct env_value *value)
{
	document->values = xgrow(document->values, &document->capacity, document->count + 1,
				 sizeof(*document->values));
	document->values[document->count++] = *value;
}

void env_add_string(struct env_document *document, const char *path, const char *value)
{
	add(document,
	    &(struct env_value){ path, ENV_STRING, .string = xstrdup(value ? value : "") });
}

void env_add_bool(struct env_document *document, const char *path, bool value)
{
	add(document, &(struct env_value){ path, ENV_BOOL, .boolean = value });
}

void env_add_number(struct env_document *document, const char *path, uint64_t value)
{
	add(document, &(struct env_value){ path, ENV_NUMBER, .number = value });
}

void env_add_list(struct env_document *document, const char *path, const struct string_list *value)
{
	add(document, &(struct env_value){ path, ENV_LIST, .list = value });
}

void env_document_release(struct env_document *document)
{
	for (size_t i = 0; i < document->count; i++)
		if (document->values[i].type == ENV_STRING)
			free(document->values[i].string);
	free(document->values);
	*document = (struct env_document){ 0 };
}

/* ---- paths ------------------------------------------------------------------------------------- */

/* A path cut at its dots. */
struct path {
	struct slice parts[MAX_DEPTH];
	size_t count;
};

static struct path split(const char *text)
{
	struct slice rest = slice_of(text);
	struct path path = { 0 };

	while (path.count < MAX_DEPTH && slice_next_field(&rest, '.', &path.parts[path.count]))
		path.count++;
	return path;
}

/* How many of the leading tables two values have in common. */
static size_t shared_tables(const struct path *a, const struct path *b)
{
	size_t shared = 0;

	while (shared + 1 < a->count && shared + 1 < b->count &&
	       slice_equal(a->parts[shared], b->parts[shared]))
		shared++;
	return shared;
}

/* ---- JSON -------------------------------------------------------------------------------------- */

static void json_line(struct strbuf *out, size_t depth)
{
	strbuf_putc(out, '\n');
	strbuf_fill(out, ' ', INDENT * depth);
}

static void json_list(struct strbuf *out, const struct string_list *list, size_t depth)
{
	if (!list) {
		strbuf_puts(out, "null");
		return;
	}
	strbuf_putc(out, '[');
	for (size_t i = 0; i < list->count; i++) {
		strbuf_puts(out, i ? "," : "");
		json_line(out, depth + 1);
		quote_json(out, slice_of(list->items[i]));
	}
	if (list->count)
		json_line(out, depth);
	strbuf_putc(out, ']');
}

static void json_value(struct strbuf *out, const struct env_value *value, size_t depth)
{
	switch (value->type) {
	case ENV_STRING:
		quote_json(out, slice_of(value->string));
		break;
	case ENV_BOOL:
		strbuf_puts(out, value->boolean ? "true" : "false");
		break;
	case ENV_NUMBER:
		strbuf_printf(out, "%ju", (uintmax_t)value->number);
		break;
	case ENV_LIST:
		json_list(out, value->list, depth);
		break;
	}
}

static void json_key(struct strbuf *out, struct slice key, size_t depth, bool *first)
{
	strbuf_puts(out, *first ? "" : ",");
	json_line(out, depth);
	quote_json(out, key);
	strbuf_puts(out, ": ");
	*first = false;
}

void env_write_json(const struct env_document *document, struct strbuf *out)
{
	struct path previous = { .count = 1 };
	bool first = true;

	strbuf_putc(out, '{');
	for (size_t i = 0; i < document->count; i++) {
		struct path path = split(document->values[i].path);
		size_t shared = shared_tables(&previous, &path);

		for (size_t depth = previous.count - 1; depth > shared; depth--) {
			json_line(out, depth);
			strbuf_putc(out, '}');
			first = false;
		}
		for (size_t depth = shared; depth + 1 < path.count; depth++) {
			json_key(out, path.parts[depth], depth + 1, &first);
			strbuf_putc(out, '{');
			first = true;
		}
		json_key(out, path.parts[path.count - 1], path.count, &first);
		json_value(out, &document->values[i], path.count);
		previous = path;
	}
	for (size_t depth = previous.count; depth > 0; depth--) {
		json_line(out, depth - 1);
		strbuf_putc(out, '}');
	}
	strbuf_putc(out, '\n');
}

/* ---- TOML -------------------------------------------------------------------------------------- */

static void toml_list(struct strbuf *out, const struct string_list *list)
{
	strbuf_putc(out, '[');
	for (size_t i = 0; i < list->count; i++) {
		strbuf_puts(out, i ? ", " : "");
		quote_toml(out, slice_of(list->items[i]));
	}
	strbuf_putc(out, ']');
}

static void toml_value(struct strbuf *out, const struct env_value *value)
{
	switch (value->type) {
	case ENV_STRING:
		quote_toml(out, slice_of(value->string));
		break;
	case ENV_BOOL:
		strbuf_puts(out, value->boolean ? "true" : "false");
		break;
	case ENV_NUMBER:
		strbuf_printf(out, "%ju", (uintmax_t)value->number);
		break;
	case ENV_LIST:
		toml_list(out, value->list);
		break;
	}
}

/* Where the table ends that the value at `start` lies in with the first `depth` parts of its path. */
static size_t table_end(const struct env_document *document, size_t start, size_t depth)
{
	const struct path first = split(document->values[start].path);
	size_t end = start + 1;

	while (end < document->count) {
		struct path path = split(document->values[end].path);

		if (shared_tables(&first, &path) < depth)
			break;
		end++;
	}
	return end;
}

static void toml_plain_values(const struct env_document *document, size_t start, size_t end,
			      size_t depth, struct strbuf *out)
{
	for (size_t i = start; i < end; i++) {
		const struct env_value *value = &document->values[i];
		struct path path = split(value->path);

		if (path.count != depth + 1 || (value->type == ENV_LIST && !value->list))
			continue;
		strbuf_fill(out, ' ', INDENT * depth);
		strbuf_printf(out, "%.*s = ", SLICE_ARGS(path.parts[depth]));
		toml_value(out, value);
		strbuf_putc(out, '\n');
	}
}

static void toml_header(const struct path *path, size_t depth, struct strbuf *out)
{
	if (depth == 1 && out->size)
		strbuf_putc(out, '\n');
	strbuf_fill(out, ' ', INDENT * (depth - 1));
	for (size_t part = 0; part < depth; part++)
		strbuf_printf(out, "%c%.*s", part ? '.' : '[', SLICE_ARGS(path->parts[part]));
	strbuf_puts(out, "]\n");
}

/* The tables between `start` and `end` that lie `depth` deep, each with its own tables behind it. */
static void toml_tables(const struct env_document *document, size_t start, size_t end, size_t depth,
			struct strbuf *out)
{
	while (start < end) {
		struct path path = split(document->values[start].path);
		size_t next = table_end(document, start, depth);

		if (path.count <= depth) {
			start++;
			continue;
		}
		toml_header(&path, depth, out);
		toml_plain_values(document, start, next, depth, out);
		toml_tables(document, start, next, depth + 1, out);
		start = next;
	}
}

void env_write_toml(const struct env_document *document, struct strbuf *out)
{
	toml_tables(document, 0, document->count, 1, out);
}
