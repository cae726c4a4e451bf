// SPDX-License-Identifier: Apache-2.0
#include "semver.h"

#include <errno.h>

#include "quote.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_identifier_character(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

static bool is_numeric(struct slice text)
{
	for (size_t i = 0; i < text.size; i++)
		if (!is_digit(text.data[i]))
			return false;
	return true;
}

static bool has_leading_zero(struct slice number)
{
	return number.size > 1 && number.data[0] == '0';
}

static int bad(struct error **err, const char *what, struct slice text, const char *why)
{
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;

	quote_go(&quoted, text);
	return error_set(err, -EINVAL, "%s %s %s", what, quoted.data, why);
}

static int check_number(const char *name, struct slice number, struct error **err)
{
	if (number.size == 0)
		return error_set(err, -EINVAL, "%s is empty", name);
	if (!is_numeric(number))
		return bad(err, name, number, "has other characters than digits");
	if (has_leading_zero(number))
		return bad(err, name, number, "has a leading zero");
	return 0;
}

/* Identifiers with dots between; in a pre-release the numeric ones have no leading zeros. */
static int check_identifiers(const char *name, struct slice list, bool zeros_allowed,
			     struct error **err)
{
	struct slice identifier;

	while (slice_next_field(&list, '.', &identifier)) {
		if (identifier.size == 0)
			return error_set(err, -EINVAL, "%s has an empty identifier", name);
		for (size_t i = 0; i < identifier.size; i++)
			if (!is_identifier_character(identifier.data[i]))
				return bad(err, name, identifier,
					   "has other characters than letters, digits and hyphens");
		if (!zeros_allowed && is_numeric(identifier) && has_leading_zero(identifier))
			return bad(err, name, identifier, "has a leading zero");
	}
	return 0;
}

/* Cut `text` before the first `mark`; what stands behind the mark, if there is one, goes to *tail. */
static bool cut_tail(struct slice *text, char mark, struct slice *tail)
{
	size_t at = slice_find(*text, mark);

	if (at == text->size)
		return false;
	*tail = slice_from(*text, at + 1);
	*text = slice_first(*text, at);
	return true;
}

int semver_parse(struct slice text, struct semver *version, struct error **err)
{
	const struct slice none = slice_make("", 0);
	struct semver parsed = { none, none, none, none, none };
	bool has_build, has_prerelease;
	struct slice core = text;
	int ret = 0;

	if (text.size == 0)
		return error_set(err, -EINVAL, "version is empty");
	if (text.size > SEMVER_MAX_BYTES)
		return error_set(err, -EINVAL, "version is longer than %d bytes", SEMVER_MAX_BYTES);
	has_build = cut_tail(&core, '+', &parsed.build);
	has_prerelease = cut_tail(&core, '-', &parsed.prerelease);
	if (!cut_tail(&core, '.', &parsed.minor) || !cut_tail(&parsed.minor, '.', &parsed.patch))
		return error_set(err, -EINVAL,
				 "no major, minor and patch number with dots between");
	parsed.major = core;

	ret = check_number("major number", parsed.major, err);
	if (ret == 0)
		ret = check_number("minor number", parsed.minor, err);
	if (ret == 0)
		ret = check_number("patch number", parsed.patch, err);
	if (ret == 0 && has_prerelease)
		ret = check_identifiers("pre-release", parsed.prerelease, false, err);
	if (ret == 0 && has_build)
		ret = check_identifiers("build metadata", parsed.build, true, err);
	if (ret == 0)
		*version = parsed;
	return ret;
}

static int compare_bytes(struct slice a, struct slice b)
{
	size_t shorter = a.size < b.size ? a.size : b.size;
	int order = shorter ? memcmp(a.data, b.data, shorter) : 0;

	return order ? order : (a.size > b.size) - (a.size < b.size);
}

int semver_compare_number(struct slice a, struct slice b)
{
	/* Without leading zeros, the longer number is the greater one. */
	if (a.size != b.size)
		return a.size > b.size ? 1 : -1;
	return compare_bytes(a, b);
}

static int compare_identifier(struct slice a, struct slice b)
{
	bool a_numeric = is_numeric(a), b_numeric = is_numeric(b);

	if (a_numeric && b_numeric)
		return semver_compare_number(a, b);
	if (a_numeric != b_numeric)
		return a_numeric ? -1 : 1;
	return compare_bytes(a, b);
}

static int compare_prerelease(struct slice a, struct slice b)
{
	/* A version without a pre-release is the release itself, which comes after all of them. */
	if (a.size == 0 || b.size == 0)
		return (a.size == 0) - (b.size == 0);
	for (;;) {
		struct slice left, right;
		bool a_more = slice_next_field(&a, '.', &left);
		bool b_more = slice_next_field(&b, '.', &right);
		int order;

		if (!a_more || !b_more)
			return a_more - b_more;
		order = compare_identifier(left, right);
		if (order)
			return order;
	}
}

int semver_compare(const struct semver *a, const struct semver *b)
{
	int order = semver_compare_number(a->major, b->major);

	if (order == 0)
		order = semver_compare_number(a->minor, b->minor);
	if (order == 0)
		order = semver_compare_number(a->patch, b->patch);
	if (order == 0)
		order = compare_prerelease(a->prerelease, b->prerelease);
	return order;
}
