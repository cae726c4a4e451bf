// SPDX-License-Identifier: Apache-2.0
#include "place.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/slice.h"
#include "storage.h"

#define ROOTLESS_PREFIX "/run/user/"

/* The parts of the base directory that belong to no single container (spec/agent.md 1). */
static const char *const parts[] = { "shared", "sandbox", "virtual-volumes", "image" };

/* ---- which ones may be named ------------------------------------------------------------------- */

/* With a rootless VMM everything lies below /run/user/UID. */
static size_t rootless_prefix(const char *path)
{
	size_t size = strlen(ROOTLESS_PREFIX), digits = 0;

	if (!slice_starts_with(slice_of(path), ROOTLESS_PREFIX))
		return 0;
	while (isdigit((unsigned char)path[size + digits]))
		digits++;
	return digits > 0 ? size + digits : 0;
}

static bool leads_upwards(const char *path)
{
	struct slice rest = slice_of(path), name;

	while (slice_next_field(&rest, '/', &name))
		if (slice_is(name, ".."))
			return true;
	return false;
}

static bool is_common(struct slice part)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (slice_is(part, parts[i]))
			return true;
	return false;
}

bool storages_own_directory(const char *name)
{
	return is_common(slice_of(name));
}

bool place_may_be_below(const char *base, const char *path)
{
	_cleanup_free_ char *clean = path_clean(path);

	return path[0] != '/' || leads_upwards(path) ||
	       slice_starts_with(slice_of(clean + rootless_prefix(clean)), base);
}

static bool may_be_used(struct slice part, const char *container_id)
{
	return is_common(part) || (container_id && slice_is(part, container_id));
}

int place_check(const char *base, const char *container_id, const char *path, struct place *place,
		struct error **err)
{
	struct slice rest, part;
	size_t prefix;

	*place = (struct place){ .path = path_clean(path) };
	prefix = rootless_prefix(place->path);
	place->root = prefix + strlen(base);
	if (leads_upwards(path) || !slice_starts_with(slice_of(place->path + prefix), base) ||
	    place->path[place->root] != '/')
		return error_set(err, -EINVAL, "the mount point %s does not lie below %s", path,
				 base);
	place->relative = place->path + place->root + 1;
	rest = slice_of(place->relative);
	slice_next_field(&rest, '/', &part);
	if (!may_be_used(part, container_id))
		return error_set(
			err, -EINVAL,
			"the mount point %s lies in a part of %s that is not the request's", path,
			base);
	return 0;
}

void place_release(struct place *place)
{
	free(place->path);
}

/* ---- the way there ----------------------------------------------------------------------------- */

static int open_root(const struct place *place, bool make, struct error **err)
{
	_cleanup_free_ char *root = xmemdup0(place->path, place->root);
	int ret = make ? directory_make_all(root, 0755, err) : 0;

	if (ret < 0)
		return ret;
	ret = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return ret < 0 ? error_set_errno(err, -errno, "open %s", root) : ret;
}

/* A link is no directory here, whatever it leads to. */
static int step(int here, const char *name, bool make)
{
	int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(here, name, flags);

	if (fd < 0 && errno == ENOENT && make) {
		if (mkdirat(here, name, 0755) < 0 && errno != EEXIST)
			return -errno;
		fd = openat(here, name, flags);
	}
	return fd < 0 ? -errno : fd;
}

static int walk(const struct place *place, struct slice rest, bool make, struct error **err)
{
	int here = open_root(place, make, err);
	struct slice name;

	while (here >= 0 && slice_next_field(&rest, '/', &name)) {
		_cleanup_free_ char *text = slice_dup(name);
		int next = step(here, text, make);

		close(here);
		here = next;
		if (next == -ENOTDIR)
			return error_set(err, next, "%s: %s is no directory", place->path, text);
		if (next < 0)
			return error_set_errno(err, next, "%s: %s", place->path, text);
	}
	return here;
}

