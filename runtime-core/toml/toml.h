/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * TOML 1.0, and of 1.1 what occurs in practice (spec/config.md 7): a reader whose every value knows
 * its line and column, and an editor that changes one value and leaves every other byte as it was.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "base/strbuf.h"

/* Bounds on foreign documents; beyond them parsing fails with a message that names the bound. */
#define TOML_MAX_BYTES	(16U << 20)
#define TOML_MAX_DEPTH	64	/* tables and arrays inside each other; also the parts of one key */
#define TOML_MAX_VALUES 1000000 /* keys and array elements together */

enum toml_type {
	TOML_STRING,
	TOML_INTEGER,
	TOML_FLOAT,
	TOML_BOOLEAN,
	TOML_OFFSET_DATETIME,
	TOML_LOCAL_DATETIME,
	TOML_LOCAL_DATE,
	TOML_LOCAL_TIME,
	TOML_ARRAY,
	TOML_TABLE,
};

/* Lines and columns count from 1, columns in characters; the offset counts bytes from 0. */
struct toml_position {
	unsigned line;
	unsigned column;
	size_t offset;
};

struct toml_value;

struct toml_member {
	struct slice key;	       /* decoded */
	struct toml_position position; /* of the key; of a table's, where its header names it */
	const struct toml_value *value;
};

/* Members and items stand in the order in which the document first names them. */
struct toml_value {
	enum toml_type type;
	/* Where the value starts; of a table its header, brace, or the key that implies it. */
	struct toml_position position;
	union {
		struct slice string; /* decoded; also the RFC 3339 text of dates and times */
		int64_t integer;
		double number;
		bool boolean;
		struct {
			const struct toml_value *const *items;
			size_t count;
			bool of_tables; /* written with [[headers]] */
		} array;
		struct {
			const struct toml_member *members;
			size_t count;
		} table;
	};
};

/* A parsed document; owns every value and string in it. */
struct toml_document;

/*
 * Parse a whole document. `name` (a path, usually) starts the error messages: "NAME:LINE:COLUMN: what is
 * wrong"; without one (NULL) they start "line LINE, column COLUMN: ". The text is not needed afterwards. Errors: -EINVAL for what is not TOML, -EFBIG beyond a bound.
 *
 * What the existing runtimes accept beyond TOML 1.0 is accepted (spec/config.md 7): the escapes \e and \xHH,
 * line ends and a last comma in inline tables, times without seconds; and a table may be extended by a later
 * header or dotted key however it came to be, as long as no key and no header comes twice.
 */
int toml_parse(struct slice text, const char *name, struct toml_document **document,
	       struct error **err);

/* The same, but TOML 1.0 to the letter. */
int toml_parse_strict(struct slice text, const char *name, struct toml_document **document,
		      struct error **err);

void toml_document_free(struct toml_document *document);
DEFINE_CLEANUP(struct toml_document *, toml_document_free)

/* The document's outermost table. */
const struct toml_value *toml_root(const struct toml_document *document);

/* A member of a table; NULL when there is none, or when `table` is NULL or no table. */
const struct toml_member *toml_member(const struct toml_value *table, const char *key);

/* Only the value of the same. */
const struct toml_value *toml_get(const struct toml_value *table, const char *key);

/* Deep equality of type and content: the order of a table's members does not matter, NaN equals NaN. */
bool toml_value_equal(const struct toml_value *a, const struct toml_value *b);

/* "string", "integer", "float", "boolean", "array", "table", "datetime", ... for messages. */
const char *toml_type_name(enum toml_type type);

/* --- writing ------------------------------------------------------------------------------------ */

/* Append a value as TOML text on one line (tables as inline tables), or a key, quoted if it must be. */
void toml_write_value(struct strbuf *out, const struct toml_value *value);
void toml_write_key(struct strbuf *out, struct slice key);
/* A float as TOML wants it: always with a point or an exponent; shortest form that reads back equal. */
void toml_write_float(struct strbuf *out, double number);

/* --- editing ------------------------------------------------------------------------------------ */

/*
 * Edit a document's text in place. Each function parses the text, applies one change and leaves all other
 * bytes (comments, order, blanks, line ends, a missing line end at the end) as they were; on failure the text is
 * unchanged. Adding and then removing gives back the same bytes. For kata-deploy (spec/kata-deploy.md 7.3).
 *
 * A path is a NULL-terminated list of keys, neither quoted nor escaped; "[N]" takes an element, counted from 0, of
 * an array. `value` is TOML text of one value.
 *
 * Errors: -EINVAL for a text that is not TOML ("line 3, column 1: ..."), a value that is none, and a path
 * through something that is no table; -ENOENT for an element that is not there.
 */

/*
 * Set a key to a value. An existing value is replaced where it stands; one with lines of its own (a table with a
 * header, or made by dotted keys) is refused. A new key goes below the last one of its table, indented like
 * that; a new table goes behind the last section of the tables around it, after a blank line.
 */
int toml_edit_set(struct strbuf *text, const char *const *path, const char *value,
		  struct error **err);

/*
 * Remove a key with its lines and the comment behind its value, or a table or array of tables with all headers,
 * keys and comments in it, or an element of an array. Comments above stay. A missing key is fine.
 */
int toml_edit_remove(struct strbuf *text, const char *const *path, struct error **err);

/*
 * Add an element at the end of an array (made if missing) unless an equal one is there already. In an array of
 * one line an element, it gets a line. An array of tables ([[headers]]) is refused.
 */
int toml_edit_array_add(struct strbuf *text, const char *const *path, const char *value,
			struct error **err);

/* Remove every element equal to the value. A missing one, or a missing array, is fine. */
int toml_edit_array_remove(struct strbuf *text, const char *const *path, const char *value,
			   struct error **err);
