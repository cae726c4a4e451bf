// SPDX-License-Identifier: Apache-2.0
#include "agent.h"
#include "agent_copy.h"

static int run(const struct cli_invocation *invocation, struct error **err)
{
	_cleanup_agent_client_ struct agent_client *client = NULL;
	int64_t timeout_ns;
	int ret;

	ret = agent_call_timeout(invocation->group, &timeout_ns, err);
	if (ret == 0)
		ret = agent_connect(invocation->group, &client, err);
	return ret < 0 ? ret
		       : agent_copy(client, invocation->arguments[0], invocation->arguments[1],
				    timeout_ns, err);
}

const struct cli_command cmd_agent_copy = {
	.name = "copy",
	.aliases = "cp",
	.help = "copy a file, a symbolic link or an empty directory into the guest",
	.arguments = "SOURCE DESTINATION",
	.description =
		"The agent takes only destinations below /run/kata-containers/shared/containers.",
	.complete = CLI_FILES,
	.min_arguments = 2,
	.max_arguments = 2,
	.run = run,
};
