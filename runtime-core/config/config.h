/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The configuration: found, read with its drop-ins, checked, and every value with the place it came from
 * (spec/config.md).
 *
 *	_cleanup_(config_freep) struct config *config = NULL;
 *
 *	ret = config_load(&(struct config_options){ .path = path }, &config, err);
 *	if (config_bool(config, CONFIG_RUNTIME_ENABLE_DEBUG)) ...
 *
 * Tools that must work on broken configurations call config_examine() and look at the problems.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/string_list.h"
#include "keys.h"

/* ---- what a value is and where it came from ---------------------------------------------------- */

enum config_source {
	CONFIG_FROM_DEFAULT,
	CONFIG_FROM_FILE,
	CONFIG_FROM_DROP_IN,
	CONFIG_FROM_ANNOTATION,
};

struct config_origin {
	enum config_source source;
	const char *path; /* of the file, or the annotation's name; NULL for a default */
	unsigned line, column;
	enum config_key written_as; /* the key that was written: the key itself, or its twin */
	/* Why the effective value is not the written one, such as "adjusted from 100: ...", or NULL. */
	const char *note;
};

struct config_value {
	union {
		bool boolean;
		uint64_t natural; /* U8, U32, U64 */
		int64_t integer;  /* I32, I64 */
		double number;
		char *string;		 /* STRING, WORD, PATH; never NULL */
		struct string_list list; /* STRINGS, NUMBERS */
	};
	bool is_set; /* written somewhere, under this name or its twin's */
	struct config_origin origin;
};

struct config_extension_image {
	char *name, *path, *verity_params;
};

struct config_shared_mount {
	char *name, *src_ctr, *src_path, *dst_ctr, *dst_path;
};

/* ---- what is wrong ----------------------------------------------------------------------------- */

enum config_severity {
	CONFIG_NOTE, /* worth knowing: a key that this hypervisor does not use, an adjusted value */
	CONFIG_WARNING, /* does not prevent loading, and is probably not what was meant */
	CONFIG_ERROR,	/* config_load() fails */
};

struct config_problem {
	enum config_severity severity;
	int code;	/* a negative errno */
	const char *id; /* what kind, stable: "unknown-key", "type", "range", "missing-file", ... */
	const char *file; /* NULL when no file is concerned */
	unsigned line;	  /* 0: the file as a whole */
	unsigned column;
	const char *key; /* "hypervisor.qemu.path", or NULL */
	const char
		*message; /* without file and line; starts with the existing tools' exact words */
	const char *suggestion; /* what to do, such as the nearest known word; NULL for none */
	bool prefixed;		/* the existing tools put "PATH: " of the main file in front */
};

/* ---- the host, as far as limits need it -------------------------------------------------------- */

struct config_host {
	unsigned cpus;	      /* online */
	unsigned usable_cpus; /* in this process's affinity mask */
	uint64_t memory_mib;
	const char *architecture; /* as Go says it: amd64, arm64, ppc64le, s390x, riscv64 */
	const char *device_root;  /* "/dev" */
};

/* The facts of this host, from the kernel; costs three system calls. */
void config_host_detect(struct config_host *host);

/* ---- the configuration ------------------------------------------------------------------------- */

struct config {
	enum config_dialect dialect; /* CONFIG_RS when [runtime] hypervisor_name is there */
	enum config_hypervisor hypervisor;
	bool has_hypervisor_table;
	char *agent_name; /* of the agent table in use; "kata" when there is none */
	char *requested;  /* the path as found, before links were followed; NULL: none was found */
	char *path;	  /* resolved; NULL: none was found */
	bool is_read;	  /* that file is TOML; if not, all values are defaults or from drop-ins */
	struct string_list drop_ins; /* paths applied, in order */
	struct config_host host;

	struct config_value values[CONFIG_KEY_COUNT];
	struct config_extension_image *extension_images;
	size_t extension_image_count;
	struct config_shared_mount *shared_mounts;
	size_t shared_mount_count;

	struct config_problem *problems; /* in the order in which the existing tools check */
	size_t problem_count, problem_capacity;

	struct string_list texts; /* owns what origins point to */
};

struct config_options {
	const char *path;     /* the file to read; NULL or "": search the default paths */
	bool use_environment; /* obey KATA_CONF_FILE when no path is given; kata-runtime does not */
	bool ignore_drop_ins; /* read the main file alone */
	const struct config_host *host; /* NULL: this host */
	/* NULL: the real default paths (config_default_paths); else these, the first two as Go's. */
	const struct string_list *default_paths;
};

/*
 * Find, read, merge, adjust and check. Fails with the first error in the order of spec/config.md 2.1 and
 * 3.6; its message starts with the existing tools' words and ends with file and line. Reads files; never
 * blocks on FIFOs or devices.
 */
int config_load(const struct config_options *options, struct config **config, struct error **err);

/*
 * The same without failing: what could be read, defaults for the rest, and all problems. Never NULL.
 */
struct config *config_examine(const struct config_options *options);

/* 0, or the first problem of error severity as an error. */
int config_verdict(const struct config *config, struct error **err);

void config_free(struct config *config);
DEFINE_CLEANUP(struct config *, config_free)

/* How many problems are at least this severe. */
size_t config_problem_count(const struct config *config, enum config_severity severity);

/* One line: "PATH:LINE:COLUMN: severity: message (suggestion)" as `config check` prints it; to be freed. */
char *config_problem_text(const struct config_problem *problem);

/* ---- values ------------------------------------------------------------------------------------ */

/* The type must fit the key's, which is checked. Numbers of any unsigned type come as u64. */
bool config_bool(const struct config *config, enum config_key key);
uint64_t config_u64(const struct config *config, enum config_key key);
int64_t config_i64(const struct config *config, enum config_key key);
double config_double(const struct config *config, enum config_key key);
/* Strings and lists are borrowed from the configuration, and never NULL. */
const char *config_string(const struct config *config, enum config_key key);
const struct string_list *config_list(const struct config *config, enum config_key key);

const struct config_origin *config_origin(const struct config *config, enum config_key key);
/* Was it written, in a file or an annotation? */
bool config_is_set(const struct config *config, enum config_key key);

/* The key's full name in this configuration: "hypervisor.qemu.path"; to be freed. */
char *config_key_path(const struct config *config, enum config_key key);

/* ---- default paths ----------------------------------------------------------------------------- */

#define CONFIG_GO_PATHS 2 /* the first of them; what --show-default-config-paths prints */

/* Where a configuration is looked for, first wins: the two Go ones, then runtime-rs's three. */
void config_default_paths(struct string_list *paths);
