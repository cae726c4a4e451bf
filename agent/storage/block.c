// SPDX-License-Identifier: Apache-2.0
/*
 * Disks and persistent memory: the device is waited for, gets a file system where the request wants a new one, and is
 * mounted (spec/agent.md 7.2).
 */
#include <errno.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/subprocess.h"
#include "internal.h"

#define MKFS_TIMEOUT_MS 300000
#define CREATE_OPTION	"create_filesystem"
#define KEY_OPTION	"encryption_key="

/* ---- a new file system ------------------------------------------------------------------------- */

static int run_mkfs(struct reaper *reaper, const char *node, struct error **err)
{
	const char *const argv[] = { "mkfs.ext4", "-F",	    "-O", "^has_journal", "-m", "0",
				     "-i",	  "163840", "-I", "128",	  node, NULL };
	const char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	_cleanup_subprocess_ struct subprocess mkfs = {
		.argv = argv,
		.path = path_exists("/sbin/mkfs.ext4") ? "/sbin/mkfs.ext4" : "/usr/sbin/mkfs.ext4",
		.environment = environment,
		.timeout_ms = MKFS_TIMEOUT_MS,
	};
	int ret;

	/* Its status is for us and not for the reaper. */
	reaper_hold(reaper);
	ret = subprocess_run(&mkfs, err);
	reaper_release(reaper);
	if (ret == -ENOENT)
		return error_advise(err, "create_filesystem needs mkfs.ext4 in the guest's image");
	if (ret == 0 && mkfs.status != 0)
		ret = error_set(err, -EIO, "mkfs.ext4 %s ends with %d: %.*s", node, mkfs.status,
				SLICE_ARGS(slice_trim(strbuf_view(&mkfs.err))));
	return ret;
}

static bool has_driver_option(const Grpc__Storage *storage, const char *prefix)
{
	for (size_t i = 0; i < storage->n_driver_options; i++)
		if (slice_starts_with(slice_of(storage->driver_options[i]), prefix))
			return true;
	return false;
}

static int prepare(const struct attachment *attachment, const char *node, struct error **err)
{
	const Grpc__Storage *storage = attachment->storage;

	/* Without the key's keeper the volume would be written in the clear. */
	if (has_driver_option(storage, KEY_OPTION))
		return error_set(
			err, -ENOTSUP,
			"an encrypted volume (" KEY_OPTION
			") needs the confidential data hub, which this agent does not use");
	if (!has_driver_option(storage, CREATE_OPTION))
		return 0;
	if (strcmp(storage->fstype, "ext4") != 0)
		return error_set(err, -EINVAL, CREATE_OPTION " makes ext4, not %s",
				 storage->fstype);
	return run_mkfs(attachment->settings->reaper, node, err);
}

/* ---- the device -------------------------------------------------------------------------------- */

static int check_node(const char *node, struct error **err)
{
	struct stat status;

	if (stat(node, &status) < 0 || !S_ISBLK(status.st_mode))
		return error_set(err, -ENODEV, "Invalid device %s", node);
	return 0;
}

/* By the address that the driver has for it; "/dev/..." is there already. */
static int find_blk(struct devices *devices, const char *source, char **node, struct error **err)
{
	if (!slice_starts_with(slice_of(source), "/dev/"))
		return devices_wait_pci_block(devices, source, node, err);
	*node = xstrdup(source);
	return check_node(source, err);
}

typedef int find_function(struct devices *devices, const char *source, char **node,
			  struct error **err);

static int mount_device(struct attachment *attachment, find_function *find, struct error **err)
{
	const Grpc__Storage *storage = attachment->storage;
	_cleanup_mount_request_ struct mount_request request = { 0 };
	_cleanup_free_ char *node = NULL;
	int ret = find(attachment->settings->devices, storage->source, &node, err);

	if (ret == 0)
		ret = prepare(attachment, node, err);
	if (ret == 0)
		ret = mount_request_parse(storage, &request, err);
	if (ret < 0)
		return ret;
	request.source = node;
	return mount_attach_storage(attachment, &request, 0, err);
}

int blk_attach(struct attachment *attachment, struct error **err)
{
	return mount_device(attachment, find_blk, err);
}

int mmioblk_attach(struct attachment *attachment, struct error **err)
{
	return mount_device(attachment, devices_wait_mmio_block, err);
}

int scsi_attach(struct attachment *attachment, struct error **err)
{
	return mount_device(attachment, devices_wait_scsi, err);
}

int nvdimm_attach(struct attachment *attachment, struct error **err)
{
	return mount_device(attachment, devices_wait_pmem, err);
}
