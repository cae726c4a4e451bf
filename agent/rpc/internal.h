/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/memory.h"
#include "rpc.h"

/* A request that takes a job. Begins with the job, so that either is the other's address. */
struct call {
	struct job job;
	struct ttrpc_request *request; /* NULL once it is answered */
	const void *input;
	struct sandbox *sandbox;
	struct container *container;			   /* with a reference, or NULL */
	struct job_queue *queue;			   /* the container's, or the sandbox's */
	int (*run)(struct call *call, struct error **err); /* on the job's thread */
	void (*done)(struct call *call);		   /* on the loop, after success; answers */
	void (*failed)(
		struct call *call); /* on the loop, after failure, before the answer; may be NULL */
	struct loop_timer limit;
	struct error *error;
	struct new_process process;
	void *result; /* of `run`, a message for `done` */
};

/*
 * Start a job for the request, on the container's queue, or the sandbox's where it is NULL (or another that the caller
 * sets in between). Where `run` fails, the request is answered INTERNAL with the error's text; else `done` answers, or, when it is NULL, an
 * empty message does.
 */
struct call *call_new(struct sandbox *sandbox, struct container *container,
		      struct ttrpc_request *request, const void *input);
void call_submit(struct call *call, int (*run)(struct call *, struct error **),
		 void (*done)(struct call *));

/*
 * Answer with an error once so many seconds are over, and let the job go on. It and its callbacks may not look at the
 * request's input then.
 */
void call_limit(struct call *call, unsigned seconds);

/* Start a job for each container, on its queue; when all are done, tell `done` of it on the loop. */
struct each_container {
	struct sandbox *sandbox;
	struct ttrpc_request *request;
	int (*run)(struct each_container *each, struct container *container, struct error **err);
	void (*ran)(struct each_container *each,
		    struct container *container);  /* on the loop; may be NULL */
	void (*done)(struct each_container *each); /* answers */
	struct error *error;			   /* of the first that failed */
	size_t left;
};
void each_container(const struct each_container *wanted);

/* Answer INTERNAL with the error's text (spec/agent.md 2.2). */
void call_fail(struct ttrpc_request *request, const struct error *error);

/* The handlers, by the file they are in. */
#define HANDLER(name) void name(struct ttrpc_request *request, const void *input, void *context)

HANDLER(handle_check);
HANDLER(handle_version);

HANDLER(handle_create_sandbox);
HANDLER(handle_destroy_sandbox);
HANDLER(handle_get_oom_event);

HANDLER(handle_create_container);
HANDLER(handle_start_container);
HANDLER(handle_remove_container);
HANDLER(handle_update_container);
HANDLER(handle_stats_container);
HANDLER(handle_pause_container);
HANDLER(handle_resume_container);

HANDLER(handle_exec_process);
HANDLER(handle_signal_process);
HANDLER(handle_wait_process);
HANDLER(handle_write_stdin);
HANDLER(handle_close_stdin);
HANDLER(handle_read_stdout);
HANDLER(handle_read_stderr);
HANDLER(handle_tty_win_resize);

HANDLER(handle_get_guest_details);
HANDLER(handle_set_guest_date_time);
HANDLER(handle_reseed_random_dev);
HANDLER(handle_online_cpu_mem);
HANDLER(handle_mem_hotplug_by_probe);
HANDLER(handle_update_ephemeral_mounts);
HANDLER(handle_remove_stale_virtiofs_share_mounts);
HANDLER(handle_get_volume_stats);
HANDLER(handle_copy_file);

HANDLER(handle_add_swap);
HANDLER(handle_add_swap_path);

HANDLER(handle_update_interface);
HANDLER(handle_update_routes);
HANDLER(handle_add_arp_neighbors);
HANDLER(handle_list_interfaces);
HANDLER(handle_list_routes);
HANDLER(handle_get_iptables);
HANDLER(handle_set_iptables);

HANDLER(handle_get_metrics);
HANDLER(handle_get_diagnostic_data);
