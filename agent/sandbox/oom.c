// SPDX-License-Identifier: Apache-2.0
/*
 * v1 tells through an eventfd that is registered with the group, v2 by a change of the file memory.events,
 * which inotify sees. Either way the group's count of kills makes the report, so that none is reported twice. v1
 * tells when memory has run out, a moment before it kills: the count is then looked at again.
 */
#include "oom.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>

#include "agent/process/cancelled.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/path.h"
#include "proto/agent.pb-c.h"

#define EVENTS_MAX_BYTES 4096
#define LOOK_INTERVAL_MS 20
#define MAX_LOOKS	 50

struct oom_waiter {
	struct oom_waiter *next;
	struct oom_queue *queue;
	struct ttrpc_request *request;
};

struct oom_watch {
	struct loop *loop;
	struct loop_source source;
	struct oom_queue *queue;
	char *container_id;
	char *count_file; /* holds "oom_kill N" */
	uint64_t kills;	  /* reported so far */
	struct loop_timer look_again;
	unsigned looks_left;
};

/* ---- the queue --------------------------------------------------------------------------------- */

static void answer(struct ttrpc_request *request, char *container_id)
{
	Grpc__OOMEvent event = GRPC__OOMEVENT__INIT;

	event.container_id = container_id;
	ttrpc_request_reply(request, &event.base);
}

/* The one who has waited longest. */
static struct ttrpc_request *take_waiter(struct oom_queue *queue)
{
	struct oom_waiter **link = &queue->waiters;
	struct ttrpc_request *request;

	while ((*link)->next)
		link = &(*link)->next;
	request = (*link)->request;
	free(*link);
	*link = NULL;
	return request;
}

static void cancelled(struct ttrpc_request *request, void *data)
{
	struct oom_waiter *waiter = data;
	struct oom_waiter **link = &waiter->queue->waiters;

	while (*link != waiter)
		link = &(*link)->next;
	*link = waiter->next;
	free(waiter);
	answer_cancelled(request);
}

void oom_queue_ask(struct oom_queue *queue, struct ttrpc_request *request)
{
	struct oom_waiter *waiter;

	if (queue->closed) {
		ttrpc_request_fail(request, TTRPC_INTERNAL, "\"\"");
		return;
	}
	if (queue->count > 0) {
		char *id = queue->events[queue->first];

		queue->first = (queue->first + 1) % OOM_MAX_EVENTS;
		queue->count--;
		answer(request, id);
		free(id);
		return;
	}
	waiter = xcalloc(1, sizeof(*waiter));
	*waiter = (struct oom_waiter){ queue->waiters, queue, request };
	queue->waiters = waiter;
	ttrpc_request_on_cancel(request, cancelled, waiter);
}

void oom_queue_add(struct oom_queue *queue, const char *container_id)
{
	_cleanup_free_ char *id = xstrdup(container_id);

	if (queue->waiters)
		answer(take_waiter(queue), id);
	else if (queue->count < OOM_MAX_EVENTS)
		queue->events[(queue->first + queue->count++) % OOM_MAX_EVENTS] = steal(id);
	else
		log_warning("an OOM event is lost, since nobody fetches them",
			    LOG_STR("container", container_id));
}

void oom_queue_close(struct oom_queue *queue)
{
	queue->closed = true;
	while (queue->waiters)
		ttrpc_request_fail(take_waiter(queue), TTRPC_INTERNAL, "\"\"");
	for (; queue->count > 0; queue->count--) {
		free(queue->events[queue->first]);
		queue->first = (queue->first + 1) % OOM_MAX_EVENTS;
	}
}

/* ---- a container's group ----------------------------------------------------------------------- */

