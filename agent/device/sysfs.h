/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Paths of devices in sysfs, as text. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"

/* Cut a text off the front, or a number; false, and nothing is cut off, where something else stands there. */
bool sysfs_skip(struct slice *path, const char *text);
bool sysfs_skip_number(struct slice *path);

/*
 * What a link in a directory of sysfs such as /sys/block points to, as the kernel names it:
 * "/devices/pci0000:00/..." with a NUL. 0, or a negative errno where it is no such link.
 */
int sysfs_device_of(int directory, const char *name, char *path, size_t size);

/* The error -EAGAIN: at this path there is no device at all, or one without the thing that is wanted. */
int sysfs_no_such(const char *root, const char *device, const char *thing, struct error **err);
