// SPDX-License-Identifier: Apache-2.0
/*
 * Documents into assignments. Upper and lower case are equal in a main file; in a drop-in they count below
 * `hypervisor` and `agent` (spec/config.md 2.3, 2.4 and corrections).
 */
#include "assignments.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "convert.h"
#include "model.h"

/* Bounds on foreign files; each is far above what one configuration can need. */
#define ASSIGNMENTS_MAX 20000
#define TABLES_MAX	4096
#define UNKNOWN_MAX	20000

struct gather {
	struct config *config;
	struct config_assignments *out;
	const struct config_file *file;
};

static bool case_counts(const struct gather *gather, enum config_section section)
{
	return gather->file->source == CONFIG_FROM_DROP_IN && section != CONFIG_SECTION_RUNTIME &&
	       section != CONFIG_SECTION_FACTORY;
}

static bool name_is(struct slice name, const char *wanted, bool exact)
{
	if (exact)
		return slice_is(name, wanted);
	return name.size == strlen(wanted) && strncasecmp(name.data, wanted, name.size) == 0;
}

char *config_written_path(enum config_section section, struct slice table, struct slice name)
{
	const char *pattern = section == CONFIG_SECTION_COUNT ? "" : config_section_path(section);
	const char *placeholder = strstr(pattern, "NAME");

	if (!placeholder)
		return xasprintf("%s%s%.*s", pattern, *pattern ? "." : "", SLICE_ARGS(name));
	return xasprintf("%.*s%.*s%s.%.*s", (int)(placeholder - pattern), pattern,
			 SLICE_ARGS(table), placeholder + strlen("NAME"), SLICE_ARGS(name));
}

/* --- collecting --------------------------------------------------------------------------------- */

static void too_many(struct gather *gather, const struct toml_member *member, const char *what)
{
	_cleanup_free_ char *key = slice_dup(member->key);
	_cleanup_free_ char *words = xasprintf("more %s than a configuration can have", what);

	config_type_problem(gather->config, gather->file, CONFIG_ERROR, key, member->position,
			    words, NULL);
}

static void add_unknown(struct gather *gather, enum config_section section, struct slice table,
			const struct toml_member *member)
{
	struct config_assignments *out = gather->out;

	if (out->unknown_count == UNKNOWN_MAX)
		return too_many(gather, member, "unknown keys");
	out->unknown = xgrow(out->unknown, &out->unknown_capacity, out->unknown_count + 1,
			     sizeof(*out->unknown));
	out->unknown[out->unknown_count++] =
		(struct config_unknown){ section, table, member, gather->file };
}

/* The earlier assignment of the same key in the same file: only another spelling can make one. */
static const struct config_assignment *same_file_twin(const struct gather *gather,
						      const struct config_assignment *assignment)
{
	const struct config_assignments *out = gather->out;

	for (size_t i = out->count; i-- > 0 && out->items[i].file == gather->file;)
		if (out->items[i].key == assignment->key &&
		    slice_equal(out->items[i].table, assignment->table))
			return &out->items[i];
	return NULL;
}

static void two_spellings(struct gather *gather, const struct config_assignment *first,
			  const struct config_assignment *second)
{
	_cleanup_free_ char *path =
		config_written_path(second->section, second->table, second->member->key);
	_cleanup_free_ char *message = xasprintf(
		"duplicate field: `%.*s` in line %u and `%.*s` in line %u are the same key",
		SLICE_ARGS(first->member->key), first->member->position.line,
		SLICE_ARGS(second->member->key), second->member->position.line);

	config_problem_add(gather->config,
			   &(struct config_problem){ .severity = CONFIG_ERROR,
						     .id = "duplicate-key",
						     .code = -EINVAL,
						     .file = gather->file->path,
						     .line = second->member->position.line,
						     .column = second->member->position.column,
						     .key = path,
						     .message = message,
						     .suggestion = "keep one of them" });
}

static void add_assignment(struct gather *gather, const struct config_assignment *assignment)
{
	struct config_assignments *out = gather->out;
	const struct config_assignment *first;

	if (out->count == ASSIGNMENTS_MAX)
		return too_many(gather, assignment->member, "keys");
	first = same_file_twin(gather, assignment);
	if (first)
		two_spellings(gather, first, assignment);
	for (size_t i = 0; i < out->count; i++)
		if (out->items[i].key == assignment->key &&
		    slice_equal(out->items[i].table, assignment->table))
			out->items[i].overridden = true;
	out->items = xgrow(out->items, &out->capacity, out->count + 1, sizeof(*out->items));
	out->items[out->count++] = *assignment;
}

/* --- tables ------------------------------------------------------------------------------------- */

/* Tables within tables: their members are keys of a section of their own. */
static const struct sub_table {
	enum config_section outer;
	const char *name;
	enum config_section inner;
} sub_tables[] = {
	{ CONFIG_SECTION_HYPERVISOR, "factory", CONFIG_SECTION_TEMPLATE },
	{ CONFIG_SECTION_HYPERVISOR, "rootless_user", CONFIG_SECTION_ROOTLESS_USER },
	{ CONFIG_SECTION_AGENT, "mem_agent", CONFIG_SECTION_MEM_AGENT },
};

static const struct sub_table *sub_table_find(enum config_section outer, struct slice name,
					      bool exact)
{
	for (size_t i = 0; i < ARRAY_SIZE(sub_tables); i++)
		if (sub_tables[i].outer == outer && name_is(name, sub_tables[i].name, exact))
			return &sub_tables[i];
	return NULL;
}

