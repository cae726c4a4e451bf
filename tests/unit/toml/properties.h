/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What holds for every document: tried on the conformance suite, on our own documents, and by the fuzzer. The
 * includer says what to do when something does not hold, by defining violated(FORMAT, ...), which must
 * not return.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/strbuf.h"
#include "toml/document.h"
#include "toml/toml.h"

#define NEW_KEY	  "a key that no document has"
#define NEW_TABLE "a table that no document has"
#define NEW_VALUE "\"a value that no document has\""

/* A place in a document, and how many edits may still be tried. */
struct visit {
	struct slice text;
	const struct toml_document *document;
	bool is_strict;
	unsigned budget;
	const char *path[2 * TOML_MAX_DEPTH + 4];
	unsigned depth;
	char *shown;
};

#define require(visit, condition)                                                                \
	do {                                                                                     \
		if (!(condition))                                                                \
			violated("%s:%d: at '%s': %s\n%.*s", __func__, __LINE__, (visit)->shown, \
				 #condition, SLICE_ARGS((visit)->text));                         \
	} while (0)

/* The edit succeeded, or failed because a bound is reached; false for the latter. */
static bool edit_done(const struct visit *visit, int ret, struct error *err)
{
	if (ret < 0 && ret != -EFBIG)
		violated("at '%s': %s\n%.*s", visit->shown, error_message(err),
			 SLICE_ARGS(visit->text));
	error_free(err);
	return ret == 0;
}

static struct toml_document *reparse(const struct visit *visit, const struct strbuf *text)
{
	struct toml_document *document = NULL;
	struct error *err = NULL;

	if (visit->is_strict)
		require(visit, toml_parse_strict(strbuf_view(text), NULL, &document, &err) == 0);
	else
		require(visit, toml_parse(strbuf_view(text), NULL, &document, &err) == 0);
	return document;
}

static bool equal_except(const struct toml_value *more, const struct toml_value *less,
			 const char *const *path);

/* Does nothing stay of the value when the rest of the path is taken away? Then it may be gone itself. */
static bool may_vanish(const struct toml_value *value, const char *const *path)
{
	if (!*path)
		return true;
	if (value->type == TOML_TABLE && value->table.count == 1)
		return may_vanish(value->table.members[0].value, path + 1);
	return value->type == TOML_ARRAY && value->array.of_tables && value->array.count == 1 &&
	       may_vanish(value->array.items[0], path + 1);
}

static bool tables_equal_except(const struct toml_value *more, const struct toml_value *less,
				const char *const *path)
{
	size_t missing = 0;

	for (size_t i = 0; i < more->table.count; i++) {
		const struct toml_member *member = &more->table.members[i];
		const struct toml_member *other = node_find_member(node_of(less), member->key);
		bool on_path = slice_is(member->key, *path);

		if (!other) {
			if (!on_path || !may_vanish(member->value, path + 1))
				return false;
			missing++;
		} else if (on_path ? !equal_except(member->value, other->value, path + 1)
				   : !toml_value_equal(member->value, other->value)) {
			return false;
		}
	}
	return less->table.count + missing == more->table.count;
}

static bool arrays_equal_except(const struct toml_value *more, const struct toml_value *less,
				const char *const *path)
{
	size_t index = strtoul(*path + 1, NULL, 10);
	bool shorter = less->array.count + 1 == more->array.count;

	if (shorter ? !may_vanish(more->array.items[index], path + 1)
		    : less->array.count != more->array.count)
		return false;
	for (size_t i = 0; i < less->array.count; i++) {
		const struct toml_value *a = more->array.items[i + (shorter && i >= index)];
		const struct toml_value *b = less->array.items[i];

		if (!shorter && i == index ? !equal_except(a, b, path + 1)
					   : !toml_value_equal(a, b))
			return false;
	}
	return true;
}

/* Are the two the same, apart from what the path leads to, which only the first one has? */
static bool equal_except(const struct toml_value *more, const struct toml_value *less,
			 const char *const *path)
{
	if (!*path || more->type != less->type)
		return false;
	if (more->type == TOML_TABLE)
		return tables_equal_except(more, less, path);
	return more->type == TOML_ARRAY && arrays_equal_except(more, less, path);
}

static void check_removed(const struct visit *visit, const struct strbuf *text)
{
	struct toml_document *document = reparse(visit, text);

	require(visit, equal_except(toml_root(visit->document), toml_root(document), visit->path));
	toml_document_free(document);
}

static void check_added(const struct visit *visit, const struct strbuf *text)
{
	struct toml_document *document = reparse(visit, text);

	require(visit, equal_except(toml_root(document), toml_root(visit->document), visit->path));
	toml_document_free(document);
}

/*
 * Set what is not there, and remove it: the same bytes. `removed` is how many components of the path are
 * removed again. A header that had to be made for a table without one stays.
 */
static void try_new_key(struct visit *visit, const struct node *table, unsigned removed)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct error *err = NULL;
	bool keeps_header = table->origin == TABLE_IMPLICIT && removed == visit->depth &&
			    strcmp(visit->path[removed - 2], NEW_TABLE) != 0;

	strbuf_slice(&text, visit->text);
	visit->path[visit->depth] = NULL;
	if (!edit_done(visit, toml_edit_set(&text, visit->path, NEW_VALUE, &err), err))
		return;
	check_added(visit, &text);
	visit->path[removed] = NULL;
	err = NULL;
	require(visit, toml_edit_remove(&text, visit->path, &err) == 0);
	if (!keeps_header)
		require(visit, slice_equal(strbuf_view(&text), visit->text));
}

