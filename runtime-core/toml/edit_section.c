// SPDX-License-Identifier: Apache-2.0
/*
 * Sections. A section is a header's line and what follows up to the next header, or the part in front of the
 * first one, whose table is the root. Between the last key of a section and the next header there may be
 * comments; whose they are is decided by blank lines:
 *
 *	[a]
 *	key = 1
 *	# of [a]: right below its last key, and a blank line follows
 *
 *	# of nobody
 *
 *	# of [b]: right above it
 *	[b]
 *
 * Removing must undo adding to the byte: a new section brings one blank line in front of it, whatever is there
 * already, and a removed section takes one along.
 */
#include "edit.h"

#include "base/memory.h"

bool is_within(const struct node *node, const struct node *ancestor)
{
	while (node && node != ancestor)
		node = node->parent;
	return node != NULL;
}

static const struct statement *first_statement(const struct editor *editor)
{
	return editor->document->statements;
}

static const struct statement *end_of_statements(const struct editor *editor)
{
	size_t count = editor->document->statement_count;

	/* Without any there is no array, and nothing may be added to a null pointer. */
	return count ? editor->document->statements + count : editor->document->statements;
}

/* The header at or behind a statement; the end of the statements where there is none. */
static const struct statement *next_header(const struct editor *editor,
					   const struct statement *statement)
{
	while (statement < end_of_statements(editor) && statement->kind == STATEMENT_KEY)
		statement++;
	return statement;
}

static const struct statement *header_of(const struct editor *editor, const struct node *table)
{
	const struct statement *header = next_header(editor, first_statement(editor));

	while (header < end_of_statements(editor) && header->node != table)
		header = next_header(editor, header + 1);
	return header < end_of_statements(editor) ? header : NULL;
}

/* ---- where things end -------------------------------------------------------------------------- */

static bool line_is_blank(const struct editor *editor, size_t start)
{
	return is_blank(editor, start, line_break(editor, start));
}

static bool line_is_comment(const struct editor *editor, size_t start)
{
	size_t first = skip_blanks(editor, start);

	return first < editor->text.size && editor->text.data[first] == '#';
}

/* The start of the comment lines right above a header, or of its own line. */
static size_t comments_above(const struct editor *editor, const struct statement *header)
{
	size_t start = line_start(editor, header->start);

	while (start > editor->body && line_is_comment(editor, line_start(editor, start - 1)))
		start = line_start(editor, start - 1);
	return start;
}

/* Behind the lines that belong to a section: its header, its keys, and the comments right below. */
static size_t section_end(const struct editor *editor, const struct statement *header)
{
	const struct statement *next = next_header(editor, header + 1);
	bool is_last = next == end_of_statements(editor);
	size_t limit = is_last ? editor->text.size : line_start(editor, next->start);
	size_t end = line_end(editor, header->end), comments;

	for (const struct statement *key = header + 1; key < next; key++)
		if (key->end > end)
			end = line_end(editor, key->end);
	comments = end;
	while (comments < limit && line_is_comment(editor, comments))
		comments = line_end(editor, comments);
	/* Without a blank line in between they are the next header's. */
	return comments == limit && !is_last ? end : comments;
}

/* ---- adding ------------------------------------------------------------------------------------ */

/* Insert whole lines at the start of a line, or at the end of the text. */
static void insert_lines(struct editor *editor, size_t offset, const char *lines)
{
	bool behind_open_line = offset > editor->body && editor->text.data[offset - 1] != '\n';

	editor_change(editor, offset, offset,
		      behind_open_line ? xasprintf("%s%s", editor->newline, lines)
				       : xasprintf("%s%s", lines, editor->newline));
}

/* In front of the first header, its comments included; at the end of a text without headers. */
static size_t start_of_root(const struct editor *editor)
{
	const struct statement *header = next_header(editor, first_statement(editor));

	return header < end_of_statements(editor) ? comments_above(editor, header)
						  : editor->text.size;
}

static const struct statement *last_key_of(const struct editor *editor, const struct node *table)
{
	const struct statement *last = NULL, *end = end_of_statements(editor);

	for (const struct statement *s = first_statement(editor); s < end; s++)
		if (s->kind == STATEMENT_KEY && s->context == table)
			last = s;
	return last;
}

void add_line(struct editor *editor, const struct node *table, const struct statement *behind,
	      const char *line)
{
	_cleanup_free_ char *indented = NULL;
	size_t start;

	if (!behind)
		behind = last_key_of(editor, table);
	if (!behind)
		behind = header_of(editor, table);
	if (!behind) {
		insert_lines(editor, start_of_root(editor), line);
		return;
	}
	start = line_start(editor, behind->start);
	indented =
		xasprintf("%.*s%s", (int)(behind->start - start), editor->text.data + start, line);
	insert_lines(editor, line_end(editor, behind->end), indented);
}

void add_section(struct editor *editor, const struct node *table, const char *header,
		 const char *line)
{
	_cleanup_free_ char *lines = xasprintf("%s%s%s", header, editor->newline, line);
	_cleanup_free_ char *spaced = xasprintf("%s%s", editor->newline, lines);
	const struct statement *last = NULL, *end = end_of_statements(editor);
	size_t offset = editor->text.size;

	for (const struct statement *s = next_header(editor, first_statement(editor)); s < end;
	     s = next_header(editor, s + 1))
		if (is_within(s->node, table))
			last = s;
	if (last && next_header(editor, last + 1) < end)
		offset = section_end(editor, last);
	insert_lines(editor, offset, offset > editor->body ? spaced : lines);
}

void add_parent_section(struct editor *editor, const struct node *table, const char *header,
			const char *line)
{
	const struct statement *first = next_header(editor, first_statement(editor));
	_cleanup_free_ char *lines =
		xasprintf("%s%s%s%s", header, editor->newline, line, editor->newline);

	while (!is_within(first->node, table))
		first = next_header(editor, first + 1);
	insert_lines(editor, comments_above(editor, first), lines);
}

/* ---- removing ---------------------------------------------------------------------------------- */

void cut_lines(struct editor *editor, const struct statement *statement)
{
	editor_change(editor, line_start(editor, statement->start),
		      line_end(editor, statement->end), NULL);
}

void cut_section(struct editor *editor, const struct statement *header)
{
	size_t start = line_start(editor, header->start);

	if (start > editor->body && line_is_blank(editor, line_start(editor, start - 1)))
		start = line_start(editor, start - 1);
	editor_change(editor, start, section_end(editor, header), NULL);
}
