// SPDX-License-Identifier: Apache-2.0
#include "agent_client.h"

#include <errno.h>

#include "base/memory.h"
#include "base/unix.h"
#include "proto/agent.pb-c.h"
#include "proto/health.pb-c.h"

/* ---- methods ------------------------------------------------------------------------------------ */

static const ProtobufCServiceDescriptor *const services[] = {
	&grpc__health__descriptor,
	&grpc__agent_service__descriptor,
};

static void describe(const ProtobufCServiceDescriptor *service,
		     const ProtobufCMethodDescriptor *found, struct agent_method *method)
{
	*method = (struct agent_method){ .service = service->name,
					 .name = found->name,
					 .input = found->input,
					 .output = found->output };
}

bool agent_method_find(const char *name, struct agent_method *method)
{
	for (size_t i = 0; i < ARRAY_SIZE(services); i++) {
		const ProtobufCMethodDescriptor *found =
			protobuf_c_service_descriptor_get_method_by_name(services[i], name);

		if (found) {
			describe(services[i], found, method);
			return true;
		}
	}
	return false;
}

bool agent_method_at(size_t number, struct agent_method *method)
{
	for (size_t i = 0; i < ARRAY_SIZE(services); i++) {
		if (number < services[i]->n_methods) {
			describe(services[i], &services[i]->methods[number], method);
			return true;
		}
		number -= services[i]->n_methods;
	}
	return false;
}

/* ---- connecting --------------------------------------------------------------------------------- */

struct agent_client {
	struct ttrpc_client *connection;
};

int agent_client_new(int fd, struct agent_client **client, struct error **err)
{
	struct ttrpc_client *connection;
	int ret;

	ret = ttrpc_client_new(fd, &connection, err);
	if (ret < 0)
		return ret;
	*client = xmalloc(sizeof(**client));
	**client = (struct agent_client){ .connection = connection };
	return 0;
}

int agent_client_dial(const struct vsock_address *address, const struct vsock_dial *dial,
		      struct agent_client **client, struct error **err)
{
	int fd;

	if (address->scheme == VSOCK_SCHEME_UNIX && !dial)
		fd = unix_connect(address->path, err);
	else
		fd = vsock_dial(address, dial, err);
	return fd < 0 ? fd : agent_client_new(fd, client, err);
}

int agent_client_connect(const char *url, const struct vsock_dial *dial,
			 struct agent_client **client, struct error **err)
{
	_cleanup_vsock_address_ struct vsock_address address = { 0 };
	int ret;

	ret = vsock_address_parse(url, true, &address, err);
	return ret < 0 ? ret : agent_client_dial(&address, dial, client, err);
}

void agent_client_free(struct agent_client *client)
{
	if (!client)
		return;
	ttrpc_client_free(client->connection);
	free(client);
}

struct ttrpc_client *agent_client_ttrpc(struct agent_client *client)
{
	return client->connection;
}

/* ---- calls -------------------------------------------------------------------------------------- */

static int prepare(const char *name, const ProtobufCMessage *input, int64_t timeout_ns,
		   struct ttrpc_call *call, struct error **err)
{
	struct agent_method method;

	if (!agent_method_find(name, &method))
		return error_set(err, -ENOSYS, "the agent's protocol has no method %s", name);
	if (input && input->descriptor != method.input)
		return error_set(err, -EINVAL, "%s takes a %s, not a %s", name, method.input->name,
				 input->descriptor->name);
	*call = (struct ttrpc_call){ .service = method.service,
				     .method = method.name,
				     .input = input,
				     .output = method.output,
				     .timeout_ns = timeout_ns };
	return 0;
}

int agent_client_start(struct agent_client *client, const char *method,
		       const ProtobufCMessage *input, int64_t timeout_ns, ttrpc_done *done,
		       void *data, struct error **err)
{
	struct ttrpc_call call;
	int ret;

	ret = prepare(method, input, timeout_ns, &call, err);
	return ret < 0 ? ret : ttrpc_client_start(client->connection, &call, done, data, err);
}

int agent_client_call(struct agent_client *client, const char *method,
		      const ProtobufCMessage *input, int64_t timeout_ns, void *reply,
		      struct error **err)
{
	struct ttrpc_call call;
	int ret;

	ret = prepare(method, input, timeout_ns, &call, err);
	if (ret < 0)
		return ret;
	if (!reply)
		call.output = NULL;
	return ttrpc_client_call(client->connection, &call, reply, err);
}
