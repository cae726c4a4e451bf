// SPDX-License-Identifier: Apache-2.0
#include "describe.h"

#include <inttypes.h>
#include <string.h>

#include "base/memory.h"

/* Units that read badly in a sentence; the others stand for themselves. */
static const struct unit {
	const char *symbol, *word;
} units[] = {
	{ "s", "seconds" }, { "ms", "milliseconds" }, { "%", "percent" },
	{ "bit", "bits" },  { "ops", "operations" },
};

static const char *unit_word(const char *symbol)
{
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (strcmp(units[i].symbol, symbol) == 0)
			return units[i].word;
	return symbol;
}

const char *describe_dialect(enum config_dialect dialect)
{
	return dialect == CONFIG_GO ? "Go" : "runtime-rs";
}

/* Where the first sentence's full stop is. */
static size_t first_sentence_end(struct slice text)
{
	size_t end = slice_find_string(text, ". ");

	return end < text.size || text.size == 0 ? end : text.size - 1;
}

void describe_meaning(struct strbuf *out, enum config_key key)
{
	const struct config_key_info *info = config_key_info(key);
	struct slice about = slice_of(info->about);
	size_t end = first_sentence_end(about);

	strbuf_slice(out, slice_first(about, end));
	if (info->unit)
		strbuf_printf(out, ", in %s", unit_word(info->unit));
	strbuf_slice(out, slice_from(about, end));
	if (info->max > 0 && info->min > 0)
		strbuf_printf(out, " From %" PRIu64 " to %" PRIu64 ".", info->min, info->max);
	else if (info->max > 0)
		strbuf_printf(out, " At most %" PRIu64 ".", info->max);
}

void describe_words(struct strbuf *out, enum config_key key, enum config_dialect dialect)
{
	const struct config_key_info *info = config_key_info(key);
	const char *const *words = dialect == CONFIG_GO ? info->go_words : info->rs_words;

	for (size_t i = 0; words && words[i]; i++)
		strbuf_printf(out, "%s%s", i ? ", " : " One of ", words[i]);
	if (words)
		strbuf_putc(out, '.');
}

const char *describe_default(enum config_key key, enum config_dialect dialect,
			     enum config_hypervisor hypervisor)
{
	const struct config_key_info *info = config_key_info(key);
	const char *text = config_key_default(key, dialect, hypervisor);

	if (*text)
		return text;
	/* The agent in the guest knows what to do without a setting of its memory agent. */
	if (info->type == CONFIG_TYPE_BOOL && info->section != CONFIG_SECTION_MEM_AGENT)
		return "false";
	return NULL;
}

void describe_setting(struct strbuf *out, enum config_key key, enum config_dialect dialect,
		      enum config_hypervisor hypervisor)
{
	const char *name = config_hypervisor_name(hypervisor);
	const char *forced = config_key_forced(key, dialect, hypervisor);
	const char *unset = describe_default(key, dialect, hypervisor);

	describe_meaning(out, key);
	describe_words(out, key, dialect);
	if (forced)
		strbuf_printf(out, " With %s always %s.", name, forced);
	else if (!config_key_used_by(key, dialect, hypervisor))
		strbuf_printf(out, " Not used by %s.", name);
	else if (unset)
		strbuf_printf(out, " Default: %s", unset);
}
