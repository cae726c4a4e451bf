// SPDX-License-Identifier: Apache-2.0
#include "frontend_queue.h"

#include <unistd.h>

void frontend_queue_init(struct frontend_queue *queue)
{
	*queue = (struct frontend_queue){
		.virtqueue = { .call_fd = -1, .error_fd = -1 },
		.kick.fd = -1,
	};
}

void frontend_queue_set_fd(int *place, int fd)
{
	if (*place >= 0)
		close(*place);
	*place = fd;
}

/* The front end has the eventfd as well, so that closing ours does not take it out of the loop. */
static void close_kick(struct frontend_queue *queue, struct loop *loop)
{
	if (queue->kick.fd >= 0)
		loop_remove(loop, &queue->kick);
	loop_source_close(&queue->kick);
}

static void kicked(void *owner, uint32_t events)
{
	/* Watched edge by edge, so it need not be read; being awake is enough. */
	(void)owner;
	(void)events;
}

int frontend_queue_set_kick(struct frontend_queue *queue, struct loop *loop, int fd,
			    struct error **err)
{
	int ret;

	close_kick(queue, loop);
	queue->kick = (struct loop_source){ .fd = fd, .ready = kicked };
	ret = loop_add(loop, &queue->kick, EPOLLIN | EPOLLET, err);
	if (ret < 0)
		loop_source_close(&queue->kick);
	return ret;
}

int frontend_queue_update(struct frontend_queue *queue, const struct guest_memory *memory,
			  struct error **err)
{
	bool wanted = queue->kick.fd >= 0 && queue->enabled;

	if (wanted && !queue->virtqueue.running)
		return virtqueue_start(&queue->virtqueue, memory, err);
	if (!wanted)
		virtqueue_stop(&queue->virtqueue);
	return 0;
}

void frontend_queue_stop(struct frontend_queue *queue, struct loop *loop)
{
	virtqueue_stop(&queue->virtqueue);
	close_kick(queue, loop);
	frontend_queue_set_fd(&queue->virtqueue.call_fd, -1);
}

void frontend_queue_release(struct frontend_queue *queue, struct loop *loop)
{
	frontend_queue_stop(queue, loop);
	frontend_queue_set_fd(&queue->virtqueue.error_fd, -1);
	frontend_queue_init(queue);
}
