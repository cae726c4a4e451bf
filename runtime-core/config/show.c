// SPDX-License-Identifier: Apache-2.0
#include "show.h"

#include <string.h>

#include "base/memory.h"
#include "base/quote.h"
#include "internal.h"
#include "model.h"
#include "toml/toml.h"

#define ORIGIN_COLUMN 48

/* A setting with two names is shown by the one that was written, or else by the dialect's own. */
bool config_is_shown(const struct config *config, enum config_key key)
{
	const struct config_key_info *info = config_key_info(key);
	bool is_set = config_is_set(config, key);

	if (!config_key_used_by(key, config->dialect, config->hypervisor))
		return false;
	if (is_set && config_origin(config, key)->written_as == key)
		return true;
	if (!(info->dialects & config->dialect))
		return false;
	return is_set ? config_key_twin(key) == CONFIG_KEY_NONE : !info->optional;
}

bool config_is_hidden(const struct config *config, enum config_key key)
{
	return config_key_info(key)->secret && !config_value_is_zero(config, key);
}

/* The value as TOML, to be freed: a secret's place is taken by a string, so that the document still loads. */
static char *shown_toml(const struct config *config, enum config_key key)
{
	if (config_is_hidden(config, key))
		return xstrdup("\"" CONFIG_HIDDEN "\"");
	return config_value_toml(config, key);
}

/* --- TOML --------------------------------------------------------------------------------------- */

static void append_origin(struct strbuf *out, const struct config_origin *origin)
{
	if (origin->source == CONFIG_FROM_DEFAULT) {
		strbuf_puts(out, "default");
	} else {
		strbuf_puts(out, origin->path);
		if (origin->line)
			strbuf_printf(out, ":%u", origin->line);
	}
	if (origin->note)
		strbuf_printf(out, "; %s", origin->note);
}

/*
 * "# ORIGIN" in its column, with what came out of a foreign file made harmless; and that this is not the value,
 * where it is not.
 */
static void append_comment(struct strbuf *out, size_t line_start, const struct config *config,
			   enum config_key key, bool origin)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	size_t width = out->size - line_start;

	if (origin)
		append_origin(&text, config_origin(config, key));
	if (config_is_hidden(config, key))
		strbuf_printf(&text, "%s" CONFIG_HIDDEN_NOTE, text.size ? "; " : "");
	strbuf_fill(out, ' ', width < ORIGIN_COLUMN ? ORIGIN_COLUMN - width : 1);
	strbuf_puts(out, "# ");
	quote_terminal(out, strbuf_view(&text));
}

/* A table's header. An agent's name may need quotes. */
static void append_header(struct strbuf *out, const struct config *config,
			  enum config_section section)
{
	bool agent = section == CONFIG_SECTION_AGENT || section == CONFIG_SECTION_MEM_AGENT;
	const char *path = config_section_path(section);
	const char *name = strstr(path, "NAME");
	const char *table = agent ? config->agent_name : config_hypervisor_name(config->hypervisor);

	strbuf_printf(out, "%s[", out->size ? "\n" : "");
	if (name) {
		strbuf_append(out, path, (size_t)(name - path));
		toml_write_key(out, slice_of(table));
		path = name + strlen("NAME");
	}
	strbuf_printf(out, "%s]\n", path);
}

static void append_heading_line(struct strbuf *out, const char *before, const char *text)
{
	strbuf_puts(out, before);
	quote_terminal(out, slice_of(text));
	strbuf_putc(out, '\n');
}

static void append_heading(struct strbuf *out, const struct config *config)
{
	append_heading_line(out, "# ", config->path ? config->path : "no configuration file");
	for (size_t i = 0; i < config->drop_ins.count; i++)
		append_heading_line(out, "# + ", config->drop_ins.items[i]);
	append_heading_line(out, "# dialect: ", config->dialect == CONFIG_GO ? "go" : "runtime-rs");
}

void config_show_toml(const struct config *config, bool origin, struct strbuf *out)
{
	enum config_section section = CONFIG_SECTION_COUNT;

	append_heading(out, config);
	FOR_EACH_CONFIG_KEY(key)
	{
		const struct config_key_info *info = config_key_info(key);
		_cleanup_free_ char *value = NULL;
		size_t start;

		if (!config_is_shown(config, key))
			continue;
		if (info->section != section)
			append_header(out, config, info->section);
		section = info->section;
		value = shown_toml(config, key);
		start = out->size;
		strbuf_printf(out, "%s = %s", info->name, value);
		if (origin || config_is_hidden(config, key))
			append_comment(out, start, config, key, origin);
		strbuf_putc(out, '\n');
	}
}

/* --- problems ----------------------------------------------------------------------------------- */

static void append_count(struct strbuf *out, size_t count, const char *what)
{
	strbuf_printf(out, "%zu %s%s", count, what, count == 1 ? "" : "s");
}

void config_show_problems(const struct config *config, enum config_severity least,
			  struct strbuf *out)
{
	size_t errors = config_problem_count(config, CONFIG_ERROR);
	size_t warnings = config_problem_count(config, CONFIG_WARNING) - errors;

	for (size_t i = 0; i < config->problem_count; i++) {
		_cleanup_free_ char *text = NULL;

		if (config->problems[i].severity < least)
			continue;
		text = config_problem_text(&config->problems[i]);
		strbuf_printf(out, "%s\n", text);
	}
	if (config->path)
		strbuf_printf(out, "%s: ", config->path);
	if (errors || warnings) {
		append_count(out, errors, "error");
		strbuf_puts(out, ", ");
		append_count(out, warnings, "warning");
	} else {
		strbuf_puts(out, "no problems");
	}
	if (config->drop_ins.count) {
		strbuf_puts(out, ", with ");
		append_count(out, config->drop_ins.count, "drop-in");
	}
	strbuf_putc(out, '\n');
}

/* --- differences -------------------------------------------------------------------------------- */

/* Is the line of this key the same in both, or in neither? Compared are the values, shown or not. */
static bool is_same(const struct config *a, const struct config *b, enum config_key key)
{
	bool shown = config_is_shown(a, key);
	_cleanup_free_ char *left = NULL, *right = NULL;

	if (shown != config_is_shown(b, key))
		return false;
	if (!shown)
		return true;
	left = config_value_toml(a, key);
	right = config_value_toml(b, key);
	return strcmp(left, right) == 0;
}

/* The value as a line's rest; NULL if the configuration has no such line. */
static char *shown_value(const struct config *config, enum config_key key)
{
	return config_is_shown(config, key) ? shown_toml(config, key) : NULL;
}

size_t config_show_difference(const struct config *from, const struct config *to,
			      struct strbuf *out)
{
	enum config_section section = CONFIG_SECTION_COUNT;
	size_t count = 0;

	FOR_EACH_CONFIG_KEY(key)
	{
		const struct config_key_info *info = config_key_info(key);
		_cleanup_free_ char *before = NULL, *after = NULL;
		size_t start;

		if (is_same(from, to, key))
			continue;
		count++;
		before = shown_value(from, key);
		after = shown_value(to, key);
		if (info->section != section)
			append_header(out, after ? to : from, info->section);
		section = info->section;
		if (before)
			strbuf_printf(out, "-%s = %s\n", info->name, before);
		if (!after)
			continue;
		start = out->size;
		strbuf_printf(out, "+%s = %s", info->name, after);
		append_comment(out, start, to, key, true);
		strbuf_putc(out, '\n');
	}
	return count;
}
