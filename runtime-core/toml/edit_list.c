// SPDX-License-Identifier: Apache-2.0
/*
 * Lists: the elements of an array and the keys of an inline table, here called pieces. Between two pieces there
 * are a comma, blanks, and in arrays line ends and comments. A piece that starts its line is treated with its
 * line, the comment behind it included; any other with the blanks around it.
 */
#include "edit.h"

#include "base/memory.h"

struct piece {
	size_t start;
	size_t end;
	size_t comma; /* of the one that follows; NO_COMMA for none */
	const struct node *node;
};

struct list {
	size_t open;  /* of the opening bracket */
	size_t close; /* of the closing one */
	struct piece *pieces;
	size_t count;
	size_t capacity;
};

#define NO_COMMA SIZE_MAX

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* What stands behind a piece, and its comma, on the same line. */
enum rest_of_line {
	REST_LINE_END, /* nothing, or a comment */
	REST_CLOSE,    /* the list's closing bracket */
	REST_MORE,     /* another piece, or its comma */
};

/* Only commas that are not in a comment count. */
static size_t find_comma(const struct editor *editor, size_t from, size_t to)
{
	for (size_t at = from; at < to; at++) {
		if (editor->text.data[at] == ',')
			return at;
		if (editor->text.data[at] == '#')
			at = line_break(editor, at);
	}
	return NO_COMMA;
}

static void list_add(struct list *list, size_t start, size_t end, const struct node *node)
{
	list->pieces = xgrow(list->pieces, &list->capacity, list->count + 1, sizeof(*list->pieces));
	list->pieces[list->count++] =
		(struct piece){ .start = start, .end = end, .comma = NO_COMMA, .node = node };
}

static void list_release(struct list *list)
{
	free(list->pieces);
}

static struct list list_of(const struct editor *editor, const struct node *node)
{
	struct list list = { .open = node->value.position.offset, .close = node->end - 1 };
	const struct toml_document *document = editor->document;

	if (node->value.type == TOML_ARRAY)
		for (size_t i = 0; i < node->value.array.count; i++) {
			const struct node *item = node_of(node->value.array.items[i]);

			list_add(&list, item->value.position.offset, item->end, item);
		}
	else
		for (size_t i = 0; i < document->statement_count; i++) {
			const struct statement *statement = &document->statements[i];

			if (statement->kind == STATEMENT_KEY && statement->context == node)
				list_add(&list, statement->start, statement->end, statement->node);
		}
	for (size_t i = 0; i < list.count; i++)
		list.pieces[i].comma =
			find_comma(editor, list.pieces[i].end,
				   i + 1 < list.count ? list.pieces[i + 1].start : list.close);
	return list;
}

/* Does the piece start its line? */
static bool starts_line(const struct editor *editor, const struct list *list, size_t i)
{
	size_t start = line_start(editor, list->pieces[i].start);

	return start > list->open && is_blank(editor, start, list->pieces[i].start);
}

/* Where the CR LF or LF in front of a piece's line stands. */
static size_t break_before(const struct editor *editor, size_t offset)
{
	size_t at = line_start(editor, offset) - 1;

	return at > 0 && editor->text.data[at - 1] == '\r' ? at - 1 : at;
}

/* Behind the piece, and behind its comma if nothing but blanks is between them. */
static size_t end_with_comma(const struct editor *editor, const struct piece *piece)
{
	if (piece->comma != NO_COMMA && is_blank(editor, piece->end, piece->comma))
		return piece->comma + 1;
	return piece->end;
}

static enum rest_of_line rest_of_line(const struct editor *editor, size_t offset)
{
	switch (editor->text.data[skip_blanks(editor, offset)]) {
	case '#':
	case '\r':
	case '\n':
		return REST_LINE_END;
	case ']':
	case '}':
		return REST_CLOSE;
	default:
		return REST_MORE;
	}
}

/* ---- adding ------------------------------------------------------------------------------------ */

static void add_first(struct editor *editor, const struct list *list, const char *text)
{
	size_t inside = list->open + 1;
	bool spaced = skip_blanks(editor, inside) > inside;

	editor_change(editor, inside, inside, xasprintf("%s%s", spaced ? " " : "", text));
}

