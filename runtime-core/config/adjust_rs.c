// SPDX-License-Identifier: Apache-2.0
/* Adjustments of the runtime-rs dialect (spec/config.md 3.1, 3.7). */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "internal.h"
#include "model.h"

#define DRAGONBALL_CPUS_MAX 256
#define DAX_WINDOW_MIB	    "1024"
#define PPC_MEMORY_MIN_MIB  1024
#define PPC_MEMORY_STEP_MIB 256

static bool is_empty(const struct config *config, enum config_key key)
{
	return config_string(config, key)[0] == '\0';
}

static void adjust_number(struct config *config, enum config_key key, uint64_t value,
			  const char *why)
{
	_cleanup_free_ char *text = xasprintf("%" PRIu64, value);

	config_adjust(config, key, text, why);
}

static void adjust_block(struct config *config)
{
	enum config_key store = CONFIG_HYPERVISOR_VHOST_USER_STORE_PATH;
	const char *unused = "disable_block_device_use = true";

	if (config_bool(config, CONFIG_HYPERVISOR_DISABLE_BLOCK_DEVICE_USE)) {
		config_adjust(config, CONFIG_HYPERVISOR_BLOCK_DEVICE_DRIVER, "", unused);
		config_adjust(config, CONFIG_HYPERVISOR_ENABLE_VHOST_USER_STORE, "false", unused);
		config_adjust(config, CONFIG_HYPERVISOR_MEMORY_OFFSET, "0", unused);
	}
	if (!config_bool(config, CONFIG_HYPERVISOR_ENABLE_VHOST_USER_STORE))
		config_adjust(config, store, "", "enable_vhost_user_store = false");
	else if (is_empty(config, store))
		config_adjust(config, store, "/var/run/vhost-user", "means the default");
}

static void adjust_cpus(struct config *config)
{
	enum config_key most_key = CONFIG_HYPERVISOR_DEFAULT_MAXVCPUS;
	unsigned host = config->host.usable_cpus;
	double cpus = config_double(config, CONFIG_HYPERVISOR_DEFAULT_VCPUS);
	uint64_t most = config_u64(config, most_key);

	if (most == 0 || most > host)
		adjust_number(config, most_key, host, "the CPUs that this process may use");
	if (config->hypervisor == CONFIG_DRAGONBALL &&
	    config_u64(config, most_key) > DRAGONBALL_CPUS_MAX)
		adjust_number(config, most_key, DRAGONBALL_CPUS_MAX,
			      "the most that dragonball has");
	most = config_u64(config, most_key);
	if (cpus < 0)
		config_limit(config, CONFIG_HYPERVISOR_DEFAULT_VCPUS, most,
			     "a negative number means all CPUs that this process may use");
	else if (cpus > (double)most)
		config_limit(config, CONFIG_HYPERVISOR_DEFAULT_VCPUS, most,
			     "more than default_maxvcpus, or than the host has");
}

static void adjust_memory(struct config *config)
{
	enum config_key start = CONFIG_HYPERVISOR_DEFAULT_MEMORY;
	enum config_key most_key = CONFIG_HYPERVISOR_DEFAULT_MAXMEMORY;
	uint64_t host = config->host.memory_mib;
	uint64_t most = config_u64(config, most_key);

	if (config_u64(config, start) > host)
		config_limit(config, start, host, "the memory of the host");
	if (most == 0 || most > host)
		adjust_number(config, most_key, host, "the memory of the host");
	if (strcmp(config->host.architecture, "ppc64le") == 0) {
		uint64_t memory = config_u64(config, start);

		if (memory < PPC_MEMORY_MIN_MIB)
			config_limit(config, start, PPC_MEMORY_MIN_MIB, "ppc64le needs as much");
		else if (memory % PPC_MEMORY_STEP_MIB)
			config_limit(config, start, memory - memory % PPC_MEMORY_STEP_MIB,
				     "ppc64le wants a multiple of 256 MiB");
	}
}

static void adjust_shared_fs(struct config *config)
{
	enum config_key size = CONFIG_HYPERVISOR_VIRTIO_FS_CACHE_SIZE;

	if (strcmp(config_string(config, CONFIG_HYPERVISOR_VIRTIO_FS_CACHE), "none") == 0)
		config_adjust(config, CONFIG_HYPERVISOR_VIRTIO_FS_CACHE, "never",
			      "the old name of never");
	if (config_u64(config, size))
		config_adjust(config, CONFIG_HYPERVISOR_VIRTIO_FS_IS_DAX, "true",
			      "virtio_fs_cache_size is not 0");
	else if (config_bool(config, CONFIG_HYPERVISOR_VIRTIO_FS_IS_DAX))
		config_adjust(config, size, DAX_WINDOW_MIB, "DAX needs a window");
}

static bool is_level(const char *word, enum config_key key)
{
	const char *const *words = config_key_info(key)->rs_words;

	while (*words && strcmp(*words, word) != 0)
		words++;
	return *words;
}

static void adjust_log_levels(struct config *config)
{
	static const enum config_key keys[] = {
		CONFIG_HYPERVISOR_LOG_LEVEL,
		CONFIG_AGENT_LOG_LEVEL,
		CONFIG_RUNTIME_LOG_LEVEL,
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *level = config_string(config, keys[i]);

		if (is_level(level, keys[i]))
			continue;
		config_problem_at(config, CONFIG_WARNING, "value", keys[i], -EINVAL,
				  "no such log level: %s, so info holds", level);
		config_adjust(config, keys[i], "info", "no such level");
	}
	if (config_bool(config, CONFIG_HYPERVISOR_ENABLE_DEBUG) &&
	    strcmp(config_string(config, CONFIG_HYPERVISOR_LOG_LEVEL), "info") == 0)
		config_adjust(config, CONFIG_HYPERVISOR_LOG_LEVEL, "debug", "enable_debug = true");
}

void config_adjust_rs(struct config *config)
{
	adjust_block(config);
	adjust_cpus(config);
	adjust_memory(config);
	adjust_shared_fs(config);
	adjust_log_levels(config);
}
