/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the commands of `kata-ctl agent` share. */

#include "agent-client/agent_client.h"
#include "cli/cli.h"

/* The options of the group (spec/kata-ctl.md 2.2). */
struct agent_options {
	const char *connect;
	const char *sandbox;
	const char *timeout;
	const char *dial_timeout;
	bool hybrid_vsock;
	uint64_t hybrid_vsock_port;
};

/* One constant per cmd_agent_NAME.c. */
extern const struct cli_command cmd_agent_call;
extern const struct cli_command cmd_agent_attach;
extern const struct cli_command cmd_agent_connect;
extern const struct cli_command cmd_agent_examples;
extern const struct cli_command cmd_agent_exec;
extern const struct cli_command cmd_agent_copy;
extern const struct cli_command cmd_agent_generate_cid;
extern const struct cli_command cmd_agent_generate_sid;
extern const struct cli_command cmd_agent_list;
extern const struct cli_command cmd_agent_run;

/* Connect to the agent that the options name. Blocks. */
int agent_connect(const struct agent_options *given, struct agent_client **client,
		  struct error **err);

/* What --timeout says, 0 for no limit. */
int agent_call_timeout(const struct agent_options *given, int64_t *timeout_ns, struct error **err);
