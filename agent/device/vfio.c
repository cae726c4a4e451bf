// SPDX-License-Identifier: Apache-2.0
#include "vfio.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "internal.h"
#include "online.h"

/* "0000:3b:00.0" */
static bool is_pci_address(struct slice text)
{
	static const char form[] = "xxxx:xx:xx.x";

	if (text.size != strlen(form))
		return false;
	for (size_t i = 0; i < text.size; i++)
		if (form[i] == 'x' ? !isxdigit((unsigned char)text.data[i])
				   : text.data[i] != form[i])
			return false;
	return true;
}

/*
 * "HOST-ADDRESS=PCI-PATH": the guest's address, once the device is there; to be freed. NULL with success for an empty
 * path: a device that the host has not plugged in itself.
 */
static int wait_for_option(struct devices *devices, const char *option,
			   struct pci_addresses *addresses, char **guest, struct error **err)
{
	struct slice text = slice_of(option);
	size_t equals = slice_find(text, '=');
	_cleanup_free_ char *host = slice_dup(slice_first(text, equals));
	int ret;

	*guest = NULL;
	if (equals == text.size || !is_pci_address(slice_of(host)))
		return error_set(err, -EINVAL, "Malformed VFIO PCI option \"%.128s\"", option);
	if (option[equals + 1] == '\0')
		return 0;
	ret = devices_wait_pci(devices, option + equals + 1, guest, err);
	if (ret == 0)
		pci_addresses_add(addresses, host, *guest);
	return ret;
}

int vfio_give_to_kernel(struct devices *devices, const Grpc__Device *device,
			struct pci_addresses *addresses, char **node, struct error **err)
{
	int ret = 0;

	*node = NULL;
	for (size_t i = 0; i < device->n_options && ret == 0; i++) {
		_cleanup_free_ char *guest = NULL;

		ret = wait_for_option(devices, device->options[i], addresses, &guest, err);
	}
	return ret;
}

/* ---- a driver in the container ----------------------------------------------------------------- */

/* The name behind a link of the device, to be freed; NULL where there is none. */
static char *read_link(const struct devices *devices, const char *address, const char *name)
{
	_cleanup_free_ char *path =
		xasprintf("%s/sys/bus/pci/devices/%s/%s", devices->root, address, name);
	char target[PATH_MAX];
	ssize_t size = readlink(path, target, sizeof(target) - 1);

	if (size < 0)
		return NULL;
	target[size] = '\0';
	return xstrdup(path_name(target));
}

static int write_order(const struct devices *devices, const char *file, const char *order,
		       struct error **err)
{
	_cleanup_free_ char *path = xasprintf("%s/sys/bus/pci/%s", devices->root, file);
	int ret = sysfs_write(path, order);

	return ret < 0 ? error_set_errno(err, ret, "write \"%s\" to %s", order, path) : 0;
}

static int bind_to_vfio(const struct devices *devices, const char *address, struct error **err)
{
	_cleanup_free_ char *driver = read_link(devices, address, "driver");
	_cleanup_free_ char *override = xasprintf("devices/%s/driver_override", address);
	_cleanup_free_ char *unbind = xasprintf("devices/%s/driver/unbind", address);
	int ret;

	if (driver && strcmp(driver, "vfio-pci") == 0)
		return 0;
	ret = write_order(devices, override, "vfio-pci", err);
	if (ret == 0 && driver)
		ret = write_order(devices, unbind, address, err);
	if (ret == 0)
		ret = write_order(devices, "drivers_probe", address, err);
	return ret;
}

/* All functions of a device are handed over together. */
static int check_group(const struct devices *devices, const char *address, char **group,
		       struct error **err)
{
	_cleanup_free_ char *own = read_link(devices, address, "iommu_group");

	if (!own)
		return error_set(err, -ENODEV, "%s has no IOMMU group", address);
	if (*group && strcmp(own, *group) != 0)
		return error_set(err, -EINVAL, "%s is not in guest IOMMU group %s", address,
				 *group);
	free(*group);
	*group = steal(own);
	return 0;
}

int vfio_give_to_container(struct devices *devices, const Grpc__Device *device,
			   struct pci_addresses *addresses, char **node, struct error **err)
{
	static const char *const drivers[] = { "vfio-pci", "vfio_iommu_type1", NULL };
	_cleanup_free_ char *group = NULL;
	int ret = 0;

	devices_load_drivers(devices, drivers);
	for (size_t i = 0; i < device->n_options && ret == 0; i++) {
		_cleanup_free_ char *guest = NULL;

		ret = wait_for_option(devices, device->options[i], addresses, &guest, err);
		if (ret < 0 || !guest)
			continue;
		ret = bind_to_vfio(devices, guest, err);
		if (ret == 0)
			ret = check_group(devices, guest, &group, err);
	}
	if (ret < 0)
		return ret;
	if (!group)
		return error_set(err, -EINVAL, "failed to get VFIO group");
	return devices_wait_vfio_group(devices, group, node, err);
}
