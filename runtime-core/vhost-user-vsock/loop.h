/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the device waits for: an epoll set, whose one descriptor somebody else's loop can watch. */

#include <stdint.h>
#include <sys/epoll.h>

#include "base/error.h"

/* A descriptor in the set. The object around it must outlive the dispatching in which it is closed. */
struct loop_source {
	int fd; /* -1: none */
	void (*ready)(void *owner, uint32_t events);
	void *owner;
};

struct loop {
	int epoll_fd;
};

int loop_init(struct loop *loop, struct error **err);
void loop_release(struct loop *loop);

/* Watch for EPOLL... `events`, usually with EPOLLET. */
int loop_add(struct loop *loop, struct loop_source *source, uint32_t events, struct error **err);

/* Watch for other events. */
void loop_modify(struct loop *loop, struct loop_source *source, uint32_t events);

/* Stop watching, and leave the descriptor alone. */
void loop_remove(struct loop *loop, struct loop_source *source);

/* Close the descriptor. One that others have as well must be removed first, or it stays in the set. */
void loop_source_close(struct loop_source *source);

/*
 * Call `ready` of what is ready within this time; 0: now, -1: whenever. Returns how many there were; at most
 * LOOP_MAX_EVENTS.
 */
int loop_dispatch(struct loop *loop, int timeout_ms);
#define LOOP_MAX_EVENTS 64
