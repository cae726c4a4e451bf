// SPDX-License-Identifier: Apache-2.0
#include "edit.h"

#include <stdlib.h>

#include "base/memory.h"

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

int editor_open(struct editor *editor, struct slice text, struct error **err)
{
	size_t first = slice_find(text, '\n');

	*editor = (struct editor){ .text = text, .newline = "\n" };
	if (first < text.size && first > 0 && text.data[first - 1] == '\r')
		editor->newline = "\r\n";
	if (slice_starts_with(text, BYTE_ORDER_MARK))
		editor->body = strlen(BYTE_ORDER_MARK);
	return parse_document(text, NULL, PARSE_STATEMENTS, &editor->document, err);
}

void editor_close(struct editor *editor)
{
	toml_document_free(editor->document);
	for (size_t i = 0; i < editor->change_count; i++)
		free(editor->changes[i].text);
	free(editor->changes);
	*editor = (struct editor){ 0 };
}

/* ---- changes ----------------------------------------------------------------------------------- */

void editor_change(struct editor *editor, size_t start, size_t end, char *text)
{
	editor->changes = xgrow(editor->changes, &editor->change_capacity, editor->change_count + 1,
				sizeof(*editor->changes));
	editor->changes[editor->change_count++] = (struct change){ start, end, text };
}

/* By offset. Arrays do not hold equal offsets in order when sorted, so their place in the array counts too. */
static int compare_changes(const void *a, const void *b)
{
	const struct change *const *left = a, *const *right = b;

	if ((*left)->start != (*right)->start)
		return (*left)->start < (*right)->start ? -1 : 1;
	return *left < *right ? -1 : 1;
}

static bool ends_with_newline(struct slice text)
{
	return text.size && text.data[text.size - 1] == '\n';
}

void editor_apply(struct editor *editor, struct strbuf *out)
{
	_cleanup_free_ const struct change **sorted =
		xcalloc(editor->change_count, sizeof(struct change *));
	struct slice text = editor->text;
	size_t at = 0;

	for (size_t i = 0; i < editor->change_count; i++)
		sorted[i] = &editor->changes[i];
	qsort(sorted, editor->change_count, sizeof(struct change *), compare_changes);
	for (size_t i = 0; i < editor->change_count; i++) {
		const struct change *change = sorted[i];

		if (change->start > at) {
			strbuf_append(out, text.data + at, change->start - at);
			at = change->start;
		}
		if (change->text)
			strbuf_puts(out, change->text);
		if (change->end > at)
			at = change->end;
	}
	strbuf_append(out, text.data + at, text.size - at);
	if (text.size && !ends_with_newline(text) && ends_with_newline(strbuf_view(out)))
		strbuf_truncate(out,
				out->size - (slice_ends_with(strbuf_view(out), "\r\n") ? 2 : 1));
}

/* ---- lines ------------------------------------------------------------------------------------- */

size_t line_start(const struct editor *editor, size_t offset)
{
	while (offset > editor->body && editor->text.data[offset - 1] != '\n')
		offset--;
	return offset;
}

size_t line_end(const struct editor *editor, size_t offset)
{
	size_t size = slice_find(slice_from(editor->text, offset), '\n');

	return offset + size < editor->text.size ? offset + size + 1 : editor->text.size;
}

size_t line_break(const struct editor *editor, size_t offset)
{
	size_t end = offset + slice_find(slice_from(editor->text, offset), '\n');

	return end > offset && end < editor->text.size && editor->text.data[end - 1] == '\r'
		       ? end - 1
		       : end;
}

static bool is_blank_character(char c)
{
	return c == ' ' || c == '\t';
}

bool is_blank(const struct editor *editor, size_t from, size_t to)
{
	return skip_blanks(editor, from) >= to;
}

size_t skip_blanks(const struct editor *editor, size_t offset)
{
	while (offset < editor->text.size && is_blank_character(editor->text.data[offset]))
		offset++;
	return offset;
}

size_t skip_blanks_back(const struct editor *editor, size_t offset)
{
	while (offset > 0 && is_blank_character(editor->text.data[offset - 1]))
		offset--;
	return offset;
}
