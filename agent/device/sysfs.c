// SPDX-License-Identifier: Apache-2.0
#include "sysfs.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

bool sysfs_skip(struct slice *path, const char *text)
{
	if (!slice_starts_with(*path, text))
		return false;
	*path = slice_from(*path, strlen(text));
	return true;
}

bool sysfs_skip_number(struct slice *path)
{
	size_t digits = 0;

	while (digits < path->size && path->data[digits] >= '0' && path->data[digits] <= '9')
		digits++;
	*path = slice_from(*path, digits);
	return digits > 0;
}

/* "../../devices/pci0000:00/..." */
int sysfs_device_of(int directory, const char *name, char *path, size_t size)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(directory, name, target, sizeof(target) - 1);
	const char *device;

	if (length < 0)
		return -errno;
	target[length] = '\0';
	device = strstr(target, "/devices/");
	if (!device)
		return -EINVAL;
	if (strlen(device) >= size)
		return -ENAMETOOLONG;
	memcpy(path, device, strlen(device) + 1);
	return 0;
}

int sysfs_no_such(const char *root, const char *device, const char *thing, struct error **err)
{
	_cleanup_free_ char *path = xasprintf("%s/sys%s", root, device);

	if (!path_exists(path))
		return error_set(err, -EAGAIN, "no device is at %s", device);
	return error_set(err, -EAGAIN, "the device at %s has no %s", device, thing);
}
