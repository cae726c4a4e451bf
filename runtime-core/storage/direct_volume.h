/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Direct volumes: a CSI driver announces a block device for a volume path, and the shim that meets the path in a
 * container's mounts gives the device to the guest instead. Driver and shim meet on disk, in one directory per
 * volume path below DIRECT_VOLUME_ROOT (spec/kata-runtime.md 11):
 *
 *	<base64url of the path>/mountInfo.json	what the driver said, byte for byte
 *	<base64url of the path>/<sandbox id>	made by the shim that uses the volume
 *
 * `root` is DIRECT_VOLUME_ROOT everywhere but in tests. An empty volume path is refused with -EINVAL, since it
 * would mean the root itself.
 */

#include "mount_info.h"

#define DIRECT_VOLUME_ROOT "/run/kata-containers/shared/direct-volumes"

/* Check the mount info, and write it to the volume's directory, which is made if need be. */
int direct_volume_add(const char *root, const char *volume_path, const char *mount_info,
		      struct error **err);

/* Forget the volume. One that is not there is fine. */
int direct_volume_remove(const char *root, const char *volume_path, struct error **err);

/* The sandbox that uses the volume; to be freed. -ENOENT "no sandbox found for <path>". */
int direct_volume_sandbox(const char *root, const char *volume_path, char **sandbox_id,
			  struct error **err);

/* Read the volume's mount info. */
int direct_volume_mount_info(const char *root, const char *volume_path, struct mount_info **info,
			     struct error **err);
