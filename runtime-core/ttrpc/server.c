// SPDX-License-Identifier: Apache-2.0
/*
 * Theory of operation.
 *
 * The server waits on one epoll set: its listening sockets, its connections, one timer. A connection reads
 * bytes, cuts them into frames and turns Request frames into request objects, which go to the handlers of
 * the service tables (connection.c). Answers are written by whichever thread gives them, at once as far as
 * the socket takes them; the rest waits in the connection's buffer, and the dispatching thread writes on
 * when there is room (request.c, socket.c). The timer serves the deadlines of requests and the limit on
 * peers that stop in the middle of a frame.
 *
 * What a peer can make us hold: 64 connections; on each 1024 open calls, one frame of 4 MiB that grows as
 * its bytes arrive, and unsent answers. Above 1 MiB of these its requests are not read, above 64 MiB it is
 * dropped.
 */
#include "server.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "request.h"

/* How long a listener rests when the process has no descriptor left for another connection. */
#define ACCEPT_REST_NS (1000000000LL)

struct listener {
	struct ttrpc_source source;
	struct ttrpc_server *server;
	bool resting;
};

struct ttrpc_server {
	const struct ttrpc_service *services;
	size_t service_count;
	bool (*accept_peer)(const struct ucred *peer);
	struct ttrpc_poller poller;
	struct listener **listeners;
	size_t listener_count;
	size_t listener_capacity;
	struct ttrpc_connection *connections[TTRPC_MAX_CONNECTIONS];
	size_t connection_count;
};

bool ttrpc_peer_is_owner(const struct ucred *peer)
{
	return peer->uid == 0 || (peer->uid == geteuid() && peer->gid == getegid());
}

static const char *service_name(const struct ttrpc_service *service)
{
	return service->name ? service->name : service->descriptor->name;
}

const struct ttrpc_service *ttrpc_server_find_service(const struct ttrpc_server *server,
						      struct slice name)
{
	for (size_t i = 0; i < server->service_count; i++)
		if (slice_is(name, service_name(&server->services[i])))
			return &server->services[i];
	return NULL;
}

const struct ttrpc_handler *ttrpc_service_find_handler(const struct ttrpc_service *service,
						       struct slice method)
{
	for (size_t i = 0; i < service->handler_count; i++)
		if (slice_is(method, service->handlers[i].method))
			return &service->handlers[i];
	return NULL;
}

static int check_service(const struct ttrpc_service *service, struct error **err)
{
	for (size_t i = 0; i < service->handler_count; i++)
		if (!protobuf_c_service_descriptor_get_method_by_name(service->descriptor,
								      service->handlers[i].method))
			return error_set(err, -EINVAL, "ttrpc: %s has no method %s",
					 service_name(service), service->handlers[i].method);
	return 0;
}

/* ---- timer ---------------------------------------------------------------------------------- */

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void end_rest(struct ttrpc_server *server)
{
	for (size_t i = 0; i < server->listener_count; i++) {
		struct listener *listener = server->listeners[i];

		if (listener->resting && listener->source.fd >= 0)
			ttrpc_poller_modify(&server->poller, &listener->source, EPOLLIN);
		listener->resting = false;
	}
}

static void timer_expired(void *owner)
{
	struct ttrpc_server *server = owner;
	int64_t now_ns = clock_now_ns(), next_ns = INT64_MAX;

	end_rest(server);
	/* Backwards, because a connection that is dropped is replaced by the last one. */
	for (size_t i = server->connection_count; i-- > 0;) {
		struct ttrpc_connection *connection = server->connections[i];
		int64_t connection_ns = ttrpc_connection_expire(connection, now_ns);

		if (connection_ns < 0)
			ttrpc_server_forget(server, connection);
		else
			next_ns = earlier(next_ns, connection_ns);
	}
	ttrpc_poller_rearm(&server->poller, next_ns);
}

/* ---- connections ---------------------------------------------------------------------------- */

int ttrpc_server_add_connection(struct ttrpc_server *server, int fd, struct error **err)
{
	int ret;

	if (server->connection_count == TTRPC_MAX_CONNECTIONS) {
		close(fd);
		return error_set(err, -EMFILE, "ttrpc: %d connections are open already",
				 TTRPC_MAX_CONNECTIONS);
	}
	ret = ttrpc_connection_new(server, &server->poller, fd,
				   &server->connections[server->connection_count], err);
	if (ret < 0)
		return ret;
	server->connection_count++;
	return 0;
}

void ttrpc_server_forget(struct ttrpc_server *server, struct ttrpc_connection *connection)
{
	size_t i = 0;

	while (server->connections[i] != connection)
		i++;
	server->connections[i] = server->connections[--server->connection_count];
	ttrpc_connection_drop(connection);
}

size_t ttrpc_server_connection_count(const struct ttrpc_server *server)
{
	return server->connection_count;
}

static bool is_welcome(const struct ttrpc_server *server, int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (!server->accept_peer)
		return true;
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && size == sizeof(peer) &&
	       server->accept_peer(&peer);
}

