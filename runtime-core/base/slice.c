// SPDX-License-Identifier: Apache-2.0
#include "slice.h"

#include "memory.h"

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

bool slice_starts_with(struct slice slice, const char *prefix)
{
	return slice_equal(slice_first(slice, strlen(prefix)), slice_of(prefix));
}

bool slice_is_one_of(struct slice slice, const char *const *words)
{
	for (; *words; words++)
		if (slice_is(slice, *words))
			return true;
	return false;
}

bool slice_ends_with(struct slice slice, const char *suffix)
{
	size_t size = strlen(suffix);

	return slice.size >= size && slice_is(slice_from(slice, slice.size - size), suffix);
}

size_t slice_find(struct slice slice, char c)
{
	const char *found = slice.size ? memchr(slice.data, c, slice.size) : NULL;

	return found ? (size_t)(found - slice.data) : slice.size;
}

size_t slice_find_string(struct slice slice, const char *needle)
{
	const char *found =
		slice.size ? memmem(slice.data, slice.size, needle, strlen(needle)) : NULL;

	return found ? (size_t)(found - slice.data) : slice.size;
}

bool slice_contains_word(struct slice slice, const char *word)
{
	size_t size = strlen(word);
	size_t at = 0;

	if (size == 0)
		return false;
	while (at < slice.size) {
		size_t end;

		at += slice_find_string(slice_from(slice, at), word);
		end = at + size;
		if (end > slice.size)
			return false;
		if ((at == 0 || !is_word(slice.data[at - 1])) &&
		    (end == slice.size || !is_word(slice.data[end])))
			return true;
		at++;
	}
	return false;
}

struct slice slice_trim(struct slice slice)
{
	while (slice.size && is_space(slice.data[0]))
		slice = slice_from(slice, 1);
	while (slice.size && is_space(slice.data[slice.size - 1]))
		slice.size--;
	return slice;
}

bool slice_next_line(struct slice *rest, struct slice *line)
{
	size_t end;

	if (rest->size == 0)
		return false;
	end = slice_find(*rest, '\n');
	*line = slice_first(*rest, end);
	*rest = slice_from(*rest, end + 1);
	if (line->size && line->data[line->size - 1] == '\r')
		line->size--;
	return true;
}

bool slice_next_word(struct slice *rest, struct slice *word)
{
	size_t end = 0;

	while (rest->size && is_space(rest->data[0]))
		*rest = slice_from(*rest, 1);
	if (rest->size == 0)
		return false;
	while (end < rest->size && !is_space(rest->data[end]))
		end++;
	*word = slice_first(*rest, end);
	*rest = slice_from(*rest, end);
	return true;
}

bool slice_next_field(struct slice *rest, char separator, struct slice *field)
{
	size_t end;

	if (!rest->data)
		return false;
	end = slice_find(*rest, separator);
	*field = slice_first(*rest, end);
	*rest = end < rest->size ? slice_from(*rest, end + 1) : slice_make(NULL, 0);
	return true;
}

char *slice_dup(struct slice slice)
{
	return xmemdup0(slice.data, slice.size);
}
