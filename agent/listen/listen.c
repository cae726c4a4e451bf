// SPDX-License-Identifier: Apache-2.0
#include "listen.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
/* The kernel's header wants the one above in front of it. */
#include <linux/vm_sockets.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/unix.h"

#define BACKLOG	       128
#define OPEN_RETRY_MS  50
#define ACCEPT_REST_MS 200 /* out of descriptors: not to be asked again at once */

static const char unix_scheme[] = "unix://", vsock_scheme[] = "vsock://";

bool listen_is_local(const char *address)
{
	return slice_starts_with(slice_of(address), unix_scheme);
}

/* ---- opening ----------------------------------------------------------------------------------- */

/* "-1" stands for any CID. */
static int parse_vsock(struct slice text, struct sockaddr_vm *address)
{
	size_t colon = slice_find(text, ':');
	struct slice cid_text = slice_first(text, colon);
	uint64_t cid = VMADDR_CID_ANY, port;

	if (!slice_is(cid_text, "-1") && (number_parse_u64(cid_text, &cid) < 0 || cid > UINT32_MAX))
		return -EINVAL;
	if (number_parse_u64(slice_from(text, colon + 1), &port) < 0 || port > UINT32_MAX)
		return -EINVAL;
	*address = (struct sockaddr_vm){
		.svm_family = AF_VSOCK,
		.svm_cid = (unsigned)cid,
		.svm_port = (unsigned)port,
	};
	return 0;
}

static int open_vsock(const char *text, struct error **err)
{
	_cleanup_close_ int fd = -1;
	struct sockaddr_vm address;

	if (parse_vsock(slice_of(text + strlen(vsock_scheme)), &address) < 0)
		return error_set(err, -EINVAL, "%s is no vsock address; one is vsock://-1:1024",
				 text);
	fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, BACKLOG) < 0)
		return error_set_errno(err, -errno, "listen on %s", text);
	return steal_fd(fd);
}

int listen_open(const char *address, struct error **err)
{
	if (listen_is_local(address))
		return unix_listen(address + strlen(unix_scheme), 0600, err);
	if (slice_starts_with(slice_of(address), vsock_scheme))
		return open_vsock(address, err);
	return error_set(err, -EINVAL,
			 "cannot listen on %s: it must begin with vsock:// or unix://", address);
}

/* ---- accepting --------------------------------------------------------------------------------- */

/* A container that gets at vsock's loopback is no host. */
static bool is_from_host(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_vm vsock;
	} peer = { 0 };
	socklen_t size = sizeof(peer);

	if (getpeername(fd, &peer.any, &size) < 0)
		return false;
	return peer.any.sa_family != AF_VSOCK || peer.vsock.svm_cid == VMADDR_CID_HOST;
}

static void ready(struct loop_source *source, uint32_t events)
{
	struct listener *listener = container_of(source, struct listener, source);
	int fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd >= 0 && is_from_host(fd)) {
		listener->accepted(listener, fd);
	} else if (fd >= 0) {
		log_warning("a connection that is not from the host is refused",
			    LOG_STR("address", listener->address));
		close(fd);
	} else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
		log_warning("a connection waits", LOG_STR("address", listener->address),
			    LOG_STR("error", errno_text(errno)));
		listener_pause(listener);
		loop_arm(listener->loop, &listener->again, ACCEPT_REST_MS);
	}
}

void listener_pause(struct listener *listener)
{
	_cleanup_error_ struct error *ignored = NULL; /* removing what is watched does not fail */

	loop_watch(listener->loop, &listener->source, 0, &ignored);
}

void listener_resume(struct listener *listener)
{
	_cleanup_error_ struct error *err = NULL;

	if (loop_watch(listener->loop, &listener->source, EPOLLIN, &err) < 0)
		listener->failed(listener, err);
}

/* ---- a life ------------------------------------------------------------------------------------ */

static bool vsock_may_come(const char *address, const struct error *err)
{
	int code = error_code(err);

	return !listen_is_local(address) &&
	       (code == -EAFNOSUPPORT || code == -ENODEV || code == -EADDRNOTAVAIL);
}

static void open_now(struct listener *listener)
{
	_cleanup_error_ struct error *err = NULL;
	int fd = listen_open(listener->address, &err);

	if (fd < 0 && vsock_may_come(listener->address, err)) {
		loop_arm(listener->loop, &listener->again, OPEN_RETRY_MS);
	} else if (fd < 0) {
		listener->failed(listener, err);
	} else if (listener->opened) {
		listener->opened(listener, fd);
	} else {
		listener->source.fd = fd;
		log_info("listening", LOG_STR("address", listener->address));
		listener_resume(listener);
	}
}

static void again(struct loop_timer *timer)
{
	struct listener *listener = container_of(timer, struct listener, again);

	if (listener->source.fd < 0)
		open_now(listener);
	else
		listener_resume(listener);
}

void listener_start(struct listener *listener)
{
	listener->source = (struct loop_source){ .fd = -1, .ready = ready };
	listener->again = (struct loop_timer){ .expired = again };
	open_now(listener);
}

void listener_stop(struct listener *listener)
{
	if (!listener->loop)
		return;
	loop_disarm(listener->loop, &listener->again);
	if (listener->source.fd < 0)
		return;
	listener_pause(listener);
	close(steal_fd(listener->source.fd));
}
