/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a server or a client waits for, behind one descriptor that somebody else's loop can watch: an epoll
 * set with its sockets and one timer.
 */

#include <stdint.h>
#include <sys/epoll.h>

#include "base/error.h"

/* A descriptor that is watched. `ready` may close and free this source, but no other. */
struct ttrpc_source {
	int fd; /* -1: none */
	void (*ready)(void *owner, uint32_t events);
	void *owner;
};

struct ttrpc_poller {
	int epoll_fd;
	struct ttrpc_source timer;
	int64_t armed_ns; /* when the timer goes off; INT64_MAX: never */
	void (*expired)(void *owner);
	void *owner;
};

/*
 * `expired` is called when a time given to ttrpc_poller_arm() has come; it then tells the next one with
 * ttrpc_poller_rearm(). It may be called early.
 */
int ttrpc_poller_init(struct ttrpc_poller *poller, void (*expired)(void *owner), void *owner,
		      struct error **err);
void ttrpc_poller_release(struct ttrpc_poller *poller);

int ttrpc_poller_add(struct ttrpc_poller *poller, struct ttrpc_source *source, uint32_t events,
		     struct error **err);

/* From any thread. */
void ttrpc_poller_modify(struct ttrpc_poller *poller, struct ttrpc_source *source, uint32_t events);

/*
 * Have `expired` called at this time at the latest; at this time and no other. INT64_MAX: never. From any
 * thread, under one lock for all.
 */
void ttrpc_poller_arm(struct ttrpc_poller *poller, int64_t deadline_ns);
void ttrpc_poller_rearm(struct ttrpc_poller *poller, int64_t deadline_ns);

/* Call `ready` of everything that is, and then `expired` when it is time. Does not wait. */
void ttrpc_poller_dispatch(struct ttrpc_poller *poller);

/* Close the descriptor, which also takes it out of the set. */
void ttrpc_source_close(struct ttrpc_source *source);

/* The time of base/clock.h in `timeout_ns` from now; INT64_MAX for 0, less, and for what is too far away. */
int64_t ttrpc_deadline_ns(int64_t timeout_ns);
