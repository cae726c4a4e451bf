// SPDX-License-Identifier: Apache-2.0
#include "internal.h"

#include "build.h"
#include "proto/health.pb-c.h"

HANDLER(handle_check)
{
	Grpc__HealthCheckResponse response = GRPC__HEALTH_CHECK_RESPONSE__INIT;

	(void)input;
	(void)context;
	response.status = GRPC__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING;
	ttrpc_request_reply(request, &response.base);
}

HANDLER(handle_version)
{
	static char protocol[] = "0.0.1", version[] = KATA_VERSION;
	Grpc__VersionCheckResponse response = GRPC__VERSION_CHECK_RESPONSE__INIT;

	(void)input;
	(void)context;
	response.grpc_version = protocol;
	response.agent_version = version;
	ttrpc_request_reply(request, &response.base);
}
