/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What `env` prints: an ordered list of values with paths such as "Host.CPU.Model", and the two layouts that
 * scripts read (spec/kata-runtime.md 8.2). The order is that of the JSON form; TOML prints a table's plain
 * values before its tables. Values of one table must follow each other.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "base/string_list.h"

enum env_type {
	ENV_STRING,
	ENV_BOOL,
	ENV_NUMBER,
	ENV_LIST,
};

struct env_value {
	const char *path;
	enum env_type type;
	union {
		char *string; /* owned */
		bool boolean;
		uint64_t number;
		const struct string_list *list; /* borrowed; NULL: null in JSON, absent in TOML */
	};
};

/* Start with a zeroed struct. */
struct env_document {
	struct env_value *values;
	size_t count;
	size_t capacity;
};

/* Paths are borrowed; NULL is taken for "". */
void env_add_string(struct env_document *document, const char *path, const char *value);
void env_add_bool(struct env_document *document, const char *path, bool value);
void env_add_number(struct env_document *document, const char *path, uint64_t value);
void env_add_list(struct env_document *document, const char *path, const struct string_list *value);

void env_write_json(const struct env_document *document, struct strbuf *out);
void env_write_toml(const struct env_document *document, struct strbuf *out);

void env_document_release(struct env_document *document);
#define _cleanup_env_document_ _cleanup_(env_document_release)
