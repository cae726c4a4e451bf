/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A view of bytes that somebody else owns: foreign text is parsed from here and never from a bare
 * char pointer, so that the length comes before the pointer. A slice is not NUL-terminated.
 */

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
	const char *data;
	size_t size;
};

/* For printf: printf("%.*s", SLICE_ARGS(slice)). The bytes may contain control characters. */
#define SLICE_ARGS(slice) (int)(slice).size, (slice).data

static inline struct slice slice_make(const char *data, size_t size)
{
	return (struct slice){ data, size };
}

static inline struct slice slice_of(const char *string)
{
	return (struct slice){ string, strlen(string) };
}

static inline bool slice_equal(struct slice a, struct slice b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline bool slice_is(struct slice slice, const char *string)
{
	return slice_equal(slice, slice_of(string));
}

static inline struct slice slice_from(struct slice slice, size_t offset)
{
	return offset >= slice.size ? slice_make(slice.data + slice.size, 0)
				    : slice_make(slice.data + offset, slice.size - offset);
}

static inline struct slice slice_first(struct slice slice, size_t size)
{
	return slice_make(slice.data, size < slice.size ? size : slice.size);
}

bool slice_starts_with(struct slice slice, const char *prefix);
bool slice_ends_with(struct slice slice, const char *suffix);

/* Is it one of these words, which NULL ends? */
bool slice_is_one_of(struct slice slice, const char *const *words);

/* Offset of the first `c`, or the slice's size. */
size_t slice_find(struct slice slice, char c);

/* Offset of the first occurrence of `needle`, or the slice's size. */
size_t slice_find_string(struct slice slice, const char *needle);

/* Does `word` occur with no ASCII word character (letter, digit, underscore) on either side? */
bool slice_contains_word(struct slice slice, const char *word);

/* Without the ASCII white space at both ends. */
struct slice slice_trim(struct slice slice);

/* Cut the first line off *rest; the line comes without its LF or CRLF. False at the end. */
bool slice_next_line(struct slice *rest, struct slice *line);

/* Cut the first word off *rest, words being separated by ASCII white space. False when none is left. */
bool slice_next_word(struct slice *rest, struct slice *word);

/* Cut at `separator`: "a,,b" gives "a", "" and "b"; "" gives one empty field. *rest starts non-NULL and
 * has data == NULL behind the last field. */
bool slice_next_field(struct slice *rest, char separator, struct slice *field);

/* A NUL-terminated copy, to be freed. */
char *slice_dup(struct slice slice);
