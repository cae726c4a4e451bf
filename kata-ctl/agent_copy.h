/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Files into a guest, by CopyFile (spec/kata-ctl.md 2.4, spec/agent.md 6.5). */

#include <cjson/cJSON.h>

#include "agent-client/agent_client.h"

/*
 * Copy a file, a symbolic link or a directory without its content to this path in the guest, which the agent wants below
 * its shared directory. Blocks; `timeout_ns` is for each of the calls. A file that shrinks meanwhile is an error.
 */
int agent_copy(struct agent_client *client, const char *source, const char *destination,
	       int64_t timeout_ns, struct error **err);

/* What the call CopyFile does with {"src": ..., "dest": ...}: 1. A request of the protocol is not ours: 0. */
int agent_copy_by_request(struct agent_client *client, const cJSON *request, int64_t timeout_ns,
			  struct error **err);
