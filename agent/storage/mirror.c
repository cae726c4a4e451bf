// SPDX-License-Identifier: Apache-2.0
#include "mirror.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "agent/container/tree.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/slice.h"

#define MAX_DEPTH 8
#define TRIES	  4

/* An entry of the source. */
struct item {
	char *path; /* below the top */
	struct stat status;
	char *link; /* where it leads; NULL for others */
};

struct listing {
	struct item items[MIRROR_MAX_ENTRIES];
	size_t count;
	off_t bytes;
};

static void listing_release(struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++) {
		free(listing->items[i].path);
		free(listing->items[i].link);
	}
	listing->count = 0;
	listing->bytes = 0;
}
#define _cleanup_listing_ _cleanup_(listing_release)

struct mirror {
	int source, target, scratch;
	const char *scratch_name;
};

/* What vanishes or changes while we look is looked for again. */
static int changed(int code)
{
	return code == ENOENT || code == ENOTDIR || code == ELOOP || code == ESTALE ? -EAGAIN
										    : -code;
}

/* ---- list the source --------------------------------------------------------------------------- */

static int read_link(int directory, const char *name, char **link, struct error **err)
{
	char text[PATH_MAX];
	ssize_t size = readlinkat(directory, name, text, sizeof(text));

	if (size < 0)
		return error_set_errno(err, changed(errno), "read the link %s", name);
	*link = xmemdup0(text, (size_t)size);
	return 0;
}

static int list(int directory, const char *prefix, unsigned depth, struct listing *listing,
		struct error **err);

static int list_entry(int directory, const char *prefix, const char *name, unsigned depth,
		      struct listing *listing, struct error **err)
{
	struct item *item = &listing->items[listing->count];
	_cleanup_close_ int below = -1;

