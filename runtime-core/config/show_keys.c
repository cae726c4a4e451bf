// SPDX-License-Identifier: Apache-2.0
/* The key table for its readers. */
#include <inttypes.h>
#include <string.h>

#include "base/json_writer.h"
#include "base/memory.h"
#include "internal.h"
#include "show.h"

/* Stands for a table's name in the paths of sections. */
#define TABLE_NAME "NAME"

static bool uses(const struct config_key_info *info, enum config_hypervisor hypervisor)
{
	char letter = config_hypervisor_letter(hypervisor);

	if ((info->dialects & CONFIG_GO) && strchr(info->go_users, letter))
		return true;
	return (info->dialects & CONFIG_RS) && config_hypervisor_known(hypervisor, CONFIG_RS) &&
	       (!info->rs_users || strchr(info->rs_users, letter));
}

/* Names of the hypervisors that use the key in any dialect; none for keys of other tables. */
static void list_users(const struct config_key_info *info, struct string_list *users)
{
	if (info->section != CONFIG_SECTION_HYPERVISOR)
		return;
	for (int i = 0; i < CONFIG_HYPERVISOR_COUNT; i++)
		if (uses(info, (enum config_hypervisor)i))
			string_list_add(users, config_hypervisor_name((enum config_hypervisor)i));
}

static char *full_name(const struct config_key_info *info)
{
	return xasprintf("%s.%s", config_section_path(info->section), info->name);
}

static const char *dialect_names(unsigned dialects)
{
	static const char *const names[] = { "", "go", "runtime-rs", "go, runtime-rs" };

	return names[dialects];
}

/* What an empty default means, so that a reader never sees nothing. */
static const char *default_text(enum config_key key, const char *text)
{
	if (text && *text)
		return text;
	if (config_key_info(key)->optional)
		return "not set";
	switch (config_kind(key)) {
	case CONFIG_KIND_BOOL:
		return "false";
	case CONFIG_KIND_NATURAL:
	case CONFIG_KIND_INTEGER:
	case CONFIG_KIND_NUMBER:
		return "0";
	case CONFIG_KIND_TEXT:
		return "\"\"";
	case CONFIG_KIND_LIST:
	case CONFIG_KIND_TABLES:
		break;
	}
	return "[]";
}

static void append_defaults(struct strbuf *out, enum config_key key)
{
	const struct config_key_info *info = config_key_info(key);
	const char *go = default_text(key, info->go_default);
	const char *rs = default_text(key, info->rs_default);

	if (info->dialects != CONFIG_BOTH)
		strbuf_puts(out, info->dialects == CONFIG_GO ? go : rs);
	else if (strcmp(go, rs) == 0)
		strbuf_puts(out, go);
	else
		strbuf_printf(out, "%s (go), %s (runtime-rs)", go, rs);
}

static void append_words(struct strbuf *out, const char *label, const char *const *words)
{
	_cleanup_free_ char *list = words ? config_words_text(words) : NULL;

	if (list)
		strbuf_printf(out, "    %-12s %s\n", label, list);
}

static void show_key(struct strbuf *out, enum config_key key)
{
	const struct config_key_info *info = config_key_info(key);
	_cleanup_string_list_ struct string_list users = { 0 };
	_cleanup_free_ char *name = full_name(info);
	_cleanup_free_ char *joined = NULL;
	bool same_words = info->go_words && info->rs_words && info->dialects == CONFIG_BOTH;

	strbuf_printf(out, "%s%s\n    %s\n", out->size ? "\n" : "", name, info->about);
	strbuf_printf(out, "    %-12s %s%s%s\n", "type", config_type_name(info->type),
		      info->unit ? ", " : "", info->unit ? info->unit : "");
	strbuf_printf(out, "    %-12s ", "default");
	append_defaults(out, key);
	strbuf_putc(out, '\n');
	append_words(out, same_words ? "words (go)" : "words", info->go_words);
	append_words(out, same_words ? "words (rs)" : "words", info->rs_words);
	list_users(info, &users);
	joined = string_list_join(&users, ", ");
	if (users.count)
		strbuf_printf(out, "    %-12s %s\n", "used by", joined);
	strbuf_printf(out, "    %-12s %s\n", "dialect", dialect_names(info->dialects));
	if (info->annotation)
		strbuf_printf(out, "    %-12s %s\n", "annotation", info->annotation);
	if (config_key_twin(key) != CONFIG_KEY_NONE) {
		_cleanup_free_ char *twin = full_name(config_key_info(config_key_twin(key)));

		strbuf_printf(out, "    %-12s %s\n", "also", twin);
	}
}

