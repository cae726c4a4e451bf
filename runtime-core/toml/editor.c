// SPDX-License-Identifier: Apache-2.0
/*
 * The editor. Each function parses the text, finds where its path leads, notes what bytes are to change there,
 * makes the changes in a copy and parses the result: only a document that reads as intended replaces the text.
 *
 * Where a new key goes depends on how its table is written: into the braces of an inline table; for a table
 * that only dotted keys made, as one more dotted key; below the table's header; or, where there is no such
 * header yet, into a new section.
 */
#include "edit.h"

#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/utf8.h"

/* As far as a path leads in the document. */
struct place {
	struct node *node;
	const char *const *rest; /* the components that lead no further; empty when all do */
};

/* One call of a public function. */
struct edit {
	struct editor editor;
	const char *const *path;
	struct place place;
	struct toml_document *wanted; /* its root is the value given, if one is */
	char *value;		      /* the text of that */
};

/* ---- paths ------------------------------------------------------------------------------------- */

static bool parse_index(const char *component, uint64_t *index)
{
	struct slice text = slice_of(component);

	return text.size > 2 && text.data[0] == '[' && text.data[text.size - 1] == ']' &&
	       number_parse_u64(slice_make(text.data + 1, text.size - 2), index) == 0;
}

static const struct toml_value *step(const struct toml_value *value, const char *component)
{
	uint64_t index;

	if (value->type == TOML_TABLE)
		return toml_get(value, component);
	if (value->type == TOML_ARRAY && parse_index(component, &index) &&
	    index < value->array.count)
		return value->array.items[index];
	return NULL;
}

static struct place find_place(const struct toml_document *document, const char *const *path)
{
	const struct toml_value *value = toml_root(document), *next;

	while (*path && (next = step(value, *path))) {
		value = next;
		path++;
	}
	return (struct place){ node_of(value), path };
}

/* Append the names that lead from one table down to another. Elements of arrays of tables have none. */
static void write_path(struct strbuf *out, const struct node *from, const struct node *to)
{
	const struct toml_value *parent;

	if (to == from || !to->parent)
		return;
	write_path(out, from, to->parent);
	parent = &to->parent->value;
	if (parent->type != TOML_TABLE)
		return;
	for (size_t i = 0; i < parent->table.count; i++) {
		if (parent->table.members[i].value != &to->value)
			continue;
		if (out->size)
			strbuf_putc(out, '.');
		toml_write_key(out, parent->table.members[i].key);
	}
}

/* The components of a path between two places, as a dotted key behind what is there already. */
static void write_components(struct strbuf *out, const char *const *from, const char *const *to)
{
	for (; from < to; from++) {
		if (out->size)
			strbuf_putc(out, '.');
		toml_write_key(out, slice_of(*from));
	}
}

static const char *const *last_component(const char *const *path)
{
	while (path[1])
		path++;
	return path;
}

/* For messages; to be freed. */
static char *path_text(const char *const *path, const char *const *end)
{
	struct strbuf text = STRBUF_INIT;

	for (; path < end; path++) {
		uint64_t index;

		if (parse_index(*path, &index)) {
			strbuf_puts(&text, *path);
			continue;
		}
		if (text.size)
			strbuf_putc(&text, '.');
		toml_write_key(&text, slice_of(*path));
	}
	return strbuf_steal(&text);
}

/* ---- the frame of every edit ------------------------------------------------------------------- */

static int check_path(const char *const *path, struct error **err)
{
	if (!path[0])
		return error_set(err, -EINVAL, "no key to edit: the path is empty");
	for (; *path; path++)
		if (utf8_find_invalid(slice_of(*path)) < strlen(*path))
			return error_set(err, -EINVAL, "a key that is not UTF-8 cannot be edited");
	return 0;
}

static void edit_end(struct edit *edit)
{
	editor_close(&edit->editor);
	toml_document_free(edit->wanted);
	free(edit->value);
}
#define _cleanup_edit_ _cleanup_(edit_end)

/* Check the path and the value, if there is one, and find the place in the text. */
static int edit_begin(struct edit *edit, const struct strbuf *text, const char *const *path,
		      const char *value, struct error **err)
{
	int ret;

	*edit = (struct edit){ .path = path };
	ret = check_path(path, err);
	if (ret < 0)
		return ret;
	if (value) {
		ret = parse_single_value(slice_of(value), NULL, &edit->wanted, err);
		if (ret < 0)
			return error_wrap(err, "'%s' is no value", value);
		edit->value = slice_dup(slice_trim(slice_of(value)));
	}
	ret = editor_open(&edit->editor, strbuf_view(text), err);
	if (ret < 0)
		return ret;
	edit->place = find_place(edit->editor.document, path);
	return 0;
}

