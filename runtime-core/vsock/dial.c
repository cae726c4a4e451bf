// SPDX-License-Identifier: Apache-2.0
/*
 * Dialling is trying until it works: a guest needs seconds to boot, its hypervisor makes the hybrid socket when
 * it likes, and until the agent listens every attempt is refused. So an attempt may fail for any reason, and the
 * reason of the last one is told when the time is over.
 *
 * An attempt is a connect, and on a hybrid socket a handshake: "CONNECT PORT\n" there, a line with "OK" back. The
 * answer is read byte by byte, since what follows the line belongs to the protocol above.
 */
#include "vsock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* Behind <sys/socket.h>, which it needs. */
#include <linux/vm_sockets.h>

#include "base/clock.h"
#include "base/unix.h"

#define PAUSE_MS     10
#define HANDSHAKE_MS 10000

/* Wait until the socket is ready for this; -ETIMEDOUT at the deadline. */
static int wait_for(int fd, short events, int64_t deadline_ms, struct error **err)
{
	struct pollfd wait = { .fd = fd, .events = events };
	int ret;

	do {
		int64_t left = deadline_ms - clock_now_ms();

		ret = left > 0 ? poll(&wait, 1, left < INT32_MAX ? (int)left : INT32_MAX) : 0;
	} while (ret < 0 && errno == EINTR);
	if (ret < 0)
		return error_set_errno(err, -errno, "wait for an answer");
	return ret == 0 ? error_set(err, -ETIMEDOUT, "no answer in time") : 0;
}

static int make_vsock(int flags, struct error **err)
{
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

	return fd < 0 ? error_set_errno(err, -errno, "make a vsock socket") : fd;
}

static int connect_vsock(const struct vsock_address *address, int64_t deadline_ms,
			 struct error **err)
{
	struct sockaddr_vm peer = { .svm_family = AF_VSOCK,
				    .svm_cid = address->cid,
				    .svm_port = address->port };
	_cleanup_close_ int fd = make_vsock(SOCK_NONBLOCK, err);
	int result = 0, ret;
	socklen_t size = sizeof(result);

	if (fd < 0)
		return fd;
	if (connect(fd, (struct sockaddr *)&peer, sizeof(peer)) < 0) {
		if (errno != EINPROGRESS)
			return error_set_errno(err, -errno, "connect");
		ret = wait_for(fd, POLLOUT, deadline_ms, err);
		if (ret < 0)
			return ret;
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &result, &size) < 0)
			result = errno;
		if (result != 0)
			return error_set_errno(err, -result, "connect");
	}
	return steal_fd(fd);
}

static int read_line(int fd, char *line, size_t size, int64_t deadline_ms, struct error **err)
{
	for (size_t used = 0; used < size;) {
		ssize_t count = recv(fd, line + used, 1, MSG_DONTWAIT);

		if (count == 1 && line[used++] == '\n')
			return (int)used;
		if (count == 0)
			return error_set(err, -ECONNRESET,
					 "the other end closed the connection: nothing listens in "
					 "the guest");
		if (count > 0 || errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			return error_set_errno(err, -errno, "read the handshake's answer");
		int ret = wait_for(fd, POLLIN, deadline_ms, err);

		if (ret < 0)
			return ret;
	}
	return error_set(err, -EPROTO, "the handshake's answer has more than %zu bytes", size);
}

static int shake_hands(int fd, uint32_t port, int64_t deadline_ms, struct error **err)
{
	char line[VSOCK_HYBRID_MAX_LINE];
	int length = snprintf(line, sizeof(line), "CONNECT %u\n", port), ret;

	/* The socket is new, so this fits in its buffer. */
	if (send(fd, line, (size_t)length, MSG_NOSIGNAL) != length)
		return error_set_errno(err, -errno, "write the handshake");
	ret = read_line(fd, line, sizeof(line), deadline_ms, err);
	if (ret < 0)
		return ret;
	if (slice_find_string(slice_make(line, (size_t)ret), "OK") == (size_t)ret)
		return error_set(err, -EPROTO, "the handshake was not answered with OK");
	return 0;
}

static int connect_hybrid(const struct vsock_address *address, int64_t deadline_ms,
			  struct error **err)
{
	_cleanup_close_ int fd = unix_connect_now(address->path, err);
	int64_t handshake_ms = clock_now_ms() + HANDSHAKE_MS;
	int ret;

	if (fd < 0)
		return fd;
	ret = shake_hands(fd, address->port,
			  handshake_ms < deadline_ms ? handshake_ms : deadline_ms, err);
	return ret < 0 ? ret : steal_fd(fd);
}

static int connect_unix(const struct vsock_address *address, int64_t deadline_ms,
			struct error **err)
{
	(void)deadline_ms; /* it never waits */
	return unix_connect_now(address->path, err);
}

/* What a time-out is called, and whether by the path rather than by the whole address. */
static const struct {
	int (*connect)(const struct vsock_address *address, int64_t deadline_ms,
		       struct error **err);
	const char *name;
	bool by_path;
} transports[] = {
	[VSOCK_SCHEME_VSOCK] = { connect_vsock, "vsock", false },
	[VSOCK_SCHEME_HYBRID] = { connect_hybrid, "hybrid vsocket", false },
	[VSOCK_SCHEME_REMOTE] = { connect_unix, "remote sock:", true },
	[VSOCK_SCHEME_MOCK] = { connect_unix, "mock hybrid vsocket", false },
	[VSOCK_SCHEME_UNIX] = { connect_unix, "unix socket", true },
};

static int timed_out(const struct vsock_address *address, const struct error *last,
		     struct error **err)
{
	const char *name = transports[address->scheme].name;

	if (address->scheme == VSOCK_SCHEME_VSOCK)
		return error_set(err, -ETIMEDOUT,
				 "timed out connecting to %s %u:%u (last attempt: %s)", name,
				 address->cid, address->port, error_message(last));
	return error_set(err, -ETIMEDOUT, "timed out connecting to %s %s (last attempt: %s)", name,
			 transports[address->scheme].by_path ? address->path : address->url,
			 error_message(last));
}

int vsock_dial(const struct vsock_address *address, const struct vsock_dial *dial,
	       struct error **err)
{
	const struct vsock_dial standard = { 0 };
	int64_t timeout_ms, deadline_ms;

	if (!dial)
		dial = &standard;
	timeout_ms = dial->timeout_ms > 0 ? dial->timeout_ms : VSOCK_DIAL_TIMEOUT_MS;
	deadline_ms = clock_now_ms() + timeout_ms;

	for (;;) {
		_cleanup_error_ struct error *attempt = NULL;
		int fd = transports[address->scheme].connect(address, deadline_ms, &attempt);

		if (fd >= 0) {
			/* Always possible for a descriptor of our own. */
			fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
			return fd;
		}
		if (clock_now_ms() + PAUSE_MS >= deadline_ms)
			return timed_out(address, attempt, err);
		if (dial->check) {
			int ret = dial->check(dial->data, err);

			if (ret < 0)
				return ret;
		}
		clock_sleep_ms(PAUSE_MS);
	}
}

int vsock_listen(uint32_t cid, uint32_t port, struct error **err)
{
	struct sockaddr_vm own = { .svm_family = AF_VSOCK, .svm_cid = cid, .svm_port = port };
	_cleanup_close_ int fd = make_vsock(0, err);

	if (fd < 0)
		return fd;
	if (bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0 || listen(fd, SOMAXCONN) < 0)
		return error_set_errno(err, -errno, "listen on vsock port %u", port);
	return steal_fd(fd);
}
