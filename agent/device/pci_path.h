/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/error.h"

/*
 * Where the host has plugged a PCI device: the slots on the way to it, from the root bus over bridges
 * (spec/agent.md 8.2). "02/01" is slot 1 behind the bridge in slot 2, "02.1" function 1 of slot 2, and
 * "20/00/01" a path below root complex 20, for a guest with NUMA.
 */

#define PCI_PATH_MAX 32 /* bridges that the kernel would follow, and more */

struct pci_path {
	unsigned root_bus;
	size_t count; /* at least 1 */
	struct pci_slot {
		unsigned char slot, function;
	} slots[PCI_PATH_MAX];
};

/* -EINVAL for another form. */
int pci_path_parse(const char *text, struct pci_path *path, struct error **err);

/*
 * The device's path in sysfs, "/devices/pci0000:00/0000:00:02.0/0000:01:01.0", by way of the buses that its bridges
 * have now; to be freed. `root` stands before "/sys". The device itself may be missing; -EAGAIN when a
 * bridge on the way is.
 */
int pci_path_resolve(const struct pci_path *path, const char *root, char **device,
		     struct error **err);
