// SPDX-License-Identifier: Apache-2.0
#include "loop.h"

#include <errno.h>
#include <unistd.h>

int loop_init(struct loop *loop, struct error **err)
{
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	return loop->epoll_fd < 0 ? error_set_errno(err, -errno, "make an event queue") : 0;
}

void loop_release(struct loop *loop)
{
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	loop->epoll_fd = -1;
}

int loop_add(struct loop *loop, struct loop_source *source, uint32_t events, struct error **err)
{
	struct epoll_event event = { .events = events, .data.ptr = source };

	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, source->fd, &event) < 0)
		return error_set_errno(err, -errno, "watch a descriptor");
	return 0;
}

void loop_modify(struct loop *loop, struct loop_source *source, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = source };

	/* Cannot fail for a descriptor that is in the set. */
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, source->fd, &event);
}

void loop_remove(struct loop *loop, struct loop_source *source)
{
	/* Cannot fail for a descriptor that is in the set. */
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, source->fd, NULL);
}

void loop_source_close(struct loop_source *source)
{
	if (source->fd >= 0)
		close(source->fd);
	source->fd = -1;
}

int loop_dispatch(struct loop *loop, int timeout_ms)
{
	struct epoll_event events[LOOP_MAX_EVENTS];
	int count = epoll_wait(loop->epoll_fd, events, LOOP_MAX_EVENTS, timeout_ms);

	for (int i = 0; i < count; i++) {
		struct loop_source *source = events[i].data.ptr;

		if (source->fd >= 0)
			source->ready(source->owner, events[i].events);
	}
	return count > 0 ? count : 0;
}