static void rest(struct listener *listener, int error)
{
	log_warning("ttrpc: cannot accept a connection, trying again in a second",
		    LOG_STR("error", errno_text(error)));
	listener->resting = true;
	ttrpc_poller_modify(&listener->server->poller, &listener->source, 0);
	ttrpc_poller_arm(&listener->server->poller, ttrpc_deadline_ns(ACCEPT_REST_NS));
}

static void listener_ready(void *owner, uint32_t events)
{
	struct listener *listener = owner;
	struct ttrpc_server *server = listener->server;
	_cleanup_error_ struct error *error = NULL;
	int fd = accept4(listener->source.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			rest(listener, errno);
		/* Otherwise the peer has gone before we came. */
		return;
	}
	if (!is_welcome(server, fd)) {
		log_warning("ttrpc: refused a connection of another user");
		close(fd);
		return;
	}
	if (ttrpc_server_add_connection(server, fd, &error) < 0)
		log_warning("ttrpc: refused a connection", LOG_STR("error", error_message(error)));
}

int ttrpc_server_listen(struct ttrpc_server *server, int fd, struct error **err)
{
	struct listener *listener = xcalloc(1, sizeof(*listener));
	int ret;

	listener->source = (struct ttrpc_source){ fd, listener_ready, listener };
	listener->server = server;
	ret = ttrpc_poller_add(&server->poller, &listener->source, EPOLLIN, err);
	if (ret < 0) {
		close(fd);
		free(listener);
		return ret;
	}
	server->listeners = xgrow(server->listeners, &server->listener_capacity,
				  server->listener_count + 1, sizeof(*server->listeners));
	server->listeners[server->listener_count++] = listener;
	return 0;
}

void ttrpc_server_stop_listening(struct ttrpc_server *server)
{
	for (size_t i = 0; i < server->listener_count; i++)
		ttrpc_source_close(&server->listeners[i]->source);
}

/* ---- the server itself ---------------------------------------------------------------------- */

int ttrpc_server_new(const struct ttrpc_service *services, size_t service_count,
		     bool (*accept_peer)(const struct ucred *peer), struct ttrpc_server **server,
		     struct error **err)
{
	_cleanup_free_ struct ttrpc_server *new = xcalloc(1, sizeof(*new));
	int ret;

	for (size_t i = 0; i < service_count; i++)
		if (check_service(&services[i], err) < 0)
			return error_code(*err);
	new->services = services;
	new->service_count = service_count;
	new->accept_peer = accept_peer;
	ret = ttrpc_poller_init(&new->poller, timer_expired, new, err);
	if (ret < 0)
		return ret;
	*server = steal(new);
	return 0;
}

int ttrpc_server_fd(const struct ttrpc_server *server)
{
	return server->poller.epoll_fd;
}

void ttrpc_server_dispatch(struct ttrpc_server *server)
{
	ttrpc_poller_dispatch(&server->poller);
}

/* The first connection with unsent answers, or -1. */
static int find_unsent(struct ttrpc_server *server)
{
	int fd = -1;

	for (size_t i = 0; i < server->connection_count && fd < 0; i++) {
		struct ttrpc_connection *connection = server->connections[i];

		pthread_mutex_lock(&connection->lock);
		ttrpc_socket_flush(&connection->socket);
		if (!connection->socket.broken && ttrpc_socket_has_unsent(&connection->socket))
			fd = connection->socket.source.fd;
		pthread_mutex_unlock(&connection->lock);
	}
	return fd;
}

bool ttrpc_server_flush(struct ttrpc_server *server, unsigned timeout_ms)
{
	int64_t end_ns = clock_now_ns() + timeout_ms * 1000000LL;
	int fd;

	while ((fd = find_unsent(server)) >= 0) {
		struct pollfd writable = { .fd = fd, .events = POLLOUT };
		int64_t left_ms = (end_ns - clock_now_ns()) / 1000000;

		if (left_ms <= 0)
			return false;
		poll(&writable, 1, (int)left_ms);
	}
	return true;
}

void ttrpc_server_linger(struct ttrpc_server *server, int seconds)
{
	struct linger linger = { .l_onoff = 1, .l_linger = seconds };

	/* It cannot fail on a socket; where it means nothing, it does no harm. */
	for (size_t i = 0; i < server->connection_count; i++)
		setsockopt(server->connections[i]->socket.source.fd, SOL_SOCKET, SO_LINGER, &linger,
			   sizeof(linger));
}

void ttrpc_server_free(struct ttrpc_server *server)
{
	if (!server)
		return;
	ttrpc_server_stop_listening(server);
	while (server->connection_count > 0)
		ttrpc_server_forget(server, server->connections[0]);
	for (size_t i = 0; i < server->listener_count; i++)
		free(server->listeners[i]);
	free(server->listeners);
	ttrpc_poller_release(&server->poller);
	free(server);
}
