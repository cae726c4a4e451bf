// SPDX-License-Identifier: Apache-2.0
/*
 * Loading, from a path to a configuration that holds:
 *
 *	search    which file                                          search.c
 *	read      it and its drop-ins, as TOML                        files.c
 *	gather    one list of assignments, later ones replacing       assignments.c
 *	choose    dialect, hypervisor table, agent table              below
 *	convert   TOML values to typed ones                           convert.c
 *	link      the two dialects' names of one setting              twins.c
 *	adjust    from what is written to what holds                  adjust*.c
 *	validate  what cannot work                                    validate*.c
 *
 * Nothing stops at the first problem. Problems stand in the order in which the existing tools meet them.
 */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "assignments.h"
#include "base/memory.h"
#include "base/quote.h"
#include "convert.h"
#include "internal.h"
#include "model.h"
#include "search.h"

#define MIB (1024ULL * 1024)

/* --- the host ----------------------------------------------------------------------------------- */

static const struct architecture_name {
	const char *kernel, *go;
} architecture_names[] = {
	{ "x86_64", "amd64" }, { "aarch64", "arm64" },	 { "ppc64le", "ppc64le" },
	{ "s390x", "s390x" },  { "riscv64", "riscv64" },
};

void config_host_detect(struct config_host *host)
{
	struct utsname names;
	struct sysinfo memory;
	cpu_set_t affinity;
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	*host = (struct config_host){ .cpus = online > 0 ? (unsigned)online : 1,
				      .architecture = "unknown",
				      .device_root = "/dev" };
	host->usable_cpus = host->cpus;
	/* Hosts with more CPUs than the set holds make this fail: then all of them count. */
	if (sched_getaffinity(0, sizeof(affinity), &affinity) == 0)
		host->usable_cpus = (unsigned)CPU_COUNT(&affinity);
	if (sysinfo(&memory) == 0)
		host->memory_mib = (uint64_t)memory.totalram * memory.mem_unit / MIB;
	if (uname(&names) < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(architecture_names); i++)
		if (strcmp(names.machine, architecture_names[i].kernel) == 0)
			host->architecture = architecture_names[i].go;
}

/* --- choosing tables ---------------------------------------------------------------------------- */

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

static bool same_table(struct slice a, struct slice b)
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

		if (table->section == section && (!name || same_table(table->name, *name)))
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

		if (other->section != chosen->section || same_table(other->name, chosen->name))
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

/* Names of the two tables in use; data is NULL where there is none. */
struct choice {
	struct slice hypervisor, agent;
};

static struct choice choose(struct config *config, const struct config_assignments *assignments)
{
	const struct config_table *hypervisor, *agent;
	struct choice choice = { 0 };
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

/* --- converting --------------------------------------------------------------------------------- */

static bool is_chosen(const struct config_assignment *assignment, const struct choice *choice)
{
	switch (assignment->section) {
	case CONFIG_SECTION_HYPERVISOR:
	case CONFIG_SECTION_ROOTLESS_USER:
	case CONFIG_SECTION_TEMPLATE:
		return choice->hypervisor.data && same_table(assignment->table, choice->hypervisor);
	case CONFIG_SECTION_AGENT:
	case CONFIG_SECTION_MEM_AGENT:
		return choice->agent.data && slice_equal(assignment->table, choice->agent);
	case CONFIG_SECTION_RUNTIME:
	case CONFIG_SECTION_FACTORY:
	case CONFIG_SECTION_COUNT:
		break;
	}
	return true;
}

/* In runtime-rs a later file may repair the type that an earlier one got wrong (spec/config.md 2.2). */
static enum config_severity type_severity(const struct config *config,
					  const struct config_assignment *assignment)
{
	return config->dialect == CONFIG_RS && assignment->overridden ? CONFIG_WARNING
								      : CONFIG_ERROR;
}

static void convert_all(struct config *config, const struct config_assignments *assignments,
			const struct choice *choice)
{
	for (size_t i = 0; i < assignments->count; i++) {
		const struct config_assignment *assignment = &assignments->items[i];

		config_convert(config, assignment, is_chosen(assignment, choice),
			       type_severity(config, assignment));
	}
}

/* --- the whole ---------------------------------------------------------------------------------- */

/* False when the main file is no TOML: then nothing can be said of what should have been in it. */
static bool read_and_merge(struct config *config, bool drop_ins)
{
	struct config_files files = { 0 };
	struct config_assignments assignments = { 0 };
	struct choice choice;
	bool complete;

	config_files_read(config, drop_ins, &files);
	complete = files.count && files.items[0].source == CONFIG_FROM_FILE;
	config_assignments_gather(config, &files, &assignments);
	choice = choose(config, &assignments);
	convert_all(config, &assignments, &choice);
	config_assignments_judge_unknown(config, &assignments);
	config_assignments_release(&assignments);
	config_files_release(&files);
	return complete;
}

void config_validate(struct config *config)
{
	if (config->dialect == CONFIG_GO)
		config_validate_go(config);
	else
		config_validate_rs(config);
}

static int search(struct config *config, const struct config_options *options)
{
	_cleanup_error_ struct error *error = NULL;
	int ret = config_search(options, &config->requested, &config->path, &error);

	if (ret < 0)
		config_problem_add(config,
				   &(struct config_problem){ .severity = CONFIG_ERROR,
							     .id = "no-file",
							     .code = ret,
							     .message = error_message(error) });
	return ret;
}

struct config *config_examine(const struct config_options *options)
{
	struct config_host host;
	struct config *config;

	if (options->host)
		host = *options->host;
	else
		config_host_detect(&host);
	config = config_new(&host, CONFIG_GO, CONFIG_QEMU);
	if (search(config, options) < 0) {
		config_choose(config, CONFIG_GO, CONFIG_QEMU, false);
		return config;
	}
	config->is_read = read_and_merge(config, !options->ignore_drop_ins);
	config_link_twins(config);
	config_adjust_all(config);
	if (config->is_read)
		config_validate(config);
	config_link_twins(config);
	return config;
}

int config_load(const struct config_options *options, struct config **config, struct error **err)
{
	_cleanup_(config_freep) struct config *examined = config_examine(options);
	int ret = config_verdict(examined, err);

	if (ret == 0)
		*config = steal(examined);
	return ret;
}
