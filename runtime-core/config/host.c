// SPDX-License-Identifier: Apache-2.0
/* The little that limits need to know of this host, by three system calls. */
#include <sched.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "base/memory.h"
#include "config.h"

#define MIB (1024ULL * 1024)

static const struct architecture_name {
	const char *kernel, *go;
} architecture_names[] = {
	{ "x86_64", "amd64" }, { "aarch64", "arm64" },	 { "ppc64le", "ppc64le" },
	{ "s390x", "s390x" },  { "riscv64", "riscv64" },
};

void config_host_detect(struct config_host *host)
{
	struct utsname names;
	struct sysinfo memory;
	cpu_set_t affinity;
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	*host = (struct config_host){ .cpus = online > 0 ? (unsigned)online : 1,
				      .architecture = "unknown",
				      .device_root = "/dev" };
	host->usable_cpus = host->cpus;
	/* Hosts with more CPUs than the set holds make this fail: then all of them count. */
	if (sched_getaffinity(0, sizeof(affinity), &affinity) == 0)
		host->usable_cpus = (unsigned)CPU_COUNT(&affinity);
	if (sysinfo(&memory) == 0)
		host->memory_mib = (uint64_t)memory.totalram * memory.mem_unit / MIB;
	if (uname(&names) < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(architecture_names); i++)
		if (strcmp(names.machine, architecture_names[i].kernel) == 0)
			host->architecture = architecture_names[i].go;
}
