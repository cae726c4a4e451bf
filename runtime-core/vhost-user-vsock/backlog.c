// SPDX-License-Identifier: Apache-2.0
#include "backlog.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/memory.h"

int pieces_send(int fd, struct iovec *pieces, size_t count)
{
	struct msghdr message = { .msg_iov = pieces, .msg_iovlen = count };
	ssize_t sent;

	do
		sent = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : (int)sent;
}

static void append_bytes(struct backlog *backlog, const unsigned char *bytes, size_t size)
{
	size_t end = (backlog->start + backlog->size) % backlog->capacity;
	size_t first = backlog->capacity - end;

	if (first > size)
		first = size;
	memcpy(backlog->bytes + end, bytes, first);
	memcpy(backlog->bytes, bytes + first, size - first);
	backlog->size += size;
}

void backlog_append(struct backlog *backlog, const struct iovec *pieces, size_t count)
{
	if (!backlog->bytes)
		backlog->bytes = xmalloc(backlog->capacity);
	for (size_t i = 0; i < count; i++)
		append_bytes(backlog, pieces[i].iov_base, pieces[i].iov_len);
}

int backlog_send(struct backlog *backlog, int fd)
{
	size_t first = backlog->capacity - backlog->start;
	struct iovec pieces[2];
	int sent;

	if (backlog->size == 0)
		return 0;
	if (first > backlog->size)
		first = backlog->size;
	pieces[0] = (struct iovec){ backlog->bytes + backlog->start, first };
	pieces[1] = (struct iovec){ backlog->bytes, backlog->size - first };
	sent = pieces_send(fd, pieces, 2);
	if (sent < 0)
		return sent;
	backlog->start = (backlog->start + (size_t)sent) % backlog->capacity;
	backlog->size -= (size_t)sent;
	if (backlog->size == 0)
		backlog_release(backlog);
	return sent;
}

void backlog_release(struct backlog *backlog)
{
	free(backlog->bytes);
	backlog->bytes = NULL;
	backlog->start = 0;
	backlog->size = 0;
}
