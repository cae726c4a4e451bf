// SPDX-License-Identifier: Apache-2.0
/* PCI devices that are no disks: network interfaces, and devices that are passed through (spec/agent.md 8.3). */
#include <dirent.h>
#include <errno.h>
#include <limits.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/path.h"
#include "internal.h"
#include "pci_path.h"
#include "sysfs.h"

/* ---- the device itself ------------------------------------------------------------------------- */

static int look_for_device(const struct devices *devices, const void *wanted, char **address,
			   struct error **err)
{
	_cleanup_free_ char *device = NULL, *path = NULL;
	int ret = pci_path_resolve(wanted, devices->root, &device, err);

	if (ret < 0)
		return ret;
	path = xasprintf("%s/sys%s", devices->root, device);
	if (!path_exists(path))
		return error_set(err, -EAGAIN, "no device is at %s", device);
	*address = xstrdup(path_name(device));
	return 0;
}

int devices_wait_pci(struct devices *devices, const char *pci_path, char **address,
		     struct error **err)
{
	_cleanup_free_ char *name = xasprintf("a device at PCI path %s", pci_path);
	struct pci_path path;
	int ret = pci_path_parse(pci_path, &path, err);

	return ret < 0 ? ret : devices_wait(devices, look_for_device, &path, name, address, err);
}

/* ---- its network interface --------------------------------------------------------------------- */

static int look_for_net(const struct devices *devices, const void *wanted, char **interface,
			struct error **err)
{
	_cleanup_free_ char *directory = xasprintf("%s/sys/class/net", devices->root);
	_cleanup_free_ char *device = NULL, *found = NULL;
	const struct dirent *entry;
	DIR *stream;
	int ret = pci_path_resolve(wanted, devices->root, &device, err);

	if (ret < 0)
		return ret;
	stream = opendir(directory);
	while (stream && !found && (entry = readdir(stream))) {
		char path[PATH_MAX];
		struct slice rest;

		if (sysfs_device_of(dirfd(stream), entry->d_name, path, sizeof(path)) < 0)
			continue;
		rest = slice_of(path);
		if (sysfs_skip(&rest, device) && slice_starts_with(rest, "/"))
			found = xstrdup(entry->d_name);
	}
	if (stream)
		closedir(stream);
	if (!found)
		return sysfs_no_such(devices->root, device, "network interface", err);
	*interface = steal(found);
	return 0;
}

int devices_wait_pci_net(struct devices *devices, const char *pci_path, char **interface,
			 struct error **err)
{
	_cleanup_free_ char *name = xasprintf("a network interface at PCI path %s", pci_path);
	struct pci_path path;
	int ret = pci_path_parse(pci_path, &path, err);

	return ret < 0 ? ret : devices_wait(devices, look_for_net, &path, name, interface, err);
}

/* ---- VFIO groups ------------------------------------------------------------------------------- */

static int look_for_group(const struct devices *devices, const void *wanted, char **node,
			  struct error **err)
{
	_cleanup_free_ char *path =
		xasprintf("%s/dev/vfio/%s", devices->root, (const char *)wanted);

	if (!path_exists(path))
		return error_set(err, -EAGAIN, "there is no %s", path);
	*node = steal(path);
	return 0;
}

int devices_wait_vfio_group(struct devices *devices, const char *group, char **node,
			    struct error **err)
{
	_cleanup_free_ char *name = xasprintf("VFIO group %s", group);
	uint64_t number;

	if (number_parse_u64(slice_of(group), &number) < 0)
		return error_set(err, -EINVAL, "\"%s\" is no VFIO group", group);
	return devices_wait(devices, look_for_group, group, name, node, err);
}