static int walk_to_parent(const struct place *place, bool make, struct error **err)
{
	const char *name = path_name(place->relative);
	size_t size = (size_t)(name - place->relative);

	if (size == 0)
		return open_root(place, make, err);
	return walk(place, slice_make(place->relative, size - 1), make, err);
}

int place_make_directory(const struct place *place, struct error **err)
{
	return walk(place, slice_of(place->relative), true, err);
}

int place_open(const struct place *place, int flags, struct error **err)
{
	_cleanup_close_ int parent = walk_to_parent(place, false, err);
	int fd;

	if (parent < 0)
		return parent;
	fd = openat(parent, path_name(place->relative), flags | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? error_set_errno(err, -errno, "open %s", place->path) : fd;
}

int place_make_file(const struct place *place, struct error **err)
{
	_cleanup_close_ int parent = walk_to_parent(place, true, err), made = -1;
	const char *name = path_name(place->relative);
	struct stat status;
	int fd;

	if (parent < 0)
		return parent;
	made = openat(parent, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (made < 0 && errno != EEXIST)
		return error_set_errno(err, -errno, "make %s", place->path);
	fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) < 0)
		return error_set_errno(err, -errno, "open %s", place->path);
	if (S_ISLNK(status.st_mode) || S_ISDIR(status.st_mode)) {
		close(fd);
		return error_set(err, -EINVAL, "%s is no file that could be mounted on",
				 place->path);
	}
	return fd;
}

/* ---- and away from there ----------------------------------------------------------------------- */

bool is_mount_top(int fd)
{
	struct statx status;

	return statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &status) == 0 &&
	       status.stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

char *descriptor_path(int fd)
{
	return xasprintf("/proc/self/fd/%d", fd);
}

static bool is_mounted(int parent, const char *name)
{
	_cleanup_close_ int fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	return fd >= 0 && is_mount_top(fd);
}

static int unmount(const struct place *place, int parent, const char *name, struct error **err)
{
	_cleanup_free_ char *directory = descriptor_path(parent);
	_cleanup_free_ char *target = path_join(directory, name);

	if (!is_mounted(parent, name))
		return 0;
	if (umount2(target, UMOUNT_NOFOLLOW) < 0) {
		if (errno != EBUSY)
			return error_set_errno(err, -errno, "unmount %s", place->path);
		/* Whoever still uses it keeps it, but nobody new finds it. */
		log_warning("a storage is still in use", LOG_STR("path", place->path));
		if (umount2(target, UMOUNT_NOFOLLOW | MNT_DETACH) < 0)
			return error_set_errno(err, -errno, "detach %s", place->path);
	}
	if (is_mounted(parent, name))
		return error_set(err, -EBUSY, "%s is still mounted", place->path);
	return 0;
}

int place_unmount(const struct place *place, struct error **err)
{
	_cleanup_close_ int parent = walk_to_parent(place, false, err);

	return parent < 0 ? parent : unmount(place, parent, path_name(place->relative), err);
}

int place_clean_up(const struct place *place, struct error **err)
{
	const char *name = path_name(place->relative);
	_cleanup_error_ struct error *missing = NULL;
	_cleanup_close_ int parent = walk_to_parent(place, false, &missing);
	struct stat status;
	int ret;

	if (parent == -ENOENT)
		return 0;
	if (parent < 0)
		return error_propagate(err, steal(missing));
	ret = unmount(place, parent, name, err);
	if (ret < 0 || fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return ret;
	if (S_ISREG(status.st_mode) && status.st_size == 0)
		unlinkat(parent, name, 0); /* what stays is empty and hurts nobody */
	else if (S_ISDIR(status.st_mode) && unlinkat(parent, name, AT_REMOVEDIR) < 0 &&
		 (errno == ENOTEMPTY || errno == EEXIST))
		return error_set(err, -ENOTEMPTY,
				 "%s: directory is not empty when clean up storage", place->path);
	return 0;
}
