/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The files of a configuration, read and parsed, in the order in which they are applied. */

#include "config.h"
#include "toml/toml.h"

struct config_file {
	enum config_source source;
	const char *path; /* kept by the configuration */
	struct toml_document *document;
};

struct config_files {
	struct config_file *items;
	size_t count, capacity;
};

/*
 * Read config->path and, if wanted, the entries of config.d beside it; what cannot be read becomes a problem and the
 * rest is read nevertheless. Drop-ins applied are added to config->drop_ins.
 */
void config_files_read(struct config *config, bool drop_ins, struct config_files *files);
void config_files_release(struct config_files *files);
