/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "request.h"

/*
 * Devices that are passed through (spec/agent.md 8.4): wait for those that the options name, and learn their
 * addresses. For a job.
 */

/* For the guest's kernel: that is all. */
int vfio_give_to_kernel(struct devices *devices, const Grpc__Device *device,
			struct pci_addresses *addresses, char **node, struct error **err);

/* For a driver in the container: bound to vfio-pci; *node is that of their group, to be freed. */
int vfio_give_to_container(struct devices *devices, const Grpc__Device *device,
			   struct pci_addresses *addresses, char **node, struct error **err);
