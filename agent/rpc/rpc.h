/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The agent's services: grpc.AgentService and grpc.Health (spec/agent.md 3, 6). Which method does what, and
 * which are refused, is the table in services.c.
 */

#include "agent/sandbox/sandbox.h"
#include "ttrpc/server.h"

/*
 * A server for this sandbox. `only_owner`: of those who connect over a unix socket, take only root and our
 * own user. The sandbox outlives it.
 */
int rpc_server_new(struct sandbox *sandbox, bool only_owner, struct ttrpc_server **server,
		   struct error **err);
