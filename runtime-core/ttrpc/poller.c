// SPDX-License-Identifier: Apache-2.0
#include "poller.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"

#define MAX_EVENTS 64

int64_t ttrpc_deadline_ns(int64_t timeout_ns)
{
	int64_t deadline;

	if (timeout_ns <= 0 || __builtin_add_overflow(clock_now_ns(), timeout_ns, &deadline))
		return INT64_MAX;
	return deadline;
}

static void timer_ready(struct ttrpc_poller *poller)
{
	uint64_t ticks;

	/* Nothing to read when another thread has set it anew since. */
	if (read(poller->timer.fd, &ticks, sizeof(ticks)) == sizeof(ticks))
		poller->expired(poller->owner);
}

int ttrpc_poller_init(struct ttrpc_poller *poller, void (*expired)(void *owner), void *owner,
		      struct error **err)
{
	int ret;

	*poller = (struct ttrpc_poller){
		.epoll_fd = epoll_create1(EPOLL_CLOEXEC),
		.timer.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK),
		.armed_ns = INT64_MAX,
		.expired = expired,
		.owner = owner,
	};
	if (poller->epoll_fd < 0 || poller->timer.fd < 0)
		ret = error_set_errno(err, -errno, "ttrpc: make an event queue");
	else
		ret = ttrpc_poller_add(poller, &poller->timer, EPOLLIN, err);
	if (ret < 0)
		ttrpc_poller_release(poller);
	return ret;
}

void ttrpc_poller_release(struct ttrpc_poller *poller)
{
	ttrpc_source_close(&poller->timer);
	if (poller->epoll_fd >= 0)
		close(poller->epoll_fd);
	poller->epoll_fd = -1;
}

int ttrpc_poller_add(struct ttrpc_poller *poller, struct ttrpc_source *source, uint32_t events,
		     struct error **err)
{
	struct epoll_event event = { .events = events, .data.ptr = source };

	if (epoll_ctl(poller->epoll_fd, EPOLL_CTL_ADD, source->fd, &event) < 0)
		return error_set_errno(err, -errno, "ttrpc: watch a descriptor");
	return 0;
}

void ttrpc_poller_modify(struct ttrpc_poller *poller, struct ttrpc_source *source, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = source };

	/* Cannot fail for a descriptor that is in the set. */
	epoll_ctl(poller->epoll_fd, EPOLL_CTL_MOD, source->fd, &event);
}

void ttrpc_poller_rearm(struct ttrpc_poller *poller, int64_t deadline_ns)
{
	struct itimerspec when = { 0 }; /* all zero: off */

	if (deadline_ns != INT64_MAX) {
		when.it_value.tv_sec = deadline_ns / NS_PER_S;
		when.it_value.tv_nsec = deadline_ns % NS_PER_S;
	}
	poller->armed_ns = deadline_ns;
	timerfd_settime(poller->timer.fd, TFD_TIMER_ABSTIME, &when, NULL);
}

void ttrpc_poller_arm(struct ttrpc_poller *poller, int64_t deadline_ns)
{
	if (deadline_ns < poller->armed_ns)
		ttrpc_poller_rearm(poller, deadline_ns);
}

void ttrpc_poller_dispatch(struct ttrpc_poller *poller)
{
	struct epoll_event events[MAX_EVENTS];
	int count = epoll_wait(poller->epoll_fd, events, MAX_EVENTS, 0);
	bool timer = false;

	for (int i = 0; i < count; i++) {
		struct ttrpc_source *source = events[i].data.ptr;

		if (source == &poller->timer)
			timer = true;
		else if (source->fd >= 0)
			source->ready(source->owner, events[i].events);
	}
	/* Last, because it may free a source that is further down in the list. */
	if (timer)
		timer_ready(poller);
}

void ttrpc_source_close(struct ttrpc_source *source)
{
	if (source->fd >= 0)
		close(source->fd);
	source->fd = -1;
}
