/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who has ended, and how. The agent is the parent of every container process, and of every orphan of
 * theirs (as pid 1, or as subreaper), so that all children are waited for; those that are known here are
 * told of (spec/agent.md 5.3).
 *
 * Programs that a job runs and waits for itself (hooks) are children too: while reaper_hold() is in force,
 * only the known ones are waited for.
 */

#include <sys/types.h>

#include "agent/loop/loop.h"

struct reaper;

/* A child to be told of. `status` is the exit code, or 128 + the signal that ended it. */
struct reaper_child {
	pid_t pid;
	void (*exited)(struct reaper_child *child, int status);
	struct reaper_child *next;
};

/* Block SIGCHLD and become a subreaper. One per process. */
int reaper_new(struct loop *loop, struct reaper **reaper, struct error **err);
void reaper_free(struct reaper *reaper);
DEFINE_CLEANUP(struct reaper *, reaper_free)

/*
 * A job is about to make a child, which will be made known only when the job is back on the loop. The
 * status of a child that ends before that is kept. Each call is paired with one of reaper_started().
 */
void reaper_starting(struct reaper *reaper);
void reaper_started(struct reaper *reaper);

/* `exited` is called once, never from within this call. */
void reaper_watch(struct reaper *reaper, struct reaper_child *child);
void reaper_unwatch(struct reaper *reaper, struct reaper_child *child);

/* From any thread, in pairs. */
void reaper_hold(struct reaper *reaper);
void reaper_release(struct reaper *reaper);