/* Make the changes, in a copy first. */
static int edit_commit(struct edit *edit, struct strbuf *text, struct error **err)
{
	_cleanup_(toml_document_freep) struct toml_document *result = NULL;
	_cleanup_strbuf_ struct strbuf changed = STRBUF_INIT;
	int ret;

	editor_apply(&edit->editor, &changed);
	ret = parse_document(strbuf_view(&changed), NULL, 0, &result, err);
	if (ret < 0)
		return error_wrap(err, "the document cannot be changed like this");
	strbuf_release(text);
	*text = changed;
	changed = (struct strbuf)STRBUF_INIT;
	return 0;
}

static bool is_found(const struct edit *edit)
{
	return !*edit->place.rest;
}

/* An error about the value that the path leads to, as far as it does. */
static int fail_type(const struct edit *edit, const char *why, struct error **err)
{
	const struct toml_value *value = &edit->place.node->value;
	_cleanup_free_ char *text = path_text(edit->path, edit->place.rest);

	return error_set(err, -EINVAL, "'%s' has type %s (line %u) and %s", text,
			 toml_type_name(value->type), value->position.line, why);
}

/* ---- setting ----------------------------------------------------------------------------------- */

/* The last key, on a line or in an inline table, that leads through this table by its dots. */
static const struct statement *dotted_key_of(const struct editor *editor, const struct node *table)
{
	const struct toml_document *document = editor->document;

	for (size_t i = document->statement_count; i-- > 0;) {
		const struct statement *statement = &document->statements[i];

		if (statement->kind == STATEMENT_KEY && is_within(statement->node, table) &&
		    !is_within(statement->context, table))
			return statement;
	}
	return NULL;
}

/* `key = value`, the key leading from `context` to the table and on along the rest of the path. */
static char *assignment(const struct node *context, const struct node *table,
			const char *const *from, const char *value)
{
	struct strbuf text = STRBUF_INIT;

	write_path(&text, context, table);
	write_components(&text, from, last_component(from) + 1);
	strbuf_printf(&text, " = %s", value);
	return strbuf_steal(&text);
}

/* Into a table that dotted keys made: one more of them behind the last. */
static void add_dotted(struct edit *edit)
{
	const struct statement *statement = dotted_key_of(&edit->editor, edit->place.node);
	_cleanup_free_ char *text =
		assignment(statement->context, edit->place.node, edit->place.rest, edit->value);

	if (statement->context->origin == TABLE_INLINE)
		add_piece(&edit->editor, statement->context, text);
	else
		add_line(&edit->editor, statement->context, statement, text);
}

static void add_with_header(struct edit *edit)
{
	const struct node *root = edit->editor.document->root;
	const struct place *place = &edit->place;
	const char *const *last = last_component(place->rest);
	_cleanup_free_ char *line = assignment(root, root, last, edit->value);
	_cleanup_strbuf_ struct strbuf name = STRBUF_INIT;
	_cleanup_free_ char *header = NULL;

	write_path(&name, root, place->node);
	write_components(&name, place->rest, last);
	header = xasprintf("[%s]", name.data);
	if (place->rest == last)
		add_parent_section(&edit->editor, place->node, header, line);
	else
		add_section(&edit->editor, place->node, header, line);
}

static int check_new_key(const struct edit *edit, struct error **err)
{
	const struct toml_value *value = &edit->place.node->value;
	_cleanup_free_ char *text = NULL;
	uint64_t index;

	if (value->type == TOML_ARRAY) {
		text = path_text(edit->path, edit->place.rest);
		return error_set(err, -ENOENT, "'%s' has %zu elements (line %u), and no %s", text,
				 value->array.count, value->position.line, *edit->place.rest);
	}
	if (value->type != TOML_TABLE)
		return fail_type(edit, "cannot hold keys", err);
	for (const char *const *component = edit->place.rest; *component; component++)
		if (parse_index(*component, &index)) {
			text = path_text(edit->path, component);
			return error_set(err, -ENOENT, "there is no array '%s' to take %s of", text,
					 *component);
		}
	return 0;
}

/* A key that is not there yet, with the tables on its way. */
static int add_key(struct edit *edit, struct error **err)
{
	struct node *table = edit->place.node;
	bool in_table = !edit->place.rest[1];
	_cleanup_free_ char *text = NULL;
	int ret;

	ret = check_new_key(edit, err);
	if (ret < 0)
		return ret;
	text = assignment(table, table, edit->place.rest, edit->value);
	if (table->origin == TABLE_INLINE)
		add_piece(&edit->editor, table, text);
	else if (table->origin == TABLE_DOTTED)
		add_dotted(edit);
	else if (table->origin == TABLE_HEADER && in_table)
		add_line(&edit->editor, table, NULL, text);
	else
		add_with_header(edit);
	return 0;
}