/* A kernel that does not count kills tells only of true ones: each event is one more. */
static uint64_t read_kills(const struct oom_watch *watch)
{
	_cleanup_error_ struct error *ignored = NULL; /* a group that is gone kills no more */
	_cleanup_free_ char *text = NULL;
	struct slice rest, line;

	if (file_read_all(watch->count_file, EVENTS_MAX_BYTES, &text, NULL, &ignored) < 0)
		return watch->kills;
	rest = slice_of(text);
	while (slice_next_line(&rest, &line)) {
		struct slice key, value;
		uint64_t number;

		if (slice_next_word(&line, &key) && slice_is(key, "oom_kill") &&
		    slice_next_word(&line, &value) && number_parse_u64(value, &number) == 0)
			return number;
	}
	return watch->kills + 1;
}

static void look(struct oom_watch *watch)
{
	uint64_t kills = read_kills(watch);

	if (kills > watch->kills) {
		watch->kills = kills;
		watch->looks_left = 0;
		oom_queue_add(watch->queue, watch->container_id);
	} else if (watch->looks_left > 0) {
		watch->looks_left--;
		loop_arm(watch->loop, &watch->look_again, LOOK_INTERVAL_MS);
	}
}

static void look_again(struct loop_timer *timer)
{
	look(container_of(timer, struct oom_watch, look_again));
}

static void happened(struct loop_source *source, uint32_t events)
{
	struct oom_watch *watch = container_of(source, struct oom_watch, source);
	char buffer[512];

	(void)events;
	while (read(source->fd, buffer, sizeof(buffer)) > 0)
		;
	watch->looks_left = MAX_LOOKS;
	look(watch);
}

static int watch_v1(const char *directory, struct error **err)
{
	_cleanup_free_ char *control_path = path_join(directory, "memory.oom_control");
	_cleanup_free_ char *register_path = path_join(directory, "cgroup.event_control");
	_cleanup_free_ char *line = NULL;
	_cleanup_close_ int control = open(control_path, O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int registration = open(register_path, O_WRONLY | O_CLOEXEC);
	_cleanup_close_ int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (control < 0 || registration < 0 || event < 0)
		return error_set_errno(err, -errno, "open %s", control_path);
	line = xasprintf("%d %d", event, control);
	if (write(registration, line, strlen(line)) < 0)
		return error_set_errno(err, -errno, "write %s to %s", line, register_path);
	return steal_fd(event);
}

static int watch_v2(const char *count_file, struct error **err)
{
	_cleanup_close_ int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd < 0 || inotify_add_watch(fd, count_file, IN_MODIFY) < 0)
		return error_set_errno(err, -errno, "watch %s", count_file);
	return steal_fd(fd);
}

struct oom_watch *oom_watch_new(struct loop *loop, struct oom_queue *queue,
				const struct cgroup *cgroup, const char *container_id)
{
	const char *directory = cgroup_directory(cgroup, "memory");
	bool v2 = cgroup_is_v2(cgroup);
	_cleanup_error_ struct error *err = NULL;
	struct oom_watch *watch;

	if (!directory)
		return NULL;
	watch = xcalloc(1, sizeof(*watch));
	watch->loop = loop;
	watch->queue = queue;
	watch->container_id = xstrdup(container_id);
	watch->count_file = path_join(directory, v2 ? "memory.events" : "memory.oom_control");
	watch->source.ready = happened;
	watch->look_again.expired = look_again;
	watch->source.fd = v2 ? watch_v2(watch->count_file, &err) : watch_v1(directory, &err);
	if (watch->source.fd >= 0 && loop_watch(loop, &watch->source, EPOLLIN, &err) == 0)
		return watch;
	log_warning("OOM kills of a container will not be told", LOG_STR("container", container_id),
		    LOG_STR("error", error_message(err)));
	oom_watch_free(watch);
	return NULL;
}

void oom_watch_free(struct oom_watch *watch)
{
	_cleanup_error_ struct error *ignored = NULL; /* closing ends the watching in any case */

	if (!watch)
		return;
	loop_disarm(watch->loop, &watch->look_again);
	if (watch->source.fd >= 0) {
		loop_watch(watch->loop, &watch->source, 0, &ignored);
		close(watch->source.fd);
	}
	free(watch->container_id);
	free(watch->count_file);
	free(watch);
}
