/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The sandbox: what the guest is there for. One per agent, from the agent's start to its end; CreateSandbox
 * gives it its name, DestroySandbox ends it (spec/agent.md 6.1, 10.1). It belongs to the loop's thread.
 */

#include "agent/container/container.h"
#include "agent/device/device.h"
#include "agent/storage/storage.h"
#include "oom.h"
#include "proto/agent.pb-c.h"

#define SANDBOX_BASE	   "/run/kata-containers"
#define SANDBOX_SHARED	   SANDBOX_BASE "/shared/containers/"
#define SANDBOX_NAMESPACES "/var/run/sandbox-ns"

struct sandbox {
	struct loop *loop;
	struct reaper *reaper;
	struct devices *devices; /* borrowed */
	char *id;		 /* "" before CreateSandbox */
	bool is_init;		 /* the agent is the guest's first process */
	bool destroyed;
	struct container_settings settings;
	Grpc__Hooks *guest_hooks; /* what the settings point to */
	struct container *containers;
	int pid_namespace; /* that of the first container; -1 before */
	struct storages *storages;
	struct string_list storages_held; /* by the sandbox itself; for its jobs */
	struct oom_queue oom;
	struct job_queue queue;		/* jobs of the sandbox as a whole */
	struct job_queue network_queue; /* of its network: waiting for a device keeps nobody else */
	struct job_queue metrics_queue;
	uint64_t scrapes; /* of the metrics, so far */
};

/* What it works with outlives it. */
struct sandbox_settings {
	struct loop *loop;
	struct reaper *reaper;
	struct devices *devices;
	unsigned pipe_size; /* bytes, 0 for the kernel's */
	int64_t hotplug_timeout_ms;
};

void sandbox_init(struct sandbox *sandbox, const struct sandbox_settings *settings);
void sandbox_release(struct sandbox *sandbox);

/* NULL for an unknown id, and for one that is still being created. */
struct container *sandbox_find_container(const struct sandbox *sandbox, const char *id);

/* By the name that Kubernetes gave it; as above. */
struct container *sandbox_find_container_named(const struct sandbox *sandbox, const char *name);

/* Is the id taken, if only by a container that is being created? */
bool sandbox_has_container(const struct sandbox *sandbox, const char *id);

/* The list takes over the caller's reference. */
void sandbox_add_container(struct sandbox *sandbox, struct container *container);
void sandbox_remove_container(struct sandbox *sandbox, struct container *container);

/*
 * A container's first process is there: its pid namespace becomes the sandbox's, if there is none yet
 * (spec/agent.md 10.3).
 */
void sandbox_keep_pid_namespace(struct sandbox *sandbox, const struct container *container);

/*
 * For a job: what CreateSandbox does to the guest. Empties the base directory (but nothing that is
 * mounted there), makes the shared namespaces, sets up the storages, and puts the DNS file in its place.
 */
int sandbox_set_up(struct sandbox *sandbox, const Grpc__CreateSandboxRequest *request,
		   struct error **err);

/*
 * For a job: take a file, a piece of one, a directory or a link from the host (spec/agent.md 6.5). Its path
 * begins with SANDBOX_SHARED, and nothing outside of that is touched, whatever links lie there. A file
 * appears under its name once it is complete.
 */
int sandbox_copy_file(const Grpc__CopyFileRequest *request, struct error **err);