static int replace_value(struct edit *edit, struct error **err)
{
	const struct node *node = edit->place.node;

	if (!node->end)
		return fail_type(edit, "has lines of its own: set its keys, or remove it first",
				 err);
	editor_change(&edit->editor, node->value.position.offset, node->end, steal(edit->value));
	return 0;
}

int toml_edit_set(struct strbuf *text, const char *const *path, const char *value,
		  struct error **err)
{
	_cleanup_edit_ struct edit edit = { 0 };
	int ret;

	ret = edit_begin(&edit, text, path, value, err);
	if (ret < 0)
		return ret;
	ret = is_found(&edit) ? replace_value(&edit, err) : add_key(&edit, err);
	if (ret < 0)
		return ret;
	return edit_commit(&edit, text, err);
}

/* ---- removing ---------------------------------------------------------------------------------- */

static bool piece_is_within(const struct node *piece, const void *removed)
{
	return is_within(piece, removed);
}

/* An element of an array that is written with brackets. */
static bool is_element(const struct node *node)
{
	return node->parent && node->parent->value.type == TOML_ARRAY && node->parent->end;
}

/*
 * Everything that is written of a node, but not what is written inside of something that goes anyway: its pieces
 * in the inline tables around it, its sections, and its keys on lines of their own.
 */
static void cut_node(struct editor *editor, const struct node *node)
{
	const struct toml_document *document = editor->document;

	if (is_element(node)) {
		cut_pieces(editor, node->parent, piece_is_within, node);
		return;
	}
	for (const struct node *around = node->parent; around; around = around->parent)
		if (around->value.type == TOML_TABLE && around->origin == TABLE_INLINE)
			cut_pieces(editor, around, piece_is_within, node);
	for (size_t i = 0; i < document->statement_count; i++) {
		const struct statement *statement = &document->statements[i];

		if (!is_within(statement->node, node))
			continue;
		if (statement->kind != STATEMENT_KEY)
			cut_section(editor, statement);
		else if (statement->context->origin != TABLE_INLINE &&
			 !is_within(statement->context, node))
			cut_lines(editor, statement);
	}
}

int toml_edit_remove(struct strbuf *text, const char *const *path, struct error **err)
{
	_cleanup_edit_ struct edit edit = { 0 };
	int ret;

	ret = edit_begin(&edit, text, path, NULL, err);
	if (ret < 0)
		return ret;
	if (!is_found(&edit))
		return 0;
	cut_node(&edit.editor, edit.place.node);
	return edit_commit(&edit, text, err);
}

/* ---- arrays ------------------------------------------------------------------------------------ */

static int check_array(const struct edit *edit, struct error **err)
{
	if (edit->place.node->value.type != TOML_ARRAY)
		return fail_type(edit, "is no array", err);
	if (!edit->place.node->end)
		return fail_type(edit, "is made of [[tables]]: set or remove those", err);
	return 0;
}

static bool is_equal(const struct node *piece, const void *value)
{
	return toml_value_equal(&piece->value, value);
}

static bool array_contains(const struct toml_value *array, const struct toml_value *value)
{
	for (size_t i = 0; i < array->array.count; i++)
		if (toml_value_equal(array->array.items[i], value))
			return true;
	return false;
}

static int add_element(struct edit *edit, struct error **err)
{
	int ret = check_array(edit, err);

	if (ret < 0)
		return ret;
	if (!array_contains(&edit->place.node->value, toml_root(edit->wanted)))
		add_piece(&edit->editor, edit->place.node, edit->value);
	return 0;
}

static int add_array(struct edit *edit, struct error **err)
{
	char *element = steal(edit->value);

	edit->value = xasprintf("[%s]", element);
	free(element);
	return add_key(edit, err);
}

int toml_edit_array_add(struct strbuf *text, const char *const *path, const char *value,
			struct error **err)
{
	_cleanup_edit_ struct edit edit = { 0 };
	int ret;

	ret = edit_begin(&edit, text, path, value, err);
	if (ret < 0)
		return ret;
	ret = is_found(&edit) ? add_element(&edit, err) : add_array(&edit, err);
	if (ret < 0)
		return ret;
	return edit_commit(&edit, text, err);
}

int toml_edit_array_remove(struct strbuf *text, const char *const *path, const char *value,
			   struct error **err)
{
	_cleanup_edit_ struct edit edit = { 0 };
	int ret;

	ret = edit_begin(&edit, text, path, value, err);
	if (ret < 0)
		return ret;
	if (!is_found(&edit))
		return 0;
	ret = check_array(&edit, err);
	if (ret < 0)
		return ret;
	cut_pieces(&edit.editor, edit.place.node, is_equal, toml_root(edit.wanted));
	return edit_commit(&edit, text, err);
}
