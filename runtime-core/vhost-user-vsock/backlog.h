/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The guest's bytes that a host program has not taken yet: a ring with a fixed capacity, in memory only while it holds any. */

#include <stddef.h>
#include <sys/uio.h>

struct backlog {
	unsigned char *bytes; /* NULL when empty */
	size_t capacity;
	size_t start, size;
};

/* Append all of the pieces; the caller has made sure that there is room. */
void backlog_append(struct backlog *backlog, const struct iovec *pieces, size_t count);

/* Send to a socket without waiting. Returns the bytes sent, which may be fewer than there are, or a negative errno. */
int backlog_send(struct backlog *backlog, int fd);

void backlog_release(struct backlog *backlog);

/* Send pieces of memory to a socket without waiting and without SIGPIPE. The bytes sent, or a negative errno. */
int pieces_send(int fd, struct iovec *pieces, size_t count);
