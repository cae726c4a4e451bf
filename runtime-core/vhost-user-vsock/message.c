// SPDX-License-Identifier: Apache-2.0
#include "vhost_user.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Keep what came with the bytes. Returns false when there is more than any message has. */
static bool take_fds(struct vhost_user_message *message, struct msghdr *received)
{
	bool fits = !(received->msg_flags & MSG_CTRUNC);

	for (struct cmsghdr *c = CMSG_FIRSTHDR(received); c; c = CMSG_NXTHDR(received, c)) {
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			if (message->fd_count < VHOST_USER_MAX_FDS) {
				message->fds[message->fd_count++] = fd;
			} else {
				close(fd);
				fits = false;
			}
		}
	}
	return fits;
}

static int receive_bytes(int fd, struct vhost_user_message *message, void *data, size_t size,
			 struct error **err)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * VHOST_USER_MAX_FDS)];
		struct cmsghdr align;
	} control;
	struct iovec piece = { data, size };
	struct msghdr received = {
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t count;

	do
		count = recvmsg(fd, &received, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (count < 0 && errno == EINTR);
	if (count < 0 && errno == EAGAIN)
		return 0;
	if (count <= 0)
		return error_set(err, -ECONNRESET, "the front end is gone");
	if (!take_fds(message, &received))
		return error_set(err, -EPROTO, "a message with too many descriptors");
	return (int)count;
}

int vhost_user_receive(int fd, struct vhost_user_reader *reader, struct error **err)
{
	struct vhost_user_message *message = &reader->message;

	for (;;) {
		size_t header_size = sizeof(message->header);
		void *data;
		size_t size;
		int ret;

		if (reader->received < header_size) {
			data = (char *)&message->header + reader->received;
			size = header_size - reader->received;
		} else if (message->header.size > sizeof(message->payload) ||
			   (message->header.flags & VHOST_USER_VERSION_MASK) !=
				   VHOST_USER_VERSION) {
			return error_set(err, -EPROTO, "a message of %u bytes with flags %#x",
					 message->header.size, message->header.flags);
		} else if (reader->received == header_size + message->header.size) {
			return 1;
		} else {
			data = (char *)&message->payload + (reader->received - header_size);
			size = message->header.size - (reader->received - header_size);
		}
		ret = receive_bytes(fd, message, data, size, err);
		if (ret <= 0)
			return ret;
		reader->received += (size_t)ret;
	}
}

void vhost_user_reader_clear(struct vhost_user_reader *reader)
{
	struct vhost_user_message *message = &reader->message;

	for (size_t i = 0; i < message->fd_count; i++)
		if (message->fds[i] >= 0)
			close(message->fds[i]);
	*reader = (struct vhost_user_reader){ 0 };
}

int vhost_user_reply(int fd, uint32_t request, const void *payload, size_t size, struct error **err)
{
	struct vhost_user_header header = {
		.request = request,
		.flags = VHOST_USER_VERSION | VHOST_USER_REPLY,
		.size = (uint32_t)size,
	};
	struct iovec pieces[] = { { &header, sizeof(header) }, { (void *)payload, size } };
	struct msghdr message = { .msg_iov = pieces, .msg_iovlen = 2 };
	ssize_t sent = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (sent < 0)
		return error_set_errno(err, -errno, "answer the front end");
	if ((size_t)sent != sizeof(header) + size)
		return error_set(err, -EPIPE, "the front end does not read its answers");
	return 0;
}
