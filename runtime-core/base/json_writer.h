/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * JSON text, laid out as Go's MarshalIndent with two blanks does it, and with numbers of all 64 bits:
 *
 *	struct json_writer json = { .out = &text };
 *
 *	json_begin(&json, '{');
 *	json_name(&json, "path");
 *	json_string(&json, path);
 *	json_end(&json, '}');
 *
 * The writer adds commas, line breaks and indentation; the caller closes what it opens.
 */

#include <stdbool.h>
#include <stdint.h>

#include "strbuf.h"

#define JSON_WRITER_MAX_DEPTH 32

struct json_writer {
	struct strbuf *out;
	unsigned depth;
	bool named;				/* a name waits for its value */
	bool filled[JSON_WRITER_MAX_DEPTH + 1]; /* something stands on this level already */
};

/* Open and close an object or an array, by its brackets. */
void json_begin(struct json_writer *json, char bracket);
void json_end(struct json_writer *json, char bracket);

/* The name of the object's next member. */
void json_name(struct json_writer *json, const char *name);

/* Values: of the name before, or the array's next item. Strings as quote_json() writes them. */
void json_string(struct json_writer *json, const char *text);
void json_u64(struct json_writer *json, uint64_t number);
void json_bool(struct json_writer *json, bool value);
void json_null(struct json_writer *json);
/* Text that is JSON already. */
void json_raw(struct json_writer *json, const char *text);
