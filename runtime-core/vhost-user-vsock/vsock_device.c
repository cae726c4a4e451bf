// SPDX-License-Identifier: Apache-2.0
/*
 * Theory of operation.
 *
 * What comes in: messages of the hypervisor on one unix socket (frontend.c), which describe the guest's memory and two
 * queues in it; the guest's packets in these queues (virtqueue.c, packet.c); connections of host programs to the hybrid
 * socket (hybrid.c). What goes out: the guest's streams to host programs, and theirs to the guest (connection.c,
 * transport.c). All of it hangs on one epoll set (loop.c), and everything happens inside vsock_device_process(): it
 * notes what is ready, moves packets until neither side has more or the budget of one call is used up, and forgets what
 * is over.
 *
 * Bytes are copied once in each direction, by the kernel, between the guest's memory and a unix socket: sendmsg() from
 * the guest's buffers, readv() into them, a batch of packets at a time. Our own memory is used for bytes only when a
 * host program does not read what its guest sends.
 *
 * Why it holds against a hostile guest:
 * - An address of the guest becomes a pointer only in guest_memory.c, against a table of mapped regions.
 * - What lies in shared memory is copied, then judged, and the copy used; payloads are never looked at.
 * - Rings, chains and tables of descriptors are bounded by the queue's size, which is bounded itself.
 * - Memory is bounded: so many connections (half of them for the guest to open), and for each no more bytes than the
 *   credit it was given; a guest that sends more is reset. Answers to nonsense are bounded by making the guest wait.
 * - Time is bounded: a call moves so many packets, and each connection gets its turn. Greetings, requests and ends have
 *   deadlines. Nothing blocks.
 * - A guest that breaks a queue loses its connections and hears nothing more until its driver starts anew.
 *
 * And against a hypervisor that was taken over by its guest: messages are bounded and their numbers checked; files of
 * memory must be as long as was said; what should be an eventfd is none that could block us or raise a signal. It could
 * still shorten a file of memory later, which ends this process by SIGBUS: then run it as a process of its own.
 *
 * System calls while it runs: epoll_wait, epoll_ctl, accept4, recvmsg, recvfrom, sendmsg, sendto, readv, read, write, close,
 * shutdown, socket, connect, fcntl, fstat, mmap, munmap, madvise, timerfd_settime, clock_gettime, brk.
 */
#include "vsock_device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/unix.h"
#include "frontend.h"
#include "hybrid.h"
#include "transport.h"
#include "vsock/cid.h"

/* Packets moved in one call of vsock_device_process(), both ways. */
#define BUDGET 512

struct vsock_device {
	struct loop loop;
	struct frontend frontend;
	struct transport transport;
	struct loop_source frontend_listener, host_listener;
	struct loop_source timer; /* ticks once a second while a connection has a deadline */
	bool ticking;
	struct loop_source wake; /* an eventfd: there is more to do, or vsock_device_stop() */
	bool stopped;
	char *frontend_path;
};

/* ---- what is ready -------------------------------------------------------------------------- */

static void frontend_ready(void *owner, uint32_t events)
{
	struct vsock_device *device = owner;
	_cleanup_error_ struct error *err = NULL;

	(void)events;
	/* What the guest has said before this is still to be heard, should this be the end. */
	transport_pump(&device->transport, BUDGET);
	if (frontend_receive(&device->frontend, &err) < 0) {
		if (error_code(err) == -ECONNRESET)
			log_debug("the hypervisor has left the vsock device");
		else
			log_error("the hypervisor is cut off from the vsock device",
				  LOG_STR("error", error_message(err)));
		frontend_close(&device->frontend);
		transport_drop_guest(&device->transport);
	}
	if (device->frontend.driver_changed) {
		device->frontend.driver_changed = false;
		transport_drop_guest(&device->transport);
	}
}

