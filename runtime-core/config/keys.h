/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Every configuration key as data. The rows are in keys.def; from them come parsing, validation, the
 * commands `env` and `config`, the reference in the manual and the shipped files. Facts: spec/config.md 3.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* The two sets of rules that share one file format (spec/config.md, first table). */
enum config_dialect {
	CONFIG_GO = 1 << 0,
	CONFIG_RS = 1 << 1,
	CONFIG_BOTH = CONFIG_GO | CONFIG_RS, /* in the table: the key belongs to both */
};

enum config_hypervisor {
	CONFIG_QEMU,
	CONFIG_CLH,
	CONFIG_FIRECRACKER,
	CONFIG_STRATOVIRT,
	CONFIG_DRAGONBALL,
	CONFIG_REMOTE,
	CONFIG_OPENVMM,
	CONFIG_HYPERVISOR_COUNT,
};

/* What a key's table is called: "hypervisor.NAME", "hypervisor.NAME.factory", "runtime", ... */
enum config_section {
	CONFIG_SECTION_HYPERVISOR,
	CONFIG_SECTION_ROOTLESS_USER,
	CONFIG_SECTION_TEMPLATE,
	CONFIG_SECTION_AGENT,
	CONFIG_SECTION_MEM_AGENT,
	CONFIG_SECTION_RUNTIME,
	CONFIG_SECTION_FACTORY,
	CONFIG_SECTION_COUNT,
};

enum config_type {
	CONFIG_TYPE_BOOL,
	CONFIG_TYPE_U8,
	CONFIG_TYPE_U32,
	CONFIG_TYPE_U64,
	CONFIG_TYPE_I32,
	CONFIG_TYPE_I64,
	CONFIG_TYPE_FLOAT, /* 32 bits wide, as the other implementations keep it */
	CONFIG_TYPE_STRING,
	CONFIG_TYPE_WORD,    /* a string out of a few; empty means unset */
	CONFIG_TYPE_PATH,    /* of something on this host */
	CONFIG_TYPE_STRINGS, /* a list */
	CONFIG_TYPE_NUMBERS, /* a list of u32, kept as decimal text */
	CONFIG_TYPE_IMAGES,  /* list of tables: struct config_extension_image */
	CONFIG_TYPE_MOUNTS,  /* list of tables: struct config_shared_mount */
};

/* CONFIG_HYPERVISOR_PATH, CONFIG_RUNTIME_ENABLE_DEBUG, ... in the order of keys.def. */
enum config_key {
	CONFIG_KEY_NONE,
#define KEY(section, id, ...) CONFIG_##section##_##id,
#define EXCEPTION(...)
#include "keys.def"
#undef KEY
#undef EXCEPTION
	CONFIG_KEY_COUNT,
};

struct config_key_info {
	enum config_section section;
	const char *name;
	enum config_type type;
	unsigned dialects; /* CONFIG_GO, CONFIG_RS or CONFIG_BOTH */

	/* Hypervisors that use the key, one letter each (see config_hypervisor_letter). */
	const char *go_users; /* others drop it */
	const char *rs_users; /* NULL: all */

	/* Values when unset, as text (true, 2048, virtio-scsi); NULL is false, 0, "" or an empty list. */
	const char *go_default;
	const char *rs_default;

	const char *unit; /* "MiB", "s", "ms", "bytes", "bit/s", "ops/s"; NULL: none */
	/* Values outside are brought to the nearest bound; 0 and 0: the type's range. */
	uint64_t min;
	uint64_t max;
	const char *const *go_words; /* NULL-terminated; NULL: not limited in that dialect */
	const char *const *rs_words;
	/* The error for any other word, {} the value, {words} the list; NULL: only a warning. */
	const char *go_refusal;
	const char *rs_refusal;

	/*
	 * The same setting by its name in the rs dialect (on the row of the Go name), whose value is ours
	 * times the factor.
	 */
	enum config_key twin;
	unsigned twin_factor;

	const char *alias;	/* a second spelling in the same table, or NULL */
	const char *annotation; /* its full name, or NULL */
	bool optional;		/* unset is something else than zero: no value at all */
	bool secret;		/* what prints the configuration does not print this */
	bool zero_counts;  /* rs: a written 0 or "" is a value; elsewhere it means the default */
	const char *about; /* one or two sentences */
};

/* The row of a key; valid for ever. */
const struct config_key_info *config_key_info(enum config_key key);

/* The key of a table by name or alias, exact case; CONFIG_KEY_NONE when there is none. */
enum config_key config_key_find(enum config_section section, struct slice name);
/* The same, upper and lower case being equal (ASCII). */
enum config_key config_key_find_any_case(enum config_section section, struct slice name);
/* The key that an annotation (full name) sets; CONFIG_KEY_NONE when there is none. */
enum config_key config_key_find_annotation(const char *annotation);

/* The heading that the key stands under, such as "Memory"; NULL where its table has none. */
const char *config_key_group(enum config_key key);

/* The other name of the same setting, from either side; CONFIG_KEY_NONE when there is none. */
enum config_key config_key_twin(enum config_key key);

/*
 * The known name (keys and aliases of the section) that a misspelt one probably means, by edit distance;
 * NULL when none is near.
 */
const char *config_key_nearest(enum config_section section, struct slice name);
/* The same among any words, NULL-terminated; also for values, sections and hypervisor names. */
const char *config_word_nearest(const char *const *words, struct slice word);

/* Does this hypervisor use the key in this dialect? Always true outside hypervisor tables. */
bool config_key_used_by(enum config_key key, enum config_dialect dialect,
			enum config_hypervisor hypervisor);

/* The default as text ("" for the empty one), hypervisor's exceptions applied. */
const char *config_key_default(enum config_key key, enum config_dialect dialect,
			       enum config_hypervisor hypervisor);

/* A value that the hypervisor has whatever the file says; NULL: the file decides. */
const char *config_key_forced(enum config_key key, enum config_dialect dialect,
			      enum config_hypervisor hypervisor);

/*
 * Defaults when there is no hypervisor table at all (spec/config.md 3.9): NULL where they are the same as
 * config_key_default() for qemu.
 */
const char *config_key_bare_default(enum config_key key);

/* A key that older releases knew (spec/config.md 3.5). */
struct config_obsolete_key {
	const char *section; /* "hypervisor", "agent", or "" for a whole top-level table */
	const char *name;
	const char *until; /* the last release that used it */
};
const struct config_obsolete_key *config_key_obsolete(const char *section, struct slice name);

/* "bool", "u32", "string", "path", "list of strings", ... */
const char *config_type_name(enum config_type type);

/* Table name of a hypervisor ("qemu", "clh", ...), and back; "cloud-hypervisor" is clh. -1: unknown. */
const char *config_hypervisor_name(enum config_hypervisor hypervisor);
int config_hypervisor_find(struct slice name);
/* Q C F S D R O, as in go_users. */
char config_hypervisor_letter(enum config_hypervisor hypervisor);
/* Is there such a table in the dialect? */
bool config_hypervisor_known(enum config_hypervisor hypervisor, enum config_dialect dialect);

/* The path of a section, with NAME for the table's own: "hypervisor.NAME.factory", "runtime". */
const char *config_section_path(enum config_section section);
