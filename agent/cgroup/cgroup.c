// SPDX-License-Identifier: Apache-2.0
/*
 * A group is a path below every hierarchy: with v1 one per controller, each at ROOT/CONTROLLER (where
 * controllers are mounted together, a link leads there), with v2 a single one at ROOT.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/path.h"
#include "internal.h"

#define FILE_MAX_BYTES	(1u << 20)
#define REMOVE_TRIES	100
#define FREEZE_TRIES	200
#define KILL_ROUNDS	16
#define WALK_MAX_DEPTH	32
#define TRY_INTERVAL_NS 10000000

const char *const cgroup_controllers[CONTROLLER_COUNT] = {
	[CONTROLLER_CPU] = "cpu",	    [CONTROLLER_CPUACCT] = "cpuacct",
	[CONTROLLER_CPUSET] = "cpuset",	    [CONTROLLER_MEMORY] = "memory",
	[CONTROLLER_PIDS] = "pids",	    [CONTROLLER_BLKIO] = "blkio",
	[CONTROLLER_HUGETLB] = "hugetlb",   [CONTROLLER_DEVICES] = "devices",
	[CONTROLLER_FREEZER] = "freezer",   [CONTROLLER_NET_CLS] = "net_cls",
	[CONTROLLER_NET_PRIO] = "net_prio", [CONTROLLER_PERF_EVENT] = "perf_event",
	[CONTROLLER_RDMA] = "rdma",
};

static void pause_shortly(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = TRY_INTERVAL_NS }, NULL);
}

/* ---- files ------------------------------------------------------------------------------------ */

int cgroup_write_file(const char *path, const char *value)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return write(fd, value, strlen(value)) < 0 ? -errno : 0;
}

int cgroup_write(const struct cgroup *cgroup, enum controller controller, const char *file,
		 const char *value, struct error **err)
{
	_cleanup_free_ char *path = NULL;
	int ret;

	if (!cgroup->directories[controller]) {
		log_warning("no such cgroup controller: a limit is not set",
			    LOG_STR("controller", cgroup_controllers[controller]),
			    LOG_STR("file", file));
		return 0;
	}
	path = path_join(cgroup->directories[controller], file);
	ret = cgroup_write_file(path, value);
	if (ret < 0)
		return error_set_errno(err, ret, "write %s to %s", value, path);
	return 0;
}

char *cgroup_read(const struct cgroup *cgroup, enum controller controller, const char *file)
{
	_cleanup_error_ struct error *ignored = NULL; /* a missing file counts nothing */
	_cleanup_free_ char *path = NULL;
	char *text = NULL;

	if (!cgroup->directories[controller])
		return xstrdup("");
	path = path_join(cgroup->directories[controller], file);
	if (file_read_all(path, FILE_MAX_BYTES, &text, NULL, &ignored) < 0)
		return xstrdup("");
	return text;
}

static void walk(const char *directory, void (*visit)(const char *, void *), void *data,
		 unsigned depth)
{
	DIR *stream = depth < WALK_MAX_DEPTH ? opendir(directory) : NULL;
	const struct dirent *entry;

	while (stream && (entry = readdir(stream))) {
		_cleanup_free_ char *below = NULL;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		below = path_join(directory, entry->d_name);
		walk(below, visit, data, depth + 1);
	}
	if (stream)
		closedir(stream);
	visit(directory, data);
}

void cgroup_walk(const char *directory, void (*visit)(const char *, void *), void *data)
{
	walk(directory, visit, data, 0);
}

/* ---- making ----------------------------------------------------------------------------------- */

/* A new cpuset takes no process before it has processors and memory nodes of its own. */
static void inherit_cpuset(const char *parent, const char *directory)
{
	static const char *const files[] = { "cpuset.cpus", "cpuset.mems" };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		_cleanup_error_ struct error *err = NULL;
		_cleanup_free_ char *from = path_join(parent, files[i]);
		_cleanup_free_ char *to = path_join(directory, files[i]);
		_cleanup_free_ char *value = NULL;
		int ret = file_read_all(from, FILE_MAX_BYTES, &value, NULL, &err);

		if (ret == 0)
			ret = cgroup_write_file(to, value);
		if (ret < 0)
			log_warning("a cpuset is not inherited", LOG_STR("file", to),
				    LOG_STR("error", errno_text(ret)));
	}
}

