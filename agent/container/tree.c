// SPDX-License-Identifier: Apache-2.0
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_DEPTH 256

static bool is_mounted(int directory, const char *name)
{
	struct statx status;

	if (statx(directory, name, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &status) < 0)
		return errno != ENOENT; /* what cannot be told stays */
	return status.stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

static int remove_entry(int directory, const char *name, unsigned depth, struct error **err);

static int remove_content(int directory, const char *name, unsigned depth, struct error **err)
{
	int fd = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	const struct dirent *entry;
	DIR *stream;
	int ret = 0;

	if (fd < 0)
		return errno == ENOENT ? 0 : error_set_errno(err, -errno, "open %s", name);
	stream = fdopendir(fd);
	if (!stream) {
		ret = error_set_errno(err, -errno, "read %s", name);
		close(fd);
		return ret;
	}
	while (ret == 0 && (entry = readdir(stream)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			ret = remove_entry(fd, entry->d_name, depth + 1, err);
	closedir(stream);
	return ret;
}

static int remove_entry(int directory, const char *name, unsigned depth, struct error **err)
{
	int ret;

	if (is_mounted(directory, name))
		return 0;
	if (unlinkat(directory, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR)
		return error_set_errno(err, -errno, "remove %s", name);
	if (depth > MAX_DEPTH)
		return error_set(err, -ELOOP, "%s lies too deep to be removed", name);
	ret = remove_content(directory, name, depth, err);
	if (ret == 0 && unlinkat(directory, name, AT_REMOVEDIR) < 0 && errno != ENOTEMPTY &&
	    errno != ENOENT && errno != EBUSY)
		ret = error_set_errno(err, -errno, "remove %s", name);
	return ret;
}

int tree_remove_at(int directory, const char *name, struct error **err)
{
	return remove_entry(directory, name, 0, err);
}

int tree_remove(const char *path, struct error **err)
{
	return remove_entry(AT_FDCWD, path, 0, err);
}
