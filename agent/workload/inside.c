// SPDX-License-Identifier: Apache-2.0
#include "inside.h"

#include <errno.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/memory.h"
#include "base/path.h"
#include "base/slice.h"

#define RETRIES 128 /* while somebody renames directories under us */

static int open_below(int root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned)flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd = -1;

	for (int i = 0; i < RETRIES; i++) {
		fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd < 0 ? -errno : (int)fd;
}

int inside_open(int root, const char *path, int flags, struct error **err)
{
	int fd = open_below(root, path, flags);

	if (fd < 0)
		return error_set_errno(err, fd, "open %s below the container's root", path);
	return fd;
}

/*
 * Walk down name by name. The part that exists is resolved afresh each time, as it may lead through links; a
 * missing name is made in the directory that is open by then.
 */
int inside_make_directory(int root, const char *path, mode_t mode, struct error **err)
{
	_cleanup_free_ char *clean = path_clean(path);
	_cleanup_free_ char *so_far = xstrdup("/");
	struct slice rest = slice_of(clean), name;
	int here = open_below(root, "/", O_PATH | O_DIRECTORY);

	while (here >= 0 && slice_next_field(&rest, '/', &name)) {
		_cleanup_free_ char *text = slice_dup(name);
		char *next = path_join(so_far, text);
		int below;

		free(so_far);
		so_far = next;
		if (name.size == 0 || slice_is(name, "."))
			continue;
		below = open_below(root, so_far, O_PATH | O_DIRECTORY);
		if (below == -ENOENT) {
			if (mkdirat(here, text, mode) < 0 && errno != EEXIST)
				below = -errno;
			else
				below = open_below(root, so_far, O_PATH | O_DIRECTORY);
		}
		close(here);
		here = below;
	}
	if (here < 0)
		return error_set_errno(err, here, "make directory %s below the container's root",
				       path);
	return here;
}

int inside_make_file(int root, const char *path, struct error **err)
{
	_cleanup_free_ char *clean = path_clean(path);
	_cleanup_free_ char *parent = path_directory(clean);
	_cleanup_close_ int directory = -1, made = -1;
	int fd = open_below(root, clean, O_PATH);

	if (fd >= 0)
		return fd;
	directory = inside_make_directory(root, parent, 0755, err);
	if (directory < 0)
		return directory;
	made = openat(directory, path_name(clean), O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (made < 0)
		return error_set_errno(err, -errno, "make %s below the container's root", path);
	return inside_open(root, clean, O_PATH, err);
}

int mount_attach(int mount, int target, const char *name, struct error **err)
{
	if (move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) <
	    0)
		return error_set_errno(err, -errno, "mount on %s", name);
	return 0;
}
