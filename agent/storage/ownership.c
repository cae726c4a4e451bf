// SPDX-License-Identifier: Apache-2.0
/* fs_group: a volume that a pod's group may use (spec/agent.md 7.1). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "internal.h"

#define MAX_DEPTH	256
#define GROUP_READ	0440
#define GROUP_WRITE	0660
#define DIRECTORY_EXTRA (S_ISGID | 0110)

struct change {
	gid_t group;
	mode_t mode; /* what files get */
};

/* A change of owner clears bits, so that the mode comes second. */
static int change_one(int fd, const struct stat *status, const struct change *change,
		      const char *name, struct error **err)
{
	mode_t mode = (status->st_mode & 07777) | change->mode;

	if (S_ISDIR(status->st_mode))
		mode |= DIRECTORY_EXTRA;
	if (fchown(fd, (uid_t)-1, change->group) < 0 || fchmod(fd, mode) < 0)
		return error_set_errno(err, -errno, "give %s to group %u", name, change->group);
	return 0;
}

static int change_directory(int fd, const struct change *change, const char *name, unsigned depth,
			    struct error **err);

static int change_entry(int directory, const char *name, const struct change *change,
			unsigned depth, struct error **err)
{
	struct stat status;
	int fd, ret;

	if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set_errno(err, -errno, "look at %s", name);
	if (S_ISDIR(status.st_mode)) {
		if (depth > MAX_DEPTH)
			return error_set(err, -ELOOP, "%s lies too deep", name);
		fd = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		return fd < 0 ? error_set_errno(err, -errno, "open %s", name)
			      : change_directory(fd, change, name, depth + 1, err);
	}
	if (!S_ISREG(status.st_mode))
		return 0;
	fd = openat(directory, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_set_errno(err, -errno, "open %s", name);
	ret = change_one(fd, &status, change, name, err);
	close(fd);
	return ret;
}

/* Closes the descriptor. */
static int change_directory(int fd, const struct change *change, const char *name, unsigned depth,
			    struct error **err)
{
	const struct dirent *entry;
	struct stat status;
	DIR *stream;
	int ret;

	stream = fdopendir(fd);
	if (!stream) {
		ret = error_set_errno(err, -errno, "read %s", name);
		close(fd);
		return ret;
	}
	ret = fstat(fd, &status) < 0 ? error_set_errno(err, -errno, "look at %s", name)
				     : change_one(fd, &status, change, name, err);
	while (ret == 0 && (entry = readdir(stream)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			ret = change_entry(fd, entry->d_name, change, depth, err);
	closedir(stream);
	return ret;
}

int ownership_apply(int directory, const Grpc__FSGroup *group, bool readonly, struct error **err)
{
	struct change change = { .group = group->group_id,
				 .mode = readonly ? GROUP_READ : GROUP_WRITE };
	mode_t wanted = change.mode | DIRECTORY_EXTRA;
	struct stat status;
	int fd, ret;

	if (fstat(directory, &status) < 0)
		return error_set_errno(err, -errno, "look at the volume");
	if (group->group_change_policy == TYPES__FSGROUP_CHANGE_POLICY__OnRootMismatch &&
	    status.st_gid == change.group && (status.st_mode & wanted) == wanted)
		return 0;
	fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_set_errno(err, -errno, "open the volume");
	ret = change_directory(fd, &change, "the volume", 0, err);
	if (ret == -EROFS && readonly) {
		/* It is used as it is, as Kubernetes does it. */
		log_warning("a read-only volume keeps its group",
			    LOG_STR("error", error_message(*err)));
		error_free(*err);
		*err = NULL;
		ret = 0;
	}
	return ret;
}
