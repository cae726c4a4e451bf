// SPDX-License-Identifier: Apache-2.0
#include "annotation_values.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/quote.h"
#include "internal.h"

#define QUOTED_MAX 64 /* bytes of a value that a message repeats */
#define MIB	   (1024.0L * 1024)

/* --- saying no -------------------------------------------------------------------------------------- */

static char *quoted(const char *value)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct slice text = slice_of(value);

	quote_go(&out, slice_first(text, QUOTED_MAX));
	if (text.size > QUOTED_MAX)
		strbuf_puts(&out, "...");
	return strbuf_steal(&out);
}

char *annotation_text(const struct annotation_use *use, const char *text)
{
	static const char *const none[] = { NULL };
	_cleanup_free_ char *words = config_words_text(use->row->words ? use->row->words : none);

	return config_fill(text, (const char *const[]){ "{}", use->value, "{name}", use->row->name,
							"{words}", words, NULL });
}

int annotation_refuse(const struct annotation_use *use, int code, struct error **err)
{
	bool rs = use->config->dialect == CONFIG_RS && use->row->rs_refusal;
	_cleanup_free_ char *text =
		annotation_text(use, rs ? use->row->rs_refusal : use->row->go_refusal);

	return error_set(err, code, "%s", text);
}

/* "Error parsing annotation for NAME: WHAT", or the few words that runtime-rs has for it. */
static int parse_error(const struct annotation_use *use, int code, const char *go_words,
		       const char *rs_words, struct error **err)
{
	_cleanup_free_ char *value = quoted(use->value);

	if (use->config->dialect == CONFIG_RS)
		return error_set(err, code, "%s: annotation %s is %s", rs_words, use->row->name,
				 value);
	return error_set(err, code, "Error parsing annotation for %s: %s, not %s", use->row->name,
			 go_words, value);
}

/* --- truths and whole numbers ----------------------------------------------------------------------- */

static struct slice value_of(const struct annotation_use *use)
{
	struct slice value = slice_of(use->value);

	return use->config->dialect == CONFIG_RS ? slice_trim(value) : value;
}

int annotation_bool(const struct annotation_use *use, bool *value, struct error **err)
{
	if (number_parse_bool_go(value_of(use), value) < 0)
		return parse_error(use, -EINVAL, "Please specify boolean value 'true|false'",
				   "parse bool error", err);
	return 0;
}

static uint64_t largest_of_type(enum config_key key)
{
	switch (config_key_info(key)->type) {
	case CONFIG_TYPE_U32:
		return UINT32_MAX;
	case CONFIG_TYPE_I32:
		return INT32_MAX;
	default:
		return UINT64_MAX;
	}
}

/* The value must also fit under the key's other name, in that one's unit. */
static uint64_t largest(const struct annotation_use *use)
{
	const struct config_key_info *info = config_key_info(use->row->key);
	uint64_t own = largest_of_type(use->row->key), twin = UINT64_MAX;

	if (info->twin != CONFIG_KEY_NONE)
		twin = largest_of_type(info->twin) / info->twin_factor;
	return own < twin ? own : twin;
}

int annotation_number(const struct annotation_use *use, uint64_t *value, struct error **err)
{
	struct slice text = value_of(use);
	uint64_t limit = largest(use);
	const char *type = use->row->rs_number	 ? use->row->rs_number
			   : limit == UINT64_MAX ? "u64"
						 : "u32";
	_cleanup_free_ char *rs_words = xasprintf("parse %s error", type);
	int ret;

	if (use->config->dialect == CONFIG_RS && slice_starts_with(text, "+"))
		text = slice_from(text, 1);
	ret = number_parse_u64(text, value);
	if (ret == 0 && *value > limit)
		return parse_error(use, -ERANGE,
				   "The number exceeds the maximum allowed for its type", rs_words,
				   err);
	return ret < 0 ? parse_error(use, ret, "Please specify positive numeric value", rs_words,
				     err)
		       : 0;
}

/* --- fractions -------------------------------------------------------------------------------------- */

static size_t digits_at(const char *text, bool hex)
{
	size_t count = 0;

	while (hex ? isxdigit((unsigned char)text[count]) : isdigit((unsigned char)text[count]))
		count++;
	return count;
}

/* Go's syntax of a finite number: strtof() takes more, such as blanks and nan(...). */
static bool is_float(const char *text)
{
	bool hex;
	size_t digits;

	text += *text == '+' || *text == '-';
	hex = text[0] == '0' && (text[1] | 0x20) == 'x';
	text += hex ? 2 : 0;
	digits = digits_at(text, hex);
	text += digits;
	if (*text == '.') {
		text++;
		digits += digits_at(text, hex);
		text += digits_at(text, hex);
	}
	if (digits == 0)
		return false;
	if ((*text | 0x20) != (hex ? 'p' : 'e'))
		return *text == '\0' && !hex; /* hexadecimal ones must have their exponent */
	text++;
	text += *text == '+' || *text == '-';
	digits = digits_at(text, false);
	return digits > 0 && text[digits] == '\0';
}

static bool is_positive_infinity(const char *text)
{
	text += *text == '+';
	return strcasecmp(text, "inf") == 0 || strcasecmp(text, "infinity") == 0;
}

int annotation_float(const struct annotation_use *use, float *value, struct error **err)
{
	_cleanup_free_ char *text = slice_dup(value_of(use));
	bool rs = use->config->dialect == CONFIG_RS;

	if (is_positive_infinity(text))
		return parse_error(use, -ERANGE,
				   "The number exceeds the maximum allowed for its type",
				   "parse i32 error", err);
	*value = is_float(text) ? strtof(text, NULL) : NAN;
	if (!isfinite(*value) || (*value < 0 && !rs))
		return parse_error(use, -EINVAL, "Please specify positive numeric value",
				   "parse i32 error", err);
	return 0;
}

/* --- memory ----------------------------------------------------------------------------------------- */

/* What stands behind the number, any case: K, KB (of 1000), Ki, KiB (of 1024), and so on; B; nothing. */
static bool unit_bytes(struct slice unit, long double *bytes)
{
	static const char prefixes[] = "kmgtpe";
	const char *prefix = unit.size ? strchr(prefixes, unit.data[0] | 0x20) : NULL;
	long double base = 1000;

	*bytes = 1;
	if (prefix) {
		unit = slice_from(unit, 1);
		if (unit.size && (unit.data[0] | 0x20) == 'i') {
			unit = slice_from(unit, 1);
			base = 1024;
		}
		for (const char *p = prefixes; p <= prefix; p++)
			*bytes *= base;
	}
	if (unit.size && (unit.data[0] | 0x20) == 'b')
		unit = slice_from(unit, 1);
	return unit.size == 0;
}

int annotation_memory(struct slice text, uint64_t *mib)
{
	_cleanup_free_ char *number = NULL;
	struct slice trimmed = slice_trim(text);
	size_t size = 0;
	long double bytes, unit;

	if (number_parse_u64(trimmed, mib) != -EINVAL)
		return number_parse_u64(trimmed, mib);
	while (size < trimmed.size &&
	       (isdigit((unsigned char)trimmed.data[size]) || trimmed.data[size] == '.'))
		size++;
	number = slice_dup(slice_first(trimmed, size));
	if (!is_float(number) || !unit_bytes(slice_trim(slice_from(trimmed, size)), &unit))
		return -EINVAL;
	bytes = strtold(number, NULL) * unit;
	if (bytes / MIB >= 0x1p64L)
		return -ERANGE;
	*mib = (uint64_t)(bytes / MIB);
	return 0;
}
