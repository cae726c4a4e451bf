/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A host to ask: its architecture, and where the files of its kernel and distribution are. Everything in
 * this room takes one, so that the same code reads this machine, a recorded machine of any architecture
 * in the tests, or a node's file system mounted somewhere.
 */

#include <stdint.h>

#include "arch.h"
#include "base/error.h"

struct host {
	enum host_arch arch;
	const char *proc;    /* "/proc" */
	const char *sys;     /* "/sys" */
	const char *dev;     /* "/dev" */
	const char *etc;     /* "/etc" */
	const char *usr_lib; /* "/usr/lib" */
	const char *modules; /* "/lib/modules", with a directory per kernel release */
};

/* This machine. */
extern const struct host host_here;

/*
 * The running kernel's release, the third word of PROC/version (spec/kata-runtime.md 8.1); to be freed.
 * -EINVAL "unexpected contents in /proc/version", or why the file cannot be read.
 */
int host_kernel_release(const struct host *host, char **release, struct error **err);

/* What the distribution calls itself; a member is NULL where the host does not say. */
struct host_distro {
	char *name;    /* NAME= of os-release */
	char *version; /* VERSION_ID= */
};

/* From ETC/os-release, and from USR_LIB/os-release what that lacks. */
void host_distro_read(const struct host *host, struct host_distro *distro);
void host_distro_release(struct host_distro *distro);

/* In KiB, as the kernel says it; 0 for a value that is missing or no number. */
struct host_memory {
	uint64_t total_kib;
	uint64_t free_kib;
	uint64_t available_kib;
};

/* From PROC/meminfo. When that cannot be read, the error says why and all values are 0. */
int host_memory_read(const struct host *host, struct host_memory *memory, struct error **err);

/*
 * Can DEV/name be opened for reading and writing? Opens and closes it, which kvm, vhost-net and
 * vhost-vsock take without effect. Returns 0 or a negative errno; -ENODEV and -ENXIO mean a node without
 * a driver behind it.
 */
int host_device_try(const struct host *host, const char *name);

/*
 * The protection that this host offers to confidential guests: "tdx", "snp", "cca", "pef", "se", or
 * NULL for none; static (spec/kata-runtime.md 8.4). On arm64 this asks DEV/kvm.
 */
const char *host_guest_protection(const struct host *host);