/* Behind the last piece, with the blanks that stand in front of that one. */
static void add_on_same_line(struct editor *editor, const struct list *list, const char *text)
{
	const struct piece *last = &list->pieces[list->count - 1];
	size_t blanks = skip_blanks_back(editor, last->start);
	bool copied = list->count > 1 && blanks > 0 && editor->text.data[blanks - 1] == ',';

	editor_change(editor, last->end, last->end,
		      copied ? xasprintf(",%.*s%s", (int)(last->start - blanks),
					 editor->text.data + blanks, text)
			     : xasprintf(", %s", text));
}

/* On a line of its own, behind the last piece's comment. */
static void add_on_next_line(struct editor *editor, const struct list *list, const char *text)
{
	const struct piece *last = &list->pieces[list->count - 1];
	size_t start = line_start(editor, last->start);
	bool has_comma = last->comma != NO_COMMA;
	size_t offset = has_comma ? last->comma + 1 : last->end;

	if (!has_comma)
		editor_change(editor, last->end, last->end, xstrdup(","));
	if (rest_of_line(editor, offset) == REST_LINE_END)
		offset = line_break(editor, offset);
	editor_change(editor, offset, offset,
		      xasprintf("%s%.*s%s%s", editor->newline, (int)(last->start - start),
				editor->text.data + start, text, has_comma ? "," : ""));
}

void add_piece(struct editor *editor, const struct node *node, const char *text)
{
	_cleanup_(list_release) struct list list = list_of(editor, node);

	if (list.count == 0)
		add_first(editor, &list, text);
	else if (starts_line(editor, &list, list.count - 1))
		add_on_next_line(editor, &list, text);
	else
		add_on_same_line(editor, &list, text);
}

/* ---- removing ---------------------------------------------------------------------------------- */

static void cut_comma(struct editor *editor, const struct piece *piece)
{
	if (piece->comma != NO_COMMA)
		editor_change(editor, piece->comma, piece->comma + 1, NULL);
}

/* Does what is left of this line, up to the place of a line end that is to go, end with a comment? */
static bool has_comment(const struct editor *editor, size_t from, size_t to)
{
	return to > from && memchr(editor->text.data + from, '#', to - from);
}

/*
 * Cut a piece. `followed` says whether a later one stays; `kept_end` is behind the last that does; *cut_start and *cut_end are the cut before, and
 * become this one: cuts that touch count as one.
 */
static void cut_piece(struct editor *editor, const struct list *list, size_t i, bool followed,
		      size_t kept_end, size_t *cut_start, size_t *cut_end)
{
	const struct piece *piece = &list->pieces[i];
	size_t start = piece->start, end = end_with_comma(editor, piece);
	enum rest_of_line rest = rest_of_line(editor, end);

	if (end == piece->end)
		cut_comma(editor, piece);
	if (starts_line(editor, list, i) && rest != REST_MORE) {
		start = break_before(editor, start);
		if (rest == REST_LINE_END)
			end = line_break(editor, end);
	} else if (rest == REST_MORE && followed) {
		end = skip_blanks(editor, end);
	} else {
		start = skip_blanks_back(editor, start);
	}
	if (start != *cut_end)
		*cut_start = start;
	*cut_end = end;
	/* The closing bracket must not end up in a comment. */
	if (rest == REST_CLOSE &&
	    has_comment(editor, larger(line_start(editor, *cut_start), kept_end), *cut_start))
		start = piece->start;
	editor_change(editor, start, end, NULL);
}

void cut_pieces(struct editor *editor, const struct node *node, choose_function *chosen,
		const void *data)
{
	_cleanup_(list_release) struct list list = list_of(editor, node);
	size_t kept = 0; /* counted up to and including the last one that stays */
	size_t kept_end = list.open + 1, cut_start = 0, cut_end = 0;

	for (size_t i = 0; i < list.count; i++)
		if (!chosen(list.pieces[i].node, data))
			kept = i + 1;
	if (kept)
		kept_end = list.pieces[kept - 1].end;
	for (size_t i = 0; i < list.count; i++)
		if (chosen(list.pieces[i].node, data))
			cut_piece(editor, &list, i, i < kept, kept_end, &cut_start, &cut_end);
	/* What is last now has a comma behind it only if what was last had one. */
	if (kept > 0 && kept < list.count && list.pieces[list.count - 1].comma == NO_COMMA)
		cut_comma(editor, &list.pieces[kept - 1]);
}
