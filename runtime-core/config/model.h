/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Changing a configuration: for the loader, for adjustments and for annotations. */

#include "config.h"

/* A configuration with every value at its default for this dialect and hypervisor. */
struct config *config_new(const struct config_host *host, enum config_dialect dialect,
			  enum config_hypervisor hypervisor);

/* Keep a copy of a text as long as the configuration lives: for origins and notes. */
const char *config_keep(struct config *config, const char *text);
const char *config_keep_format(struct config *config, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Replace a value and its origin; the key counts as set. Text and lists are copied. */
void config_set_bool(struct config *config, enum config_key key, bool value,
		     const struct config_origin *origin);
void config_set_u64(struct config *config, enum config_key key, uint64_t value,
		    const struct config_origin *origin);
void config_set_i64(struct config *config, enum config_key key, int64_t value,
		    const struct config_origin *origin);
void config_set_double(struct config *config, enum config_key key, double value,
		       const struct config_origin *origin);
void config_set_string(struct config *config, enum config_key key, const char *value,
		       const struct config_origin *origin);
void config_set_list(struct config *config, enum config_key key, const struct string_list *value,
		     const struct config_origin *origin);

/* Put the default in place, as text from the key table; origin and set flag are those of a default. */
void config_reset(struct config *config, enum config_key key);

/*
 * Replace a value by what it effectively is, given as text of the key's type (lists: not). The origin
 * stays and its note becomes "adjusted from OLD: WHY"; nothing happens when the value is that already.
 */
void config_adjust(struct config *config, enum config_key key, const char *value, const char *why);

/* The value as text: true, 2048, 0.5, virtio-scsi; lists as a TOML array. To be freed. */
char *config_value_text(const struct config *config, enum config_key key);
/* The value as TOML: strings quoted, lists as arrays, tables inline. To be freed. */
char *config_value_toml(const struct config *config, enum config_key key);

/*
 * Give both names of a setting the same value: from the one that was written, or from the dialect's own
 * when neither or both were. Called by the loader; and again after an annotation has set one of them.
 */
void config_link_twins(struct config *config);

/*
 * Add a problem. Everything is copied but the id. `key` may be CONFIG_KEY_NONE; else the file, line and
 * column are those of the key's origin.
 */
void config_problem_add(struct config *config, const struct config_problem *problem);
void config_problem_at(struct config *config, enum config_severity severity, const char *id,
		       enum config_key key, int code, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* The adjustments and checks of the dialect, with the problems they find: what runs after reading. */
void config_adjust_all(struct config *config);
void config_validate(struct config *config);
