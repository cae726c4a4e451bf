// SPDX-License-Identifier: Apache-2.0
/*
 * How large a sandbox a pod may ask for. The Go dialect refuses what the host does not have; the runtime-rs
 * one refuses what the hypervisor could never have, and brings the rest down to the host when the
 * configuration is adjusted.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "annotation_apply.h"
#include "annotation_values.h"
#include "base/memory.h"
#include "internal.h"
#include "model.h"

#define GO_MEMORY_MIN_MIB 256

static bool is_remote(const struct config *config)
{
	return config->hypervisor == CONFIG_REMOTE;
}

/* --- CPUs at start ---------------------------------------------------------------------------------- */

static int check_cpus_go(const struct config *config, float cpus, struct error **err)
{
	if (!is_remote(config) && cpus > (float)config->host.usable_cpus)
		return error_set(err, -ERANGE,
				 "Number of cpus %f specified in annotation default_vcpus is "
				 "greater than the number of CPUs %u on the system",
				 (double)cpus, config->host.usable_cpus);
	return 0;
}

static int check_cpus_rs(const struct config *config, float cpus, struct error **err)
{
	unsigned most = config_size_rule(config->hypervisor)->cpus_max;

	if (most && cpus > (float)most)
		return error_set(err, -ERANGE,
				 "Vcpus specified in annotation %.7g is more than maximum "
				 "limitation %u",
				 (double)cpus, most);
	return 0;
}

int annotation_apply_cpus(const struct annotation_use *use, struct error **err)
{
	bool rs = use->config->dialect == CONFIG_RS;
	float cpus;
	int ret;

	ret = annotation_float(use, &cpus, err);
	if (ret < 0)
		return ret;
	ret = rs ? check_cpus_rs(use->config, cpus, err) : check_cpus_go(use->config, cpus, err);
	if (ret < 0)
		return ret;
	/* A machine has at least one CPU, but with a fixed size those of the containers are added first. */
	if (cpus == 0 && !config_bool(use->config, CONFIG_RUNTIME_STATIC_SANDBOX_RESOURCE_MGMT))
		cpus = 1;
	config_set_double(use->config, use->row->key, (double)cpus, &use->origin);
	return 0;
}

/* --- most CPUs -------------------------------------------------------------------------------------- */

static int check_most_cpus(const struct config *config, uint64_t cpus, struct error **err)
{
	unsigned architecture = config_architecture_cpus(config->host.architecture);

	if (is_remote(config))
		return 0;
	if (cpus > config->host.usable_cpus)
		return error_set(err, -ERANGE,
				 "Number of cpus %" PRIu64 " in annotation default_maxvcpus is "
				 "greater than the number of CPUs %u on the system",
				 cpus, config->host.usable_cpus);
	if (config->hypervisor == CONFIG_QEMU && cpus > architecture)
		return error_set(err, -ERANGE,
				 "Number of cpus %" PRIu64 " in annotation default_maxvcpus is "
				 "greater than max no of CPUs %u supported for qemu",
				 cpus, architecture);
	return 0;
}

/* 0 means as many as the host has. */
static uint64_t all_cpus(const struct config *config)
{
	unsigned architecture = config_architecture_cpus(config->host.architecture);

	return config->host.usable_cpus < architecture ? config->host.usable_cpus : architecture;
}

int annotation_apply_most_cpus(const struct annotation_use *use, struct error **err)
{
	uint64_t cpus;
	int ret;

	ret = annotation_number(use, &cpus, err);
	if (ret < 0)
		return ret;
	if (use->config->dialect == CONFIG_GO) {
		ret = check_most_cpus(use->config, cpus, err);
		if (ret < 0)
			return ret;
	}
	config_set_u64(use->config, use->row->key, cpus ? cpus : all_cpus(use->config),
		       &use->origin);
	return 0;
}

/* --- memory ----------------------------------------------------------------------------------------- */

static int apply_memory_go(const struct annotation_use *use, struct error **err)
{
	uint64_t mib;
	int ret = annotation_number(use, &mib, err);

	if (ret < 0)
		return ret;
	if (mib < GO_MEMORY_MIN_MIB && !is_remote(use->config))
		return error_set(err, -ERANGE,
				 "Memory specified in annotation %s is less than minimum required "
				 "%d, please specify a larger value",
				 use->row->name, GO_MEMORY_MIN_MIB);
	config_set_u64(use->config, use->row->key, mib, &use->origin);
	return 0;
}

static int apply_memory_rs(const struct annotation_use *use, struct error **err)
{
	unsigned least = config_size_rule(use->config->hypervisor)->memory_min_mib;
	uint64_t mib;
	int ret = annotation_memory(slice_of(use->value), &mib);

	if (ret == -EINVAL) {
		annotation_warn(use->config, use->row->name,
				"give MiB as a plain number, or a unit, such as 2048 or 2 GiB",
				"is no amount of memory and was ignored");
		return 0;
	}
	if (ret < 0 || mib > UINT32_MAX)
		return error_set(err, -ERANGE, "memory specified in annotation %s is too large",
				 use->row->name);
	if (mib < least)
		return error_set(err, -ERANGE,
				 "memory specified in annotation %" PRIu64
				 " is less than minimum limitation %u",
				 mib, least);
	config_set_u64(use->config, use->row->key, mib, &use->origin);
	return 0;
}

int annotation_apply_memory(const struct annotation_use *use, struct error **err)
{
	return use->config->dialect == CONFIG_RS ? apply_memory_rs(use, err)
						 : apply_memory_go(use, err);
}
