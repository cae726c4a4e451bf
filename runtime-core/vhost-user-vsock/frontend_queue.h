/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A virtqueue and what the front end does with it: when it runs, and by which eventfds it is told. */

#include <stdbool.h>
#include <stdint.h>

#include "guest_memory.h"
#include "loop.h"
#include "virtqueue.h"

struct frontend_queue {
	struct virtqueue virtqueue;
	struct loop_source kick; /* an eventfd, which the front end has as well */
	bool enabled;
	bool stopped; /* by the front end, which was told where */
	uint16_t stopped_at;
};

void frontend_queue_init(struct frontend_queue *queue);

/* Take over the eventfd by which the guest tells of new chains. */
int frontend_queue_set_kick(struct frontend_queue *queue, struct loop *loop, int fd,
			    struct error **err);

/* Replace one of the virtqueue's descriptors. */
void frontend_queue_set_fd(int *place, int fd);

/* Start it when it is enabled and has a kick, stop it when not. */
int frontend_queue_update(struct frontend_queue *queue, const struct guest_memory *memory,
			  struct error **err);

/* Stop it, and close the eventfds, which come anew before it goes on. */
void frontend_queue_stop(struct frontend_queue *queue, struct loop *loop);

/* Stop it and forget what is known of it. */
void frontend_queue_release(struct frontend_queue *queue, struct loop *loop);
