/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The processor architectures Kata runs on, by the names that logs and `env` use (spec/kata-runtime.md 1). */

enum host_arch {
	HOST_ARCH_AMD64,
	HOST_ARCH_ARM64,
	HOST_ARCH_PPC64LE,
	HOST_ARCH_S390X,
	HOST_ARCH_RISCV64,
	HOST_ARCH_COUNT,
};

/* The one this program is compiled for. */
#if defined(__x86_64__)
#define HOST_ARCH_COMPILED HOST_ARCH_AMD64
#elif defined(__aarch64__)
#define HOST_ARCH_COMPILED HOST_ARCH_ARM64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define HOST_ARCH_COMPILED HOST_ARCH_PPC64LE
#elif defined(__s390x__)
#define HOST_ARCH_COMPILED HOST_ARCH_S390X
#elif defined(__riscv) && __riscv_xlen == 64
#define HOST_ARCH_COMPILED HOST_ARCH_RISCV64
#else
#error "Kata Containers does not run on this architecture"
#endif

/* "amd64", "arm64", "ppc64le", "s390x", "riscv64". Static. */
const char *host_arch_name(enum host_arch arch);

/* From such a name or from uname's ("x86_64", "aarch64"). Returns 0, -EINVAL for any other word. */
int host_arch_parse(const char *name, enum host_arch *arch);
