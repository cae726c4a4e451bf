// SPDX-License-Identifier: Apache-2.0
#include "hybrid.h"

#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/unix.h"
#include "vsock/vsock.h"

/* The host program has said which port it wants: ask the guest. */
static void request(struct transport *transport, struct connection *connection, uint32_t guest_port)
{
	transport_name(transport, connection, transport_choose_host_port(transport, guest_port),
		       guest_port);
	connection->state = CONNECTION_REQUESTED;
	connection->debts = OWES_REQUEST;
}

/* The bytes behind the line, if a program is so quick, are for the guest and stay where they are. */
static void read_greeting(struct transport *transport, struct connection *connection)
{
	char line[VSOCK_HYBRID_MAX_LINE];
	ssize_t size = recv(connection->source.fd, line, sizeof(line), MSG_PEEK | MSG_DONTWAIT);
	const char *end = size > 0 ? memchr(line, '\n', (size_t)size) : NULL;
	uint32_t port;

	if (!end) {
		if (size == 0 || size == sizeof(line))
			connection_close(connection);
		return; /* the rest is to come, or a hang-up is */
	}
	size = recv(connection->source.fd, line, (size_t)(end - line) + 1, MSG_DONTWAIT);
	if (size != end - line + 1 ||
	    vsock_hybrid_parse_request(slice_make(line, (size_t)size - 1), &port) < 0)
		connection_close(connection);
	else
		request(transport, connection, port);
}

static void host_ready(void *owner, uint32_t events)
{
	struct connection *connection = owner;
	struct transport *transport = connection->transport;

	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		connection->readable = true;
	if ((events & EPOLLIN) && connection->state == CONNECTION_GREETING)
		read_greeting(transport, connection);
	if (events & EPOLLOUT)
		connection_flush(connection);
	if ((events & EPOLLHUP) && connection->state != CONNECTION_CLOSED)
		connection_hang_up(connection);
	transport_update(transport, connection);
}

/* Take over the socket and watch it. NULL, and the socket is closed, when it cannot be. */
static struct connection *open_connection(struct transport *transport, int fd,
					  enum connection_state state, bool guest_opened)
{
	struct connection *connection = transport_add(transport, fd, state, guest_opened);
	_cleanup_error_ struct error *ignored = NULL; /* the other end sees the socket closed */

	if (!connection)
		return NULL;
	connection->source.ready = host_ready;
	connection->source.owner = connection;
	if (loop_add(transport->loop, &connection->source, CONNECTION_EVENTS, &ignored) < 0) {
		connection_close(connection);
		transport_update(transport, connection);
		return NULL;
	}
	return connection;
}

void hybrid_accept(struct transport *transport, int fd)
{
	struct connection *connection = open_connection(transport, fd, CONNECTION_GREETING, false);

	if (!connection)
		return;
	connection->deadline_ms = clock_now_ms() + HYBRID_TIMEOUT_MS;
	transport_update(transport, connection);
}

bool hybrid_connect(struct transport *transport, const struct packet *request)
{
	_cleanup_free_ char *path =
		xasprintf("%s_%u", transport->host_path, request->destination_port);
	_cleanup_error_ struct error *refused = NULL; /* the guest is told by RST */
	int fd = unix_connect_now(path, &refused);
	struct connection *connection;

	if (fd < 0)
		return false;
	connection = open_connection(transport, fd, CONNECTION_ESTABLISHED, true);
	if (!connection)
		return false;
	transport_name(transport, connection, request->destination_port, request->source_port);
	connection->guest_buffer = request->buffer_size;
	connection->guest_forwarded = request->forwarded_bytes;
	connection->debts = OWES_RESPONSE;
	transport_update(transport, connection);
	return true;
}
