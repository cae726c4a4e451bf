// SPDX-License-Identifier: Apache-2.0
/* Adjustments of the Go dialect (spec/config.md 3.1). */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "internal.h"
#include "model.h"

#define MEMORY_MIN_MIB 256

/* How many virtual CPUs a machine of this architecture can have. */
static const struct architecture_limit {
	const char *architecture;
	unsigned cpus;
} architecture_limits[] = {
	{ "amd64", 240 }, { "arm64", 123 },   { "ppc64le", 128 },
	{ "s390x", 248 }, { "riscv64", 512 },
};

unsigned config_architecture_cpus(const char *architecture)
{
	for (size_t i = 0; i < ARRAY_SIZE(architecture_limits); i++)
		if (strcmp(architecture, architecture_limits[i].architecture) == 0)
			return architecture_limits[i].cpus;
	return UINT_MAX;
}

static unsigned most_cpus(const struct config *config)
{
	unsigned limit = config_architecture_cpus(config->host.architecture);

	return config->host.cpus < limit ? config->host.cpus : limit;
}

static bool uses(const struct config *config, enum config_key key)
{
	return config_key_used_by(key, config->dialect, config->hypervisor);
}

static void adjust_cpus(struct config *config)
{
	double cpus = config_double(config, CONFIG_HYPERVISOR_DEFAULT_VCPUS);
	uint64_t most = config_u64(config, CONFIG_HYPERVISOR_DEFAULT_MAXVCPUS);
	unsigned limit = most_cpus(config);

	if (!uses(config, CONFIG_HYPERVISOR_DEFAULT_VCPUS))
		return;
	if (cpus < 0)
		config_limit(config, CONFIG_HYPERVISOR_DEFAULT_VCPUS, limit,
			     "a negative number means all CPUs of the host");
	else if (cpus > limit)
		config_limit(config, CONFIG_HYPERVISOR_DEFAULT_VCPUS, limit,
			     "the CPUs of the host, or what the architecture allows");
	if (most == 0 || most > limit) {
		_cleanup_free_ char *text = xasprintf("%u", limit);

		config_adjust(config, CONFIG_HYPERVISOR_DEFAULT_MAXVCPUS, text,
			      "the CPUs of the host, or what the architecture allows");
	}
}

static void adjust_memory(struct config *config)
{
	uint64_t most = config_u64(config, CONFIG_HYPERVISOR_DEFAULT_MAXMEMORY);

	if (uses(config, CONFIG_HYPERVISOR_DEFAULT_MEMORY) &&
	    config_u64(config, CONFIG_HYPERVISOR_DEFAULT_MEMORY) < MEMORY_MIN_MIB)
		config_limit(config, CONFIG_HYPERVISOR_DEFAULT_MEMORY,
			     strtoull(config_key_info(CONFIG_HYPERVISOR_DEFAULT_MEMORY)->go_default,
				      NULL, 10),
			     "too little for a guest (less than 256 MiB), so the default holds");
	if (uses(config, CONFIG_HYPERVISOR_DEFAULT_MAXMEMORY) &&
	    (most == 0 || most > config->host.memory_mib)) {
		_cleanup_free_ char *text =
			xasprintf("%llu", (unsigned long long)config->host.memory_mib);

		config_adjust(config, CONFIG_HYPERVISOR_DEFAULT_MAXMEMORY, text,
			      "the memory of the host");
	}
}

/* A burst is an allowance above a limit; without the limit there is nothing to allow. */
static const struct rate_limit {
	enum config_key rate, burst;
} rate_limits[] = {
	{ CONFIG_HYPERVISOR_DISK_RATE_LIMITER_BW_MAX_RATE,
	  CONFIG_HYPERVISOR_DISK_RATE_LIMITER_BW_ONE_TIME_BURST },
	{ CONFIG_HYPERVISOR_DISK_RATE_LIMITER_OPS_MAX_RATE,
	  CONFIG_HYPERVISOR_DISK_RATE_LIMITER_OPS_ONE_TIME_BURST },
	{ CONFIG_HYPERVISOR_NET_RATE_LIMITER_BW_MAX_RATE,
	  CONFIG_HYPERVISOR_NET_RATE_LIMITER_BW_ONE_TIME_BURST },
	{ CONFIG_HYPERVISOR_NET_RATE_LIMITER_OPS_MAX_RATE,
	  CONFIG_HYPERVISOR_NET_RATE_LIMITER_OPS_ONE_TIME_BURST },
};

static void adjust_bursts(struct config *config)
{
	for (size_t i = 0; i < ARRAY_SIZE(rate_limits); i++)
		if (config_i64(config, rate_limits[i].burst) &&
		    !config_i64(config, rate_limits[i].rate))
			config_limit(config, rate_limits[i].burst, 0, "a burst needs a rate limit");
}

/* Neither microvm nor arm64 without firmware has the ACPI tables that describe an NVDIMM. */
static void adjust_nvdimm(struct config *config)
{
	bool microvm =
		strcmp(config_string(config, CONFIG_HYPERVISOR_MACHINE_TYPE), "microvm") == 0;
	bool bare_arm = strcmp(config->host.architecture, "arm64") == 0 &&
			*config_string(config, CONFIG_HYPERVISOR_FIRMWARE) == '\0' &&
			config_list(config, CONFIG_HYPERVISOR_PFLASHES)->count == 0;

	if (config->hypervisor == CONFIG_QEMU && (microvm || bare_arm))
		config_adjust(config, CONFIG_HYPERVISOR_DISABLE_IMAGE_NVDIMM, "true",
			      microvm ? "machine type microvm has no NVDIMM"
				      : "arm64 without firmware has no NVDIMM");
}

void config_adjust_go(struct config *config)
{
	if (!config->has_hypervisor_table)
		return;
	adjust_cpus(config);
	adjust_memory(config);
	adjust_bursts(config);
	adjust_nvdimm(config);
}
