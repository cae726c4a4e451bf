/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the parts of the editor share. An edit is a list of changes to the text, found with the help of the
 * parsed document and applied all at once; bytes that no change names are copied.
 *
 *	edit_change.c	the text, its lines, and the list of changes
 *	edit_section.c	keys on lines of their own, and the sections that headers start
 *	edit_list.c	what stands between brackets: elements of arrays, keys of inline tables
 *	editor.c	the public functions: finds the place of a path and says what is to change there
 */

#include "document.h"
#include "parser.h"

struct change {
	size_t start; /* the bytes from here ... */
	size_t end;   /* ... to here ... */
	char *text;   /* ... are replaced by these; NULL for none */
};

struct editor {
	struct toml_document *document;
	struct slice text;
	size_t body;	     /* where the first line starts: behind a byte order mark */
	const char *newline; /* as the first line ends; LF where there is no line end yet */
	struct change *changes;
	size_t change_count;
	size_t change_capacity;
};

/* ---- edit_change.c ----------------------------------------------------------------------------- */

/* Parse the text, which must stay as it is until editor_close. */
int editor_open(struct editor *editor, struct slice text, struct error **err);
void editor_close(struct editor *editor);

/* Replace bytes. Takes the text, which may be NULL. Of two insertions at one offset the earlier stands first. */
void editor_change(struct editor *editor, size_t start, size_t end, char *text);

/* The text with all changes made. A text without a line end behind its last line is left without one. */
void editor_apply(struct editor *editor, struct strbuf *out);

/* Where the line of this offset starts; where the next one does; where this one's LF or CRLF stands. */
size_t line_start(const struct editor *editor, size_t offset);
size_t line_end(const struct editor *editor, size_t offset);
size_t line_break(const struct editor *editor, size_t offset);

/* Is there nothing but blanks between the two offsets? */
bool is_blank(const struct editor *editor, size_t from, size_t to);

/* The first offset from here on, or the last one up to here, without a blank behind, or before, it. */
size_t skip_blanks(const struct editor *editor, size_t offset);
size_t skip_blanks_back(const struct editor *editor, size_t offset);

/* ---- edit_section.c ---------------------------------------------------------------------------- */

/* Is the node, or one of those that contain it, this one? */
bool is_within(const struct node *node, const struct node *ancestor);

/* Add `key = value` as a line behind the statement, or else at the end of the table's own section. */
void add_line(struct editor *editor, const struct node *table, const struct statement *behind,
	      const char *line);

/* Add a header and one line below it, behind all sections of the table and of those below it. */
void add_section(struct editor *editor, const struct node *table, const char *header,
		 const char *line);

/* Add a header and one line below it in front of the table's first sub-table. */
void add_parent_section(struct editor *editor, const struct node *table, const char *header,
			const char *line);

/* Remove the lines of a key. */
void cut_lines(struct editor *editor, const struct statement *statement);

/* Remove a header with the keys and comments that belong to it, and one blank line in front of it. */
void cut_section(struct editor *editor, const struct statement *header);

/* ---- edit_list.c ------------------------------------------------------------------------------- */

/* Add an element to an array, or `key = value` to an inline table, behind the last one. */
void add_piece(struct editor *editor, const struct node *list, const char *text);

/* Remove the elements of an array, or the keys of an inline table, that are chosen. */
typedef bool choose_function(const struct node *piece, const void *data);
void cut_pieces(struct editor *editor, const struct node *list, choose_function *chosen,
		const void *data);
