/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One split virtqueue, seen from the device (virtio 1.2, 2.7). The driver on the other side is the guest: it may
 * write anything at any time, so every index is bounded, every descriptor copied before it is judged, and no chain is
 * longer than the queue. A queue in which the driver broke the rules is broken until it is set up anew.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include <linux/virtio_ring.h>

#include "guest_memory.h"

#define VIRTQUEUE_MAX_SIZE 1024

/* A chain is scattered over at most so many pieces of memory. */
#define VIRTQUEUE_MAX_PIECES 256

struct virtqueue {
	/* What the front end sets, and what it may ask back. */
	uint32_t size;
	uint64_t descriptors_address, available_address,
		used_address; /* the front end's addresses */
	uint16_t next_available;
	int call_fd, error_fd; /* eventfds, or -1 */
	bool event_idx;

	/* Valid while it runs. */
	const struct guest_memory *memory;
	const struct vring_desc *descriptors;
	struct vring_avail *available;
	struct vring_used *used;
	uint16_t next_used;
	uint16_t published; /* next_used as the driver knows it */
	bool called;	    /* the driver was called before, so that its wish counts */
	bool broken;
	bool running;
};

/*
 * Start: find the rings in memory. Again after the memory has changed. -EINVAL for rings that are not there, or
 * not aligned, or of no valid size.
 */
int virtqueue_start(struct virtqueue *queue, const struct guest_memory *memory, struct error **err);
void virtqueue_stop(struct virtqueue *queue);

struct virtqueue_chain {
	uint16_t head;
	size_t piece_count;
	size_t bytes;
};

/*
 * Look at the chain that is `ahead` places behind the next one, without taking it. Its memory is written to `pieces`,
 * at most `max`; `writable` says which kind of buffers this queue has, and no chain has both.
 * Returns 1; 0 when the driver has given no more; -ENOBUFS when the chain would fit in VIRTQUEUE_MAX_PIECES but not
 * in `max`; another errno, and the queue is broken.
 */
int virtqueue_peek(struct virtqueue *queue, uint16_t ahead, bool writable, struct iovec *pieces,
		   size_t max, struct virtqueue_chain *chain);

/* Take the next chain and give it back with so many bytes written. Seen by the driver when published. */
void virtqueue_use(struct virtqueue *queue, uint16_t head, uint32_t written);

/* Show the driver what was given back, and call it if it wants to be called. */
void virtqueue_publish(struct virtqueue *queue);

/*
 * Ask the driver for a kick at the next chain it gives. True: there is one already, and a kick may not come.
 * Without event_idx, virtqueue_refuse_kicks() ends it.
 */
bool virtqueue_want_kick(struct virtqueue *queue);
void virtqueue_refuse_kicks(struct virtqueue *queue);
