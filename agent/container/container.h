/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A container: from the request that makes it to the last trace that is removed (spec/agent.md 6, 10, 11).
 *
 * The struct belongs to the loop's thread; a job works on it while it runs, on what is marked. Jobs of one container run one
 * after another on its queue.
 */

#include <stdbool.h>

#include "agent/cgroup/cgroup.h"
#include "agent/device/request.h"
#include "agent/loop/loop.h"
#include "agent/process/process.h"
#include "base/string_list.h"
#include "proto/oci.pb-c.h"

#define CONTAINER_ID_MAX 127

/* What all containers of the sandbox have in common. Borrowed from the sandbox, and constant. */
struct container_settings {
	const char *base; /* "/run/kata-containers" */
	const char *
		namespaces; /* directory with the sandbox's "ipc" and "uts"; NULL: there are none */
	bool no_pivot;	    /* the guest's root is an initramfs */
	unsigned pipe_size; /* bytes, 0 for the kernel's */
	const Grpc__Hooks *guest_hooks; /* those of the guest's image; NULL: there are none */
	struct reaper *reaper;
};

enum container_state {
	CONTAINER_CREATING, /* not there yet for anybody else */
	CONTAINER_CREATED,
	CONTAINER_RUNNING,
	CONTAINER_PAUSED,
	CONTAINER_STOPPED,
};

enum namespace_kind {
	NAMESPACE_PID,
	NAMESPACE_MOUNT,
	NAMESPACE_IPC,
	NAMESPACE_UTS,
	NAMESPACE_NETWORK,
	NAMESPACE_CGROUP,
	NAMESPACE_USER,
	NAMESPACE_COUNT,
};

struct oom_watch;

/* What a container is to have mounted of another one. */
struct shared_mount {
	struct shared_mount *next;
	struct container *source; /* with a reference */
	char *from, *to;	  /* paths in the one and in the other */
};

struct container {
	struct container *next; /* of the sandbox */
	const struct container_settings *settings;
	char *id;
	enum container_state state;
	unsigned references; /* jobs, and the sandbox's list */
	bool removed;	     /* no longer in the sandbox's list */
	struct job_queue queue;
	struct process *processes;
	struct oom_watch *oom_watch;	    /* the sandbox's */
	struct shared_mount *shared_mounts; /* until it is created; for that job to read */

	/* Jobs' own: made by container_create(), used by the later ones. */
	Grpc__Spec *spec;
	struct pci_addresses pci_addresses; /* of devices that are passed through */
	char *bundle;
	struct cgroup *cgroup;
	int namespaces[NAMESPACE_COUNT]; /* of the first process; -1 where it has the guest's */
	int init_pidfd;
	pid_t init_pid;
	int start_channel; /* the first process waits at its other end; -1 once it is started */
	bool destroyed;	   /* its name may be another one's by now */
	struct string_list storages; /* mount points that it holds of the sandbox's storages */
};

/* A process that a job has started. */
struct new_process {
	pid_t pid;
	struct stdio stdio;
};

/* May this be a container's or an exec's name (spec/agent.md 6)? It becomes part of paths. */
bool container_id_is_valid(const char *id);

/* With one reference. The spec is copied. */
int container_new(const struct container_settings *settings, const char *id, const Grpc__Spec *spec,
		  struct container **container, struct error **err);
void container_unref(struct container *container);

struct process *container_find_process(const struct container *container, const char *exec_id);

/*
 * Whether a new process may have this id. One that was waited for makes way, with what nobody has read of its
 * output: hosts use ids again.
 */
bool container_claim_exec_id(struct container *container, const char *exec_id);

/* Put a process into the container's list, and drop those that are over. */
void container_add_process(struct container *container, struct process *process);

/* Drop processes that nobody can want to ask about any more. */
void container_forget_finished(struct container *container);

/* Ask for a mount of `source`, which has been created before; container_create() sees to it. */
void container_take_shared_mount(struct container *container, struct container *source,
				 const char *from, const char *to);
void container_forget_shared_mounts(struct container *container);

/* What Kubernetes calls it; NULL where it is not told. */
const char *container_kubernetes_name(const struct container *container);

/* ---- for jobs: they block ---------------------------------------------------------------------- */

/*
 * Everything up to the moment when the first process waits to be started. `pid_namespace` is the one to join, -1
 * for a new one. On failure nothing is left.
 */
int container_create(struct container *container, int pid_namespace, struct new_process *process,
		     struct error **err);

int container_start(struct container *container, struct error **err);

/* Start another process in the container. */
int container_exec(struct container *container, const Grpc__Process *process,
		   struct new_process *started, struct error **err);

/*
 * Kill what runs and remove every trace. Goes on after an error, and returns the first one. A second time nothing is
 * done: what bears its name then is another container's.
 */
int container_destroy(struct container *container, struct error **err);

/* The beginning of its termination message for Kubernetes, to be freed; "" where it has written none. */
int container_read_termination_log(const struct container *container, char **text,
				   struct error **err);
