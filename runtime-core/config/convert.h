/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* TOML values into typed ones (spec/config.md 2.5). */

#include "assignments.h"

/*
 * Check an assignment's type and range and, if `store`, keep its value with this origin. A wrong one
 * becomes a problem of the given severity, and the value stays what it was.
 */
void config_convert(struct config *config, const struct config_assignment *assignment, bool store,
		    enum config_severity severity);

/* A TOML value's type as the existing tools name it: string, int64, bool, float64, time.Time, ... */
const char *config_toml_type_name(const struct toml_value *value);

/*
 * Add "toml: line N (last key "KEY"): WORDS" at this place, for a drop-in with the usual words in front.
 * The advice may be NULL.
 */
void config_type_problem(struct config *config, const struct config_file *file,
			 enum config_severity severity, const char *key,
			 struct toml_position position, const char *words, const char *advice);
