// SPDX-License-Identifier: Apache-2.0
/* Disks: which of those in /sys/block the host means (spec/agent.md 8.3). Partitions are not listed there. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "internal.h"
#include "online.h"
#include "pci_path.h"
#include "sysfs.h"

#define MAX_SCSI_ID  255
#define MAX_SCSI_LUN 16383

/* The disk's node, once it can be opened: the kernel lists a disk a moment earlier. */
static int open_node(const struct devices *devices, const char *name, char **node,
		     struct error **err)
{
	_cleanup_free_ char *path = xasprintf("%s/dev/%s", devices->root, name);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 && (errno == ENOENT || errno == ENXIO))
		return error_set(err, -EAGAIN, "open %s: %s", path, errno_text(errno));
	/* Whoever uses it will hear of anything else. */
	*node = steal(path);
	return 0;
}

/* ---- by the path of the device in sysfs -------------------------------------------------------- */

/* Is this the path of the wanted disk? `name` is set to what stands behind "/block/". */
typedef bool match_function(struct slice path, const void *wanted, struct slice *name);

/* Only the disk itself: what follows the name would be a partition. */
static bool is_name(struct slice name)
{
	return name.size > 0 && slice_find(name, '/') == name.size;
}

/* The name of the wanted disk's node, to be freed; NULL where there is none. */
static char *find_disk(const struct devices *devices, match_function *match, const void *wanted)
{
	_cleanup_free_ char *directory = xasprintf("%s/sys/block", devices->root);
	const struct dirent *entry;
	DIR *stream = opendir(directory);
	char *found = NULL;

	while (stream && !found && (entry = readdir(stream))) {
		char path[PATH_MAX];
		struct slice name;

		if (sysfs_device_of(dirfd(stream), entry->d_name, path, sizeof(path)) == 0 &&
		    match(slice_of(path), wanted, &name))
			found = slice_dup(name);
	}
	if (stream)
		closedir(stream);
	return found;
}

/* ---- virtio-blk at a PCI path ------------------------------------------------------------------ */

static bool match_pci(struct slice path, const void *device, struct slice *name)
{
	*name = path;
	return sysfs_skip(name, device) && sysfs_skip(name, "/virtio") && sysfs_skip_number(name) &&
	       sysfs_skip(name, "/block/") && is_name(*name);
}

static int look_for_pci(const struct devices *devices, const void *wanted, char **node,
			struct error **err)
{
	_cleanup_free_ char *device = NULL, *name = NULL;
	int ret = pci_path_resolve(wanted, devices->root, &device, err);

	if (ret < 0)
		return ret;
	name = find_disk(devices, match_pci, device);
	if (!name)
		return sysfs_no_such(devices->root, device, "virtio disk", err);
	return open_node(devices, name, node, err);
}

int devices_wait_pci_block(struct devices *devices, const char *pci_path, char **node,
			   struct error **err)
{
	_cleanup_free_ char *name = xasprintf("a disk at PCI path %s", pci_path);
	struct pci_path path;
	int ret = pci_path_parse(pci_path, &path, err);

	return ret < 0 ? ret : devices_wait(devices, look_for_pci, &path, name, node, err);
}

/* ---- disks that the host knows by name --------------------------------------------------------- */

static bool match_name(struct slice path, const void *wanted, struct slice *name)
{
	size_t at = slice_find_string(path, "/block/");

	*name = slice_from(path, at + strlen("/block/"));
	return slice_is(*name, wanted);
}

static int look_for_name(const struct devices *devices, const void *wanted, char **node,
			 struct error **err)
{
	_cleanup_free_ char *name = find_disk(devices, match_name, wanted);

	if (!name)
		return error_set(err, -EAGAIN, "the guest has no disk of that name");
	return open_node(devices, name, node, err);
}

static int wait_for_name(struct devices *devices, const char *path, const char *prefix, char **node,
			 struct error **err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789.";
	_cleanup_free_ char *start = xasprintf("/dev/%s", prefix);
	const char *name = path + strlen("/dev/");

	if (!slice_starts_with(slice_of(path), start) || name[strspn(name, letters)] != '\0' ||
	    name[0] == '\0' || strlen(name) > NAME_MAX)
		return error_set(err, -EINVAL, "\"%.64s\" is no disk of the guest; one is %s...",
				 path, start);
	return devices_wait(devices, look_for_name, name, path, node, err);
}

