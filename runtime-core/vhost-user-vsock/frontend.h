/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The hypervisor's end: what it has told us of features, memory and queues. */

#include <stdbool.h>
#include <stdint.h>

#include "frontend_queue.h"
#include "guest_memory.h"
#include "loop.h"
#include "vhost_user.h"

/* The third, for events of the transport, is kept by QEMU itself; others may set it up, and nothing comes of it. */
#define FRONTEND_TO_GUEST    0
#define FRONTEND_FROM_GUEST  1
#define FRONTEND_QUEUE_COUNT 3

struct frontend {
	struct loop *loop;
	struct loop_source source; /* fd -1: nobody is there */
	struct vhost_user_reader reader;
	uint64_t guest_cid;
	uint64_t features, protocol_features;
	uint64_t status;
	struct guest_memory memory;
	struct frontend_queue queues[FRONTEND_QUEUE_COUNT];
	bool driver_changed; /* another driver than before uses the queues; to be cleared by who has seen it */
	uint64_t refused_messages;
};

void frontend_init(struct frontend *frontend, struct loop *loop, uint64_t guest_cid);

/* Take the connected socket, also on failure. `ready` is called when there is something to receive. */
int frontend_open(struct frontend *frontend, int fd, void (*ready)(void *owner, uint32_t events),
		  void *owner, struct error **err);

/*
 * Receive and obey what has come. An error, be it only that the front end went away (-ECONNRESET), means that it has
 * to be closed.
 */
int frontend_receive(struct frontend *frontend, struct error **err);

/* Forget the front end: its memory, its queues, its descriptors. */
void frontend_close(struct frontend *frontend);

static inline bool frontend_is_open(const struct frontend *frontend)
{
	return frontend->source.fd >= 0;
}