static void not_a_table(struct gather *gather, const char *key, const char *type_name,
			const struct toml_member *member)
{
	_cleanup_free_ char *words =
		xasprintf("type mismatch for katautils.%s: expected table but found %s", type_name,
			  config_toml_type_name(member->value));

	config_type_problem(gather->config, gather->file, CONFIG_ERROR, key, member->position,
			    words, NULL);
}

static void gather_section(struct gather *gather, enum config_section section, struct slice table,
			   const struct toml_value *value);

static void gather_member(struct gather *gather, enum config_section section, struct slice table,
			  const struct toml_member *member)
{
	bool exact = case_counts(gather, section);
	const struct sub_table *inner = sub_table_find(section, member->key, exact);
	enum config_key key = exact ? config_key_find(section, member->key)
				    : config_key_find_any_case(section, member->key);

	if (inner && member->value->type == TOML_TABLE) {
		gather_section(gather, inner->inner, table, member->value);
	} else if (inner) {
		_cleanup_free_ char *path = config_written_path(section, table, member->key);

		not_a_table(gather, path, inner->name, member);
	} else if (key == CONFIG_KEY_NONE) {
		add_unknown(gather, section, table, member);
	} else {
		add_assignment(gather, &(struct config_assignment){ .section = section,
								    .table = table,
								    .key = key,
								    .member = member,
								    .file = gather->file });
	}
}

static void gather_section(struct gather *gather, enum config_section section, struct slice table,
			   const struct toml_value *value)
{
	for (size_t i = 0; i < value->table.count; i++)
		gather_member(gather, section, table, &value->table.members[i]);
}

/* [hypervisor.NAME] and [agent.NAME]. An empty one in a drop-in has never had an effect. */
static void gather_named_tables(struct gather *gather, enum config_section section,
				const struct toml_value *value)
{
	struct config_assignments *out = gather->out;

	for (size_t i = 0; i < value->table.count; i++) {
		const struct toml_member *member = &value->table.members[i];
		const char *outer = section == CONFIG_SECTION_HYPERVISOR ? "hypervisor" : "agent";

		if (member->value->type != TOML_TABLE) {
			_cleanup_free_ char *path =
				xasprintf("%s.%.*s", outer, SLICE_ARGS(member->key));

			not_a_table(gather, path, outer, member);
			continue;
		}
		if (member->value->table.count == 0 && gather->file->source == CONFIG_FROM_DROP_IN)
			continue;
		if (out->table_count == TABLES_MAX)
			return too_many(gather, member, "tables");
		out->tables = xgrow(out->tables, &out->table_capacity, out->table_count + 1,
				    sizeof(*out->tables));
		out->tables[out->table_count++] =
			(struct config_table){ section, member->key, member->position,
					       gather->file };
		gather_section(gather, section, member->key, member->value);
	}
}

static const struct top_table {
	const char *name;
	enum config_section section;
	bool named; /* a table of tables */
} top_tables[] = {
	{ "hypervisor", CONFIG_SECTION_HYPERVISOR, true },
	{ "agent", CONFIG_SECTION_AGENT, true },
	{ "runtime", CONFIG_SECTION_RUNTIME, false },
	{ "factory", CONFIG_SECTION_FACTORY, false },
};

static const struct top_table *top_table_find(const struct gather *gather, struct slice name)
{
	for (size_t i = 0; i < ARRAY_SIZE(top_tables); i++)
		if (name_is(name, top_tables[i].name, case_counts(gather, top_tables[i].section)))
			return &top_tables[i];
	return NULL;
}

static void gather_top(struct gather *gather, const struct toml_member *member)
{
	const struct top_table *top = top_table_find(gather, member->key);
	_cleanup_free_ char *key = slice_dup(member->key);

	if (!top) {
		add_unknown(gather, CONFIG_SECTION_COUNT, slice_of(""), member);
	} else if (member->value->type == TOML_TABLE && top->named) {
		gather_named_tables(gather, top->section, member->value);
	} else if (member->value->type == TOML_TABLE) {
		gather_section(gather, top->section, slice_of(""), member->value);
	} else if (top->named) {
		/* Always ignored, although it can only be a mistake. */
		config_type_problem(gather->config, gather->file, CONFIG_WARNING, key,
				    member->position,
				    "ignored: tables such as [hypervisor.qemu] "
				    "or [agent.kata] are expected here",
				    NULL);
	} else {
		not_a_table(gather, key, top->name, member);
	}
}

void config_assignments_gather(struct config *config, const struct config_files *files,
			       struct config_assignments *assignments)
{
	for (size_t i = 0; i < files->count; i++) {
		struct gather gather = { config, assignments, &files->items[i] };
		const struct toml_value *root = toml_root(files->items[i].document);

		for (size_t j = 0; j < root->table.count; j++)
			gather_top(&gather, &root->table.members[j]);
	}
}

void config_assignments_release(struct config_assignments *assignments)
{
	free(assignments->items);
	free(assignments->tables);
	free(assignments->unknown);
	*assignments = (struct config_assignments){ 0 };
}

const struct config_assignment *
config_assignments_last(const struct config_assignments *assignments, enum config_key key)
{
	for (size_t i = assignments->count; i-- > 0;)
		if (assignments->items[i].key == key)
			return &assignments->items[i];
	return NULL;
}
