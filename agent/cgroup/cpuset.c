// SPDX-License-Identifier: Apache-2.0
/* With v1 a group keeps the processors that it was made with, whatever comes to its parent later. */
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "internal.h"

#define CPUS_FILE      "cpuset.cpus"
#define LIST_MAX_BYTES 65536

static int give(const char *directory, const char *cpus, struct error **err)
{
	_cleanup_free_ char *path = path_join(directory, CPUS_FILE);
	int ret = cgroup_write_file(path, cpus);

	return ret < 0 ? error_set_errno(err, ret, "write %s to %s", cpus, path) : 0;
}

int cgroup_widen_cpuset(const struct cgroup *cgroup, struct error **err)
{
	const char *last = cgroup->directories[CONTROLLER_CPUSET];
	_cleanup_free_ char *all = NULL, *directory = NULL, *source = NULL;
	struct slice rest = slice_of(cgroup->path), name;
	int ret;

	if (cgroup->v2 || !last)
		return 0;
	directory = path_join(cgroup->root, cgroup_controllers[CONTROLLER_CPUSET]);
	source = path_join(directory, CPUS_FILE);
	ret = file_read_all(source, LIST_MAX_BYTES, &all, NULL, err);
	while (ret == 0 && slice_next_field(&rest, '/', &name)) {
		_cleanup_free_ char *text = slice_dup(name);
		char *below = path_join(directory, text);

		free(directory);
		directory = below;
		ret = give(directory,
			   cgroup->cpus && strcmp(directory, last) == 0 ? cgroup->cpus : all, err);
	}
	return ret;
}
