// SPDX-License-Identifier: Apache-2.0
/* The kernel's messages about devices (spec/agent.md 8.3), and memory, which is put online as it comes. */
#include <errno.h>
#include <limits.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/memory.h"
#include "internal.h"
#include "online.h"

#define MESSAGE_MAX_BYTES 8192 /* the kernel's are shorter */
#define SOCKET_BYTES	  (1 << 20)
#define KERNEL_GROUP	  1

bool uevent_parse(struct slice message, struct uevent *event)
{
	struct slice field;

	*event = (struct uevent){ 0 };
	/* "add@/devices/..." comes first, and once more in the fields. */
	if (!slice_next_field(&message, '\0', &field) || slice_find(field, '@') == field.size)
		return false;
	while (message.data && slice_next_field(&message, '\0', &field)) {
		const struct {
			const char *key;
			struct slice *value;
		} keys[] = {
			{ "ACTION=", &event->action },
			{ "SUBSYSTEM=", &event->subsystem },
			{ "DEVPATH=", &event->path },
		};

		for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
			if (slice_starts_with(field, keys[i].key))
				*keys[i].value = slice_from(field, strlen(keys[i].key));
	}
	return event->action.size > 0 && event->path.size > 0;
}

/* ---- memory ------------------------------------------------------------------------------------ */

static struct devices *of_memory_job(struct job *job)
{
	return container_of(job, struct devices, memory);
}

static void put_online(struct job *job)
{
	struct devices *devices = of_memory_job(job);
	_cleanup_free_ char *directory = xasprintf("%s/sys/devices/system/memory", devices->root);
	unsigned count = online_all(directory, "memory", UINT_MAX);

	if (count > 0)
		log_info("memory put online", LOG_INT("blocks", count));
	devices_unuse(devices);
}

static void was_put_online(struct job *job)
{
	struct devices *devices = of_memory_job(job);

	devices->memory_busy = false;
	if (devices->memory_again)
		devices_online_memory(devices);
}

/* One job for all blocks that come while the one before runs. */
void devices_online_memory(struct devices *devices)
{
	devices->memory_again = devices->memory_busy;
	if (devices->memory_busy)
		return;
	devices->memory_busy = true;
	devices->memory.run = put_online;
	devices->memory.done = was_put_online;
	devices_use(devices);
	loop_submit(devices->loop, &devices->queue, &devices->memory);
}

/* ---- the socket -------------------------------------------------------------------------------- */

static void handle_message(struct devices *devices, struct slice message)
{
	struct uevent event;

	if (!uevent_parse(message, &event) || !slice_is(event.action, "add"))
		return;
	if (slice_is(event.subsystem, "memory"))
		devices_online_memory(devices);
}

/* What is lost when the socket overflows may have been memory. */
static void read_messages(struct loop_source *source, uint32_t events)
{
	struct devices *devices = container_of(source, struct devices, socket);
	char bytes[MESSAGE_MAX_BYTES];

	(void)events;
	for (;;) {
		struct sockaddr_nl sender = { 0 };
		struct iovec part = { bytes, sizeof(bytes) };
		struct msghdr message = {
			.msg_name = &sender,
			.msg_namelen = sizeof(sender),
			.msg_iov = &part,
			.msg_iovlen = 1,
		};
		ssize_t size = recvmsg(source->fd, &message, MSG_DONTWAIT);

		if (size < 0 && errno == ENOBUFS)
			devices_online_memory(devices);
		else if (size < 0)
			break;
		/* Anybody may send to the group; port 0 is the kernel's. */
		else if (sender.nl_pid == 0 && !(message.msg_flags & MSG_TRUNC))
			handle_message(devices, slice_make(bytes, (size_t)size));
	}
	devices_wake(devices);
}

int uevents_open(struct devices *devices, struct error **err)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP };
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_KOBJECT_UEVENT);
	int size = SOCKET_BYTES, ret;

	if (fd < 0)
		return error_set_errno(err, -errno, "make a socket for uevents");
	/* Without the privilege the kernel's own size must do. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	devices->socket = (struct loop_source){ .fd = fd, .ready = read_messages };
	ret = bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0
		      ? error_set_errno(err, -errno, "listen to uevents")
		      : loop_watch(devices->loop, &devices->socket, EPOLLIN, err);
	if (ret < 0)
		close(steal_fd(devices->socket.fd));
	return ret;
}
