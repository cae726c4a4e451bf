// SPDX-License-Identifier: Apache-2.0
#include "cpuid.h"

#include <errno.h>

#if defined(__x86_64__)

#include <libcpuid/libcpuid.h>
#include <stdio.h>

#include "base/library.h"
#include "base/memory.h"

#define CPUID_SONAME "libcpuid.so.16"

/* Vendor and features stand in these; reading all the leaves there are takes ten times as long. */
#define BASIC_LEAVES	2
#define EXTENDED_LEAVES 5
#define EXTENDED_FIRST	0x80000000u

LIBRARY_NOTE("cpuid", "compare the processor's own answer with /proc/cpuinfo", "recommended",
	     CPUID_SONAME);

struct cpuid_functions {
	__typeof__(cpuid_present) *cpuid_present;
	__typeof__(cpu_exec_cpuid) *cpu_exec_cpuid;
	__typeof__(cpu_identify) *cpu_identify;
	__typeof__(cpuid_error) *cpuid_error;
};

static const struct library_symbol symbols[] = {
	LIBRARY_SYMBOL(struct cpuid_functions, cpuid_present),
	LIBRARY_SYMBOL(struct cpuid_functions, cpu_exec_cpuid),
	LIBRARY_SYMBOL(struct cpuid_functions, cpu_identify),
	LIBRARY_SYMBOL(struct cpuid_functions, cpuid_error),
	{ 0 },
};

static int cpuid_library(const struct cpuid_functions **functions, struct error **err)
{
	static struct cpuid_functions table;
	static struct library library = {
		.soname = CPUID_SONAME,
		.package = "libcpuid16",
		.symbols = symbols,
		.functions = &table,
	};

	*functions = &table;
	return library_use(&library, err);
}

int host_cpuid_read(struct host_cpuid *cpuid, struct error **err)
{
	/* Some KiB each. */
	_cleanup_free_ struct cpu_raw_data_t *raw = xcalloc(1, sizeof(*raw));
	_cleanup_free_ struct cpu_id_t *id = xcalloc(1, sizeof(*id));
	const struct cpuid_functions *library;
	int ret = cpuid_library(&library, err);

	if (ret < 0)
		return ret;
	if (!library->cpuid_present())
		return error_set(err, -ENOTSUP, "this processor has no CPUID instruction");
	for (uint32_t i = 0; i < BASIC_LEAVES; i++)
		library->cpu_exec_cpuid(i, raw->basic_cpuid[i]);
	for (uint32_t i = 0; i < EXTENDED_LEAVES; i++)
		library->cpu_exec_cpuid(EXTENDED_FIRST + i, raw->ext_cpuid[i]);
	if (library->cpu_identify(raw, id) < 0)
		return error_set(err, -EIO, "libcpuid: %s", library->cpuid_error());
	*cpuid = (struct host_cpuid){
		.vmx = id->flags[CPU_FEATURE_VMX],
		.svm = id->flags[CPU_FEATURE_SVM],
		.lm = id->flags[CPU_FEATURE_LM],
		.sse4_1 = id->flags[CPU_FEATURE_SSE4_1],
	};
	snprintf(cpuid->vendor, sizeof(cpuid->vendor), "%s", id->vendor_str);
	return 0;
}

#else

int host_cpuid_read(struct host_cpuid *cpuid, struct error **err)
{
	*cpuid = (struct host_cpuid){ 0 };
	return error_set(err, -ENOTSUP, "only amd64 processors have CPUID");
}

#endif
