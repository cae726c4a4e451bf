/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A configuration for people and scripts: what holds, where it comes from, what differs, what there is. The
 * value of a secret (jaeger_password) is printed as "***" and a note, since such output ends up in bug reports.
 */

#include "base/strbuf.h"
#include "config.h"

/*
 * The effective configuration as a TOML document, which loads to the same values but for secrets. With `origin` each line
 * ends with a comment that says where the value comes from.
 */
void config_show_toml(const struct config *config, bool origin, struct strbuf *out);

/*
 * The same as JSON: an object of objects as in the file; with `origin` { "path", "drop_ins", "dialect",
 * "hypervisor", "values": [ { "key", "value", "source", "path", "line", "column", "note" } ] }.
 */
void config_show_json(const struct config *config, bool origin, struct strbuf *out);

/* Problems at least this severe, one a line, and a line that counts them. */
void config_show_problems(const struct config *config, enum config_severity least,
			  struct strbuf *out);
/* { "path", "drop_ins", "errors", "warnings", "problems": [ { "severity", "id", "message", ... } ] } */
void config_show_problems_json(const struct config *config, enum config_severity least,
			       struct strbuf *out);

/*
 * The values in which a configuration differs from another, as lines with "-" and "+" below the tables'
 * headers; returns how many differ.
 */
size_t config_show_difference(const struct config *from, const struct config *to,
			      struct strbuf *out);

/*
 * All keys whose full name contains `word` ("" for all), with type, default, users and meaning; return how
 * many. In a full name, the table may be called NAME, or as in a file: hypervisor.qemu, agent.kata.
 */
size_t config_show_keys(const char *word, struct strbuf *out);
size_t config_show_keys_json(const char *word, struct strbuf *out);
