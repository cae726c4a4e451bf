/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ttrpc/server.h"

/* Answer a request that nobody waits for any more: the client is gone, or its time is over. */
static inline void answer_cancelled(struct ttrpc_request *request)
{
	if (ttrpc_request_time_left_ns(request) <= 0)
		ttrpc_request_fail(request, TTRPC_DEADLINE_EXCEEDED, "timeout");
	else
		ttrpc_request_fail(request, TTRPC_CANCELED, "canceled");
}
