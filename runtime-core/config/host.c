// SPDX-License-Identifier: Apache-2.0
/* The little that limits need to know of this host, by three system calls. */
#include <sys/sysinfo.h>
#include <unistd.h>

#include "config.h"
#include "host/arch.h"
#include "host/cpu.h"

#define MIB (1024ULL * 1024)

void config_host_detect(struct config_host *host)
{
	struct sysinfo memory;
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	*host = (struct config_host){ .cpus = online > 0 ? (unsigned)online : 1,
				      .usable_cpus = host_cpu_usable(),
				      .architecture = host_arch_name(HOST_ARCH_COMPILED),
				      .device_root = "/dev" };
	if (sysinfo(&memory) == 0)
		host->memory_mib = (uint64_t)memory.totalram * memory.mem_unit / MIB;
}
