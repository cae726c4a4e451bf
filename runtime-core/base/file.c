// SPDX-License-Identifier: Apache-2.0
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "memory.h"
#include "path.h"
#include "strbuf.h"

#define READ_STEP	 8192
#define REMOVE_MAX_DEPTH 128

static const char *file_kind(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFIFO:
		return "a FIFO";
	case S_IFSOCK:
		return "a socket";
	case S_IFCHR:
	case S_IFBLK:
		return "a device";
	default:
		return "of an unknown kind";
	}
}

int fd_read_all(int fd, const char *name, size_t max_bytes, char **text, size_t *size,
		struct error **err)
{
	_cleanup_strbuf_ struct strbuf content = STRBUF_INIT;
	ssize_t got;

	do {
		got = read(fd, strbuf_reserve(&content, READ_STEP), READ_STEP);
		if (got < 0 && errno != EINTR)
			return error_set_errno(err, -errno, "read %s", name);
		strbuf_commit(&content, got > 0 ? (size_t)got : 0);
		if (content.size > max_bytes)
			return error_set(err, -EFBIG, "read %s: larger than the limit of %zu bytes",
					 name, max_bytes);
	} while (got != 0);
	if (size)
		*size = content.size;
	*text = strbuf_steal(&content);
	return 0;
}

int file_read_all(const char *path, size_t max_bytes, char **text, size_t *size, struct error **err)
{
	_cleanup_close_ int fd = -1;
	struct stat status;

	/* O_NONBLOCK: opening a FIFO must not wait for a writer. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return error_set_errno(err, -errno, "open %s", path);
	if (fstat(fd, &status) < 0)
		return error_set_errno(err, -errno, "stat %s", path);
	if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
		return error_set(err, -EINVAL, "read %s: it is %s, not a regular file", path,
				 file_kind(status.st_mode));
	return fd_read_all(fd, path, max_bytes, text, size, err);
}

int fd_write_all(int fd, const void *data, size_t size)
{
	const char *rest = data;

	while (size) {
		ssize_t written = write(fd, rest, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		rest += written;
		size -= (size_t)written;
	}
	return 0;
}

static int sync_directory_of(const char *path)
{
	_cleanup_free_ char *directory = path_directory(path);
	_cleanup_close_ int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

static int fill_temporary(int fd, const void *data, size_t size, mode_t mode)
{
	int ret = fd_write_all(fd, data, size);

	if (ret < 0)
		return ret;
	if (fchmod(fd, mode) < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

int file_replace(const char *path, const void *data, size_t size, mode_t mode, struct error **err)
{
	_cleanup_free_ char *directory = path_directory(path);
	_cleanup_free_ char *temporary = xasprintf("%s/.%s.XXXXXX", directory, path_name(path));
	_cleanup_close_ int fd = mkostemp(temporary, O_CLOEXEC);
	int ret;

	if (fd < 0)
		return error_set_errno(err, -errno, "write %s: make a temporary file beside it",
				       path);
	ret = fill_temporary(fd, data, size, mode);
	if (ret == 0 && rename(temporary, path) < 0)
		ret = -errno;
	if (ret < 0) {
		unlink(temporary);
		return error_set_errno(err, ret, "write %s", path);
	}
	ret = sync_directory_of(path);
	if (ret < 0)
		return error_set_errno(
			err, ret,
			"write %s: it is in place, but flushing its directory to disk failed",
			path);
	return 0;
}

int directory_make_all(const char *path, mode_t mode, struct error **err)
{
	_cleanup_free_ char *partial = xstrdup(path);
	struct stat status;

	if (!path[0])
		return error_set_errno(err, -ENOENT, "mkdir \"\"");
	for (char *slash = partial; slash;) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		if (mkdir(partial, mode) < 0 && errno != EEXIST)
			return error_set_errno(err, -errno, "mkdir %s", partial);
		if (slash)
			*slash = '/';
	}
	if (stat(path, &status) < 0)
		return error_set_errno(err, -errno, "stat %s", path);
	if (!S_ISDIR(status.st_mode))
		return error_set(err, -ENOTDIR, "%s should be a directory", path);
	return 0;
}

static int remove_at(int parent, const char *name, unsigned depth)
{
	DIR *directory;
	int fd, ret = 0;

	if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	if (depth == REMOVE_MAX_DEPTH)
		return -ELOOP;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	directory = fdopendir(fd);
	if (!directory) {
		ret = -errno;
		close(fd);
		return ret;
	}
	for (struct dirent *entry; ret == 0 && (entry = readdir(directory));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			ret = remove_at(fd, entry->d_name, depth + 1);
	closedir(directory);
	if (ret == 0 && unlinkat(parent, name, AT_REMOVEDIR) < 0)
		ret = -errno;
	return ret;
}

int path_remove_all(const char *path, struct error **err)
{
	int ret = remove_at(AT_FDCWD, path, 0);

	return ret < 0 ? error_set_errno(err, ret, "remove %s", path) : 0;
}

bool path_exists(const char *path)
{
	return access(path, F_OK) == 0;
}
