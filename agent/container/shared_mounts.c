// SPDX-License-Identifier: Apache-2.0
/*
 * Mounts that a container has of another one of the pod (spec/agent.md 6.2): a sidecar mounts something, and its neighbour
 * is to see it. The mount may still be on its way when the neighbour is created.
 *
 * Paths are those of the containers, so they are resolved in their mount namespaces; the job's thread enters these and comes
 * back.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "agent/workload/inside.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "internal.h"

#define MOUNTS_MAX_BYTES (4u << 20)
#define WAIT_MS		 10000
#define INTERVAL_MS	 100

void container_take_shared_mount(struct container *container, struct container *source,
				 const char *from, const char *to)
{
	struct shared_mount *mount = xcalloc(1, sizeof(*mount));
	struct shared_mount **end = &container->shared_mounts;

	source->references++;
	mount->source = source;
	mount->from = xstrdup(from);
	mount->to = xstrdup(to);
	while (*end)
		end = &(*end)->next;
	*end = mount;
}

void container_forget_shared_mounts(struct container *container)
{
	while (container->shared_mounts) {
		struct shared_mount *mount = container->shared_mounts;

		container->shared_mounts = mount->next;
		container_unref(mount->source);
		free(mount->from);
		free(mount->to);
		free(mount);
	}
}

/* ---- wait for it ------------------------------------------------------------------------------- */

static bool is_octal(struct slice digits)
{
	return digits.size == 3 && digits.data[0] >= '0' && digits.data[0] <= '3' &&
	       digits.data[1] >= '0' && digits.data[1] <= '7' && digits.data[2] >= '0' &&
	       digits.data[2] <= '7';
}

/* The kernel writes a blank as "\040". */
static bool is_written_as(struct slice written, const char *path)
{
	while (written.size > 0) {
		char c = written.data[0];
		struct slice digits = slice_first(slice_from(written, 1), 3);

		if (c == '\\' && is_octal(digits)) {
			c = (char)((digits.data[0] - '0') * 64 + (digits.data[1] - '0') * 8 +
				   digits.data[2] - '0');
			written = slice_from(written, digits.size);
		}
		if (*path++ != c)
			return false;
		written = slice_from(written, 1);
	}
	return *path == '\0';
}

static bool is_mounted(const struct container *container, const char *path)
{
	_cleanup_free_ char *file = xasprintf("/proc/%d/mounts", container->init_pid);
	_cleanup_error_ struct error *ended = NULL; /* then it will never be */
	_cleanup_free_ char *text = NULL;
	struct slice rest, line, source, target;

	if (file_read_all(file, MOUNTS_MAX_BYTES, &text, NULL, &ended) < 0)
		return false;
	rest = slice_of(text);
	while (slice_next_line(&rest, &line))
		if (slice_next_word(&line, &source) && slice_next_word(&line, &target) &&
		    is_written_as(target, path))
			return true;
	return false;
}

static bool wait_until_mounted(const struct shared_mount *mount)
{
	int64_t deadline = clock_now_ms() + WAIT_MS;

	while (!is_mounted(mount->source, mount->from)) {
		if (clock_now_ms() >= deadline)
			return false;
		clock_sleep_ms(INTERVAL_MS);
	}
	return true;
}

/* ---- from one container to the other ----------------------------------------------------------- */

/* The top of the container's tree, of which this thread then is a part. */
static int enter(const struct container *container, struct error **err)
{
	int root;

	if (container->namespaces[NAMESPACE_MOUNT] < 0)
		return error_set(err, -EINVAL, "container %s has no mounts of its own",
				 container->id);
	if (setns(container->namespaces[NAMESPACE_MOUNT], CLONE_NEWNS) < 0)
		return error_set_errno(err, -errno, "enter container %s", container->id);
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root < 0 ? error_set_errno(err, -errno, "open the root of %s", container->id) : root;
}

static int copy_tree(const struct shared_mount *mount, struct error **err)
{
	_cleanup_close_ int root = enter(mount->source, err), from = -1;
	int tree;

	if (root < 0)
		return root;
	from = inside_open(root, mount->from, O_PATH, err);
	if (from < 0)
		return from;
	tree = open_tree(from, "",
			 AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	return tree < 0 ? error_set_errno(err, -errno, "copy the mount %s of container %s",
					  mount->from, mount->source->id)
			: tree;
}

static int attach_tree(const struct container *container, const struct shared_mount *mount,
		       int tree, struct error **err)
{
	_cleanup_close_ int root = enter(container, err), target = -1;
	struct stat status;

	if (root < 0)
		return root;
	if (fstat(tree, &status) < 0)
		return error_set_errno(err, -errno, "look at the mount %s", mount->from);
	target = S_ISDIR(status.st_mode) ? inside_make_directory(root, mount->to, 0755, err)
					 : inside_make_file(root, mount->to, err);
	return target < 0 ? target : mount_attach(tree, target, mount->to, err);
}

static int share(const struct container *container, const struct shared_mount *mount,
		 struct error **err)
{
	_cleanup_close_ int home = open("/proc/thread-self/ns/mnt", O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int tree = -1;
	int ret;

	/* A thread that shares its root with others may not change it. */
	if (home < 0 || unshare(CLONE_FS) < 0)
		return error_set_errno(err, -errno, "leave our own mount namespace");
	tree = ret = copy_tree(mount, err);
	if (ret >= 0)
		ret = attach_tree(container, mount, tree, err);
	if (setns(home, CLONE_NEWNS) < 0 && ret >= 0)
		ret = error_set_errno(err, -errno, "return to our own mount namespace");
	return ret < 0 ? ret : 0;
}

int container_share_mounts(const struct container *container, struct error **err)
{
	int ret = 0;

	for (const struct shared_mount *m = container->shared_mounts; m && ret == 0; m = m->next) {
		if (wait_until_mounted(m))
			ret = share(container, m, err);
		else
			log_warning("a mount to be shared did not appear",
				    LOG_STR("container", m->source->id), LOG_STR("path", m->from));
	}
	return ret < 0 ? error_wrap(err, "share mounts with container %s", container->id) : 0;
}
