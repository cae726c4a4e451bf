// SPDX-License-Identifier: Apache-2.0
#include "own_program.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static int open_readonly_mount(void)
{
	struct mount_attr readonly = { .attr_set = MOUNT_ATTR_RDONLY };
	_cleanup_close_ int file = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	_cleanup_close_ int tree = -1;

	if (file < 0)
		return -errno;
	tree = open_tree(file, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0 || mount_setattr(tree, "", AT_EMPTY_PATH, &readonly, sizeof(readonly)) < 0)
		return -errno;
	return steal_fd(tree);
}

static int open_sealed_copy(struct error **err)
{
	_cleanup_close_ int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int copy = memfd_create("kata-agent", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct stat status;
	off_t offset = 0;

	if (file < 0 || copy < 0 || fstat(file, &status) < 0)
		return error_set_errno(err, -errno, "copy our own program");
	while (offset < status.st_size)
		if (sendfile(copy, file, &offset, (size_t)(status.st_size - offset)) <= 0)
			return error_set_errno(err, errno ? -errno : -EIO, "copy our own program");
	if (fcntl(copy, F_ADD_SEALS, SEALS) < 0)
		return error_set_errno(err, -errno, "seal the copy of our own program");
	return steal_fd(copy);
}

int own_program_open(struct error **err)
{
	int fd = open_readonly_mount();

	return fd >= 0 ? fd : open_sealed_copy(err);
}
