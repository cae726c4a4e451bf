/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The lower half of the reader: characters, blanks, comments, strings, numbers and dates. What can fail
 * returns 0 or a negative errno with the error set, and leaves `at` behind what it read.
 */

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "toml.h"

struct scanner {
	struct slice text; /* valid UTF-8, and as long-lived as the arena */
	size_t at;
	const char *name; /* of the document; may be NULL */
	bool strict;	  /* TOML 1.0 and nothing else */
	struct arena *arena;
	struct toml_position last; /* where scanner_position was last asked for */
	struct error **err;
};

/* The byte at the current place, -1 at the end. */
static inline int scanner_peek(const struct scanner *scanner)
{
	return scanner->at < scanner->text.size ? (unsigned char)scanner->text.data[scanner->at]
						: -1;
}

static inline bool scanner_is_at(const struct scanner *scanner, const char *expected)
{
	return slice_starts_with(slice_from(scanner->text, scanner->at), expected);
}

/* Line and column of an offset. Cheap as long as the offsets asked for do not go backwards. */
struct toml_position scanner_position(struct scanner *scanner, size_t offset);

/* Set the error "NAME:LINE:COLUMN: message", or "line LINE, column COLUMN: message" where there is no name. */
int scanner_fail_with(struct scanner *scanner, int code, struct toml_position position,
		      const char *message);

/* The same with -EINVAL. */
int scanner_fail(struct scanner *scanner, size_t offset, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The character at the current place in words: "'x'", "the end of the line"; valid until the next call. */
const char *scanner_found(const struct scanner *scanner);

/* Spaces and tabs. */
void scanner_skip_blanks(struct scanner *scanner);

/* LF or CRLF; false, and nothing read, when something else is there. */
bool scanner_skip_newline(struct scanner *scanner);

/* Blanks and a comment, if there are; the line end stays. */
int scanner_skip_comment(struct scanner *scanner);

/* Any number of blanks, comments and line ends. */
int scanner_skip_lines(struct scanner *scanner);

/* Blanks, a comment, and then the end of the line or of the text. `what` stands in front, for the message. */
int scanner_end_line(struct scanner *scanner, const char *what);

/* A string of any of the four kinds; the current character is a quote. Multi-line ones only where allowed. */
int scanner_string(struct scanner *scanner, bool may_span_lines, struct slice *string);

/*
 * What starts with no quote or bracket: a boolean, number, date or time. Sets the type and the payload
 * of `value`.
 */
int scanner_word(struct scanner *scanner, struct toml_value *value);

/* Does the word look like a date or a time, right or wrong? */
bool scanner_is_datetime(struct slice word);

/* A word that does, and starts at the offset `start`. */
int scanner_datetime(struct scanner *scanner, size_t start, struct slice word,
		     struct toml_value *value);
