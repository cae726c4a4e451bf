/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which containers ran out of memory (spec/agent.md 13.4): one queue for all who ask with GetOOMEvent, bounded, so that events
 * which nobody fetches cost no memory.
 */

#include "agent/cgroup/cgroup.h"
#include "agent/loop/loop.h"
#include "ttrpc/server.h"

#define OOM_MAX_EVENTS 100

struct oom_waiter;

struct oom_queue {
	char *events[OOM_MAX_EVENTS]; /* a ring of container ids */
	size_t first, count;
	struct oom_waiter *waiters;
	bool closed;
};

struct oom_watch;

/* Answer with an OOMEvent, now or when there is one. */
void oom_queue_ask(struct oom_queue *queue, struct ttrpc_request *request);

void oom_queue_add(struct oom_queue *queue, const char *container_id);

/* Answer all who wait with an error: there will be no more. */
void oom_queue_close(struct oom_queue *queue);

/*
 * Watch a container's memory cgroup until oom_watch_free(). NULL where there is none to watch. The queue
 * outlives the watch.
 */
struct oom_watch *oom_watch_new(struct loop *loop, struct oom_queue *queue,
				const struct cgroup *cgroup, const char *container_id);
void oom_watch_free(struct oom_watch *watch);
