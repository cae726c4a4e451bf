/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The tree behind the public view, for the parser and the editor. Every toml_value that leaves this room
 * is the first member of a node, which knows its parent, where its text ends and how it came to be.
 */

#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "toml.h"

/* How a table came to be; the rules for extending it depend on that. */
enum table_origin {
	TABLE_IMPLICIT, /* on the way of a header: the `a` of [a.b] */
	TABLE_DOTTED,	/* on the way of a dotted key: the `a` of a.b = 1 */
	TABLE_HEADER,	/* by [a] or [[a]]; also the root */
	TABLE_INLINE,	/* by { } */
};

struct node {
	struct toml_value value;   /* first, see node_of */
	struct node *parent;	   /* NULL for the root */
	struct table_index *index; /* of a table with more than a few members, else NULL */
	uint32_t end;		   /* offset behind the text of a value that has one */
	uint8_t depth;		   /* 0 for the root */
	uint8_t origin;		   /* enum table_origin, of tables */
};

/* One `key = value`, or one header. */
enum statement_kind {
	STATEMENT_KEY,
	STATEMENT_HEADER,
	STATEMENT_ARRAY_HEADER,
};

struct statement {
	enum statement_kind kind;
	uint32_t start;	      /* of the key, or of the header's first bracket */
	uint32_t end;	      /* behind the value, or behind the header's last bracket */
	struct node *context; /* of a key: the table, by header or inline, that it is written in */
	struct node *node;    /* the value, or the table of the header */
};

struct toml_document {
	struct arena arena;
	struct node *root;
	size_t value_count;
	/* In the order of the text, those inside inline tables behind the one that contains them;
	 * recorded for the editor only. */
	struct statement *statements;
	size_t statement_count;
	size_t statement_capacity;
};

static inline struct node *node_of(const struct toml_value *value)
{
	return (struct node *)(uintptr_t)value;
}

struct node *node_new(struct toml_document *document, struct node *parent, enum toml_type type,
		      struct toml_position position);

/* Append to an array. */
void node_add_item(struct toml_document *document, struct node *array, struct node *item);

/* Append to a table that has no such key. */
void node_add_member(struct toml_document *document, struct node *table, struct slice key,
		     struct toml_position position, struct node *value);

/* NULL when there is none. */
struct toml_member *node_find_member(const struct node *table, struct slice key);
