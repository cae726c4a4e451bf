// SPDX-License-Identifier: Apache-2.0
/*
 * One mount of the spec. It is made detached, given its flags, and attached to the descriptor of its target:
 * there is no moment at which it lacks a flag, and no path that could lead elsewhere meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "detached.h"
#include "inside.h"
#include "internal.h"
#include "mount_options.h"

#define CGROUP_LIST_MAX_BYTES 65536

/* What may be bound over below /proc, as lxcfs does it. */
static const char *const proc_targets[] = {
	"/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo", "/proc/stat",
	"/proc/swaps",	 "/proc/uptime",    "/proc/loadavg", "/proc/net/dev",
};

/* ---- bind -------------------------------------------------------------------------------------- */

static int check_below_proc(const char *destination, int source, struct error **err)
{
	struct statfs fs;

	if (strcmp(destination, "/proc") == 0) {
		if (fstatfs(source, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC)
			return 0;
		return error_set(err, -EPERM, "only a proc file system can be bound to /proc");
	}
	if (!slice_starts_with(slice_of(destination), "/proc/"))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(proc_targets); i++)
		if (strcmp(destination, proc_targets[i]) == 0)
			return 0;
	return error_set(err, -EPERM, "%s cannot be mounted because it is inside /proc",
			 destination);
}

static int bind(const struct workload *w, const char *source, const char *destination,
		const struct mount_options *options, struct error **err)
{
	_cleanup_close_ int from = open(source, O_PATH | O_CLOEXEC);
	_cleanup_close_ int tree = -1, target = -1;
	struct stat status;
	int ret;

	if (from < 0 || fstat(from, &status) < 0)
		return error_set_errno(err, -errno, "open the source %s", source);
	ret = check_below_proc(destination, from, err);
	if (ret < 0)
		return ret;
	tree = detached_bind(from, source, options, err);
	if (tree < 0)
		return tree;
	target = S_ISDIR(status.st_mode) ? inside_make_directory(w->root, destination, 0755, err)
					 : inside_make_file(w->root, destination, err);
	return target < 0 ? target : mount_attach(tree, target, destination, err);
}

/* ---- cgroup ------------------------------------------------------------------------------------ */

/* "4:cpu,cpuacct:/a/b" of /proc/self/cgroup: bind the group to DESTINATION/cpu,cpuacct, and link its parts. */
static int bind_hierarchy(const struct workload *w, struct slice line, const char *destination,
			  struct error **err)
{
	struct slice rest = line, number, names, name;
	_cleanup_free_ char *all = NULL, *first = NULL, *source = NULL, *target = NULL;
	_cleanup_close_ int directory = -1;
	struct mount_options options = { .recursive = true };
	int ret;

	if (!slice_next_field(&rest, ':', &number) || !slice_next_field(&rest, ':', &names) ||
	    names.size == 0 || slice_starts_with(names, "name="))
		return 0;
	all = slice_dup(names);
	first = xmemdup0(names.data, slice_find(names, ','));
	source = xasprintf("/sys/fs/cgroup/%s%.*s", first, SLICE_ARGS(rest));
	if (!path_exists(source))
		return 0;
	target = path_join(destination, all);
	ret = bind(w, source, target, &options, err);
	if (ret < 0 || strcmp(all, first) == 0)
		return ret;
	directory = inside_open(w->root, destination, O_PATH | O_DIRECTORY, err);
	if (directory < 0)
		return directory;
	while (slice_next_field(&names, ',', &name)) {
		_cleanup_free_ char *link = slice_dup(name);

		if (symlinkat(all, directory, link) < 0 && errno != EEXIST)
			return error_set_errno(err, -errno, "link %s in %s", link, destination);
	}
	return 0;
}

