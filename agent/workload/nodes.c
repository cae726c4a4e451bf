// SPDX-License-Identifier: Apache-2.0
/*
 * What a container finds in /dev. Everything is made through the descriptor of its directory, which lies below the
 * container's root whatever links the image holds (spec/reliability.md X-9).
 */
#include <errno.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/memory.h"
#include "base/path.h"
#include "inside.h"
#include "internal.h"

static const struct {
	const char *target, *name;
	bool if_there; /* only when the guest has the target */
} links[] = {
	{ "/proc/kcore", "kcore", true },	{ "/proc/self/fd", "fd", false },
	{ "/proc/self/fd/0", "stdin", false },	{ "/proc/self/fd/1", "stdout", false },
	{ "/proc/self/fd/2", "stderr", false },
};

static const struct {
	const char *path;
	unsigned major, minor;
} default_nodes[] = {
	{ "/dev/null", 1, 3 }, { "/dev/zero", 1, 5 },	 { "/dev/full", 1, 7 },
	{ "/dev/tty", 5, 0 },  { "/dev/urandom", 1, 9 }, { "/dev/random", 1, 8 },
};

struct node {
	const char *path;
	mode_t mode; /* with the type's bits */
	dev_t number;
	uid_t uid;
	gid_t gid;
};

/* In a user namespace no node can be made: the guest's is bound instead. */
static int bind_node(const struct workload *w, const struct node *node, struct error **err)
{
	_cleanup_close_ int tree =
		open_tree(AT_FDCWD, node->path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	_cleanup_close_ int target = -1;

	if (tree < 0)
		return error_set_errno(err, -errno, "take the guest's %s", node->path);
	target = inside_make_file(w->root, node->path, err);
	return target < 0 ? target : mount_attach(tree, target, node->path, err);
}

static int make_node(const struct workload *w, const struct node *node, struct error **err)
{
	_cleanup_free_ char *clean = path_clean(node->path);
	_cleanup_free_ char *parent = path_directory(clean);
	const char *name = path_name(clean);
	_cleanup_close_ int directory = -1;

	if (w->new_user_namespace)
		return bind_node(w, node, err);
	directory = inside_make_directory(w->root, parent, 0755, err);
	if (directory < 0)
		return directory;
	if (mknodat(directory, name, node->mode, node->number) < 0) {
		struct stat there;

		if (errno != EEXIST)
			return error_set_errno(err, -errno, "make %s", node->path);
		/* An image that brings its own must not pass another device off as this one. */
		if (fstatat(directory, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
		    (there.st_mode & S_IFMT) == (node->mode & S_IFMT) &&
		    (S_ISFIFO(there.st_mode) || there.st_rdev == node->number))
			return 0;
		if (unlinkat(directory, name, 0) < 0 ||
		    mknodat(directory, name, node->mode, node->number) < 0)
			return error_set_errno(err, -errno, "replace %s", node->path);
	}
	if (fchownat(directory, name, node->uid, node->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set_errno(err, -errno, "give %s its owner", node->path);
	return 0;
}

static mode_t type_bits(const char *type)
{
	static const struct {
		const char *type;
		mode_t bits;
	} types[] = { { "c", S_IFCHR }, { "u", S_IFCHR }, { "b", S_IFBLK }, { "p", S_IFIFO } };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strcmp(types[i].type, type) == 0)
			return types[i].bits;
	return 0;
}

static int make_given_node(const struct workload *w, const Grpc__LinuxDevice *device,
			   struct error **err)
{
	struct node node = { .path = device->path, .uid = device->uid, .gid = device->gid };
	mode_t permissions = device->filemode & 07777;
	struct stat guest;

	if (!slice_starts_with(slice_of(device->path), "/dev/") || strstr(device->path, ".."))
		return error_set(err, -EINVAL, "%s is not a valid device path", device->path);
	if (!type_bits(device->type))
		return error_set(err, -EINVAL, "\"%s\" is no type of device node", device->type);
	if (permissions == 0 && stat(device->path, &guest) == 0)
		permissions = guest.st_mode & 0777;
	node.mode = type_bits(device->type) | permissions;
	if (device->major < 0 || device->minor < 0 || device->major > UINT32_MAX ||
	    device->minor > UINT32_MAX)
		return error_set(err, -ERANGE, "%s: %lld:%lld is no device number", device->path,
				 (long long)device->major, (long long)device->minor);
	node.number = makedev((unsigned)device->major, (unsigned)device->minor);
	return make_node(w, &node, err);
}

static int make_links(int dev, struct error **err)
{
	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		if (links[i].if_there && access(links[i].target, F_OK) < 0)
			continue;
		if (symlinkat(links[i].target, dev, links[i].name) < 0 && errno != EEXIST)
			return error_set_errno(err, -errno, "link /dev/%s", links[i].name);
	}
	/* The container's own pseudo-terminals, never the guest's. */
	if (unlinkat(dev, "ptmx", 0) < 0 && errno != ENOENT)
		return error_set_errno(err, -errno, "remove /dev/ptmx");
	if (symlinkat("pts/ptmx", dev, "ptmx") < 0)
		return error_set_errno(err, -errno, "link /dev/ptmx");
	return 0;
}

int workload_make_nodes(struct workload *w, struct error **err)
{
	const Grpc__Linux *settings = w->spec->linux;
	_cleanup_close_ int dev = inside_make_directory(w->root, "/dev", 0755, err);
	mode_t mask = umask(0);
	int ret = dev < 0 ? dev : 0;

	for (size_t i = 0; i < ARRAY_SIZE(default_nodes) && ret == 0; i++) {
		struct node node = {
			.path = default_nodes[i].path,
			.mode = S_IFCHR | 0666,
			.number = makedev(default_nodes[i].major, default_nodes[i].minor),
		};

		ret = make_node(w, &node, err);
	}
	for (size_t i = 0; i < settings->n_devices && ret == 0; i++)
		ret = make_given_node(w, settings->devices[i], err);
	if (ret == 0)
		ret = make_links(dev, err);
	umask(mask);
	return ret;
}
