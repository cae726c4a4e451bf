/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The guest's agent, called by method name: "CreateContainer", "Check". One connection serves both of the
 * agent's services (spec/agent.md 3.1, 3.2). The schema's descriptors are the table of methods, so that
 * a method of the schema needs no line here.
 *
 * Calls run concurrently and from any thread, as in ttrpc/client.h, whose rules for loops hold as well.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "ttrpc/client.h"
#include "vsock/vsock.h"

#define AGENT_PORT 1024

struct agent_method {
	const char *service; /* "grpc.AgentService" or "grpc.Health" */
	const char *name;
	const ProtobufCMessageDescriptor *input;
	const ProtobufCMessageDescriptor *output;
};

/* The method of this name; false when the schema has none. All is static. */
bool agent_method_find(const char *name, struct agent_method *method);

/* The methods by number from 0, health's first; false behind the last one. */
bool agent_method_at(size_t number, struct agent_method *method);

struct agent_client;

/*
 * Connect to an address (vsock/vsock.h), unix:// included. With `dial` NULL there is one attempt at a unix socket,
 * and those to a guest go on for VSOCK_DIAL_TIMEOUT_MS. Blocks. Errors: those of vsock_address_parse() and
 * vsock_dial(); of the one attempt, "connect to PATH: connection refused". agent_client_free() closes.
 */
int agent_client_connect(const char *url, const struct vsock_dial *dial,
			 struct agent_client **client, struct error **err);

/* The same to an address that has been parsed already; it is only read. */
int agent_client_dial(const struct vsock_address *address, const struct vsock_dial *dial,
		      struct agent_client **client, struct error **err);

/* A client over a connected stream socket, which it owns from here on, also on failure. */
int agent_client_new(int fd, struct agent_client **client, struct error **err);

/*
 * Call and wait. `input` may be NULL for an empty message; *(TYPE **)reply, which may be NULL for a method that
 * answers Empty, is freed with proto_free(). timeout_ns: 0 or less is none. Errors: those of ttrpc_client_call();
 * -ENOSYS for a method that the schema does not have, -EINVAL for an input that is not the method's.
 */
int agent_client_call(struct agent_client *client, const char *method,
		      const ProtobufCMessage *input, int64_t timeout_ns, void *reply,
		      struct error **err);

/* Call without waiting; `done` as in ttrpc/client.h. */
int agent_client_start(struct agent_client *client, const char *method,
		       const ProtobufCMessage *input, int64_t timeout_ns, ttrpc_done *done,
		       void *data, struct error **err);

/* The connection, for a loop to drive. */
struct ttrpc_client *agent_client_ttrpc(struct agent_client *client);

/* Close the connection and free all. NULL is fine. No thread may be inside a call any more. */
void agent_client_free(struct agent_client *client);
DEFINE_CLEANUP(struct agent_client *, agent_client_free)
#define _cleanup_agent_client_ _cleanup_(agent_client_freep)
