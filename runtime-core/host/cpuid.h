/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What an amd64 processor says of itself, asked directly and decoded by libcpuid. It can differ from
 * /proc/cpuinfo, where the kernel leaves out what it or the firmware has switched off.
 */

#include <stdbool.h>

#include "base/error.h"

struct host_cpuid {
	char vendor[16]; /* "GenuineIntel", "AuthenticAMD", ... */
	bool vmx, svm, lm, sse4_1;
};

/*
 * Ask the processor this thread runs on. Opens libcpuid on first use. -ENOTSUP on other architectures,
 * -ELIBACC when libcpuid is not installed, -EIO with its reason when it cannot decode the answer.
 */
int host_cpuid_read(struct host_cpuid *cpuid, struct error **err);
