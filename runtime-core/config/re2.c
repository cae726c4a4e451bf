// SPDX-License-Identifier: Apache-2.0
#include "re2.h"

#include <errno.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/library.h"
#include "base/memory.h"
#include "re2_syntax.h"

/*
 * What a search may cost. The text comes from a pod, and PCRE2, other than RE2, may backtrack; the figures
 * leave room for anything sensible and end a runaway search within milliseconds.
 */
#define LIMITS "(*LIMIT_MATCH=100000)(*LIMIT_DEPTH=10000)(*LIMIT_HEAP=4096)(*LF)"

LIBRARY_NOTE("annotations", "regular expressions in enable_annotations", "recommended",
	     "libpcre2-8.so.0");

struct pcre2_functions {
	__typeof__(pcre2_compile_8) *pcre2_compile_8;
	__typeof__(pcre2_code_free_8) *pcre2_code_free_8;
	__typeof__(pcre2_match_8) *pcre2_match_8;
	__typeof__(pcre2_match_data_create_8) *pcre2_match_data_create_8;
	__typeof__(pcre2_match_data_free_8) *pcre2_match_data_free_8;
	__typeof__(pcre2_get_error_message_8) *pcre2_get_error_message_8;
};

static const struct library_symbol symbols[] = {
	LIBRARY_SYMBOL(struct pcre2_functions, pcre2_compile_8),
	LIBRARY_SYMBOL(struct pcre2_functions, pcre2_code_free_8),
	LIBRARY_SYMBOL(struct pcre2_functions, pcre2_match_8),
	LIBRARY_SYMBOL(struct pcre2_functions, pcre2_match_data_create_8),
	LIBRARY_SYMBOL(struct pcre2_functions, pcre2_match_data_free_8),
	LIBRARY_SYMBOL(struct pcre2_functions, pcre2_get_error_message_8),
	{ 0 },
};

static struct pcre2_functions pcre2;
static struct library library = {
	.soname = "libpcre2-8.so.0",
	.package = "libpcre2-8-0",
	.symbols = symbols,
	.functions = &pcre2,
};

struct re2 {
	char *text; /* to be found as it is; NULL when there is code */
	size_t text_size;
	pcre2_code_8 *code;
};

/* Most entries in practice are just names. */
static bool is_plain_text(struct slice pattern)
{
	for (size_t i = 0; i < pattern.size; i++)
		if (pattern.data[i] == '\0' || (pattern.data[i] & 0x80) ||
		    strchr("\\.+*?()|[]{}^$", pattern.data[i]))
			return false;
	return pattern.size <= RE2_MAX_PATTERN;
}

static int compile_error(int number, struct error **err)
{
	PCRE2_UCHAR8 message[120] = "unknown reason";

	pcre2.pcre2_get_error_message_8(number, message, sizeof(message));
	return error_set(err, -EINVAL, "%s", (const char *)message);
}

int re2_compile(struct slice pattern, struct re2 **re2, struct error **err)
{
	_cleanup_strbuf_ struct strbuf translated = STRBUF_INIT;
	_cleanup_(re2_freep) struct re2 *new = xcalloc(1, sizeof(*new));
	PCRE2_SIZE offset;
	int number, ret;

	if (is_plain_text(pattern)) {
		new->text = slice_dup(pattern);
		new->text_size = pattern.size;
		*re2 = steal(new);
		return 0;
	}
	strbuf_puts(&translated, LIMITS);
	ret = re2_translate(pattern, &translated, err);
	if (ret < 0)
		return ret;
	ret = library_use(&library, err);
	if (ret < 0)
		return ret;
	new->code = pcre2.pcre2_compile_8((PCRE2_SPTR8)translated.data, translated.size,
					  PCRE2_UTF | PCRE2_DOLLAR_ENDONLY, &number, &offset, NULL);
	if (!new->code)
		return compile_error(number, err);
	*re2 = steal(new);
	return 0;
}

bool re2_search(const struct re2 *re2, struct slice text)
{
	pcre2_match_data_8 *match;
	int result;

	if (re2->text)
		return re2->text_size == 0 ||
		       memmem(text.data, text.size, re2->text, re2->text_size);
	match = pcre2.pcre2_match_data_create_8(1, NULL);
	if (!match)
		return false;
	result = pcre2.pcre2_match_8(re2->code, (PCRE2_SPTR8)text.data, text.size, 0, 0, match,
				     NULL);
	pcre2.pcre2_match_data_free_8(match);
	return result >= 0;
}

void re2_free(struct re2 *re2)
{
	if (!re2)
		return;
	if (re2->code)
		pcre2.pcre2_code_free_8(re2->code);
	free(re2->text);
	free(re2);
}
