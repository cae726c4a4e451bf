// SPDX-License-Identifier: Apache-2.0
#include "arch.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	const char *machine; /* uname -m */
} arches[HOST_ARCH_COUNT] = {
	[HOST_ARCH_AMD64] = { "amd64", "x86_64" },	[HOST_ARCH_ARM64] = { "arm64", "aarch64" },
	[HOST_ARCH_PPC64LE] = { "ppc64le", "ppc64le" }, [HOST_ARCH_S390X] = { "s390x", "s390x" },
	[HOST_ARCH_RISCV64] = { "riscv64", "riscv64" },
};

const char *host_arch_name(enum host_arch arch)
{
	return arches[arch].name;
}

int host_arch_parse(const char *name, enum host_arch *arch)
{
	for (size_t i = 0; i < HOST_ARCH_COUNT; i++)
		if (strcmp(name, arches[i].name) == 0 || strcmp(name, arches[i].machine) == 0) {
			*arch = (enum host_arch)i;
			return 0;
		}
	return -EINVAL;
}
