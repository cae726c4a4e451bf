/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The agent's one event loop, and the work that must not run on it.
 *
 * The loop waits: sockets, stdio, child exits, timers. Whatever takes many steps or may block (create a
 * container, remove it) is a job: `run` on a thread of its own, then `done` on the loop. The loop alone
 * touches what it has been given, so nothing here needs a lock but the list through which jobs come back.
 *
 * Unless said otherwise, functions are for the loop's thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct loop;

/* A descriptor of the owner's, and what to do when it is ready (EPOLLIN, EPOLLOUT ... in `events`). */
struct loop_source {
	int fd;
	void (*ready)(struct loop_source *source, uint32_t events);
	uint32_t watched;
};

struct loop_timer {
	void (*expired)(struct loop_timer *timer);
	int64_t due_ns;
	bool armed;
	struct loop_timer *next;
};

/* Something to be done on the loop, handed over from any thread. */
struct loop_task {
	void (*run)(struct loop_task *task);
	struct loop_task *next;
};

int loop_new(struct loop **loop, struct error **err);
void loop_free(struct loop *loop);
DEFINE_CLEANUP(struct loop *, loop_free)

/* Run until loop_stop(). */
int loop_run(struct loop *loop, struct error **err);
void loop_stop(struct loop *loop);

/* Watch for these events instead of those before; 0 stops watching, which is to be done before closing. */
int loop_watch(struct loop *loop, struct loop_source *source, uint32_t events, struct error **err);

/* Arm or move a timer; it expires once. */
void loop_arm(struct loop *loop, struct loop_timer *timer, unsigned delay_ms);
void loop_disarm(struct loop *loop, struct loop_timer *timer);

/* From any thread. The task is borrowed until it has run. */
void loop_post(struct loop *loop, struct loop_task *task);

/* A piece of work. Embedded in what it works on; both functions get it back. */
struct job {
	void (*run)(struct job *job);  /* on a thread of its own, may block */
	void (*done)(struct job *job); /* on the loop, afterwards; may free the job */
	struct loop *loop;	       /* these four are the loop's */
	struct job_queue *queue;
	struct job *next;
	struct loop_task back;
};

/* Jobs of one queue run one after another; queues run beside each other. Starts zeroed. */
struct job_queue {
	struct job *first, *last; /* waiting */
	bool busy;
	bool ready; /* stands in the loop's line */
	struct job_queue *next_ready;
};

/* At most LOOP_MAX_THREADS jobs run at a time; further ones wait for their turn. */
#define LOOP_MAX_THREADS 8
void loop_submit(struct loop *loop, struct job_queue *queue, struct job *job);

/* Is a job running, or has one run whose `done` has not been called? */
bool loop_is_busy(const struct loop *loop);