	if (listing->count == MIRROR_MAX_ENTRIES)
		return error_set(err, -E2BIG, "more than %d entries", MIRROR_MAX_ENTRIES);
	*item = (struct item){ 0 };
	if (fstatat(directory, name, &item->status, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set_errno(err, changed(errno), "look at %s", name);
	item->path = prefix[0] ? path_join(prefix, name) : xstrdup(name);
	listing->count++;
	if (S_ISLNK(item->status.st_mode))
		return read_link(directory, name, &item->link, err);
	if (S_ISREG(item->status.st_mode))
		listing->bytes += item->status.st_size;
	if (listing->bytes > MIRROR_MAX_BYTES)
		return error_set(err, -E2BIG, "more than %u bytes", MIRROR_MAX_BYTES);
	if (!S_ISDIR(item->status.st_mode))
		return 0;
	if (depth == MAX_DEPTH)
		return error_set(err, -E2BIG, "more than %d directories deep", MAX_DEPTH);
	below = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return below < 0 ? error_set_errno(err, changed(errno), "open %s", name)
			 : list(below, item->path, depth + 1, listing, err);
}

static int list(int directory, const char *prefix, unsigned depth, struct listing *listing,
		struct error **err)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *entry;
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	int ret = 0;

	if (!stream) {
		ret = error_set_errno(err, changed(errno), "read %s", prefix);
		if (fd >= 0)
			close(fd);
		return ret;
	}
	while (ret == 0 && (entry = readdir(stream)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			ret = list_entry(fd, prefix, entry->d_name, depth, listing, err);
	closedir(stream);
	return ret;
}

static int compare_items(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->path, ((const struct item *)b)->path);
}

/* A directory comes before what it holds, and "..data" before the links that lead through it. */
static int list_source(const struct mirror *mirror, struct listing *listing, struct error **err)
{
	int ret = list(mirror->source, "", 0, listing, err);

	qsort(listing->items, listing->count, sizeof(listing->items[0]), compare_items);
	return ret;
}

static bool same_time(const struct stat *a, const struct stat *b)
{
	return a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static bool same_owner(const struct stat *a, const struct stat *b)
{
	return a->st_mode == b->st_mode && a->st_uid == b->st_uid && a->st_gid == b->st_gid;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return same_owner(a, b) && a->st_size == b->st_size && same_time(a, b);
}

static bool same_listing(const struct listing *a, const struct listing *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct item *x = &a->items[i], *y = &b->items[i];

		if (strcmp(x->path, y->path) != 0 || x->status.st_ino != y->status.st_ino ||
		    !same_file(&x->status, &y->status) ||
		    (x->link && strcmp(x->link, y->link) != 0))
			return false;
	}
	return true;
}

/* ---- bring the target up ----------------------------------------------------------------------- */

static int open_below(int root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned)flags | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

static int open_parent(const struct mirror *mirror, const char *path, struct error **err)
{
	_cleanup_free_ char *parent = path_directory(path);
	int fd = open_below(mirror->target, parent, O_PATH | O_DIRECTORY);

	return fd < 0 ? error_set_errno(err, fd, "open %s of the copy", parent) : fd;
}

static int copy_owner(int fd, const struct stat *status, struct error **err)
{
	struct stat now;

	if (fstat(fd, &now) == 0 && same_owner(&now, status))
		return 0;
	/* A change of owner clears bits. */
	if (fchown(fd, status->st_uid, status->st_gid) < 0 ||
	    fchmod(fd, status->st_mode & 07777) < 0)
		return error_set_errno(err, -errno, "give the copy its owner and mode");
	return 0;
}

static int copy_directory(const struct mirror *mirror, const struct item *item, struct error **err)
{
	_cleanup_close_ int parent = open_parent(mirror, item->path, err), fd = -1;
	const char *name = path_name(item->path);
	struct stat there;
	int ret = 0;

	if (parent < 0)
		return parent;
	if (fstatat(parent, name, &there, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISDIR(there.st_mode))
		ret = tree_remove_at(parent, name, err);
	if (ret < 0)
		return ret;
	if (mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
		return error_set_errno(err, -errno, "make %s", item->path);
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? error_set_errno(err, -errno, "open %s", item->path)
		      : copy_owner(fd, &item->status, err);
}

/* Read all of a file that is as long as it was; else it is being written to. */
static int read_file(int fd, off_t size, char **text, struct error **err)
{
	_cleanup_free_ char *buffer = xmalloc((size_t)size + 1);
	size_t done = 0;

	while (done <= (size_t)size) {
		ssize_t got = read(fd, buffer + done, (size_t)size + 1 - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set_errno(err, changed(errno), "read a file");
		if (got == 0)
			break;
		done += (size_t)got;
	}
	if (done != (size_t)size)
		return error_set(err, -EAGAIN, "a file changes its length");
	*text = steal(buffer);
	return 0;
}

static int finish_copy(int fd, const struct stat *status, struct error **err)
{
	const struct timespec times[] = { status->st_mtim, status->st_mtim };
	int ret = copy_owner(fd, status, err);

	if (ret == 0 && futimens(fd, times) < 0)
		ret = error_set_errno(err, -errno, "give the copy its time");
	return ret;
}

/* Put what is ready in the place of what is at the path. */
static int replace(const struct mirror *mirror, const char *path, struct error **err)
{
	_cleanup_close_ int parent = open_parent(mirror, path, err);
	const char *name = path_name(path);
	struct stat there;
	int ret = 0;

	if (parent < 0)
		return parent;
	if (fstatat(parent, name, &there, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(there.st_mode))
		ret = tree_remove_at(parent, name, err);
	if (ret == 0 && renameat(mirror->scratch, mirror->scratch_name, parent, name) < 0)
		ret = error_set_errno(err, -errno, "put %s in its place", path);
	return ret;
}

static bool is_up_to_date(const struct mirror *mirror, const struct item *item)
{
	_cleanup_close_ int fd = open_below(mirror->target, item->path, O_PATH | O_NOFOLLOW);
	struct stat there;

	return fd >= 0 && fstat(fd, &there) == 0 && same_file(&there, &item->status);
}

static int copy_file(const struct mirror *mirror, const struct item *item, struct error **err)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_close_ int from = -1, to = -1;
	struct stat status;
	int ret;

	if (is_up_to_date(mirror, item))
		return 0;
	from = open_below(mirror->source, item->path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
	if (from < 0)
		return error_set_errno(err, changed(-from), "open %s", item->path);
	if (fstat(from, &status) < 0 || !same_file(&status, &item->status))
		return error_set(err, -EAGAIN, "%s changes", item->path);
	ret = read_file(from, status.st_size, &text, err);
	if (ret == 0)
		ret = tree_remove_at(mirror->scratch, mirror->scratch_name, err);
	if (ret < 0)
		return ret;
	to = openat(mirror->scratch, mirror->scratch_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		    0600);
	if (to < 0)
		return error_set_errno(err, -errno, "make %s", mirror->scratch_name);
	ret = fd_write_all(to, text, (size_t)status.st_size);
	if (ret < 0)
		return error_set_errno(err, ret, "write %s", item->path);
	ret = finish_copy(to, &status, err);
	return ret < 0 ? ret : replace(mirror, item->path, err);
}

static int copy_link(const struct mirror *mirror, const struct item *item, struct error **err)
{
	_cleanup_close_ int parent = open_parent(mirror, item->path, err);
	const char *name = path_name(item->path);
	char there[PATH_MAX];
	ssize_t size;
	int ret;

	if (parent < 0)
		return parent;
	size = readlinkat(parent, name, there, sizeof(there));
	if (size >= 0 && slice_is(slice_make(there, (size_t)size), item->link))
		return 0;
	ret = tree_remove_at(mirror->scratch, mirror->scratch_name, err);
	if (ret < 0)
		return ret;
	if (symlinkat(item->link, mirror->scratch, mirror->scratch_name) < 0 ||
	    fchownat(mirror->scratch, mirror->scratch_name, item->status.st_uid,
		     item->status.st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set_errno(err, -errno, "make the link %s", item->path);
	return replace(mirror, item->path, err);
}

/* ---- and take away what is gone ---------------------------------------------------------------- */

static bool has_item(const struct listing *listing, const char *path)
{
	for (size_t i = 0; i < listing->count; i++)
		if (strcmp(listing->items[i].path, path) == 0)
			return true;
	return false;
}

static int remove_gone(const struct listing *listing, int directory, const char *prefix,
		       struct error **err)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int ret = 0;

	if (!stream) {
		ret = error_set_errno(err, -errno, "read the copy");
		if (fd >= 0)
			close(fd);
		return ret;
	}
	while (ret == 0 && (entry = readdir(stream))) {
		const char *name = entry->d_name;
		_cleanup_free_ char *path = prefix[0] ? path_join(prefix, name) : xstrdup(name);
		_cleanup_close_ int below = -1;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		if (!has_item(listing, path)) {
			ret = tree_remove_at(fd, name, err);
			continue;
		}
		/* As deep as the listing at most. */
		below = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below >= 0)
			ret = remove_gone(listing, below, path, err);
	}
	closedir(stream);
	return ret;
}

/* ---- in this order ----------------------------------------------------------------------------- */

static int copy_content(const struct mirror *mirror, const struct listing *listing,
			struct error **err)
{
	int ret = 0;

	for (size_t i = 0; i < listing->count && ret == 0; i++) {
		const struct item *item = &listing->items[i];

		if (S_ISDIR(item->status.st_mode))
			ret = copy_directory(mirror, item, err);
		else if (S_ISREG(item->status.st_mode))
			ret = copy_file(mirror, item, err);
	}
	return ret;
}

static int copy_links(const struct mirror *mirror, const struct listing *listing,
		      struct error **err)
{
	int ret = 0;

	for (size_t i = 0; i < listing->count && ret == 0; i++)
		if (listing->items[i].link)
			ret = copy_link(mirror, &listing->items[i], err);
	return ret;
}

static int update(const struct mirror *mirror, struct error **err)
{
	_cleanup_listing_ struct listing before = { 0 };
	_cleanup_listing_ struct listing after = { 0 };
	struct stat top;
	int ret = list_source(mirror, &before, err);

	if (ret == 0 && fstat(mirror->source, &top) < 0)
		ret = error_set_errno(err, changed(errno), "look at the source");
	if (ret == 0)
		ret = copy_owner(mirror->target, &top, err);
	if (ret == 0)
		ret = copy_content(mirror, &before, err);
	if (ret == 0)
		ret = list_source(mirror, &after, err);
	if (ret == 0 && !same_listing(&before, &after))
		ret = error_set(err, -EAGAIN, "the source changes");
	if (ret == 0)
		ret = copy_links(mirror, &before, err);
	return ret < 0 ? ret : remove_gone(&before, mirror->target, "", err);
}

int mirror_directory(int source, int target, int scratch, const char *scratch_name,
		     struct error **err)
{
	const struct mirror mirror = { source, target, scratch, scratch_name };
	int ret = update(&mirror, err);

	for (int i = 1; i < TRIES && ret == -EAGAIN; i++) {
		error_free(*err);
		*err = NULL;
		ret = update(&mirror, err);
	}
	return ret;
}

int mirror_file(int source, int target, struct error **err)
{
	_cleanup_free_ char *text = NULL;
	struct stat from, to;
	ssize_t written;
	int ret;

	if (fstat(source, &from) < 0 || fstat(target, &to) < 0)
		return error_set_errno(err, -errno, "look at a file");
	if (same_file(&from, &to))
		return 0;
	if (from.st_size > MIRROR_MAX_BYTES)
		return error_set(err, -E2BIG, "more than %u bytes", MIRROR_MAX_BYTES);
	ret = read_file(source, from.st_size, &text, err);
	if (ret < 0)
		return ret;
	/* In one go, so that there is next to no time in which it is neither the old nor the new one. */
	written = pwrite(target, text, (size_t)from.st_size, 0);
	if (written != (ssize_t)from.st_size)
		return error_set_errno(err, written < 0 ? -errno : -ENOSPC, "write the copy");
	if (ftruncate(target, from.st_size) < 0)
		return error_set_errno(err, -errno, "cut the copy");
	return finish_copy(target, &from, err);
}
