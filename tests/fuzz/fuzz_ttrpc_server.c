// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes from a client, in two pieces: the server answers with whole frames only, and nothing is left when
 * the connection and then the server are gone.
 */
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#include "ttrpc/echo_service.h"
#include "ttrpc/frame.h"
#include "ttrpc/server.h"

#define MAX_KEPT   4096
#define HANG_UP_MS 5000

static struct ttrpc_request *kept[MAX_KEPT];
static size_t kept_count;

static void require(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void echo(struct ttrpc_request *request, const void *input, void *context)
{
	(void)context;
	ttrpc_request_reply(request, input);
}

static void repeat(struct ttrpc_request *request, const void *input, void *context)
{
	(void)context;
	ttrpc_request_send(request, input);
	ttrpc_request_reply(request, NULL);
}

static void keep(struct ttrpc_request *request, const void *input, void *context)
{
	(void)input;
	(void)context;
	require(kept_count < MAX_KEPT, "more requests than an input has room for");
	kept[kept_count++] = request;
}

static void forget(struct ttrpc_request *request)
{
	for (size_t i = 0; i < kept_count; i++)
		if (kept[i] == request)
			kept[i] = kept[--kept_count];
}

static void collect(struct ttrpc_request *request, const void *message, void *context)
{
	(void)context;
	if (message)
		return;
	forget(request);
	ttrpc_request_reply(request, NULL);
}

static void bidi(struct ttrpc_request *request, const void *message, void *context)
{
	if (message)
		ttrpc_request_send(request, message);
	else
		collect(request, message, context);
}

static const struct ttrpc_handler handlers[] = {
	{ "Echo", echo, TTRPC_UNARY, NULL },
	{ "Wait", keep, TTRPC_UNARY, NULL },
	{ "Repeat", repeat, TTRPC_SERVER_STREAMING, NULL },
	{ "Collect", keep, TTRPC_CLIENT_STREAMING, collect },
	{ "Bidi", keep, TTRPC_BIDIRECTIONAL, bidi },
};
static const struct ttrpc_service services[] = {
	{ &echo_descriptor, handlers, ARRAY_SIZE(handlers), NULL, NULL },
};

/* Read what the server has sent, and check that it is frames. */
static void drain(int fd, struct ttrpc_reader *reader)
{
	char buffer[16384];
	ssize_t size;

	while ((size = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT)) > 0) {
		struct slice input = slice_make(buffer, (size_t)size);
		struct ttrpc_frame frame;

		while (ttrpc_reader_next(reader, &input, &frame))
			require(frame.type == TTRPC_RESPONSE || frame.type == TTRPC_DATA,
				"a frame that no server sends");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ttrpc_reader reader = TTRPC_READER_INIT;
	struct pollfd hang_up = { .events = POLLIN };
	struct ttrpc_server *server = NULL;
	struct error *err = NULL;
	size_t first;
	int fds[2];

	if (size == 0)
		return 0;
	first = (size_t)data[0] * (size - 1) / 255;
	data++;
	size--;
	require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0, "socketpair");
	require(ttrpc_server_new(services, ARRAY_SIZE(services), NULL, &server, &err) == 0 &&
			ttrpc_server_add_connection(server, fds[1], &err) == 0,
		error_message(err));

	for (int piece = 0; piece < 2; piece++) {
		size_t from = piece ? first : 0, to = piece ? size : first;

		require(send(fds[0], data + from, to - from, MSG_NOSIGNAL) == (ssize_t)(to - from),
			"the connection was closed");
		ttrpc_server_dispatch(server);
		drain(fds[0], &reader);
	}
	require(!ttrpc_reader_is_inside(&reader), "half a frame");
	require(ttrpc_server_connection_count(server) == 1, "the connection was closed");

	/* It closes when the last reference goes: somebody who looks into /proc may have one for a moment. */
	close(fds[0]);
	hang_up.fd = ttrpc_server_fd(server);
	while (ttrpc_server_connection_count(server) > 0 && poll(&hang_up, 1, HANG_UP_MS) > 0)
		ttrpc_server_dispatch(server);
	require(ttrpc_server_connection_count(server) == 0, "the connection was not closed");
	ttrpc_server_free(server);
	while (kept_count > 0) {
		require(ttrpc_request_cancelled(kept[kept_count - 1]), "not cancelled");
		ttrpc_request_reply(kept[--kept_count], NULL);
	}
	ttrpc_reader_release(&reader);
	return 0;
}
