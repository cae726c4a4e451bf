/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The control groups of one container, v1 or v2, whichever is mounted (spec/agent.md 13). Every controller
 * is optional: a limit whose controller is not there is left alone with a warning, and a container starts,
 * is killed and goes away without any.
 *
 * Functions that touch files may block; they are for jobs, except cgroup_kill().
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "proto/agent.pb-c.h"

#define CGROUP_ROOT "/sys/fs/cgroup"

struct cgroup;

/*
 * Make the container's groups below `root`. `path` is OCI's cgroupsPath: "" means "/ID", ":" separates as
 * "/" does; a path with ".." is -EINVAL.
 */
int cgroup_make(const char *root, const char *path, const char *id, struct cgroup **cgroup,
		struct error **err);
void cgroup_free(struct cgroup *cgroup);
DEFINE_CLEANUP(struct cgroup *, cgroup_free)

bool cgroup_is_v2(const struct cgroup *cgroup);

/*
 * The group's directory in the hierarchy of this controller; NULL where there is none. For v2 every
 * controller has the same. Valid as long as the group.
 */
const char *cgroup_directory(const struct cgroup *cgroup, const char *controller);

/* Put a process into the groups. On v2 into the child group "init" where a container made one. */
int cgroup_add(const struct cgroup *cgroup, pid_t pid, struct error **err);

/* Set what is given; 0 and "" mean "leave alone", -1 no limit (spec/agent.md 13.2). NULL sets nothing. */
int cgroup_set_limits(struct cgroup *cgroup, const Grpc__LinuxResources *resources,
		      struct error **err);

/*
 * Processors were added to the guest: let the groups above have all of them, and the container those that it was given by
 * name, or else all (spec/agent.md 13.5). Nothing to do on v2, where a group that names none has those of the group above.
 */
int cgroup_widen_cpuset(const struct cgroup *cgroup, struct error **err);

/*
 * Deny all devices but the default ones and those the container is given: by v1's devices controller, with v2 by a
 * program. A kernel that runs no such programs is a warning; there, the nodes that a container finds are those it was given,
 * and CAP_MKNOD is the host's decision.
 */
int cgroup_set_devices(const struct cgroup *cgroup, const Grpc__LinuxResources *resources,
		       struct error **err);

/* Stop or continue all processes, and wait until it is so. */
int cgroup_freeze(const struct cgroup *cgroup, bool frozen, struct error **err);

/* SIGKILL for every process of the group and of the groups below it. Does not wait for their end. */
void cgroup_kill(const struct cgroup *cgroup);

/* Remove the groups, also those below; waits a second for processes to be gone. */
int cgroup_remove(const struct cgroup *cgroup, struct error **err);

/* What the controllers count (spec/agent.md 13.3), to be freed with proto_free(). */
Grpc__CgroupStats *cgroup_stats(const struct cgroup *cgroup);
