// SPDX-License-Identifier: Apache-2.0
/*
 * epoll tells one event at a time: a callback may close and free any other source, and an event that was
 * fetched together with this one would then point to nothing.
 */
#include "internal.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "base/clock.h"
#include "base/memory.h"

static void run_posted(struct loop_source *source, uint32_t events)
{
	struct loop *loop = container_of(source, struct loop, wake);
	struct loop_task *task;
	eventfd_t count;

	(void)events;
	eventfd_read(loop->wake.fd, &count);
	pthread_mutex_lock(&loop->lock);
	task = loop->posted;
	loop->posted = NULL;
	loop->posted_end = &loop->posted;
	pthread_mutex_unlock(&loop->lock);
	while (task) {
		struct loop_task *next = task->next;

		task->run(task);
		task = next;
	}
}

int loop_new(struct loop **out, struct error **err)
{
	_cleanup_(loop_freep) struct loop *loop = xcalloc(1, sizeof(*loop));
	int ret;

	pthread_mutex_init(&loop->lock, NULL);
	loop->posted_end = &loop->posted;
	loop->wake.ready = run_posted;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->wake.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop->epoll < 0 || loop->wake.fd < 0)
		return error_set_errno(err, -errno, "make an event loop");
	ret = loop_watch(loop, &loop->wake, EPOLLIN, err);
	if (ret < 0)
		return ret;
	*out = steal(loop);
	return 0;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	if (loop->wake.fd >= 0)
		close(loop->wake.fd);
	if (loop->epoll >= 0)
		close(loop->epoll);
	pthread_mutex_destroy(&loop->lock);
	free(loop);
}

int loop_watch(struct loop *loop, struct loop_source *source, uint32_t events, struct error **err)
{
	struct epoll_event event = { .events = events, .data.ptr = source };
	int operation = !source->watched ? EPOLL_CTL_ADD : events ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;

	if (events == source->watched)
		return 0;
	if (epoll_ctl(loop->epoll, operation, source->fd, &event) < 0)
		return error_set_errno(err, -errno, "watch descriptor %d", source->fd);
	source->watched = events;
	return 0;
}

void loop_disarm(struct loop *loop, struct loop_timer *timer)
{
	struct loop_timer **link = &loop->timers;

	if (!timer->armed)
		return;
	while (*link != timer)
		link = &(*link)->next;
	*link = timer->next;
	timer->armed = false;
}

void loop_arm(struct loop *loop, struct loop_timer *timer, unsigned delay_ms)
{
	loop_disarm(loop, timer);
	timer->due_ns = clock_now_ns() + (int64_t)delay_ms * 1000000;
	timer->armed = true;
	timer->next = loop->timers;
	loop->timers = timer;
}

/* Milliseconds to the next timer, rounded up; -1 without one. */
static int time_to_wait_ms(const struct loop *loop)
{
	int64_t first = INT64_MAX, left;

	for (const struct loop_timer *timer = loop->timers; timer; timer = timer->next)
		if (timer->due_ns < first)
			first = timer->due_ns;
	if (first == INT64_MAX)
		return -1;
	left = first - clock_now_ns();
	return left <= 0 ? 0 : (int)((left + 999999) / 1000000);
}

static void run_timers(struct loop *loop)
{
	int64_t now = clock_now_ns();
	struct loop_timer *timer;

	do {
		for (timer = loop->timers; timer && timer->due_ns > now; timer = timer->next)
			;
		if (timer) {
			loop_disarm(loop, timer);
			timer->expired(timer);
		}
	} while (timer);
}

int loop_run(struct loop *loop, struct error **err)
{
	while (!loop->stopped) {
		struct epoll_event event;
		int count = epoll_wait(loop->epoll, &event, 1, time_to_wait_ms(loop));

		if (count < 0 && errno != EINTR)
			return error_set_errno(err, -errno, "wait for events");
		if (count > 0) {
			struct loop_source *source = event.data.ptr;

			source->ready(source, event.events);
		}
		run_timers(loop);
	}
	return 0;
}

void loop_stop(struct loop *loop)
{
	loop->stopped = true;
}

void loop_post(struct loop *loop, struct loop_task *task)
{
	task->next = NULL;
	pthread_mutex_lock(&loop->lock);
	*loop->posted_end = task;
	loop->posted_end = &task->next;
	pthread_mutex_unlock(&loop->lock);
	eventfd_write(loop->wake.fd, 1);
}
