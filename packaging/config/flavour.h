/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A flavour: the settings of one shipped configuration file for one architecture, put together from its
 * description and those it is based on (spec/config.md 6).
 *
 *	[flavour]
 *	title = "Cloud Hypervisor"         what the file is for
 *	base = "qemu"                      start with the settings of this flavour
 *	hypervisor = "clh"                 which hypervisor, if not the base's
 *	architectures = ["amd64"]          which have the file, if not the base's
 *	without = ["factory"]              of the base's settings, leave out these keys and tables
 *
 *	[hypervisor.clh], [runtime], ...   settings, as they will stand in the file
 *	[on.arm64.runtime], ...            settings for one architecture only
 */

#include "base/slice.h"
#include "base/string_list.h"
#include "config/keys.h"
#include "toml/toml.h"
#include "variables.h"

#define FLAVOUR_MAX_BASES 8

struct setting {
	const struct toml_value *value; /* NULL: not in the file */
	struct slice name;		/* the key's, or its alias, as written */
};

struct flavour {
	enum config_dialect dialect;
	enum config_hypervisor hypervisor;
	char *title;
	struct string_list architectures;
	struct setting settings[CONFIG_KEY_COUNT];

	struct toml_document *documents[FLAVOUR_MAX_BASES]; /* own what the settings point to */
	size_t document_count;
};

struct flavour_source {
	enum config_dialect dialect;
	const char *directory; /* of the descriptions, NAME.toml */
	const char *architecture;
	const struct variables *variables;
};

/*
 * Read a flavour with its bases. Every key must be in the key table and belong to the dialect, and every
 * value must have the key's type, range and words; the message names file, line and key.
 */
int flavour_load(const struct flavour_source *source, const char *name, struct flavour **flavour,
		 struct error **err);
void flavour_free(struct flavour *flavour);
DEFINE_CLEANUP(struct flavour *, flavour_free)

/* The name of a section's table in this flavour, such as "hypervisor.clh.factory"; to be freed. */
char *flavour_table(const struct flavour *flavour, enum config_section section);

/* NULL, or what a value of this key must be instead, in words; to be freed. */
char *flavour_value_complaint(enum config_key key, enum config_dialect dialect,
			      const struct toml_value *value);
