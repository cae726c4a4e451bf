// SPDX-License-Identifier: Apache-2.0
/*
 * Keys that nobody knows. In a main file they have always been harmless, so they stay it and draw a warning
 * with the nearest known key. In a drop-in they were fatal below [hypervisor] and [agent] under the Go rules,
 * and stay it, since such a drop-in was never in use; elsewhere they are warnings (spec/config.md 2.3, 2.4).
 */
#include <errno.h>

#include "assignments.h"
#include "base/memory.h"
#include "base/quote.h"
#include "internal.h"
#include "model.h"

static bool is_agent_section(enum config_section section)
{
	return section == CONFIG_SECTION_AGENT || section == CONFIG_SECTION_MEM_AGENT;
}

static bool is_fatal(const struct config *config, const struct config_unknown *unknown)
{
	if (unknown->file->source != CONFIG_FROM_DROP_IN ||
	    unknown->section == CONFIG_SECTION_COUNT ||
	    unknown->section == CONFIG_SECTION_RUNTIME ||
	    unknown->section == CONFIG_SECTION_FACTORY)
		return false;
	return config->dialect == CONFIG_GO || is_agent_section(unknown->section);
}

static const struct config_obsolete_key *find_obsolete(const struct config_unknown *unknown)
{
	if (unknown->section == CONFIG_SECTION_COUNT)
		return config_key_obsolete("", unknown->member->key);
	if (unknown->section == CONFIG_SECTION_HYPERVISOR)
		return config_key_obsolete("hypervisor", unknown->member->key);
	if (unknown->section == CONFIG_SECTION_AGENT)
		return config_key_obsolete("agent", unknown->member->key);
	return NULL;
}

static const char *find_nearest(const struct config_unknown *unknown)
{
	static const char *const sections[] = { "hypervisor", "agent", "runtime", "factory", NULL };

	if (unknown->section == CONFIG_SECTION_COUNT)
		return config_word_nearest(sections, unknown->member->key);
	return config_key_nearest(unknown->section, unknown->member->key);
}

/* The key may be right and the table wrong: where else is it known? */
static const char *find_other_section(const struct config_unknown *unknown)
{
	if (unknown->section == CONFIG_SECTION_COUNT)
		return NULL;
	for (int section = 0; section < CONFIG_SECTION_COUNT; section++)
		if (config_key_find((enum config_section)section, unknown->member->key) !=
		    CONFIG_KEY_NONE)
			return config_section_path((enum config_section)section);
	return NULL;
}

static char *suggestion_for(const struct config *config, const struct config_unknown *unknown)
{
	const struct config_obsolete_key *obsolete = find_obsolete(unknown);
	const char *elsewhere, *nearest;

	if (config->problem_count >= CONFIG_PROBLEMS_MAX)
		return NULL; /* nobody will read it */
	elsewhere = find_other_section(unknown);
	nearest = find_nearest(unknown);
	if (obsolete)
		return xasprintf("obsolete: it has had no effect since release %s and can go",
				 obsolete->until);
	if (elsewhere)
		return xasprintf("it belongs to [%s]", elsewhere);
	if (nearest)
		return xasprintf("did you mean %s?", nearest);
	return NULL;
}

static char *message_for(const struct config_unknown *unknown, const char *path, bool fatal)
{
	_cleanup_strbuf_ struct strbuf file = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf name = STRBUF_INIT;

	quote_go(&file, slice_of(unknown->file->path));
	quote_go(&name, unknown->member->key);
	if (fatal)
		return xasprintf("error applying key '%s' from drop-in file %s: error getting key "
				 "%s from a decoded drop-in conf file: key %s not found",
				 path, file.data, name.data, name.data);
	if (unknown->file->source == CONFIG_FROM_DROP_IN)
		return xasprintf("undecoded keys in %s: [%s]", file.data, path);
	if (unknown->member->value->type == TOML_TABLE)
		return xasprintf("unknown table [%s] has no effect", path);
	return xasprintf("unknown key %s has no effect", path);
}

void config_assignments_judge_unknown(struct config *config,
				      const struct config_assignments *assignments)
{
	for (size_t i = 0; i < assignments->unknown_count; i++) {
		const struct config_unknown *unknown = &assignments->unknown[i];
		bool fatal = is_fatal(config, unknown);
		_cleanup_free_ char *path =
			config_written_path(unknown->section, unknown->table, unknown->member->key);
		_cleanup_free_ char *message = message_for(unknown, path, fatal);
		_cleanup_free_ char *suggestion = suggestion_for(config, unknown);

		config_problem_add(
			config,
			&(struct config_problem){ .severity = fatal ? CONFIG_ERROR : CONFIG_WARNING,
						  .id = find_obsolete(unknown) ? "obsolete-key"
									       : "unknown-key",
						  .code = -EINVAL,
						  .file = unknown->file->path,
						  .line = unknown->member->position.line,
						  .column = unknown->member->position.column,
						  .key = path,
						  .message = message,
						  .suggestion = suggestion });
	}
}
