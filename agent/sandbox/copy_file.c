// SPDX-License-Identifier: Apache-2.0
/*
 * The directory into which a file goes is resolved once, as in a chroot whose root is the shared directory; from
 * then on there are only names in that directory, and the last one is never followed.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "agent/container/tree.h"
#include "agent/workload/inside.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "sandbox.h"

struct copy {
	const Grpc__CopyFileRequest *request;
	int directory; /* O_PATH */
	const char *name;
};

static int give(const struct copy *copy, struct error **err)
{
	const Grpc__CopyFileRequest *request = copy->request;

	if (fchownat(copy->directory, copy->name, (uid_t)request->uid, (gid_t)request->gid,
		     AT_SYMLINK_NOFOLLOW) < 0)
		return error_set_errno(err, -errno, "give %s its owner", request->path);
	return 0;
}

static int make_directory(const struct copy *copy, struct error **err)
{
	const Grpc__CopyFileRequest *request = copy->request;
	_cleanup_close_ int fd = -1;
	struct stat there;
	int ret;

	if (fstatat(copy->directory, copy->name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !S_ISDIR(there.st_mode) && unlinkat(copy->directory, copy->name, 0) < 0)
		return error_set_errno(err, -errno, "replace %s", request->path);
	if (mkdirat(copy->directory, copy->name, request->file_mode & 0777) < 0 && errno != EEXIST)
		return error_set_errno(err, -errno, "make %s", request->path);
	fd = openat(copy->directory, copy->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_set_errno(err, -errno, "open %s", request->path);
	ret = give(copy, err);
	/* After the owner: a change of owner clears bits. */
	if (ret == 0 && fchmod(fd, request->file_mode & 07777) < 0)
		ret = error_set_errno(err, -errno, "give %s its mode", request->path);
	return ret;
}

static int make_link(const struct copy *copy, struct error **err)
{
	const Grpc__CopyFileRequest *request = copy->request;
	_cleanup_free_ char *target = xmemdup0(request->data.data, request->data.len);
	int ret = 0;

	if (strlen(target) != request->data.len)
		return error_set(err, -EINVAL, "the target of %s has a NUL in it", request->path);
	if (request->offset == 0)
		ret = tree_remove_at(copy->directory, copy->name, err);
	if (ret == 0 && symlinkat(target, copy->directory, copy->name) < 0)
		ret = error_set_errno(err, -errno, "link %s", request->path);
	return ret < 0 ? ret : give(copy, err);
}

static int write_at(int fd, const struct copy *copy, struct error **err)
{
	const ProtobufCBinaryData *data = &copy->request->data;
	size_t written = 0;

	while (written < data->len) {
		ssize_t put = pwrite(fd, data->data + written, data->len - written,
				     copy->request->offset + (off_t)written);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return error_set_errno(err, -errno, "write %s", copy->request->path);
		written += (size_t)put;
	}
	return 0;
}

static int finish_file(int fd, const struct copy *copy, const char *temporary, struct error **err)
{
	const Grpc__CopyFileRequest *request = copy->request;

	if (fchown(fd, (uid_t)request->uid, (gid_t)request->gid) < 0 ||
	    fchmod(fd, request->file_mode & 07777) < 0)
		return error_set_errno(err, -errno, "give %s its owner and mode", request->path);
	if (renameat(copy->directory, temporary, copy->directory, copy->name) < 0)
		return error_set_errno(err, -errno, "put %s in its place", request->path);
	return 0;
}

static int make_file(const struct copy *copy, struct error **err)
{
	const Grpc__CopyFileRequest *request = copy->request;
	_cleanup_free_ char *temporary = xasprintf("%s.tmp", copy->name);
	_cleanup_close_ int fd = -1;
	struct stat status;
	int ret = 0;

	if (request->offset < 0 || request->file_size < 0 ||
	    (uint64_t)request->offset + request->data.len > (uint64_t)request->file_size)
		return error_set(err, -EINVAL, "a piece of %s lies outside of the file",
				 request->path);
	if (request->offset == 0)
		ret = tree_remove_at(copy->directory, copy->name, err);
	/* What lies there may be another name of a file that a container cannot change itself. */
	if (ret == 0 && request->offset == 0)
		ret = tree_remove_at(copy->directory, temporary, err);
	if (ret < 0)
		return ret;
	fd = openat(copy->directory, temporary,
		    O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC |
			    (request->offset == 0 ? O_EXCL : 0),
		    0600);
	if (fd < 0 || fstat(fd, &status) < 0)
		return error_set_errno(err, -errno, "open %s in %s's directory", temporary,
				       request->path);
	if (!S_ISREG(status.st_mode) || status.st_nlink != 1)
		return error_set(err, -EINVAL, "%s is in the way of %s", temporary, request->path);
	ret = write_at(fd, copy, err);
	if (ret < 0)
		return ret;
	if (fstat(fd, &status) < 0)
		return error_set_errno(err, -errno, "look at %s", temporary);
	/* The rest is still to come. */
	if (status.st_size != request->file_size)
		return 0;
	return finish_file(fd, copy, temporary, err);
}

/* The path below the shared directory; it may not even look as if it led out of there. */
static int relative_path(const char *path, char **relative, struct error **err)
{
	const char *rest = path + strlen(SANDBOX_SHARED);
	struct slice left, name;

	if (!slice_starts_with(slice_of(path), SANDBOX_SHARED))
		return error_set(err, -EINVAL, "removing \"%s\" prefix from %s: it is not there",
				 SANDBOX_SHARED, path);
	left = slice_of(rest);
	while (slice_next_field(&left, '/', &name))
		if (slice_is(name, ".."))
			return error_set(err, -EINVAL, "%s leads upwards", path);
	*relative = path_clean(rest);
	if (strcmp(*relative, ".") == 0 || strcmp(*relative, "/") == 0)
		return error_set(err, -EINVAL, "%s names no file", path);
	return 0;
}

int sandbox_copy_file(const Grpc__CopyFileRequest *request, struct error **err)
{
	_cleanup_free_ char *relative = NULL, *parent = NULL;
	_cleanup_close_ int root = -1, directory = -1;
	struct copy copy = { .request = request };
	int ret = relative_path(request->path, &relative, err);

	if (ret == 0)
		ret = directory_make_all(SANDBOX_SHARED, 0755, err);
	if (ret < 0)
		return ret;
	parent = path_directory(relative);
	root = open(SANDBOX_SHARED, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return error_set_errno(err, -errno, "open %s", SANDBOX_SHARED);
	directory = inside_make_directory(root, parent, request->dir_mode & 0777, err);
	if (directory < 0)
		return directory;
	if (strcmp(parent, ".") != 0 &&
	    fchownat(directory, "", (uid_t)request->uid, (gid_t)request->gid, AT_EMPTY_PATH) < 0)
		return error_set_errno(err, -errno, "give %s's directory its owner", request->path);
	copy.directory = directory;
	copy.name = path_name(relative);
	if (S_ISDIR(request->file_mode))
		return make_directory(&copy, err);
	if (S_ISLNK(request->file_mode))
		return make_link(&copy, err);
	return make_file(&copy, err);
}
