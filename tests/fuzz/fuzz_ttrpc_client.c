// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes from a server, in two pieces, to a client with calls and streams open: each of them ends exactly
 * once, with a reply or an error.
 */
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#include "proto/agent.pb-c.h"
#include "ttrpc/client.h"
#include "ttrpc/echo_service.h"

#define CALLS 8

struct ending {
	int count;
	bool stream;
};

static void require(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void done(void *data, void *reply, struct error *error)
{
	struct ending *ending = data;

	ending->count++;
	require(ending->stream || (reply == NULL) != (error == NULL), "neither reply nor error");
	proto_free(reply);
	error_free(error);
}

static void receive(void *data, const void *message)
{
	struct ending *ending = data;

	require(ending->count == 0, "a message after the end");
	require(message != NULL, "no message");
}

static const struct ttrpc_stream_callbacks callbacks = { receive, done };

static void open_calls(struct ttrpc_client *client, struct ending endings[CALLS])
{
	struct ttrpc_call call = { .service = "s", .method = "m" };
	struct ttrpc_stream *stream;
	struct error *err = NULL;
	int ret;

	for (int i = 0; i < CALLS; i++) {
		call.output = i % 2 ? &grpc__check_request__descriptor
				    : &grpc__stats_container_response__descriptor;
		endings[i].stream = i >= CALLS / 2;
		if (endings[i].stream)
			ret = ttrpc_client_open_stream(client, &call, i % 2, &callbacks,
						       &endings[i], &stream, &err);
		else
			ret = ttrpc_client_start(client, &call, done, &endings[i], &err);
		require(ret == 0, error_message(err));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ending endings[CALLS] = { 0 };
	struct ttrpc_client *client = NULL;
	struct error *err = NULL;
	size_t first;
	int fds[2];

	if (size == 0)
		return 0;
	first = (size_t)data[0] * (size - 1) / 255;
	data++;
	size--;
	require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0, "socketpair");
	require(ttrpc_client_new(fds[1], &client, &err) == 0, error_message(err));
	open_calls(client, endings);

	for (int piece = 0; piece < 2; piece++) {
		size_t from = piece ? first : 0, to = piece ? size : first;

		require(send(fds[0], data + from, to - from, MSG_NOSIGNAL) == (ssize_t)(to - from),
			"the connection was closed");
		ttrpc_client_dispatch(client);
	}
	close(fds[0]);
	ttrpc_client_dispatch(client);
	for (int i = 0; i < CALLS; i++)
		require(endings[i].count == 1, "a call that did not end once");
	ttrpc_client_free(client);
	return 0;
}
