/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Devices that a request gives to a container (spec/agent.md 8.1, 8.4, 8.5). The host knows them by its own names and
 * numbers; here the container's spec gets the guest's.
 */

#include "device.h"
#include "proto/agent.pb-c.h"

/* Which PCI device of the host is which one of the guest. Starts zeroed. */
struct pci_addresses {
	struct pci_address_pair {
		char *host, *guest; /* "0000:3b:00.0" */
	} * pairs;
	size_t count, capacity;
};

void pci_addresses_release(struct pci_addresses *addresses);

/* Copies both. An address that is known already gets the new meaning. */
void pci_addresses_add(struct pci_addresses *addresses, const char *host, const char *guest);

/*
 * Give the host's addresses in variables PCIDEVICE_... (a list with commas) and PCIDEVICE_..._INFO (JSON) their guest's
 * value. `env` is a list of a message's strings, which are replaced. A variable with an address that is not known
 * stays as it is. -EINVAL for an entry without "=", unless no address is known.
 */
int pci_addresses_rewrite(const struct pci_addresses *addresses, char **env, size_t count,
			  struct error **err);

/*
 * For a job, blocks: wait for every device of the list, and change the spec accordingly: the numbers of its nodes, the
 * rules of its cgroup, the environment of its process. The spec has been unpacked. Adds to `addresses`. On
 * failure the spec may be changed in part.
 */
int devices_give(struct devices *devices, Grpc__Device *const *list, size_t count, Grpc__Spec *spec,
		 struct pci_addresses *addresses, struct error **err);

/* -ENOTSUP for a spec that asks for CDI devices, which this agent does not inject (docs/agent.md). */
int devices_check_cdi(const Grpc__Spec *spec, struct error **err);
