/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A service with methods for every kind of call; all messages are grpc.CheckRequest, a string. */

#include "base/memory.h"
#include "proto/health.pb-c.h"
#include "proto/message.h"

#define ECHO_METHOD(method)                                                  \
	{                                                                    \
		.name = (method), .input = &grpc__check_request__descriptor, \
		.output = &grpc__check_request__descriptor                   \
	}
static const ProtobufCMethodDescriptor echo_methods[] = {
	ECHO_METHOD("Bidi"),   ECHO_METHOD("Collect"), ECHO_METHOD("Echo"),
	ECHO_METHOD("Hidden"), ECHO_METHOD("Repeat"),  ECHO_METHOD("Wait"),
};
static const unsigned echo_order[] = { 0, 1, 2, 3, 4, 5 };
static const ProtobufCServiceDescriptor echo_descriptor = {
	.magic = PROTOBUF_C__SERVICE_DESCRIPTOR_MAGIC,
	.name = "test.Echo",
	.n_methods = ARRAY_SIZE(echo_methods),
	.methods = echo_methods,
	.method_indices_by_name = echo_order,
};

static inline Grpc__CheckRequest text_message(const char *text)
{
	Grpc__CheckRequest message = GRPC__CHECK_REQUEST__INIT;

	message.service = (char *)text;
	return message;
}
