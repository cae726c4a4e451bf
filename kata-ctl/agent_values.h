/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What `name=value` words have said so far; later commands of the same run see it (spec/kata-ctl.md 2.3). */

#include "base/slice.h"

struct agent_values {
	struct agent_value {
		char *name;
		char *value;
	} * items;
	size_t count;
	size_t capacity;
};

/* NULL for a name that has no value. */
const char *agent_values_get(const struct agent_values *values, const char *name);

/* Copies both; an older value is replaced. */
void agent_values_set(struct agent_values *values, struct slice name, struct slice value);

void agent_values_release(struct agent_values *values);
