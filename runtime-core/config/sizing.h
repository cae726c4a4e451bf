/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How large a sandbox starts when it is never resized (static_sandbox_resource_mgmt): from what its
 * containers may use at most (spec/config.md 5.7). Numbers in, numbers out.
 */

#include "annotations.h"

/* Limits as cgroups have them; what is not known is 0. */
struct sizing_limits {
	uint64_t period_us;
	int64_t quota_us; /* negative: no limit */
	uint64_t shares;
	int64_t memory_bytes; /* negative: no limit */
};

/* What the containers need. CPUs are fractions, as wide as the existing tools keep them. */
struct sizing_workload {
	float cpus;
	uint64_t memory_mib;
};

/* The machine: what the configuration says before, and what to start afterwards. */
struct sizing_machine {
	float cpus;
	float overhead_cpus;
	uint64_t memory_mib;
	uint64_t overhead_memory_mib;
	uint64_t most_cpus;
	uint64_t most_memory_mib;
};

/*
 * A pod's limits, from the annotations of containerd and CRI-O. What cannot be read counts as 0, and is
 * added to `unreadable` by name.
 */
void sizing_limits_of_pod(const struct annotations *annotations, enum config_dialect dialect,
			  struct sizing_limits *limits, struct string_list *unreadable);

/* Shares count in the Go dialect only, where the quota says that there is no limit. */
void sizing_workload_of(const struct sizing_limits *limits, enum config_dialect dialect,
			struct sizing_workload *workload);

/*
 * The machine for the workload. Error -EINVAL for a machine without memory (runtime-rs, which then names the
 * hypervisor), -ERANGE for more than 32 bits of MiB.
 */
int sizing_apply(const struct sizing_workload *workload, enum config_dialect dialect,
		 const char *hypervisor, struct sizing_machine *machine, struct error **err);

/* The same on a configuration: does nothing to one whose sandboxes are resized later. */
int sizing_apply_to_config(struct config *config, const struct sizing_workload *workload,
			   struct error **err);
