// SPDX-License-Identifier: Apache-2.0
/*
 * watchable-bind: ConfigMaps and Secrets, which change while a container uses them (spec/agent.md 7.3). A share says nothing of
 * changes, so the source is looked at every two seconds, and copied to a file system in memory, which does tell
 * a container that watches it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "agent/container/tree.h"
#include "agent/workload/detached.h"
#include "agent/workload/inside.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/path.h"
#include "internal.h"
#include "mirror.h"

struct watch {
	char *source;
	bool bound; /* too big to be copied: the source itself is mounted there */
	bool is_file;
	struct place place;
	struct string_list root; /* the file system in memory, held while there is a watch */
};

/* The directories of which the copies are entries. */
static const char *const parents[] = { "shared/containers/watchable",
				       "shared/containers/passthrough/watchable" };

static int check_parent(const struct place *place, struct error **err)
{
	_cleanup_free_ char *parent = path_directory(place->relative);

	for (size_t i = 0; i < ARRAY_SIZE(parents); i++)
		if (strcmp(parent, parents[i]) == 0)
			return 0;
	return error_set(err, -EINVAL, "a watched mount lies in %s, not in %s", parents[0],
			 place->path);
}

/* The file system in memory is a storage as well, which the first one to need it sets up. */
static int mount_root(struct attachment *attachment, struct watch *watch, struct error **err)
{
	static char driver[] = "ephemeral", type[] = "tmpfs", mode[] = "mode=0755",
		    nodev[] = "nodev", nosuid[] = "nosuid", propagation[] = "shared";
	char *options[] = { mode, nodev, nosuid, propagation };
	_cleanup_free_ char *parent = path_directory(attachment->place.path);
	Grpc__Storage storage = GRPC__STORAGE__INIT, *list = &storage;
	int ret = storages_fix_watch_root(attachment->storages, parent, err);

	if (ret < 0)
		return ret;
	storage.driver = driver;
	storage.source = storage.fstype = type;
	storage.mount_point = parent;
	storage.options = options;
	storage.n_options = ARRAY_SIZE(options);
	return storages_attach(attachment->storages, NULL, &list, 1, &watch->root, err);
}

/* ---- one look ---------------------------------------------------------------------------------- */

static int bind_source(struct watch *watch, int source, struct error **err)
{
	const struct mount_options options = { .recursive = true };
	_cleanup_close_ int tree = detached_bind(source, watch->source, &options, err);
	_cleanup_close_ int target = -1;
	int ret;

	if (tree < 0)
		return tree;
	target = place_open(&watch->place, O_PATH, err);
	ret = target < 0 ? target : mount_attach(tree, target, watch->place.path, err);
	if (ret == 0) {
		watch->bound = true;
		log_info("a watched mount is too big to be copied, and is mounted itself",
			 LOG_STR("path", watch->place.path));
	}
	return ret;
}

/* Beside the copy, where no container sees it; to be freed. */
static char *scratch_of(const struct watch *watch)
{
	return xasprintf(".%s.new", path_name(watch->place.path));
}