/* With v2 a group's children have those controllers that it passes on. */
static void pass_controllers_on(const char *directory)
{
	_cleanup_error_ struct error *ignored = NULL; /* then there is nothing to pass on */
	_cleanup_free_ char *from = path_join(directory, "cgroup.controllers");
	_cleanup_free_ char *to = path_join(directory, "cgroup.subtree_control");
	_cleanup_free_ char *text = NULL;
	struct slice rest, word;

	if (file_read_all(from, FILE_MAX_BYTES, &text, NULL, &ignored) < 0)
		return;
	rest = slice_of(text);
	while (slice_next_word(&rest, &word)) {
		_cleanup_free_ char *change = xasprintf("+%.*s", SLICE_ARGS(word));
		int ret = cgroup_write_file(to, change);

		if (ret < 0)
			log_warning("a cgroup controller is not passed on",
				    LOG_STR("controller", change),
				    LOG_STR("error", errno_text(ret)));
	}
}

/* Make the directories of `path` below `top`, one by one. */
static int make_directories(struct cgroup *cgroup, const char *top, enum controller controller,
			    struct error **err)
{
	_cleanup_free_ char *parent = xstrdup(top);
	struct slice rest = slice_of(cgroup->path), name;
	unsigned made = 0;

	while (slice_next_field(&rest, '/', &name)) {
		_cleanup_free_ char *text = slice_dup(name);
		char *directory = path_join(parent, text);
		bool is_new = mkdir(directory, 0755) == 0;

		if (cgroup->v2)
			pass_controllers_on(parent);
		if (!is_new && errno != EEXIST) {
			int ret = error_set_errno(err, -errno, "make cgroup %s", directory);

			free(directory);
			return ret;
		}
		if (is_new && controller == CONTROLLER_CPUSET && !cgroup->v2)
			inherit_cpuset(parent, directory);
		made = is_new ? made + 1 : 0;
		free(parent);
		parent = directory;
	}
	if (made > cgroup->made_levels)
		cgroup->made_levels = made;
	cgroup->directories[controller] = steal(parent);
	return 0;
}

static int make_v1(struct cgroup *cgroup, struct error **err)
{
	for (int i = 0; i < CONTROLLER_COUNT; i++) {
		_cleanup_free_ char *top = path_join(cgroup->root, cgroup_controllers[i]);
		_cleanup_free_ char *procs = path_join(top, "cgroup.procs");
		int ret = path_exists(procs) ? make_directories(cgroup, top, i, err) : 0;

		if (ret < 0)
			return ret;
	}
	return 0;
}

static int make_v2(struct cgroup *cgroup, struct error **err)
{
	int ret = make_directories(cgroup, cgroup->root, CONTROLLER_CPU, err);

	for (int i = 0; i < CONTROLLER_COUNT && ret == 0; i++)
		if (!cgroup->directories[i])
			cgroup->directories[i] = xstrdup(cgroup->directories[CONTROLLER_CPU]);
	return ret;
}

/* "a:b" and "/a/b" are "a/b". */
static int normalise(const char *path, const char *id, char **out, struct error **err)
{
	_cleanup_strbuf_ struct strbuf clean = STRBUF_INIT;
	_cleanup_free_ char *copy = xstrdup(path[0] ? path : id);
	struct slice rest, name;

	for (char *c = copy; *c; c++)
		if (*c == ':')
			*c = '/';
	rest = slice_of(copy);
	while (slice_next_field(&rest, '/', &name)) {
		if (name.size == 0 || slice_is(name, "."))
			continue;
		if (slice_is(name, ".."))
			return error_set(err, -EINVAL, "the cgroups path %s leads upwards", path);
		strbuf_printf(&clean, "%s%.*s", clean.size ? "/" : "", SLICE_ARGS(name));
	}
	if (clean.size == 0 || clean.size >= PATH_MAX / 2)
		return error_set(err, -EINVAL, "the cgroups path \"%s\" names no cgroup", path);
	*out = strbuf_steal(&clean);
	return 0;
}

