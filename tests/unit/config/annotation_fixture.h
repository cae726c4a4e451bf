/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Configurations and annotations for the tests: everything exists that a configuration names. */
#include "unit.h"

#include <string.h>

#include "config/annotations.h"
#include "config/model.h"

#define H(name) "io.katacontainers.config.hypervisor." name
#define R(name) "io.katacontainers.config.runtime." name
#define A(name) "io.katacontainers.config.agent." name

#define HOST_CPUS 4

static const struct config_host test_host = {
	.cpus = HOST_CPUS,
	.usable_cpus = HOST_CPUS,
	.memory_mib = 16384,
	.architecture = "amd64",
	.device_root = "/dev",
};

static const struct config_origin from_file = {
	.source = CONFIG_FROM_FILE,
	.path = "/etc/kata-containers/configuration.toml",
	.line = 1,
	.column = 1,
};

static inline struct config_origin origin_of(enum config_key key)
{
	struct config_origin origin = from_file;

	origin.written_as = key;
	return origin;
}

static inline void set_text(struct config *config, enum config_key key, const char *text)
{
	const struct config_origin origin = origin_of(key);

	config_set_string(config, key, text, &origin);
}

static inline void set_strings(struct config *config, enum config_key key,
			       const struct string_list *list)
{
	const struct config_origin origin = origin_of(key);

	config_set_list(config, key, list, &origin);
}

static inline void set_list(struct config *config, enum config_key key, const char *item)
{
	_cleanup_string_list_ struct string_list list = { 0 };

	string_list_add(&list, item);
	set_strings(config, key, &list);
}

/* All hypervisor annotations are open; paths are of files that exist everywhere. */
static inline struct config *open_config(enum config_dialect dialect,
					 enum config_hypervisor hypervisor)
{
	struct config *config = config_new(&test_host, dialect, hypervisor);

	config->path = xstrdup(from_file.path);
	set_list(config, CONFIG_HYPERVISOR_ENABLE_ANNOTATIONS, "");
	set_text(config, CONFIG_HYPERVISOR_PATH, "/bin/true");
	set_text(config, CONFIG_HYPERVISOR_KERNEL, "/bin/true");
	set_text(config, CONFIG_HYPERVISOR_IMAGE, "/bin/true");
	set_text(config, CONFIG_HYPERVISOR_VIRTIO_FS_DAEMON, "/bin/true");
	if (dialect == CONFIG_RS) {
		set_text(config, CONFIG_RUNTIME_NAME, "virt_container");
		set_text(config, CONFIG_RUNTIME_HYPERVISOR_NAME, "qemu");
		set_text(config, CONFIG_RUNTIME_AGENT_NAME, "kata");
	}
	return config;
}

/* Apply one annotation, or two with one list. Names and values end with their NUL. */
static inline int apply(struct config *config, const char *name, const char *value,
			struct error **err)
{
	const struct annotation item = { slice_of(name), slice_of(value) };

	return config_apply_annotations(config, &(struct annotations){ &item, 1 }, err);
}

#define apply_all(config, items, err) \
	config_apply_annotations(config, &(struct annotations){ items, ARRAY_SIZE(items) }, err)

#define ANNOTATION(name_, value_)                                                                \
	{                                                                                        \
		.name = { (name_), sizeof(name_) - 1 }, .value = {(value_), sizeof(value_) - 1 } \
	}

/* Is there a problem of this severity whose message contains the text? */
static inline bool has_problem(const struct config *config, enum config_severity severity,
			       const char *text)
{
	for (size_t i = 0; i < config->problem_count; i++)
		if (config->problems[i].severity == severity &&
		    strstr(config->problems[i].message, text))
			return true;
	return false;
}
