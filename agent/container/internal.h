/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "container.h"

/* check.c: is this a spec that we can carry out (spec/agent.md 11.1)? */
int container_check_spec(const Grpc__Spec *spec, struct error **err);
/* The same for a process alone, which the spec's was checked for too. */
int container_check_process(const Grpc__Process *process, struct error **err);

/* namespaces.c: what the spec says of namespaces becomes what is to be done (spec/agent.md 10.2). */
int container_assign_namespaces(struct container *container, int pid_namespace, struct error **err);
/* Keep the first process's namespaces, so that they can be joined whatever becomes of it. */
int container_pin_namespaces(struct container *container, pid_t pid, struct error **err);
/* A linux section for a process that joins them. */
void container_joining_namespaces(const struct container *container, Grpc__Linux *settings);

/* bundle.c: the container's directory, with its root file system bound into it. */
int bundle_make(struct container *container, struct error **err);
int bundle_remove(const struct container *container, struct error **err);

/* shared_mounts.c: those that the container is to have of others. Waits for them. */
int container_share_mounts(const struct container *container, struct error **err);

/* start.c: a workload, up to where it is ready. */
struct workload_start {
	const struct container *container;
	const Grpc__Spec *spec;
	bool is_init;
	int stdio[3];
	pid_t pid;   /* result */
	int channel; /* result: our end */
};
int workload_start(struct workload_start *start, struct error **err);
