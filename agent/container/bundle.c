// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "agent/workload/inside.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "internal.h"
#include "proto/message.h"
#include "tree.h"

/* A link in the path could be the guest workload's, and lead to what is not a container's (spec/agent.md 11.1). */
static int open_without_links(const char *path, struct error **err)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	if (fd < 0 && errno == ELOOP)
		return error_set(err, -ELOOP,
				 "There may be illegal symbols in the path name %s: it has links",
				 path);
	if (fd < 0)
		return error_set(err, -errno,
				 "Path from \"%s\" does not exist or is not absolute: %s", path,
				 errno_text(errno));
	return fd;
}

static int bind_rootfs(const char *source, const char *target, struct error **err)
{
	_cleanup_close_ int from = open_without_links(source, err);
	_cleanup_close_ int tree = -1, place = -1;

	if (from < 0)
		return from;
	if (mkdir(target, 0755) < 0 && errno != EEXIST)
		return error_set_errno(err, -errno, "make %s", target);
	place = open(target, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (place < 0)
		return error_set_errno(err, -errno, "open %s", target);
	tree = open_tree(from, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0)
		return error_set_errno(err, -errno, "bind %s", source);
	return mount_attach(tree, place, target, err);
}

int bundle_make(struct container *container, struct error **err)
{
	Grpc__Root *root = container->spec->root;
	_cleanup_free_ char *rootfs = NULL;
	int ret;

	container->bundle = path_join(container->settings->base, container->id);
	rootfs = path_join(container->bundle, "rootfs");
	ret = directory_make_all(container->bundle, 0700, err);
	if (ret < 0)
		return ret;
	/* A storage of the request may have mounted it there already. */
	if (!path_exists(rootfs)) {
		ret = bind_rootfs(root->path, rootfs, err);
		if (ret < 0)
			return ret;
	}
	proto_take_string(&root->path, steal(rootfs));
	return 0;
}

int bundle_remove(const struct container *container, struct error **err)
{
	_cleanup_free_ char *rootfs = NULL;

	if (!container->bundle)
		return 0;
	rootfs = path_join(container->bundle, "rootfs");
	while (umount2(rootfs, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		;
	if (errno != EINVAL && errno != ENOENT)
		return error_set_errno(err, -errno, "unmount %s", rootfs);
	return tree_remove(container->bundle, err);
}
