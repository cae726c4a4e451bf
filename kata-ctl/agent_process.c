// SPDX-License-Identifier: Apache-2.0
#include "agent_process.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "proto/agent.pb-c.h"
#include "proto/json.h"

/* A call that the agent answers at once, unless something is wrong with it. */
#define SHORT_CALL_NS (10 * NS_PER_S)

int agent_call(struct agent_client *client, const char *method, const ProtobufCMessage *input,
	       int64_t timeout_ns, void *reply, struct error **err)
{
	int ret = agent_client_call(client, method, input, timeout_ns, reply, err);

	if (ret < 0)
		error_wrap(err, "%s: %s", method, ttrpc_code_name((int)ttrpc_code_of_errno(ret)));
	return ret;
}

int agent_call_json(struct agent_client *client, const char *method, const cJSON *request,
		    int64_t timeout_ns, struct error **err)
{
	_cleanup_proto_ ProtobufCMessage *input = NULL;
	struct agent_method known;
	int ret;

	if (!agent_method_find(method, &known))
		return error_set(err, -ENOSYS, "the agent's protocol has no method %s", method);
	ret = proto_from_json(known.input, request, &input, err);
	if (ret < 0)
		return error_wrap(err, "%s", method);
	return agent_call(client, method, input, timeout_ns, NULL, err);
}

int agent_process_read(const struct agent_process *process, const char *method, void *buffer,
		       struct error **err)
{
	Grpc__ReadStreamRequest request = GRPC__READ_STREAM_REQUEST__INIT;
	_cleanup_proto_ Grpc__ReadStreamResponse *response = NULL;
	int ret;

	request.container_id = (char *)process->container_id;
	request.exec_id = (char *)process->exec_id;
	request.len = AGENT_READ_BYTES;
	ret = agent_call(process->client, method, &request.base, 0, &response, err);
	if (ret < 0)
		return ret;
	if (response->data.len > AGENT_READ_BYTES)
		return error_set(err, -EBADMSG, "%s: the agent sent %zu bytes, asked for %u",
				 method, response->data.len, AGENT_READ_BYTES);
	if (response->data.len > 0)
		memcpy(buffer, response->data.data, response->data.len);
	return (int)response->data.len;
}

int agent_process_write(const struct agent_process *process, struct slice data, struct error **err)
{
	Grpc__WriteStreamRequest request = GRPC__WRITE_STREAM_REQUEST__INIT;
	int ret;

	request.container_id = (char *)process->container_id;
	request.exec_id = (char *)process->exec_id;
	while (data.size > 0) {
		_cleanup_proto_ Grpc__WriteStreamResponse *response = NULL;

		request.data = (ProtobufCBinaryData){ data.size, (uint8_t *)data.data };
		ret = agent_call(process->client, "WriteStdin", &request.base, 0, &response, err);
		if (ret < 0)
			return ret;
		if (response->len == 0 || response->len > data.size)
			return error_set(err, -EBADMSG,
					 "WriteStdin: the agent took %u of %zu bytes",
					 response->len, data.size);
		data = slice_from(data, response->len);
	}
	return 0;
}

int agent_process_close_input(const struct agent_process *process, struct error **err)
{
	Grpc__CloseStdinRequest request = GRPC__CLOSE_STDIN_REQUEST__INIT;

	request.container_id = (char *)process->container_id;
	request.exec_id = (char *)process->exec_id;
	return agent_call(process->client, "CloseStdin", &request.base, SHORT_CALL_NS, NULL, err);
}

int agent_process_signal(const struct agent_process *process, unsigned signal, struct error **err)
{
	Grpc__SignalProcessRequest request = GRPC__SIGNAL_PROCESS_REQUEST__INIT;

	request.container_id = (char *)process->container_id;
	request.exec_id = (char *)process->exec_id;
	request.signal = signal;
	return agent_call(process->client, "SignalProcess", &request.base, SHORT_CALL_NS, NULL,
			  err);
}

int agent_process_resize(const struct agent_process *process, unsigned rows, unsigned columns,
			 struct error **err)
{
	Grpc__TtyWinResizeRequest request = GRPC__TTY_WIN_RESIZE_REQUEST__INIT;

	request.container_id = (char *)process->container_id;
	request.exec_id = (char *)process->exec_id;
	request.row = rows;
	request.column = columns;
	return agent_call(process->client, "TtyWinResize", &request.base, SHORT_CALL_NS, NULL, err);
}

int agent_process_wait(const struct agent_process *process, int *status, struct error **err)
{
	Grpc__WaitProcessRequest request = GRPC__WAIT_PROCESS_REQUEST__INIT;
	_cleanup_proto_ Grpc__WaitProcessResponse *response = NULL;
	int ret;

	request.container_id = (char *)process->container_id;
	request.exec_id = (char *)process->exec_id;
	ret = agent_call(process->client, "WaitProcess", &request.base, 0, &response, err);
	if (ret == 0)
		*status = response->status;
	return ret;
}