static int mount_cgroup_v1(struct workload *w, const Grpc__Mount *mount,
			   const struct mount_options *options, struct error **err)
{
	_cleanup_mount_options_ struct mount_options plain = { 0 };
	_cleanup_close_ int tmpfs = -1, target = -1, top = -1;
	_cleanup_free_ char *groups = NULL;
	struct mount_attr readonly = { .attr_set = MOUNT_ATTR_RDONLY };
	struct slice rest, line;
	int ret;

	plain.set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	string_list_add(&plain.data, "mode=755");
	tmpfs = detached_new("tmpfs", "tmpfs", &plain, err);
	if (tmpfs < 0)
		return tmpfs;
	target = inside_make_directory(w->root, mount->destination, 0755, err);
	if (target < 0)
		return target;
	ret = mount_attach(tmpfs, target, mount->destination, err);
	if (ret < 0)
		return ret;
	ret = file_read_all("/proc/self/cgroup", CGROUP_LIST_MAX_BYTES, &groups, NULL, err);
	if (ret < 0)
		return ret;
	rest = slice_of(groups);
	while (ret == 0 && slice_next_line(&rest, &line))
		ret = bind_hierarchy(w, line, mount->destination, err);
	if (ret < 0 || !options->readonly)
		return ret;
	top = inside_open(w->root, mount->destination, O_PATH | O_DIRECTORY, err);
	if (top < 0)
		return top;
	if (mount_setattr(top, "", AT_EMPTY_PATH | AT_RECURSIVE, &readonly, sizeof(readonly)) < 0)
		return error_set_errno(err, -errno, "make %s read-only", mount->destination);
	return 0;
}

/* ---- the rest ---------------------------------------------------------------------------------- */

/* The mount itself must be what it is to be: a link must not have led it elsewhere. */
static int check_special_target(int target, const Grpc__Mount *mount, const char *type,
				struct error **err)
{
	struct stat status;

	if (strcmp(type, "proc") != 0 && strcmp(type, "sysfs") != 0)
		return 0;
	if (fstat(target, &status) < 0 || !S_ISDIR(status.st_mode))
		return error_set(err, -ENOTDIR, "Mount point %s must be ordinary directory",
				 mount->destination);
	return 0;
}

static int mount_new(struct workload *w, const Grpc__Mount *mount, const char *type,
		     const struct mount_options *options, struct error **err)
{
	_cleanup_close_ int fs = -1, target = -1;
	int ret;

	fs = detached_new(type, mount->source, options, err);
	if (fs < 0)
		return fs;
	target = inside_make_directory(w->root, mount->destination, 0755, err);
	if (target < 0)
		return target;
	ret = check_special_target(target, mount, type, err);
	return ret < 0 ? ret : mount_attach(fs, target, mount->destination, err);
}

static int mount_one(struct workload *w, const Grpc__Mount *mount, struct error **err)
{
	_cleanup_mount_options_ struct mount_options options = { 0 };
	const char *type = mount->type;

	mount_options_parse(mount->options, mount->n_options, &options);
	if (strcmp(mount->destination, "/dev") == 0 && options.readonly) {
		/* Nodes are still to be made there. */
		w->dev_readonly = true;
		options.set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	}
	if (options.bind || strcmp(type, "bind") == 0)
		return bind(w, mount->source, mount->destination, &options, err);
	if (strcmp(type, "cgroup") == 0 && !w->setup.cgroup_v2)
		return mount_cgroup_v1(w, mount, &options, err);
	if (strcmp(type, "cgroup") == 0)
		type = "cgroup2";
	return mount_new(w, mount, type, &options, err);
}

int workload_mount(struct workload *w, const Grpc__Mount *mount, struct error **err)
{
	int ret;

	if (mount->destination[0] != '/' || strstr(mount->destination, ".."))
		return error_set(err, -EINVAL, "the mount destination %s is invalid",
				 mount->destination);
	ret = mount_one(w, mount, err);
	return ret < 0 ? error_wrap(err, "mount %s (%s) on %s", mount->source, mount->type,
				    mount->destination)
		       : 0;
}
