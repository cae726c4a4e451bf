// SPDX-License-Identifier: Apache-2.0
/* The drivers by name, and those that are nothing but a mount (spec/agent.md 7.2). */
#include <errno.h>

#include "base/memory.h"
#include "internal.h"

/* A tag that no device has yet: that is how the kernel says it. */
#define VIRTIO_FS_NO_SUCH_TAG EINVAL
#define P9_NO_SUCH_TAG	      ENOENT

static int virtio_fs_attach(struct attachment *attachment, struct error **err)
{
	return mount_common(attachment, VIRTIO_FS_NO_SUCH_TAG, err);
}

static int p9_attach(struct attachment *attachment, struct error **err)
{
	return mount_common(attachment, P9_NO_SUCH_TAG, err);
}

static int bind_attach(struct attachment *attachment, struct error **err)
{
	return mount_common(attachment, 0, err);
}

static const struct driver drivers[] = {
	{ "9p", p9_attach },
	{ "bind", bind_attach },
	{ "blk", blk_attach },
	{ "ephemeral", ephemeral_attach },
	{ "local", local_attach },
	{ "mmioblk", mmioblk_attach },
	{ "nvdimm", nvdimm_attach },
	{ "overlayfs", overlay_attach },
	{ "scsi", scsi_attach },
	{ "virtio-fs", virtio_fs_attach },
	{ "watchable-bind", watch_attach },
};

const struct driver *driver_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		if (strcmp(drivers[i].name, name) == 0)
			return &drivers[i];
	return NULL;
}

void storages_list_drivers(struct string_list *names)
{
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		string_list_add(names, drivers[i].name);
}
