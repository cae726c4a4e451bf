// SPDX-License-Identifier: Apache-2.0
/*
 * Go expands a pattern by reading directories and then compares texts. The path is known here, so the same
 * answer comes from matching component by component and looking whether the path exists: no directory is
 * read, however many files it has.
 *
 * Rules: `*` and `?` do not cross `/` and do match leading dots; classes are negated by `^` only; `\` takes a
 * character literally; a malformed pattern finds nothing. Without any of these characters a pattern finds
 * itself, byte for byte. With one in the last component, the rest of the result is cleaned
 * (//usr//bin/q* finds /usr/bin/qemu).
 */
#include "path_patterns.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/path.h"
#include "base/utf8.h"

enum verdict {
	MALFORMED,
	NO_MATCH,
	MATCH,
};

/* --- one component ---------------------------------------------------------------------------------- */

/* A character; a byte that begins none counts as U+FFFD of one byte, as in Go. */
static uint32_t take_character(struct slice *text)
{
	uint32_t character = 0xfffd;
	size_t size = utf8_decode(*text, &character);

	if (size == 0)
		character = 0xfffd;
	*text = slice_from(*text, size ? size : 1);
	return character;
}

/* One end of a range inside brackets. Something must follow it, at least the closing bracket. */
static bool take_range_end(struct slice *pattern, uint32_t *character)
{
	if (pattern->size == 0 || pattern->data[0] == '-' || pattern->data[0] == ']')
		return false;
	if (pattern->data[0] == '\\') {
		*pattern = slice_from(*pattern, 1);
		if (pattern->size == 0)
			return false;
	}
	if (utf8_decode(*pattern, character) == 0)
		return false;
	*character = take_character(pattern);
	return pattern->size > 0;
}

/* `pattern` stands behind the opening bracket, and afterwards behind the closing one. */
static enum verdict match_class(struct slice *pattern, uint32_t character)
{
	bool negated = slice_starts_with(*pattern, "^");
	bool found = false;

	*pattern = slice_from(*pattern, negated);
	for (bool first = true; first || !slice_starts_with(*pattern, "]"); first = false) {
		uint32_t low = 0, high;

		if (!take_range_end(pattern, &low))
			return MALFORMED;
		high = low;
		if (slice_starts_with(*pattern, "-")) {
			*pattern = slice_from(*pattern, 1);
			if (!take_range_end(pattern, &high))
				return MALFORMED;
		}
		found |= low <= character && character <= high;
	}
	*pattern = slice_from(*pattern, 1);
	return found != negated ? MATCH : NO_MATCH;
}

/* Match and take the first element of the pattern, which is not `*`. At the end of the text: only take. */
static enum verdict match_element(struct slice *pattern, struct slice *text)
{
	bool at_end = text->size == 0;
	char c = pattern->data[0];
	uint32_t character;
	enum verdict verdict = MATCH;

	*pattern = slice_from(*pattern, 1);
	if (c == '?' || c == '[') {
		character = at_end ? 0 : take_character(text);
		if (c == '[')
			verdict = match_class(pattern, character);
		return verdict == MATCH && at_end ? NO_MATCH : verdict;
	}
	if (c == '\\') {
		if (pattern->size == 0)
			return MALFORMED;
		c = pattern->data[0];
		*pattern = slice_from(*pattern, 1);
	}
	if (at_end || text->data[0] != c)
		return NO_MATCH;
	*text = slice_from(*text, 1);
	return MATCH;
}

/*
 * A whole component against a whole name. Only the last star seen is tried with longer texts: an earlier one
 * could gain nothing, so the time is bounded by the product of the lengths.
 */
static bool match_component(struct slice pattern, struct slice name)
{
	struct slice star = { 0 }, star_name = { 0 };

	for (;;) {
		if (slice_starts_with(pattern, "*")) {
			pattern = slice_from(pattern, 1);
			star = pattern;
			star_name = name;
		} else if (pattern.size == 0 && name.size == 0) {
			return true;
		} else if (pattern.size == 0 || match_element(&pattern, &name) != MATCH) {
			if (!star.data || star_name.size == 0)
				return false;
			star_name = slice_from(star_name, 1);
			pattern = star;
			name = star_name;
		}
	}
}

bool path_pattern_is_valid(const char *pattern)
{
	struct slice rest = slice_of(pattern), nothing = slice_of("");

	if (rest.size > PATH_PATTERN_MAX)
		return false;
	while (rest.size > 0) {
		if (rest.data[0] == '*')
			rest = slice_from(rest, 1);
		else if (match_element(&rest, &nothing) == MALFORMED)
			return false;
	}
	return true;
}

/* --- whole paths ------------------------------------------------------------------------------------ */

static bool has_wildcards(struct slice pattern)
{
	for (size_t i = 0; i < pattern.size; i++)
		if (strchr("*?[\\", pattern.data[i]))
			return true;
	return false;
}

static bool exists(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0;
}

/* Cut off the last component: "a/b" leaves "a", "/b" leaves "/", "b" leaves ".". */
static struct slice split(struct slice path, struct slice *last)
{
	const char *slash = memrchr(path.data, '/', path.size);
	size_t size = slash ? (size_t)(slash - path.data) : 0;

	*last = slice_from(path, slash ? size + 1 : 0);
	if (!slash)
		return slice_of(".");
	return size ? slice_first(path, size) : slice_of("/");
}

static bool is_a_name(struct slice name)
{
	return name.size > 0 && !slice_is(name, ".") && !slice_is(name, "..");
}

/* The directory has no wildcards, so it stands for itself, cleaned. */
static bool finds_below(struct slice directory, struct slice name, const char *path)
{
	_cleanup_free_ char *found =
		xasprintf("%.*s/%.*s", SLICE_ARGS(directory), SLICE_ARGS(name));
	_cleanup_free_ char *cleaned = path_clean(found);

	return strcmp(cleaned, path) == 0 && exists(found);
}

/* The directory's own wildcards have to find what stands before the path's last component. */
static bool finds(struct slice pattern, struct slice path)
{
	struct slice directory, component, parent, name;

	for (;;) {
		_cleanup_free_ char *text = slice_dup(path);

		directory = split(pattern, &component);
		parent = split(path, &name);
		if (!is_a_name(name) || !match_component(component, name))
			return false;
		if (!has_wildcards(directory))
			return finds_below(directory, name, text);
		if (!exists(text))
			return false;
		pattern = directory;
		path = parent;
	}
}

bool path_patterns_allow(const struct string_list *patterns, const char *path)
{
	if (strlen(path) > PATH_PATTERN_MAX)
		return false;
	for (size_t i = 0; i < patterns->count; i++) {
		const char *pattern = patterns->items[i];

		if (!path_pattern_is_valid(pattern))
			continue;
		if (!has_wildcards(slice_of(pattern)) ? strcmp(pattern, path) == 0 && exists(path)
						      : finds(slice_of(pattern), slice_of(path)))
			return true;
	}
	return false;
}
