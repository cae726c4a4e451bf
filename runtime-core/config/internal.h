/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of this room share: how a type maps to what a value holds, and the stages of loading. */

#include "base/strbuf.h"
#include "config.h"

enum config_kind {
	CONFIG_KIND_BOOL,
	CONFIG_KIND_NATURAL,
	CONFIG_KIND_INTEGER,
	CONFIG_KIND_NUMBER,
	CONFIG_KIND_TEXT,
	CONFIG_KIND_LIST,
	CONFIG_KIND_TABLES, /* kept in the configuration, not in the value */
};

enum config_kind config_kind(enum config_key key);

#define FOR_EACH_CONFIG_KEY(key)                                               \
	for (enum config_key key = (enum config_key)1; key < CONFIG_KEY_COUNT; \
	     key = (enum config_key)(key + 1))

/* Start over with the defaults of this dialect and hypervisor. */
void config_choose(struct config *config, enum config_dialect dialect,
		   enum config_hypervisor hypervisor, bool has_hypervisor_table);

/* The set-up value of a text from the key table ("true", "2048", ...); a list only from "". */
void config_value_from_text(struct config_value *value, enum config_key key, const char *text);
void config_value_release(struct config_value *value, enum config_key key);

/* false, 0, "" or an empty list. */
bool config_value_is_zero(const struct config *config, enum config_key key);

void config_extension_images_clear(struct config *config);
void config_shared_mounts_clear(struct config *config);

#define CONFIG_PROBLEMS_MAX 1000 /* of a hopeless file, the first ones are enough */

/*
 * Add a problem like this one, with the message from the format; with a key, then also with the file, line,
 * column and key of its origin.
 */
void config_report(struct config *config, enum config_key key, const struct config_problem *like,
		   const char *format, ...) __attribute__((format(printf, 4, 5)));

void config_problems_clear(struct config *config);

/* The dialects' own parts of config_adjust_all() and config_validate(). */
void config_adjust_go(struct config *config);
void config_adjust_rs(struct config *config);
void config_validate_go(struct config *config);
void config_validate_rs(struct config *config);

/* Adjust and tell: the written value is not what its author will get. */
void config_limit(struct config *config, enum config_key key, uint64_t value, const char *why);

/* Put texts in the places of a text: the pairs alternate place ("{}") and text, NULL-terminated. To be freed. */
char *config_fill(const char *text, const char *const *pairs);

/* Most virtual CPUs that a machine of this architecture, as Go calls it, can have. */
unsigned config_architecture_cpus(const char *architecture);

/* Most virtual CPUs (0: no limit of its own) and least memory of a hypervisor, in the runtime-rs dialect. */
struct config_size_rule {
	const char *name;
	unsigned cpus_max, memory_min_mib;
};
const struct config_size_rule *config_size_rule(enum config_hypervisor hypervisor);

/* "[a b c]", as the existing tools list words; to be freed. */
char *config_words_text(const char *const *words);

/* Does the key have a line when this configuration is shown? */
bool config_is_shown(const struct config *config, enum config_key key);

/*
 * The value of a secret goes to the programs that need it and to nobody's screen: is there one to hide? What is
 * printed in its place, and why, where a reader may wonder.
 */
bool config_is_hidden(const struct config *config, enum config_key key);
#define CONFIG_HIDDEN	   "***"
#define CONFIG_HIDDEN_NOTE "a secret, not shown"

/* "note", "warning", "error" */
const char *config_severity_name(enum config_severity severity);
