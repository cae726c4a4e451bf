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

/* What cut_pieces knows when it comes to a piece. */
struct removal {
	const struct list *list;
	size_t kept; /* pieces up to and including the last one that stays */
	size_t kept_end;
	size_t kept_comma; /* which piece's comma stays of those from the last piece that stays on */
	/* The cut made last; cuts that touch count as one. */
	size_t cut_start;
	size_t cut_end;
};

/*
 * What is last now has a comma behind it only if what was last had one. It keeps its own where lines go; it gets
 * the one at the end where pieces of one line go: as it was before these were added.
 */
static size_t comma_to_keep(const struct editor *editor, const struct removal *removal)
{
	const struct list *list = removal->list;

	if (removal->kept == 0 || list->pieces[list->count - 1].comma == NO_COMMA)
		return NO_COMMA;
	if (removal->kept == list->count || starts_line(editor, list, removal->kept))
		return removal->kept - 1;
	return list->count - 1;
}

/* The comma behind a piece goes with it, unless it is the one to keep; is it next to the piece? */
static bool cut_comma(struct editor *editor, const struct removal *removal, size_t i)
{
	const struct piece *piece = &removal->list->pieces[i];

	if (i == removal->kept_comma || piece->comma == NO_COMMA)
		return false;
	editor_change(editor, piece->comma, piece->comma + 1, NULL);
	return is_blank(editor, piece->end, piece->comma);
}

/* Would a bracket that comes to stand behind this place be part of a comment? */
static bool ends_in_comment(const struct editor *editor, const struct removal *removal,
			    size_t place)
{
	size_t from = line_start(editor, place);

	if (from < removal->kept_end)
		from = removal->kept_end;
	return place > from && memchr(editor->text.data + from, '#', place - from);
}

static void cut_piece(struct editor *editor, struct removal *removal, size_t i)
{
	const struct piece *piece = &removal->list->pieces[i];
	size_t start = piece->start;
	size_t end = cut_comma(editor, removal, i) ? piece->comma + 1 : piece->end;
	enum rest_of_line rest = rest_of_line(editor, end);

	if (starts_line(editor, removal->list, i) && rest != REST_MORE) {
		start = break_before(editor, start);
		if (rest == REST_LINE_END)
			end = line_break(editor, end);
	} else if (rest == REST_MORE && i < removal->kept) {
		end = skip_blanks(editor, end);
	} else {
		start = skip_blanks_back(editor, start);
	}
	if (start != removal->cut_end)
		removal->cut_start = start;
	removal->cut_end = end;
	if (rest == REST_CLOSE && ends_in_comment(editor, removal, removal->cut_start))
		start = piece->start;
	editor_change(editor, start, end, NULL);
}

void cut_pieces(struct editor *editor, const struct node *node, choose_function *chosen,
		const void *data)
{
	_cleanup_(list_release) struct list list = list_of(editor, node);
	struct removal removal = { .list = &list, .kept_end = list.open + 1 };

	for (size_t i = 0; i < list.count; i++)
		if (!chosen(list.pieces[i].node, data)) {
			removal.kept = i + 1;
			removal.kept_end = list.pieces[i].end;
		}
	removal.kept_comma = comma_to_keep(editor, &removal);
	for (size_t i = 0; i < list.count; i++)
		if (chosen(list.pieces[i].node, data))
			cut_piece(editor, &removal, i);
	if (removal.kept > 0 && removal.kept < list.count)
		cut_comma(editor, &removal, removal.kept - 1);
}