/* Does the name contain the word, with the table called like this? */
static bool matches_table(const char *name, const char *table, const char *word)
{
	const char *place = strstr(name, TABLE_NAME);
	_cleanup_free_ char *written = NULL;

	if (!place)
		return false;
	written =
		xasprintf("%.*s%s%s", (int)(place - name), name, table, place + strlen(TABLE_NAME));
	return strstr(written, word);
}

/* Words often come from a file or from a message, where the table has its true name. */
static bool matches(const struct config_key_info *info, const char *word)
{
	_cleanup_free_ char *name = full_name(info);
	_cleanup_string_list_ struct string_list tables = { 0 };

	if (strstr(name, word))
		return true;
	list_users(info, &tables);
	if (tables.count == 0)
		string_list_add(&tables, "kata");
	for (size_t i = 0; i < tables.count; i++)
		if (matches_table(name, tables.items[i], word))
			return true;
	return false;
}

size_t config_show_keys(const char *word, struct strbuf *out)
{
	size_t count = 0;

	FOR_EACH_CONFIG_KEY(key)
	{
		if (!matches(config_key_info(key), word))
			continue;
		show_key(out, key);
		count++;
	}
	return count;
}

/* --- JSON --------------------------------------------------------------------------------------- */

static void put_string(struct json_writer *json, const char *name, const char *value)
{
	if (!value)
		return;
	json_name(json, name);
	json_string(json, value);
}

static void put_words(struct json_writer *json, const char *name, const char *const *words)
{
	if (!words)
		return;
	json_name(json, name);
	json_begin(json, '[');
	for (; *words; words++)
		json_string(json, *words);
	json_end(json, ']');
}

static void put_defaults(struct json_writer *json, enum config_key key)
{
	const struct config_key_info *info = config_key_info(key);

	if (info->optional)
		return;
	json_name(json, "default");
	json_begin(json, '{');
	if (info->dialects & CONFIG_GO)
		put_string(json, "go", info->go_default ? info->go_default : "");
	if (info->dialects & CONFIG_RS)
		put_string(json, "runtime-rs", info->rs_default ? info->rs_default : "");
	json_end(json, '}');
}

static void put_key(struct json_writer *json, enum config_key key)
{
	const struct config_key_info *info = config_key_info(key);
	_cleanup_string_list_ struct string_list users = { 0 };
	_cleanup_free_ char *name = full_name(info);

	json_begin(json, '{');
	put_string(json, "key", name);
	put_string(json, "type", config_type_name(info->type));
	put_string(json, "unit", info->unit);
	put_defaults(json, key);
	put_words(json, "words_go", info->go_words);
	put_words(json, "words_runtime-rs", info->rs_words);
	list_users(info, &users);
	json_name(json, "hypervisors");
	json_begin(json, '[');
	for (size_t i = 0; i < users.count; i++)
		json_string(json, users.items[i]);
	json_end(json, ']');
	json_name(json, "dialects");
	json_begin(json, '[');
	if (info->dialects & CONFIG_GO)
		json_string(json, "go");
	if (info->dialects & CONFIG_RS)
		json_string(json, "runtime-rs");
	json_end(json, ']');
	put_string(json, "annotation", info->annotation);
	put_string(json, "description", info->about);
	json_end(json, '}');
}

size_t config_show_keys_json(const char *word, struct strbuf *out)
{
	struct json_writer json = { .out = out };
	size_t count = 0;

	json_begin(&json, '[');
	FOR_EACH_CONFIG_KEY(key)
	{
		if (!matches(config_key_info(key), word))
			continue;
		put_key(&json, key);
		count++;
	}
	json_end(&json, ']');
	strbuf_putc(out, '\n');
	return count;
}
