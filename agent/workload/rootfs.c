// SPDX-License-Identifier: Apache-2.0
/*
 * The container's root: its mounts, then what hides or protects parts of it, then the change to it
 * (spec/agent.md 11.2 steps 6 to 10, 11.3). All of it is done while the guest's own root is still there, through
 * descriptors below the container's; with the change of root the guest's goes out of sight.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "base/file.h"
#include "base/memory.h"
#include "inside.h"
#include "internal.h"

#define MOUNTS_MAX_BYTES (4u << 20)

/* ---- building ---------------------------------------------------------------------------------- */

static int open_root(struct workload *w, struct error **err)
{
	const char *path = w->spec->root ? w->spec->root->path : "";
	_cleanup_close_ int tree = -1, place = -1;

	place = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (place < 0)
		return error_set_errno(err, -errno, "open the root file system %s", path);
	/* A mount of its own, whatever the path was: only a mount can become the root. */
	tree = open_tree(place, "",
			 AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (tree < 0)
		return error_set_errno(err, -errno, "bind the root file system %s", path);
	if (mount_attach(tree, place, path, err) < 0)
		return error_code(*err);
	w->root = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (w->root < 0)
		return error_set_errno(err, -errno, "open the root file system %s", path);
	return 0;
}

static bool brings_own_dev(const struct workload *w)
{
	for (size_t i = 0; i < w->spec->n_mounts; i++)
		if (strcmp(w->spec->mounts[i]->destination, "/dev") == 0 &&
		    strcmp(w->spec->mounts[i]->type, "bind") == 0)
			return true;
	return false;
}

int workload_build_rootfs(struct workload *w, struct error **err)
{
	int ret;

	if (!w->new_mount_namespace)
		return 0;
	ret = open_root(w, err);
	for (size_t i = 0; i < w->spec->n_mounts && ret == 0; i++)
		ret = workload_mount(w, w->spec->mounts[i], err);
	if (ret == 0 && !brings_own_dev(w))
		ret = workload_make_nodes(w, err);
	return ret;
}

/* ---- hiding and protecting --------------------------------------------------------------------- */

/* The guest's null device, and nothing that only looks like it (CVE-2025-31133). */
static int open_null_tree(struct error **err)
{
	_cleanup_close_ int tree =
		open_tree(AT_FDCWD, "/dev/null", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	struct stat status;

	if (tree < 0 || fstat(tree, &status) < 0)
		return error_set_errno(err, -errno, "open /dev/null");
	if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(1, 3))
		return error_set(err, -EINVAL, "/dev/null is not the null device");
	return steal_fd(tree);
}

static int make_empty_directory(struct error **err)
{
	_cleanup_close_ int context = fsopen("tmpfs", FSOPEN_CLOEXEC);
	int mount;

	if (context < 0 || fsconfig(context, FSCONFIG_SET_STRING, "nr_inodes", "2", 0) < 0 ||
	    fsconfig(context, FSCONFIG_SET_STRING, "mode", "555", 0) < 0 ||
	    fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return error_set_errno(err, -errno, "make an empty directory");
	mount = fsmount(context, FSMOUNT_CLOEXEC,
			MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
				MOUNT_ATTR_NOEXEC);
	if (mount < 0)
		return error_set_errno(err, -errno, "mount an empty directory");
	return mount;
}

static int check_path(const char *path, struct error **err)
{
	if (path[0] != '/' || strstr(path, ".."))
		return error_set(err, -EINVAL, "%s is not an absolute path", path);
	return 0;
}

/* Open what is to be covered; 0 when there is no such thing, which is as good. */
static int open_covered(const struct workload *w, const char *path, int *target, struct error **err)
{
	int ret = check_path(path, err);

	if (ret < 0)
		return ret;
	*target = inside_open(w->root, path, O_PATH, err);
	if (*target >= 0)
		return 1;
	if (*target != -ENOENT && *target != -ENOTDIR)
		return *target;
	error_free(steal(*err));
	return 0;
}

static int mask(const struct workload *w, const char *path, struct error **err)
{
	_cleanup_close_ int target = -1, cover = -1;
	struct stat status;
	int ret = open_covered(w, path, &target, err);

	if (ret <= 0)
		return ret;
	if (fstat(target, &status) < 0)
		return error_set_errno(err, -errno, "look at %s", path);
	cover = S_ISDIR(status.st_mode) ? make_empty_directory(err) : open_null_tree(err);
	return cover < 0 ? cover : mount_attach(cover, target, path, err);
}

static int protect(const struct workload *w, const char *path, struct error **err)
{
	struct mount_attr readonly = { .attr_set = MOUNT_ATTR_RDONLY };
	_cleanup_close_ int target = -1, tree = -1;
	int ret = open_covered(w, path, &target, err);

	if (ret <= 0)
		return ret;
	tree = open_tree(target, "",
			 AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (tree < 0 ||
	    mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &readonly, sizeof(readonly)) < 0)
		return error_set_errno(err, -errno, "make %s read-only", path);
	return mount_attach(tree, target, path, err);
}

static int make_readonly(const struct workload *w, const char *path, struct error **err)
{
	struct mount_attr readonly = { .attr_set = MOUNT_ATTR_RDONLY };
	_cleanup_close_ int target = inside_open(w->root, path, O_PATH | O_DIRECTORY, err);

	if (target < 0)
		return target;
	if (mount_setattr(target, "", AT_EMPTY_PATH, &readonly, sizeof(readonly)) < 0)
		return error_set_errno(err, -errno, "make %s read-only", path);
	return 0;
}

int workload_finish_rootfs(struct workload *w, struct error **err)
{
	const Grpc__Linux *settings = w->spec->linux;
	const char *cwd = w->spec->process->cwd;
	int ret = 0;

	if (!w->new_mount_namespace)
		return 0;
	if (cwd[0]) {
		int directory = inside_make_directory(w->root, cwd, 0755, err);

		if (directory < 0)
			return directory;
		close(directory);
	}
	for (size_t i = 0; i < settings->n_maskedpaths && ret == 0; i++)
		ret = mask(w, settings->maskedpaths[i], err);
	for (size_t i = 0; i < settings->n_readonlypaths && ret == 0; i++)
		ret = protect(w, settings->readonlypaths[i], err);
	if (ret == 0 && w->dev_readonly)
		ret = make_readonly(w, "/dev", err);
	if (ret == 0 && w->spec->root->readonly)
		ret = make_readonly(w, "/", err);
	return ret;
}

/* ---- sysctls ----------------------------------------------------------------------------------- */

/* A procfs of our own, so that nothing that is mounted in the container is written to instead. */
static int open_procfs(struct error **err)
{
	_cleanup_close_ int context = fsopen("proc", FSOPEN_CLOEXEC);
	int mount;

	if (context < 0 || fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return error_set_errno(err, -errno, "make a proc file system");
	mount = fsmount(context, FSMOUNT_CLOEXEC, 0);
	if (mount < 0)
		return error_set_errno(err, -errno, "mount a proc file system");
	return mount;
}

static int set_sysctl(int procfs, const char *key, const char *value, struct error **err)
{
	struct open_how how = {
		.flags = O_WRONLY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};
	_cleanup_free_ char *path = xasprintf("sys/%s", key);
	_cleanup_close_ int fd = -1;
	int ret;

	for (char *c = path; *c; c++)
		if (*c == '.')
			*c = '/';
	fd = (int)syscall(SYS_openat2, procfs, path, &how, sizeof(how));
	if (fd < 0 && errno == ENOENT)
		return 0; /* this kernel does not have it */
	if (fd < 0)
		return error_set_errno(err, -errno, "open sysctl %s", key);
	ret = fd_write_all(fd, value, strlen(value));
	return ret < 0 ? error_set_errno(err, ret, "set sysctl %s to %s", key, value) : 0;
}

int workload_set_sysctls(struct workload *w, struct error **err)
{
	const Grpc__Linux *settings = w->spec->linux;
	_cleanup_close_ int procfs = -1;
	int ret = 0;

	if (settings->n_sysctl == 0)
		return 0;
	procfs = open_procfs(err);
	if (procfs < 0)
		return procfs;
	for (size_t i = 0; i < settings->n_sysctl && ret == 0; i++)
		ret = set_sysctl(procfs, settings->sysctl[i]->key, settings->sysctl[i]->value, err);
	return ret;
}

/* ---- change of root ---------------------------------------------------------------------------- */

/*
 * An initramfs cannot be left by pivot_root: the container's root is moved over it. The guest's proc and
 * sysfs would stay reachable below, so they are detached first.
 */
static int move_over_root(const struct workload *w, struct error **err)
{
	_cleanup_free_ char *mounts = NULL;
	struct slice rest, line;
	int ret = file_read_all("/proc/self/mounts", MOUNTS_MAX_BYTES, &mounts, NULL, err);

	if (ret < 0)
		return ret;
	rest = slice_of(mounts);
	while (slice_next_line(&rest, &line)) {
		struct slice source, target, type;
		_cleanup_free_ char *path = NULL;

		if (!slice_next_word(&line, &source) || !slice_next_word(&line, &target) ||
		    !slice_next_word(&line, &type) ||
		    (!slice_is(type, "proc") && !slice_is(type, "sysfs")) ||
		    slice_starts_with(target, w->spec->root->path))
			continue;
		path = slice_dup(target);
		if (umount2(path, MNT_DETACH) < 0 && errno != EINVAL && errno != ENOENT)
			return error_set_errno(err, -errno, "detach the guest's %s", path);
	}
	if (mount(".", "/", NULL, MS_MOVE, NULL) < 0)
		return error_set_errno(err, -errno, "move the container's root to /");
	if (chroot(".") < 0)
		return error_set_errno(err, -errno, "change to the container's root");
	return 0;
}

static int pivot(struct error **err)
{
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return error_set_errno(err, -errno, "change to the container's root");
	/* The guest's root now lies on top of the container's, in the same place. */
	if (umount2(".", MNT_DETACH) < 0)
		return error_set_errno(err, -errno, "detach the guest's root");
	return 0;
}

static int set_propagation(const char *name, struct error **err)
{
	static const struct {
		const char *name;
		unsigned long flags;
	} kinds[] = {
		{ "private", MS_PRIVATE },	 { "rprivate", MS_PRIVATE | MS_REC },
		{ "shared", MS_SHARED },	 { "rshared", MS_SHARED | MS_REC },
		{ "slave", MS_SLAVE },		 { "rslave", MS_SLAVE | MS_REC },
		{ "unbindable", MS_UNBINDABLE }, { "runbindable", MS_UNBINDABLE | MS_REC },
	};

	if (!name[0])
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(kinds[i].name, name) != 0)
			continue;
		if (mount(NULL, "/", NULL, kinds[i].flags, NULL) < 0)
			return error_set_errno(err, -errno, "make the root %s", name);
		return 0;
	}
	return error_set(err, -EINVAL, "\"%s\" is no propagation", name);
}

int workload_change_root(struct workload *w, struct error **err)
{
	int ret;

	if (!w->new_mount_namespace)
		return 0;
	if (fchdir(w->root) < 0)
		return error_set_errno(err, -errno, "enter the container's root");
	ret = w->setup.no_pivot ? move_over_root(w, err) : pivot(err);
	if (ret < 0)
		return ret;
	if (chdir("/") < 0)
		return error_set_errno(err, -errno, "enter the container's root");
	close(steal_fd(w->root));
	return set_propagation(w->spec->linux->rootfspropagation, err);
}
