// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as a message of each service's types: what the checks let pass is unpacked within the bounds, and a
 * message that was unpacked survives packing and unpacking.
 */
#include <errno.h>
#include <stdio.h>

#include "base/memory.h"
#include "proto/agent.pb-c.h"
#include "proto/cgroup_v1.pb-c.h"
#include "proto/cgroup_v2.pb-c.h"
#include "proto/containerd_bootstrap.pb-c.h"
#include "proto/containerd_forward.pb-c.h"
#include "proto/containerd_sandbox.pb-c.h"
#include "proto/containerd_task.pb-c.h"
#include "proto/cri.pb-c.h"
#include "proto/message.h"
#include "proto/ttrpc.pb-c.h"

static const ProtobufCMessageDescriptor *const types[] = {
	&grpc__create_container_request__descriptor,
	&grpc__exec_process_request__descriptor,
	&grpc__create_sandbox_request__descriptor,
	&grpc__update_routes_request__descriptor,
	&grpc__stats_container_response__descriptor,
	&grpc__mem_agent_compact_config__descriptor,
	&grpc__copy_file_request__descriptor,
	&containerd__task__v2__create_task_request__descriptor,
	&containerd__task__v2__state_response__descriptor,
	&containerd__task__v2__update_task_request__descriptor,
	&containerd__runtime__sandbox__v1__create_sandbox_request__descriptor,
	&containerd__runtime__sandbox__v1__sandbox_status_response__descriptor,
	&containerd__runtime__bootstrap__v1__bootstrap_params__descriptor,
	&containerd__services__events__ttrpc__v1__forward_request__descriptor,
	&io__containerd__cgroups__v1__metrics__descriptor,
	&io__containerd__cgroups__v2__metrics__descriptor,
	&runtime__v1__pod_sandbox_config__descriptor,
	&ttrpc__request__descriptor,
	&ttrpc__response__descriptor,
};

static void require(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void try_type(const ProtobufCMessageDescriptor *type, struct slice bytes)
{
	_cleanup_strbuf_ struct strbuf packed = STRBUF_INIT, again = STRBUF_INIT;
	_cleanup_proto_ ProtobufCMessage *message = NULL, *second = NULL;
	_cleanup_error_ struct error *error = NULL;

	if (proto_unpack(type, bytes, &message, &error) < 0) {
		require(message == NULL && error != NULL, "a failure without an error");
		return;
	}
	proto_pack(message, &packed);
	if (proto_unpack(type, strbuf_view(&packed), &second, &error) < 0) {
		/* Numbers in a packed field may take more room than they came in. */
		require(error_code(error) == -E2BIG, error_message(error));
		return;
	}
	proto_pack(second, &again);
	require(slice_equal(strbuf_view(&packed), strbuf_view(&again)),
		"changed on the second way");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 0)
		try_type(types[data[0] % ARRAY_SIZE(types)],
			 slice_make((const char *)data + 1, size - 1));
	return 0;
}
