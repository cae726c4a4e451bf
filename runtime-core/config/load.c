// SPDX-License-Identifier: Apache-2.0
/*
 * Loading, from a path to a configuration that holds:
 *
 *	search    which file                                          search.c
 *	read      it and its drop-ins, as TOML                        files.c
 *	gather    one list of assignments, later ones replacing       assignments.c
 *	choose    dialect, hypervisor table, agent table              choose.c
 *	convert   TOML values to typed ones                           convert.c
 *	link      the two dialects' names of one setting              twins.c
 *	adjust    from what is written to what holds                  adjust*.c
 *	validate  what cannot work                                    validate*.c
 *
 * Nothing stops at the first problem. Problems stand in the order in which the existing tools meet them.
 */
#include <errno.h>

#include "assignments.h"
#include "choose.h"
#include "convert.h"
#include "internal.h"
#include "model.h"
#include "search.h"

/* --- converting --------------------------------------------------------------------------------- */

static bool is_chosen(const struct config_assignment *assignment,
		      const struct config_choice *choice)
{
	switch (assignment->section) {
	case CONFIG_SECTION_HYPERVISOR:
	case CONFIG_SECTION_ROOTLESS_USER:
	case CONFIG_SECTION_TEMPLATE:
		return choice->hypervisor.data &&
		       config_same_table(assignment->table, choice->hypervisor);
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
			const struct config_choice *choice)
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
	struct config_choice choice;
	bool complete;

	config_files_read(config, drop_ins, &files);
	complete = files.count && files.items[0].source == CONFIG_FROM_FILE;
	config_assignments_gather(config, &files, &assignments);
	choice = config_choose_tables(config, &assignments);
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
	bool named = options->path && *options->path;
	bool missing = ret == -ENOENT;

	if (ret < 0)
		config_problem_add(
			config, &(struct config_problem){
					.severity = CONFIG_ERROR,
					.id = "no-file",
					.code = ret,
					.message = error_message(error),
					.suggestion = missing && !named
							      ? "install one there, or name another"
							      : NULL });
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
