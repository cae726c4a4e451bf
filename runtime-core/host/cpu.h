/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the kernel says about the processors in PROC/cpuinfo. The text differs per architecture; the
 * rules are those of spec/kata-runtime.md 7.4 and 8.5.
 */

#include <stdbool.h>

#include "base/slice.h"
#include "host.h"

struct host_cpuinfo {
	enum host_arch arch;
	char *text; /* owned */
	struct slice whole;
	struct slice
		block; /* the first processor: up to the first empty line, trimmed; not empty */
};

#define HOST_CPUINFO_MAX_BYTES ((size_t)64 << 20)

/*
 * Read it. -ENODATA "Cannot determine CPU details: ..." for an empty file, else why it cannot be read. On
 * failure the text is empty and every question below has its empty answer; release works in any case.
 */
int host_cpuinfo_read(const struct host *host, struct host_cpuinfo *cpuinfo, struct error **err);
void host_cpuinfo_release(struct host_cpuinfo *cpuinfo);

/* The first processor's features ("flags" on amd64, ...), trimmed. Empty where there is no such line. */
struct slice host_cpuinfo_flags(const struct host_cpuinfo *cpuinfo);

/* The value of the block's last line that starts with `prefix`: what is between its first and second
 * colon, trimmed. Empty if there is none. */
struct slice host_cpuinfo_value(const struct host_cpuinfo *cpuinfo, const char *prefix);

/* Is this an amd64 guest of some hypervisor? False on other architectures, where the file does not say. */
bool host_cpuinfo_in_vm(const struct host_cpuinfo *cpuinfo);

/* Processors listed, i.e. online in the whole machine. */
unsigned host_cpuinfo_count(const struct host_cpuinfo *cpuinfo);

/* Processors this process may run on (its affinity mask); at least 1. */
unsigned host_cpu_usable(void);

enum host_cpu_vendor {
	HOST_CPU_OTHER,
	HOST_CPU_INTEL,
	HOST_CPU_AMD, /* with Hygon, whose processors virtualise the same way */
};

/* Whose amd64 processor this is, from the first processor's vendor_id. HOST_CPU_OTHER elsewhere. */
enum host_cpu_vendor host_cpuinfo_vendor(const struct host_cpuinfo *cpuinfo);

/* Vendor and model as `env` shows them. */
struct host_cpu_identity {
	char *vendor; /* "" on ppc64le */
	char *model;
};

/* -ENODATA "cannot find vendor field in file /proc/cpuinfo" (or model field); what was found is set
 * nevertheless, the other is NULL. Release in any case. */
int host_cpu_identify(const struct host *host, const struct host_cpuinfo *cpuinfo,
		      struct host_cpu_identity *identity, struct error **err);
void host_cpu_identity_release(struct host_cpu_identity *identity);

/* The generation of a POWER processor (8, 9, 10, ...); 0 where cpuinfo does not say. */
unsigned host_cpuinfo_power_generation(const struct host_cpuinfo *cpuinfo);