static void try_new_keys(struct visit *visit, const struct node *table)
{
	unsigned depth = visit->depth;

	visit->path[visit->depth++] = NEW_KEY;
	try_new_key(visit, table, visit->depth);
	visit->path[depth] = NEW_TABLE;
	visit->path[visit->depth++] = NEW_KEY;
	try_new_key(visit, table, depth + 1);
	visit->path[depth] = NULL;
	visit->depth = depth;
}

static void try_new_element(struct visit *visit)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT, same = STRBUF_INIT;
	struct error *err = NULL;

	strbuf_slice(&text, visit->text);
	if (!edit_done(visit, toml_edit_array_add(&text, visit->path, NEW_VALUE, &err), err))
		return;
	toml_document_free(reparse(visit, &text));
	require(visit, text.size > visit->text.size);
	strbuf_slice(&same, strbuf_view(&text));
	require(visit, toml_edit_array_add(&same, visit->path, NEW_VALUE, &err) == 0);
	require(visit, slice_equal(strbuf_view(&same), strbuf_view(&text)));
	require(visit, toml_edit_array_remove(&text, visit->path, NEW_VALUE, &err) == 0);
	require(visit, slice_equal(strbuf_view(&text), visit->text));
}

/* A document that is TOML 1.0 must stay so when its own elements are removed, all equal ones at once. */
static void try_removing_elements(struct visit *visit, const struct toml_value *array)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	const struct node *item = node_of(array->array.items[0]);
	_cleanup_free_ char *value =
		slice_dup(slice_make(visit->text.data + item->value.position.offset,
				     item->end - item->value.position.offset));
	struct error *err = NULL;

	strbuf_slice(&text, visit->text);
	require(visit, toml_edit_array_remove(&text, visit->path, value, &err) == 0);
	toml_document_free(reparse(visit, &text));
	require(visit, text.size < visit->text.size);
}

/* Setting a value to what it is leaves the bytes alone; removing it leaves all others. */
static void try_old_value(struct visit *visit, const struct node *node)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct error *err = NULL;

	strbuf_slice(&text, visit->text);
	if (node->end) {
		size_t offset = node->value.position.offset;
		_cleanup_free_ char *value =
			slice_dup(slice_make(visit->text.data + offset, node->end - offset));

		require(visit, toml_edit_set(&text, visit->path, value, &err) == 0);
		require(visit, slice_equal(strbuf_view(&text), visit->text));
	}
	require(visit, toml_edit_remove(&text, visit->path, &err) == 0);
	check_removed(visit, &text);
}

static void visit_value(struct visit *visit, const struct node *node);

static void visit_child(struct visit *visit, const struct node *node, const char *component)
{
	visit->path[visit->depth++] = component;
	visit->path[visit->depth] = NULL;
	visit_value(visit, node);
	visit->path[--visit->depth] = NULL;
}

static void visit_children(struct visit *visit, const struct toml_value *value)
{
	for (size_t i = 0; value->type == TOML_TABLE && i < value->table.count; i++) {
		const struct toml_member *member = &value->table.members[i];
		_cleanup_free_ char *key = slice_dup(member->key);

		if (strlen(key) == member->key.size) /* a path cannot hold a NUL */
			visit_child(visit, node_of(member->value), key);
	}
	for (size_t i = 0; value->type == TOML_ARRAY && i < value->array.count; i++) {
		char component[32];

		snprintf(component, sizeof(component), "[%zu]", i);
		visit_child(visit, node_of(value->array.items[i]), component);
	}
}

static void visit_value(struct visit *visit, const struct node *node)
{
	const struct toml_value *value = &node->value;
	_cleanup_strbuf_ struct strbuf shown = STRBUF_INIT;

	if (visit->budget == 0)
		return;
	visit->budget--;
	for (unsigned i = 0; i < visit->depth; i++)
		strbuf_printf(&shown, "%s%s", i ? " > " : "", visit->path[i]);
	visit->shown = shown.data;
	if (visit->depth)
		try_old_value(visit, node);
	if (value->type == TOML_TABLE)
		try_new_keys(visit, node);
	if (value->type == TOML_ARRAY && node->end)
		try_new_element(visit);
	if (value->type == TOML_ARRAY && node->end && value->array.count &&
	    node_of(value->array.items[0])->end)
		try_removing_elements(visit, value);
	visit_children(visit, value);
}

/* What is written reads back equal. */
static void check_written(struct visit *visit)
{
	_cleanup_(toml_document_freep) struct toml_document *again = NULL;
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct error *err = NULL;

	visit->shown = (char *)"";
	strbuf_puts(&text, "k = ");
	toml_write_value(&text, toml_root(visit->document));
	if (edit_done(visit, toml_parse_strict(strbuf_view(&text), NULL, &again, &err), err))
		require(visit, toml_value_equal(toml_root(visit->document),
						toml_get(toml_root(again), "k")));
}

/* All of it; at most `budget` places are edited. A text that is not TOML has no properties. */
static void check_properties(struct slice text, unsigned budget)
{
	_cleanup_(toml_document_freep) struct toml_document *document = NULL, *strict = NULL;
	_cleanup_error_ struct error *err = NULL, *strict_err = NULL;
	struct visit visit = { .text = text, .budget = budget };
	int strict_ret = toml_parse_strict(text, NULL, &strict, &strict_err);

	visit.is_strict = strict_ret == 0;
	if (toml_parse(text, NULL, &document, &err) < 0) {
		if (visit.is_strict)
			violated("only the strict reader accepts:\n%.*s", SLICE_ARGS(text));
		return;
	}
	visit.document = document;
	check_written(&visit);
	visit_value(&visit, node_of(toml_root(document)));
}
