// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "base/json_writer.h"
#include "base/memory.h"
#include "internal.h"
#include "model.h"
#include "show.h"

static void put_string(struct json_writer *json, const char *name, const char *value)
{
	json_name(json, name);
	json_string(json, value);
}

static void put_number(struct json_writer *json, const char *name, uint64_t value)
{
	json_name(json, name);
	json_u64(json, value);
}

static void put_strings(struct json_writer *json, const struct string_list *list)
{
	json_begin(json, '[');
	for (size_t i = 0; i < list->count; i++)
		json_string(json, list->items[i]);
	json_end(json, ']');
}

/* --- values ------------------------------------------------------------------------------------- */

static void put_images(struct json_writer *json, const struct config *config)
{
	json_begin(json, '[');
	for (size_t i = 0; i < config->extension_image_count; i++) {
		const struct config_extension_image *image = &config->extension_images[i];

		json_begin(json, '{');
		put_string(json, "name", image->name);
		put_string(json, "path", image->path);
		put_string(json, "verity_params", image->verity_params);
		json_end(json, '}');
	}
	json_end(json, ']');
}

static void put_mounts(struct json_writer *json, const struct config *config)
{
	json_begin(json, '[');
	for (size_t i = 0; i < config->shared_mount_count; i++) {
		const struct config_shared_mount *mount = &config->shared_mounts[i];

		json_begin(json, '{');
		put_string(json, "name", mount->name);
		put_string(json, "src_ctr", mount->src_ctr);
		put_string(json, "src_path", mount->src_path);
		put_string(json, "dst_ctr", mount->dst_ctr);
		put_string(json, "dst_path", mount->dst_path);
		json_end(json, '}');
	}
	json_end(json, ']');
}

static void put_value(struct json_writer *json, const struct config *config, enum config_key key)
{
	_cleanup_free_ char *text = config_value_text(config, key);

	if (config_is_hidden(config, key))
		json_string(json, CONFIG_HIDDEN);
	else if (config_kind(key) == CONFIG_KIND_TEXT)
		json_string(json, text);
	else if (config_key_info(key)->type == CONFIG_TYPE_STRINGS)
		put_strings(json, config_list(config, key));
	else if (config_key_info(key)->type == CONFIG_TYPE_IMAGES)
		put_images(json, config);
	else if (config_key_info(key)->type == CONFIG_TYPE_MOUNTS)
		put_mounts(json, config);
	else
		json_raw(json, text); /* numbers and truths look as in TOML */
}

/* --- the configuration as in its file ----------------------------------------------------------- */

static bool has_keys(const struct config *config, enum config_section section)
{
	FOR_EACH_CONFIG_KEY(key)
	if (config_key_info(key)->section == section && config_is_shown(config, key))
		return true;
	return false;
}

static void put_members(struct json_writer *json, const struct config *config,
			enum config_section section)
{
	FOR_EACH_CONFIG_KEY(key)
	{
		if (config_key_info(key)->section != section || !config_is_shown(config, key))
			continue;
		json_name(json, config_key_info(key)->name);
		put_value(json, config, key);
	}
}

static void put_table(struct json_writer *json, const struct config *config, const char *name,
		      enum config_section section)
{
	if (!has_keys(config, section))
		return;
	json_name(json, name);
	json_begin(json, '{');
	put_members(json, config, section);
	json_end(json, '}');
}

static void show_as_file(struct json_writer *json, const struct config *config)
{
	json_begin(json, '{');
	json_name(json, "hypervisor");
	json_begin(json, '{');
	json_name(json, config_hypervisor_name(config->hypervisor));
	json_begin(json, '{');
	put_members(json, config, CONFIG_SECTION_HYPERVISOR);
	put_table(json, config, "rootless_user", CONFIG_SECTION_ROOTLESS_USER);
	put_table(json, config, "factory", CONFIG_SECTION_TEMPLATE);
	json_end(json, '}');
	json_end(json, '}');
	put_table(json, config, "factory", CONFIG_SECTION_FACTORY);
	json_name(json, "agent");
	json_begin(json, '{');
	json_name(json, config->agent_name);
	json_begin(json, '{');
	put_members(json, config, CONFIG_SECTION_AGENT);
	put_table(json, config, "mem_agent", CONFIG_SECTION_MEM_AGENT);
	json_end(json, '}');
	json_end(json, '}');
	put_table(json, config, "runtime", CONFIG_SECTION_RUNTIME);
	json_end(json, '}');
}

