// SPDX-License-Identifier: Apache-2.0
#include "channel.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"

#define FRAME_MAX_BYTES (8u << 20)

struct header {
	uint32_t type, size;
};

/* In one piece, since two processes share the workload's end: small frames do not mix on a unix socket. */
int channel_send(int fd, enum frame_type type, const void *data, size_t size, struct error **err)
{
	struct header header = { type, (uint32_t)size };
	struct iovec parts[] = {
		{ .iov_base = &header, .iov_len = sizeof(header) },
		{ .iov_base = (void *)data, .iov_len = size },
	};
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = size > 0 ? 2 : 1 };

	while (message.msg_iovlen > 0) {
		ssize_t put = sendmsg(fd, &message, MSG_NOSIGNAL);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return error_set_errno(err, -errno, "talk to the other process");
		while (message.msg_iovlen > 0 && (size_t)put >= message.msg_iov->iov_len) {
			put -= (ssize_t)message.msg_iov->iov_len;
			message.msg_iov++;
			message.msg_iovlen--;
		}
		if (put > 0) {
			message.msg_iov->iov_base = (char *)message.msg_iov->iov_base + put;
			message.msg_iov->iov_len -= (size_t)put;
		}
	}
	return 0;
}

static int receive_bytes(int fd, int64_t deadline_ms, void *data, size_t size, struct error **err)
{
	size_t got = 0;

	while (got < size) {
		struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
		int64_t left = deadline_ms < 0 ? -1 : deadline_ms - clock_now_ms();
		ssize_t part;

		if (deadline_ms >= 0 && left <= 0)
			return error_set(err, -ETIMEDOUT, "the other process does not answer");
		if (poll(&poll_fd, 1, (int)left) <= 0)
			continue;
		part = recv(fd, (char *)data + got, size - got, 0);
		if (part < 0 && errno == EINTR)
			continue;
		if (part <= 0)
			return error_set(err, -EPIPE, "the other process has ended unexpectedly");
		got += (size_t)part;
	}
	return 0;
}

int channel_receive(int fd, int timeout_ms, enum frame_type *type, struct strbuf *data,
		    struct error **err)
{
	int64_t deadline_ms = timeout_ms < 0 ? -1 : clock_now_ms() + timeout_ms;
	struct header header = { 0 };
	int ret = receive_bytes(fd, deadline_ms, &header, sizeof(header), err);

	if (ret < 0)
		return ret;
	if (header.type < FRAME_SETUP || header.type > FRAME_FAILED ||
	    header.size > FRAME_MAX_BYTES)
		return error_set(err, -EBADMSG, "the other process talks nonsense");
	strbuf_truncate(data, 0);
	ret = receive_bytes(fd, deadline_ms, strbuf_reserve(data, header.size), header.size, err);
	if (ret < 0)
		return ret;
	strbuf_commit(data, header.size);
	*type = header.type;
	return 0;
}

int channel_expect(int fd, int timeout_ms, enum frame_type type, struct strbuf *data,
		   struct error **err)
{
	enum frame_type got = FRAME_FAILED;
	int ret = channel_receive(fd, timeout_ms, &got, data, err);

	if (ret < 0)
		return ret;
	if (got == FRAME_FAILED)
		return error_set(err, -ENOTRECOVERABLE, "%s", data->data);
	if (got != type)
		return error_set(err, -EBADMSG, "the other process says %d instead of %d", got,
				 type);
	return 0;
}
