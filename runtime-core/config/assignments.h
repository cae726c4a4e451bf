/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The files as one list of assignments in the order of application: "KEY of TABLE is VALUE, as written
 * here". A later one for the same key replaces an earlier one; arrays are replaced whole.
 */

#include "files.h"

struct config_assignment {
	enum config_section section;
	struct slice table; /* "qemu", "kata"; empty outside hypervisor and agent tables */
	enum config_key key;
	const struct toml_member *member; /* its key has the spelling in the file */
	const struct config_file *file;
	bool overridden; /* a later one replaces it */
};

/* A hypervisor or agent table, once for each place where a file mentions it. */
struct config_table {
	enum config_section section; /* hypervisor or agent */
	struct slice name;
	struct toml_position position;
	const struct config_file *file;
};

/* A key that is in no table of ours. */
struct config_unknown {
	enum config_section section; /* CONFIG_SECTION_COUNT: top level */
	struct slice table;
	const struct toml_member *member;
	const struct config_file *file;
};

struct config_assignments {
	struct config_assignment *items;
	size_t count, capacity;
	struct config_table *tables;
	size_t table_count, table_capacity;
	struct config_unknown *unknown;
	size_t unknown_count, unknown_capacity;
};

/*
 * Take the documents apart. What is written where a table is expected, and keys written twice in two
 * spellings, become problems here; unknown keys are judged later, when the dialect is known.
 */
void config_assignments_gather(struct config *config, const struct config_files *files,
			       struct config_assignments *assignments);
void config_assignments_release(struct config_assignments *assignments);

/* The last assignment of a key; NULL when there is none. `table` may be NULL for any. */
const struct config_assignment *
config_assignments_last(const struct config_assignments *assignments, enum config_key key);

/* Problems for unknown keys, by the rules of the dialect (spec/config.md 2.3, 2.4). */
void config_assignments_judge_unknown(struct config *config,
				      const struct config_assignments *assignments);

/* "hypervisor.qemu.path" as the file has it; to be freed. */
char *config_written_path(enum config_section section, struct slice table, struct slice name);
