/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which dialect, and which of the tables (spec/config.md 2.1, 8). */

#include "assignments.h"

/* Names of the two tables in use; data is NULL where there is none. */
struct config_choice {
	struct slice hypervisor, agent;
};

/*
 * Choose, and start the configuration over with the defaults of what was chosen. Tables that are unknown,
 * missing or one too many become problems.
 */
struct config_choice config_choose_tables(struct config *config,
					  const struct config_assignments *assignments);

/* Do these names mean the same hypervisor's table? One of them has an old name. */
bool config_same_table(struct slice a, struct slice b);
