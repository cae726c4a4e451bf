// SPDX-License-Identifier: Apache-2.0
/*
 * The dialect, and the hypervisor's and the agent's table. Where several could be meant the choice follows a
 * rule, and a warning names both (spec/config.md 2.1, trap 15).
 */
#include "choose.h"

#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/quote.h"
#include "internal.h"
#include "model.h"

static void table_problem(struct config *config, const struct config_table *table,
			  enum config_severity severity, const char *id, bool prefixed,
			  const char *suggestion, const char *message)
{
	const char *outer = table->section == CONFIG_SECTION_HYPERVISOR ? "hypervisor" : "agent";
	_cleanup_free_ char *key = xasprintf("%s.%.*s", outer, SLICE_ARGS(table->name));

	config_problem_add(config, &(struct config_problem){ .severity = severity,
							     .id = id,
							     .code = -EINVAL,
							     .file = table->file->path,
							     .line = table->position.line,
							     .column = table->position.column,
							     .key = key,
							     .message = message,
							     .suggestion = suggestion,
							     .prefixed = prefixed });
}

/* The string that a key has in the end; NULL if nothing is written, or no string. */
static const struct toml_value *final_string(const struct config_assignments *assignments,
					     enum config_key key)
{
	const struct config_assignment *last = config_assignments_last(assignments, key);

	return last && last->member->value->type == TOML_STRING ? last->member->value : NULL;
}

bool config_same_table(struct slice a, struct slice b)
{
	int hypervisor = config_hypervisor_find(a);

	return slice_equal(a, b) || (hypervisor >= 0 && hypervisor == config_hypervisor_find(b));
}

/* The last mention of a table with this name, or of any table for a NULL name. */
static const struct config_table *last_table(const struct config_assignments *assignments,
					     enum config_section section, const struct slice *name)
{
	for (size_t i = assignments->table_count; i-- > 0;) {
		const struct config_table *table = &assignments->tables[i];

		if (table->section == section && (!name || config_same_table(table->name, *name)))
			return table;
	}
	return NULL;
}

static const char *hypervisor_name_list(void)
{
	return "the tables are qemu, clh, firecracker, stratovirt, dragonball, remote and openvmm";
}

/* Tables of hypervisors that the dialect does not have. Each is reported once, at its first mention. */
static void refuse_unknown_tables(struct config *config,
				  const struct config_assignments *assignments)
{
	for (size_t i = 0; i < assignments->table_count; i++) {
		const struct config_table *table = &assignments->tables[i];
		int hypervisor = config_hypervisor_find(table->name);
		_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;
		_cleanup_free_ char *message = NULL;

		if (table->section != CONFIG_SECTION_HYPERVISOR)
			continue;
		if (hypervisor >= 0 &&
		    config_hypervisor_known((enum config_hypervisor)hypervisor, config->dialect))
			continue;
		quote_go(&quoted, table->name);
		message = config->dialect == CONFIG_GO
				  ? xasprintf("configuration file contains invalid hypervisor "
					      "section: %s",
					      quoted.data)
				  : xasprintf("Can not find plugin for hypervisor %.*s",
					      SLICE_ARGS(table->name));
		table_problem(config, table, CONFIG_ERROR, "hypervisor-table",
			      config->dialect == CONFIG_GO, hypervisor_name_list(), message);
	}
}

/* Another table than the chosen one: which of them counts must not be left to the reader's luck. */
static void warn_of_second_table(struct config *config,
				 const struct config_assignments *assignments,
				 const struct config_table *chosen)
{
	for (size_t i = 0; i < assignments->table_count; i++) {
		const struct config_table *other = &assignments->tables[i];
		_cleanup_free_ char *message = NULL;

		if (other->section != chosen->section ||
		    config_same_table(other->name, chosen->name))
			continue;
		message = xasprintf(
			"[%s.%.*s] (%s:%u) is not used: [%s.%.*s] (%s:%u) is",
			chosen->section == CONFIG_SECTION_HYPERVISOR ? "hypervisor" : "agent",
			SLICE_ARGS(other->name), other->file->path, other->position.line,
			chosen->section == CONFIG_SECTION_HYPERVISOR ? "hypervisor" : "agent",
			SLICE_ARGS(chosen->name), chosen->file->path, chosen->position.line);
		table_problem(config, other, CONFIG_WARNING, "second-table", false,
			      config->dialect == CONFIG_RS ? "hypervisor_name and agent_name decide"
							   : "the last one counts; keep one",
			      message);
		return;
	}
}

/* runtime-rs: the table that [runtime] names. Go: the last one. NULL: there is none. */
static const struct config_table *choose_table(struct config *config,
					       const struct config_assignments *assignments,
					       enum config_section section,
					       enum config_key name_key, const char *refusal)
{
	const struct toml_value *name = final_string(assignments, name_key);
	const struct config_table *table;

	if (config->dialect == CONFIG_GO)
		return last_table(assignments, section, NULL);
	if (!name || name->string.size == 0)
		return last_table(assignments, section, NULL); /* the missing name is reported */
	table = last_table(assignments, section, &name->string);
	if (!table) {
		const struct config_assignment *written =
			config_assignments_last(assignments, name_key);
		_cleanup_free_ char *key = config_written_path(CONFIG_SECTION_RUNTIME, slice_of(""),
							       written->member->key);
		_cleanup_free_ char *message =
			xasprintf("%s %.*s", refusal, SLICE_ARGS(name->string));

		config_problem_add(config, &(struct config_problem){
						   .severity = CONFIG_ERROR,
						   .id = "missing-table",
						   .code = -EINVAL,
						   .file = written->file->path,
						   .line = written->member->position.line,
						   .column = written->member->position.column,
						   .key = key,
						   .message = message,
						   .suggestion = "there must be a table of that "
								 "name" });
	}
	return table;
}

static enum config_dialect choose_dialect(const struct config_assignments *assignments)
{
	return config_assignments_last(assignments, CONFIG_RUNTIME_HYPERVISOR_NAME) ? CONFIG_RS
										    : CONFIG_GO;
}

struct config_choice config_choose_tables(struct config *config,
					  const struct config_assignments *assignments)
{
	const struct config_table *hypervisor, *agent;
	struct config_choice choice = { 0 };
	int found = CONFIG_QEMU;

	config->dialect = choose_dialect(assignments);
	refuse_unknown_tables(config, assignments);
	hypervisor = choose_table(config, assignments, CONFIG_SECTION_HYPERVISOR,
				  CONFIG_RUNTIME_HYPERVISOR_NAME, "Invalid hypervisor name");
	agent = choose_table(config, assignments, CONFIG_SECTION_AGENT, CONFIG_RUNTIME_AGENT_NAME,
			     "Invalid agent name");
	if (hypervisor) {
		choice.hypervisor = hypervisor->name;
		found = config_hypervisor_find(hypervisor->name);
		warn_of_second_table(config, assignments, hypervisor);
	}
	if (agent) {
		choice.agent = agent->name;
		free(config->agent_name);
		config->agent_name = slice_dup(agent->name);
		warn_of_second_table(config, assignments, agent);
	}
	config_choose(config, config->dialect,
		      found < 0 ? CONFIG_QEMU : (enum config_hypervisor)found, hypervisor != NULL);
	return choice;
}