/* --- the configuration with origins ------------------------------------------------------------- */

static void put_files(struct json_writer *json, const struct config *config)
{
	json_name(json, "path");
	if (config->path)
		json_string(json, config->path);
	else
		json_null(json);
	json_name(json, "drop_ins");
	put_strings(json, &config->drop_ins);
}

static void put_origin(struct json_writer *json, const struct config *config, enum config_key key)
{
	const struct config_origin *origin = config_origin(config, key);
	static const char *const sources[] = {
		[CONFIG_FROM_DEFAULT] = "default",
		[CONFIG_FROM_FILE] = "file",
		[CONFIG_FROM_DROP_IN] = "drop-in",
		[CONFIG_FROM_ANNOTATION] = "annotation",
	};

	put_string(json, "source", sources[origin->source]);
	if (origin->path)
		put_string(json, "path", origin->path);
	if (origin->line) {
		put_number(json, "line", origin->line);
		put_number(json, "column", origin->column);
	}
	if (config_is_hidden(config, key))
		put_string(json, "note", CONFIG_HIDDEN_NOTE);
	else if (origin->note)
		put_string(json, "note", origin->note);
}

static void show_with_origins(struct json_writer *json, const struct config *config)
{
	json_begin(json, '{');
	put_files(json, config);
	put_string(json, "dialect", config->dialect == CONFIG_GO ? "go" : "runtime-rs");
	put_string(json, "hypervisor", config_hypervisor_name(config->hypervisor));
	json_name(json, "values");
	json_begin(json, '[');
	FOR_EACH_CONFIG_KEY(key)
	{
		_cleanup_free_ char *path = NULL;

		if (!config_is_shown(config, key))
			continue;
		path = config_key_path(config, key);
		json_begin(json, '{');
		put_string(json, "key", path);
		json_name(json, "value");
		put_value(json, config, key);
		put_origin(json, config, key);
		json_end(json, '}');
	}
	json_end(json, ']');
	json_end(json, '}');
}

void config_show_json(const struct config *config, bool origin, struct strbuf *out)
{
	struct json_writer json = { .out = out };

	(origin ? show_with_origins : show_as_file)(&json, config);
	strbuf_putc(out, '\n');
}

/* --- problems ----------------------------------------------------------------------------------- */

static void put_problem(struct json_writer *json, const struct config_problem *problem)
{
	json_begin(json, '{');
	put_string(json, "severity", config_severity_name(problem->severity));
	put_string(json, "id", problem->id);
	if (problem->file)
		put_string(json, "file", problem->file);
	if (problem->line) {
		put_number(json, "line", problem->line);
		put_number(json, "column", problem->column);
	}
	if (problem->key)
		put_string(json, "key", problem->key);
	put_string(json, "message", problem->message);
	if (problem->suggestion)
		put_string(json, "suggestion", problem->suggestion);
	json_end(json, '}');
}

void config_show_problems_json(const struct config *config, enum config_severity least,
			       struct strbuf *out)
{
	struct json_writer json = { .out = out };
	size_t errors = config_problem_count(config, CONFIG_ERROR);

	json_begin(&json, '{');
	put_files(&json, config);
	put_number(&json, "errors", errors);
	put_number(&json, "warnings", config_problem_count(config, CONFIG_WARNING) - errors);
	json_name(&json, "problems");
	json_begin(&json, '[');
	for (size_t i = 0; i < config->problem_count; i++)
		if (config->problems[i].severity >= least)
			put_problem(&json, &config->problems[i]);
	json_end(&json, ']');
	json_end(&json, '}');
	strbuf_putc(out, '\n');
}