static int copy_source(const struct watch *watch, int source, struct error **err)
{
	_cleanup_free_ char *parent = path_directory(watch->place.path);
	_cleanup_free_ char *scratch_name = scratch_of(watch);
	_cleanup_close_ int target = -1, scratch = -1;

	target = place_open(&watch->place, watch->is_file ? O_WRONLY : O_RDONLY | O_DIRECTORY, err);
	if (target < 0)
		return target;
	if (watch->is_file)
		return mirror_file(source, target, err);
	scratch = open(parent, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (scratch < 0)
		return error_set_errno(err, -errno, "open %s", parent);
	return mirror_directory(source, target, scratch, scratch_name, err);
}

static int look(struct watch *watch, const char *base, struct error **err)
{
	int flags = watch->is_file ? O_RDONLY | O_NONBLOCK : O_RDONLY | O_DIRECTORY;
	_cleanup_close_ int source = mount_open_source(base, watch->source, flags, err);
	int ret;

	if (source < 0)
		return source;
	ret = copy_source(watch, source, err);
	if (ret != -E2BIG)
		return ret;
	error_free(*err);
	*err = NULL;
	return bind_source(watch, source, err);
}

void watch_look(struct watch *watch, const char *base)
{
	_cleanup_error_ struct error *err = NULL;

	/* The next look may find it better. */
	if (!watch->bound && look(watch, base, &err) < 0)
		log_warning("a watched mount is not up to date", LOG_STR("path", watch->place.path),
			    LOG_STR("error", error_message(err)));
}

/* ---- from the first to the last ---------------------------------------------------------------- */

static int make_target(struct watch *watch, const char *base, struct error **err)
{
	_cleanup_close_ int source = mount_open_source(base, watch->source, O_PATH, err);
	_cleanup_close_ int target = -1;
	struct stat status;

	if (source < 0)
		return source;
	if (fstat(source, &status) < 0)
		return error_set_errno(err, -errno, "look at %s", watch->source);
	if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
		return error_set(err, -EINVAL, "%s is no file and no directory", watch->source);
	watch->is_file = S_ISREG(status.st_mode);
	target = watch->is_file ? place_make_file(&watch->place, err)
				: place_make_directory(&watch->place, err);
	return target < 0 ? target : 0;
}

/* A source that does not hold still is no reason to fail: what there is of it is there. */
static int look_first(struct watch *watch, const char *base, struct error **err)
{
	int ret = look(watch, base, err);

	if (ret != -EAGAIN)
		return ret;
	error_free(*err);
	*err = NULL;
	return 0;
}

int watch_attach(struct attachment *attachment, struct error **err)
{
	struct watch *watch = xcalloc(1, sizeof(*watch));
	int ret = check_parent(&attachment->place, err);

	watch->source = xstrdup(attachment->storage->source);
	watch->place = attachment->place;
	watch->place.path = xstrdup(attachment->place.path);
	watch->place.relative = watch->place.path + watch->place.root + 1;
	if (ret == 0)
		ret = mount_root(attachment, watch, err);
	if (ret == 0)
		ret = make_target(watch, attachment->settings->base, err);
	if (ret == 0)
		ret = look_first(watch, attachment->settings->base, err);
	if (ret < 0) {
		_cleanup_error_ struct error *second = NULL; /* the first one is what is told */

		watch_end(watch, attachment->storages, &second);
		return ret;
	}
	attachment->watch = watch;
	return 0;
}

/* And what was being prepared when the last look failed. */
static int remove_copy(const struct watch *watch, struct error **err)
{
	_cleanup_free_ char *directory = path_directory(watch->place.path);
	_cleanup_free_ char *scratch_name = scratch_of(watch);
	_cleanup_close_ int parent = open(directory, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int ret;

	if (parent < 0)
		return errno == ENOENT ? 0 : error_set_errno(err, -errno, "open %s", directory);
	ret = tree_remove_at(parent, scratch_name, err);
	return ret < 0 ? ret : tree_remove_at(parent, path_name(watch->place.path), err);
}

int watch_end(struct watch *watch, struct storages *storages, struct error **err)
{
	_cleanup_error_ struct error *second = NULL;
	int ret = 0;

	if (watch->bound)
		ret = place_unmount(&watch->place, err);
	/* Without the file system in memory there is no copy. */
	if (ret == 0 && watch->root.count > 0)
		ret = remove_copy(watch, err);
	if (storages_release(storages, &watch->root, ret < 0 ? &second : err) < 0 && ret == 0)
		ret = error_code(*err);
	watch_free(watch);
	return ret;
}

void watch_free(struct watch *watch)
{
	if (!watch)
		return;
	string_list_release(&watch->root);
	place_release(&watch->place);
	free(watch->source);
	free(watch);
}
