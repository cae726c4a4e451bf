/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/strbuf.h"
#include "cgroup.h"

/* v1 has a hierarchy for each of these, v2 one for all. */
enum controller {
	CONTROLLER_CPU,
	CONTROLLER_CPUACCT,
	CONTROLLER_CPUSET,
	CONTROLLER_MEMORY,
	CONTROLLER_PIDS,
	CONTROLLER_BLKIO,
	CONTROLLER_HUGETLB,
	CONTROLLER_DEVICES,
	CONTROLLER_FREEZER,
	CONTROLLER_NET_CLS,
	CONTROLLER_NET_PRIO,
	CONTROLLER_PERF_EVENT,
	CONTROLLER_RDMA,
	CONTROLLER_COUNT,
};

extern const char *const cgroup_controllers[CONTROLLER_COUNT];

struct cgroup {
	bool v2;
	char *root;
	char *path;			     /* relative, without a slash at either end */
	unsigned made_levels;		     /* how many directories at the path's end are ours */
	char *cpus;			     /* named by the last limits; NULL: all */
	char *directories[CONTROLLER_COUNT]; /* NULL where the controller is missing */
};

/* Write to a file of the group. -ENOENT quietly becomes a warning when the controller is missing. */
int cgroup_write(const struct cgroup *cgroup, enum controller controller, const char *file,
		 const char *value, struct error **err);

/* Returns 0 or a negative errno. */
int cgroup_write_file(const char *path, const char *value);

/* The file's text, "" when it cannot be read; to be freed. */
char *cgroup_read(const struct cgroup *cgroup, enum controller controller, const char *file);

/* Call `visit` for the directory and all below it, deepest first. */
void cgroup_walk(const char *directory, void (*visit)(const char *directory, void *data),
		 void *data);