int cgroup_make(const char *root, const char *path, const char *id, struct cgroup **out,
		struct error **err)
{
	_cleanup_(cgroup_freep) struct cgroup *cgroup = xcalloc(1, sizeof(*cgroup));
	struct statfs fs;
	int ret;

	cgroup->root = xstrdup(root);
	ret = normalise(path, id, &cgroup->path, err);
	if (ret < 0)
		return ret;
	cgroup->v2 = statfs(root, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
	ret = cgroup->v2 ? make_v2(cgroup, err) : make_v1(cgroup, err);
	if (ret < 0) {
		_cleanup_error_ struct error *ignored = NULL; /* the first error is what counts */

		cgroup_remove(cgroup, &ignored);
		return ret;
	}
	*out = steal(cgroup);
	return 0;
}

void cgroup_free(struct cgroup *cgroup)
{
	if (!cgroup)
		return;
	for (int i = 0; i < CONTROLLER_COUNT; i++)
		free(cgroup->directories[i]);
	free(cgroup->cpus);
	free(cgroup->path);
	free(cgroup->root);
	free(cgroup);
}

bool cgroup_is_v2(const struct cgroup *cgroup)
{
	return cgroup->v2;
}

const char *cgroup_directory(const struct cgroup *cgroup, const char *controller)
{
	for (int i = 0; i < CONTROLLER_COUNT; i++)
		if (strcmp(cgroup_controllers[i], controller) == 0)
			return cgroup->directories[i];
	return NULL;
}

/* ---- processes -------------------------------------------------------------------------------- */

static int add_to(const char *directory, pid_t pid, struct error **err)
{
	_cleanup_free_ char *procs = path_join(directory, "cgroup.procs");
	_cleanup_free_ char *init = path_join(directory, "init/cgroup.procs");
	char number[16];
	int ret;

	snprintf(number, sizeof(number), "%d", pid);
	ret = cgroup_write_file(procs, number);
	/* v2: a group with controllers for its children takes no processes itself. */
	if (ret == -EBUSY)
		ret = cgroup_write_file(init, number);
	if (ret < 0)
		return error_set_errno(err, ret, "put process %d into %s", pid, directory);
	return 0;
}

int cgroup_add(const struct cgroup *cgroup, pid_t pid, struct error **err)
{
	for (int i = 0; i < CONTROLLER_COUNT; i++) {
		int ret = cgroup->directories[i] ? add_to(cgroup->directories[i], pid, err) : 0;

		if (ret < 0)
			return ret;
		if (cgroup->v2)
			break;
	}
	return 0;
}

static const char *any_directory(const struct cgroup *cgroup)
{
	for (int i = 0; i < CONTROLLER_COUNT; i++)
		if (cgroup->directories[i])
			return cgroup->directories[i];
	return NULL;
}

static void kill_listed(const char *directory, void *data)
{
	_cleanup_error_ struct error *ignored = NULL; /* a group that is gone has no processes */
	_cleanup_free_ char *path = path_join(directory, "cgroup.procs");
	_cleanup_free_ char *text = NULL;
	struct slice rest, word;
	size_t *killed = data;

	if (file_read_all(path, FILE_MAX_BYTES, &text, NULL, &ignored) < 0)
		return;
	rest = slice_of(text);
	while (slice_next_word(&rest, &word)) {
		uint64_t pid;

		/* 0 stands for processes of a pid namespace that we do not see. */
		if (number_parse_u64(word, &pid) == 0 && pid > 0 && pid <= INT_MAX &&
		    kill((pid_t)pid, SIGKILL) == 0)
			++*killed;
	}
}

/* With v1 what is frozen does not die before it thaws; and a container may have frozen a part of itself. */
static void thaw(const char *directory, void *unused)
{
	_cleanup_free_ char *state = path_join(directory, "freezer.state");

	(void)unused;
	/* Where there is no such file nothing is frozen. */
	(void)cgroup_write_file(state, "THAWED");
}

void cgroup_kill(const struct cgroup *cgroup)
{
	const char *directory = any_directory(cgroup);
	size_t killed = 1;

	if (!directory)
		return;
	if (cgroup->v2) {
		_cleanup_free_ char *path = path_join(directory, "cgroup.kill");

		if (cgroup_write_file(path, "1") == 0)
			return;
	}
	/* A process may have made another one meanwhile; one that was hit makes no more. */
	for (int round = 0; round < KILL_ROUNDS && killed > 0; round++) {
		killed = 0;
		cgroup_walk(directory, kill_listed, &killed);
	}
	if (!cgroup->v2 && cgroup->directories[CONTROLLER_FREEZER])
		cgroup_walk(cgroup->directories[CONTROLLER_FREEZER], thaw, NULL);
}

static bool is_frozen(const struct cgroup *cgroup, bool frozen)
{
	_cleanup_free_ char *text = cgroup_read(cgroup, CONTROLLER_FREEZER,
						cgroup->v2 ? "cgroup.events" : "freezer.state");

	if (cgroup->v2)
		return strstr(text, frozen ? "frozen 1" : "frozen 0") != NULL;
	return slice_is(slice_trim(slice_of(text)), frozen ? "FROZEN" : "THAWED");
}

int cgroup_freeze(const struct cgroup *cgroup, bool frozen, struct error **err)
{
	const char *file = cgroup->v2 ? "cgroup.freeze" : "freezer.state";
	const char *value = cgroup->v2 ? (frozen ? "1" : "0") : (frozen ? "FROZEN" : "THAWED");
	int ret;

	if (!cgroup->directories[CONTROLLER_FREEZER])
		return error_set(err, -ENOTSUP, "the guest has no freezer cgroup");
	ret = cgroup_write(cgroup, CONTROLLER_FREEZER, file, value, err);
	for (int i = 0; ret == 0 && i < FREEZE_TRIES; i++) {
		if (is_frozen(cgroup, frozen))
			return 0;
		pause_shortly();
	}
	return ret < 0 ? ret
		       : error_set(err, -ETIMEDOUT, "the processes are still not %s",
				   frozen ? "frozen" : "thawed");
}

/* ---- removing --------------------------------------------------------------------------------- */

static void remove_directory(const char *directory, void *data)
{
	int *result = data;

	if (rmdir(directory) < 0 && errno != ENOENT)
		*result = -errno;
}

static int remove_hierarchy(const char *directory)
{
	int result = 0;

	for (int i = 0; i < REMOVE_TRIES; i++) {
		result = 0;
		cgroup_walk(directory, remove_directory, &result);
		if (result != -EBUSY)
			break;
		pause_shortly();
	}
	return result;
}

/* Those of the parents that we made go too, unless somebody else uses them. */
static void remove_parents(const char *directory, unsigned levels)
{
	_cleanup_free_ char *parent = xstrdup(directory);

	for (; levels > 1; levels--) {
		char *above = path_directory(parent);

		free(parent);
		parent = above;
		if (rmdir(parent) < 0)
			return;
	}
}

int cgroup_remove(const struct cgroup *cgroup, struct error **err)
{
	int ret = 0;

	for (int i = 0; i < CONTROLLER_COUNT; i++) {
		const char *directory = cgroup->directories[i];
		int result = directory ? remove_hierarchy(directory) : 0;

		if (result == 0 && directory)
			remove_parents(directory, cgroup->made_levels);
		if (result < 0 && ret == 0)
			ret = error_set_errno(err, result, "remove cgroup %s", directory);
		if (cgroup->v2)
			break;
	}
	return ret;
}
