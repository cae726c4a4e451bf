// SPDX-License-Identifier: Apache-2.0
#include "agent_session.h"

static int run(const struct cli_invocation *invocation, struct error **err)
{
	_cleanup_agent_session_ struct agent_session session = { 0 };
	int ret;

	ret = agent_session_open(&session, invocation->group, false, err);
	if (ret < 0)
		return ret;
	return agent_session_call(&session, invocation->arguments[0], invocation->arguments + 1,
				  err);
}

const struct cli_command cmd_agent_call = {
	.name = "call",
	.help = "make one call, and print the answer as JSON",
	.arguments = "METHOD [REQUEST] [NAME=VALUE...]",
	.description =
		"The request is a JSON object with the field names of the agent's protocol: {...}, "
		"@FILE, or -\n"
		"   for standard input. NAME=VALUE sets a field of it, of a list with commas "
		"between; what is\n"
		"   not said is zero or empty. Examples:\n"
		"\n"
		"   kata-ctl agent --connect unix:///run/agent.sock call Check\n"
		"   kata-ctl agent --connect vsock://3:1024 call CreateContainer @request.json\n"
		"   kata-ctl agent --sandbox 0123 call WaitProcess container_id=c1 exec_id=c1",
	.complete = CLI_OUTPUT_OF("agent list --names"),
	.min_arguments = 1,
	.max_arguments = SIZE_MAX,
	.run = run,
};
