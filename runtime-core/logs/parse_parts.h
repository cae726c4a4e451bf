/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The steps of logs_parse(), inside this room only. */

#include "parse.h"

/* Wrapped records can be wrapped themselves; nobody does it deeper than twice. */
#define LOGS_MAX_WRAPPING 4

/* A text without unpacking: fields set, pairs sorted, nothing checked. */
int logs_parse_text(const struct logs_rules *rules, struct logs_line *line,
		    struct logs_record *record, struct error **err);

/* Text and unpacking, `depth` wrappers deep, and the checks at the end. */
int logs_parse_depth(const struct logs_rules *rules, struct logs_line *line,
		     struct logs_record *record, unsigned depth, struct error **warning,
		     struct error **err);

/* Are the fields there that every record has? Error -EINVAL: "missing pid: {Data:...}". */
int logs_record_check(const struct logs_record *record, bool ignore_missing_fields,
		      struct error **err);

/* Is it what a logger writes? For strict rules. Error -EINVAL. */
int logs_value_check(struct slice key, struct slice value, const struct logs_record *record,
		     struct error **err);

/* Replace a wrapper by the record inside it. *warning as in logs_parse(). */
int logs_unpack(const struct logs_rules *rules, struct logs_record *record, unsigned depth,
		struct error **warning, struct error **err);

/* "INFO" to "info"; other words as they are. */
struct slice logs_level_word(struct slice level);

/* A decimal number with an optional sign; nothing is 0. -EINVAL or -ERANGE. */
int logs_parse_pid(struct slice text, int64_t *pid);

/* The same as error_set(), with " (entry: RECORD)" behind the message; for the terminal, and cut to a sane length. */
int logs_record_error(const struct logs_record *record, struct error **err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
