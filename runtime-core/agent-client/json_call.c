// SPDX-License-Identifier: Apache-2.0
#include "json_call.h"

#include <errno.h>

#include "proto/json.h"

int agent_client_call_json(struct agent_client *client, const char *method, const cJSON *request,
			   int64_t timeout_ns, cJSON **reply, bool *called, struct error **err)
{
	_cleanup_proto_ ProtobufCMessage *input = NULL;
	_cleanup_proto_ ProtobufCMessage *output = NULL;
	struct agent_method known;
	int ret;

	*called = false;
	if (!agent_method_find(method, &known))
		return error_set(err, -ENOSYS, "the agent's protocol has no method %s", method);
	if (request) {
		ret = proto_from_json(known.input, request, &input, err);
		if (ret < 0)
			return ret;
	}
	*called = true;
	ret = agent_client_call(client, method, input, timeout_ns, &output, err);
	if (ret < 0)
		return ret;
	*reply = proto_to_json(output);
	return 0;
}
