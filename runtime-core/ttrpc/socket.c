// SPDX-License-Identifier: Apache-2.0
#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "base/clock.h"

/* Written bytes are cut off the buffer when they are at least this many. */
#define CUT_BYTES (64u << 10)

int ttrpc_socket_open(struct ttrpc_socket *socket, int fd, struct ttrpc_poller *poller,
		      void (*ready)(void *owner, uint32_t events), void *owner, struct error **err)
{
	int flags = fcntl(fd, F_GETFL), ret;

	*socket = (struct ttrpc_socket){
		.source = { .fd = fd, .ready = ready, .owner = owner },
		.poller = poller,
		.reader = TTRPC_READER_INIT,
		.unsent = STRBUF_INIT,
		.events = EPOLLIN,
	};
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		ret = error_set_errno(err, -errno, "ttrpc: make a socket non-blocking");
	else
		ret = ttrpc_poller_add(poller, &socket->source, socket->events, err);
	if (ret < 0)
		ttrpc_source_close(&socket->source);
	return ret;
}

void ttrpc_socket_close(struct ttrpc_socket *socket)
{
	ttrpc_source_close(&socket->source);
	ttrpc_reader_release(&socket->reader);
	strbuf_release(&socket->unsent);
	socket->sent = 0;
}

bool ttrpc_socket_is_paused(const struct ttrpc_socket *socket)
{
	return socket->may_pause && socket->unsent.size - socket->sent > TTRPC_PAUSE_UNSENT;
}

static void update_events(struct ttrpc_socket *socket)
{
	uint32_t events = (ttrpc_socket_is_paused(socket) ? 0 : EPOLLIN) |
			  (ttrpc_socket_has_unsent(socket) ? EPOLLOUT : 0);

	if (events == socket->events)
		return;
	socket->events = events;
	ttrpc_poller_modify(socket->poller, &socket->source, events);
}

static void cut_sent(struct ttrpc_socket *socket)
{
	struct strbuf *unsent = &socket->unsent;
	size_t left = unsent->size - socket->sent;

	if (left == 0 && unsent->capacity > CUT_BYTES) {
		strbuf_release(unsent);
	} else if (left == 0 || (socket->sent >= CUT_BYTES && socket->sent > left)) {
		memmove(unsent->data, unsent->data + socket->sent, left);
		strbuf_truncate(unsent, left);
	} else {
		return;
	}
	socket->sent = 0;
}

void ttrpc_socket_break(struct ttrpc_socket *socket)
{
	socket->broken = true;
	if (!ttrpc_socket_is_open(socket))
		return;
	shutdown(socket->source.fd, SHUT_RDWR);
	/* Also when reading is paused: what wakes the loop is the end of input. */
	strbuf_truncate(&socket->unsent, socket->sent);
	update_events(socket);
}

void ttrpc_socket_flush(struct ttrpc_socket *socket)
{
	while (!socket->broken && ttrpc_socket_has_unsent(socket)) {
		ssize_t size =
			send(socket->source.fd, socket->unsent.data + socket->sent,
			     socket->unsent.size - socket->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (size >= 0) {
			socket->sent += (size_t)size;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			break;
		} else if (errno != EINTR) {
			ttrpc_socket_break(socket);
			return;
		}
	}
	if (socket->broken || socket->unsent.size - socket->sent > TTRPC_MAX_UNSENT) {
		ttrpc_socket_break(socket);
		return;
	}
	cut_sent(socket);
	update_events(socket);
}

int ttrpc_socket_receive(struct ttrpc_socket *socket, char *buffer, size_t size)
{
	ssize_t received;

	do
		received = recv(socket->source.fd, buffer, size, MSG_DONTWAIT);
	while (received < 0 && errno == EINTR);
	if (received > 0) {
		socket->received_ns = clock_now_ns();
		return (int)received;
	}
	return received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? 0 : -ECONNRESET;
}
