/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The guest's devices: finding the one that the host means, waiting for one that is still on its way, and handing
 * devices to containers (spec/agent.md 8).
 *
 * The kernel's own list, sysfs, is the only one. A uevent is no more than a reason to look there again, so it does not
 * matter whether a device was plugged before the agent listened, or before a snapshot was taken, or whether an
 * event was lost.
 */

#include "agent/loop/loop.h"
#include "base/error.h"

struct devices;

/* As modules_load() of agent/boot. */
typedef int load_module_function(const char *name, const char *parameters, struct error **err);

struct devices_settings {
	const char *root;   /* in front of "/sys" and "/dev"; "" but in tests. Copied. */
	int64_t timeout_ms; /* how long a device may be on its way */
	/* For drivers that few guests need; NULL where somebody else loads what devices ask for. */
	load_module_function *load_module;
};

/*
 * Hear of devices on the loop from here on. Memory that is plugged in is put online as it appears. A
 * guest whose kernel says nothing is no error, only slower: waiting then looks again at intervals.
 */
struct devices *devices_new(struct loop *loop, const struct devices_settings *settings);
void devices_free(struct devices *devices);
DEFINE_CLEANUP(struct devices *, devices_free)

/* On the loop's thread: put online, in a job, the memory that has been plugged in before. */
void devices_online_memory(struct devices *devices);

/* ---- for jobs: they block, for the time-out at most --------------------------------------------- */

/*
 * Each waits for one device and says where it is; the answer is freed by the caller. What names the device comes from
 * the wire: -EINVAL where it has another form. -ETIMEDOUT when the device does not come in time; the message
 * says how far the way to it led.
 */

/* A virtio-blk disk at a PCI path such as "02/01": "/dev/vda". */
int devices_wait_pci_block(struct devices *devices, const char *pci_path, char **node,
			   struct error **err);

/* The disk that the host calls "/dev/vdb", on a transport without addresses: the same path. */
int devices_wait_mmio_block(struct devices *devices, const char *path, char **node,
			    struct error **err);

/* A virtio-scsi disk by "id:lun": "/dev/sda". Asks the SCSI hosts to look for it. */
int devices_wait_scsi(struct devices *devices, const char *address, char **node,
		      struct error **err);

/* Persistent memory, "/dev/pmem0": the same path. */
int devices_wait_pmem(struct devices *devices, const char *path, char **node, struct error **err);

/* The network interface of the device at a PCI path: "eth0". */
int devices_wait_pci_net(struct devices *devices, const char *pci_path, char **name,
			 struct error **err);

/* Any device at a PCI path: its address, "0000:01:00.0". */
int devices_wait_pci(struct devices *devices, const char *pci_path, char **address,
		     struct error **err);

/* The node of a VFIO group: "/dev/vfio/3". */
int devices_wait_vfio_group(struct devices *devices, const char *group, char **node,
			    struct error **err);