int devices_wait_mmio_block(struct devices *devices, const char *path, char **node,
			    struct error **err)
{
	return wait_for_name(devices, path, "", node, err);
}

int devices_wait_pmem(struct devices *devices, const char *path, char **node, struct error **err)
{
	static const char *const drivers[] = { "nd_pmem", "nfit", "virtio_pmem", NULL };

	devices_load_drivers(devices, drivers);
	return wait_for_name(devices, path, "pmem", node, err);
}

/* ---- virtio-scsi ------------------------------------------------------------------------------- */

struct scsi_address {
	uint64_t id, lun;
};

/*
 * ".../virtio1/host6/target6:0:2/6:0:2:1/block/sda". The host adapter's number is whatever the guest gave it;
 * that it is virtio's tells it from those of the machine itself.
 */
static bool match_scsi(struct slice path, const void *wanted, struct slice *name)
{
	const struct scsi_address *address = wanted;
	_cleanup_free_ char *host = NULL, *expected = NULL;
	struct slice number;

	*name = slice_from(path, slice_find_string(path, "/virtio"));
	if (!sysfs_skip(name, "/virtio") || !sysfs_skip_number(name) || !sysfs_skip(name, "/host"))
		return false;
	number = *name;
	if (!sysfs_skip_number(name))
		return false;
	host = slice_dup(slice_first(number, number.size - name->size));
	expected = xasprintf("/target%s:0:%" PRIu64 "/%s:0:%" PRIu64 ":%" PRIu64 "/block/", host,
			     address->id, host, address->id, address->lun);
	return sysfs_skip(name, expected) && is_name(*name);
}

/* All channels of each adapter, for this one address. */
static void scan_scsi(const struct devices *devices, const struct scsi_address *address)
{
	_cleanup_free_ char *directory = xasprintf("%s/sys/class/scsi_host", devices->root);
	_cleanup_free_ char *order = xasprintf("0 %" PRIu64 " %" PRIu64, address->id, address->lun);
	DIR *stream = opendir(directory);
	const struct dirent *entry;

	while (stream && (entry = readdir(stream))) {
		_cleanup_free_ char *path = NULL;
		int ret;

		if (entry->d_name[0] == '.')
			continue;
		path = xasprintf("%s/%s/scan", directory, entry->d_name);
		ret = sysfs_write(path, order);
		/* An adapter of the machine itself may not have such an address. */
		if (ret < 0)
			log_debug("no SCSI scan", LOG_STR("path", path),
				  LOG_STR("error", errno_text(ret)));
	}
	if (stream)
		closedir(stream);
}

static int look_for_scsi(const struct devices *devices, const void *wanted, char **node,
			 struct error **err)
{
	_cleanup_free_ char *name = find_disk(devices, match_scsi, wanted);

	if (name)
		return open_node(devices, name, node, err);
	scan_scsi(devices, wanted);
	return error_set(err, -EAGAIN, "no virtio-scsi adapter has such a disk");
}

static int parse_scsi(const char *text, struct scsi_address *address, struct error **err)
{
	struct slice all = slice_of(text);
	size_t colon = slice_find(all, ':');

	if (number_parse_u64(slice_first(all, colon), &address->id) < 0 ||
	    number_parse_u64(slice_from(all, colon + 1), &address->lun) < 0 ||
	    address->id > MAX_SCSI_ID || address->lun > MAX_SCSI_LUN)
		return error_set(err, -EINVAL, "\"%.64s\" is no SCSI address; one is ID:LUN", text);
	return 0;
}

int devices_wait_scsi(struct devices *devices, const char *text, char **node, struct error **err)
{
	_cleanup_free_ char *name = xasprintf("SCSI disk %s", text);
	struct scsi_address address;
	int ret = parse_scsi(text, &address, err);

	return ret < 0 ? ret : devices_wait(devices, look_for_scsi, &address, name, node, err);
}