static int accept_one(const struct loop_source *listener)
{
	return accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

static void frontend_listener_ready(void *owner, uint32_t events)
{
	struct vsock_device *device = owner;
	_cleanup_error_ struct error *err = NULL;
	int fd;

	(void)events;
	while ((fd = accept_one(&device->frontend_listener)) >= 0) {
		/* One at a time. */
		if (frontend_is_open(&device->frontend))
			close(fd);
		else if (frontend_open(&device->frontend, fd, frontend_ready, device, &err) < 0)
			log_error("the hypervisor cannot be served",
				  LOG_STR("error", error_message(err)));
	}
}

static void host_listener_ready(void *owner, uint32_t events)
{
	struct vsock_device *device = owner;
	int fd;

	(void)events;
	while ((fd = accept_one(&device->host_listener)) >= 0)
		hybrid_accept(&device->transport, fd);
}

static void timer_ready(void *owner, uint32_t events)
{
	struct vsock_device *device = owner;
	uint64_t ticks;

	(void)events;
	if (read(device->timer.fd, &ticks, sizeof(ticks)) == sizeof(ticks))
		transport_expire(&device->transport, clock_now_ms());
}

static void wake_ready(void *owner, uint32_t events)
{
	struct vsock_device *device = owner;
	uint64_t count;

	(void)events;
	/* Being awake is what it is for. */
	if (read(device->wake.fd, &count, sizeof(count)) < 0)
		return;
}

/* ---- processing ----------------------------------------------------------------------------- */

static void wake(struct vsock_device *device)
{
	uint64_t one = 1;
	ssize_t ignored = write(device->wake.fd, &one, sizeof(one));

	(void)ignored; /* fails only when the counter is full, and then it is awake for long */
}

static void tick_while_needed(struct vsock_device *device)
{
	bool needed = device->transport.has_deadlines;
	struct itimerspec second = { { needed, 0 }, { needed, 0 } };

	if (needed == device->ticking)
		return;
	device->ticking = needed;
	timerfd_settime(device->timer.fd, 0, &second, NULL);
}

static void process(struct vsock_device *device, int timeout_ms)
{
	bool more = loop_dispatch(&device->loop, timeout_ms) == LOOP_MAX_EVENTS;

	more |= transport_pump(&device->transport, BUDGET);
	transport_sweep(&device->transport);
	tick_while_needed(device);
	if (more)
		wake(device);
}

void vsock_device_process(struct vsock_device *device)
{
	process(device, 0);
}

void vsock_device_run(struct vsock_device *device)
{
	while (!__atomic_load_n(&device->stopped, __ATOMIC_ACQUIRE))
		process(device, -1);
}

void vsock_device_stop(struct vsock_device *device)
{
	__atomic_store_n(&device->stopped, true, __ATOMIC_RELEASE);
	wake(device);
}

int vsock_device_fd(const struct vsock_device *device)
{
	return device->loop.epoll_fd;
}

bool vsock_device_has_frontend(const struct vsock_device *device)
{
	return frontend_is_open(&device->frontend);
}

struct vsock_device_counters vsock_device_counters(const struct vsock_device *device)
{
	struct vsock_device_counters counters = device->transport.counters;

	counters.refused_messages = device->frontend.refused_messages;
	counters.connections = device->transport.count;
	return counters;
}

/* ---- making and freeing --------------------------------------------------------------------- */

static int listen_on(struct vsock_device *device, const char *path, struct loop_source *listener,
		     void (*ready)(void *owner, uint32_t events), struct error **err)
{
	int fd = unix_listen(path, 0600, err);

	if (fd < 0)
		return fd;
	*listener = (struct loop_source){ .fd = fd, .ready = ready, .owner = device };
	/* So that accepting does not block when who connected has gone again. Cannot fail for a socket of ours. */
	fcntl(fd, F_SETFL, O_NONBLOCK);
	/* By edges: out of descriptors, it waits for the next connection instead of spinning. */
	return loop_add(&device->loop, listener, EPOLLIN | EPOLLET, err);
}

static int watch_own(struct vsock_device *device, struct loop_source *source, int fd,
		     void (*ready)(void *owner, uint32_t events), struct error **err)
{
	*source = (struct loop_source){ .fd = fd, .ready = ready, .owner = device };
	if (fd < 0)
		return error_set_errno(err, -errno, "make a descriptor for the vsock device");
	return loop_add(&device->loop, source, EPOLLIN, err);
}

static int device_open(struct vsock_device *device, const struct vsock_device_config *config,
		       int *frontend_fd, struct error **err)
{
	int ret = loop_init(&device->loop, err);

	if (ret == 0)
		ret = watch_own(device, &device->wake, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
				wake_ready, err);
	if (ret == 0)
		ret = watch_own(device, &device->timer,
				timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK),
				timer_ready, err);
	if (ret == 0)
		ret = listen_on(device, config->host_path, &device->host_listener,
				host_listener_ready, err);
	if (ret == 0 && config->frontend_path)
		ret = listen_on(device, config->frontend_path, &device->frontend_listener,
				frontend_listener_ready, err);
	if (ret == 0 && !config->frontend_path)
		ret = frontend_open(&device->frontend, steal_fd(*frontend_fd), frontend_ready,
				    device, err);
	return ret;
}

int vsock_device_new(const struct vsock_device_config *config, struct vsock_device **device,
		     struct error **err)
{
	_cleanup_close_ int frontend_fd = config->frontend_path ? -1 : config->frontend_fd;
	_cleanup_(vsock_device_freep) struct vsock_device *made = NULL;
	int ret;

	if (config->guest_cid < VSOCK_FIRST_CID || config->guest_cid > VSOCK_LAST_CID)
		return error_set(err, -EINVAL, "a guest cannot have the vsock CID %u",
				 config->guest_cid);
	made = xcalloc(1, sizeof(*made));
	made->loop.epoll_fd = -1;
	made->wake.fd = made->timer.fd = made->host_listener.fd = made->frontend_listener.fd = -1;
	made->transport = (struct transport){
		.loop = &made->loop,
		.to_guest = &made->frontend.queues[FRONTEND_TO_GUEST].virtqueue,
		.from_guest = &made->frontend.queues[FRONTEND_FROM_GUEST].virtqueue,
		.guest_cid = config->guest_cid,
		.host_path = xstrdup(config->host_path),
		.max_connections = config->max_connections ? config->max_connections
							   : VSOCK_DEVICE_MAX_CONNECTIONS,
	};
	frontend_init(&made->frontend, &made->loop, config->guest_cid);
	if (config->frontend_path)
		made->frontend_path = xstrdup(config->frontend_path);
	ret = device_open(made, config, &frontend_fd, err);
	if (ret < 0)
		return error_wrap(err, "make a vsock device");
	*device = steal(made);
	return 0;
}

/* Only what is ours: a listener that was never made leaves the path to whom it belongs. */
static void close_listener(struct loop_source *listener, const char *path)
{
	if (listener->fd >= 0)
		unlink(path);
	loop_source_close(listener);
}

void vsock_device_free(struct vsock_device *device)
{
	if (!device)
		return;
	frontend_close(&device->frontend);
	transport_release(&device->transport);
	close_listener(&device->host_listener, device->transport.host_path);
	close_listener(&device->frontend_listener, device->frontend_path);
	loop_source_close(&device->timer);
	loop_source_close(&device->wake);
	loop_release(&device->loop);
	free(device->transport.host_path);
	free(device->frontend_path);
	free(device);
}
