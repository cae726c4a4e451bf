// SPDX-License-Identifier: Apache-2.0
/* `generate-cid`, `generate-sid`: ids nobody else has. */
#include <stdio.h>

#include "agent.h"
#include "agent_request.h"

static int run(const struct cli_invocation *invocation, struct error **err)
{
	char id[65];

	(void)invocation;
	(void)err;
	agent_random_id(id);
	puts(id);
	return 0;
}

const struct cli_command cmd_agent_generate_cid = {
	.name = "generate-cid",
	.help = "print a random id for a container",
	.arguments = "",
	.run = run,
};

const struct cli_command cmd_agent_generate_sid = {
	.name = "generate-sid",
	.help = "print a random id for a sandbox",
	.arguments = "",
	.run = run,
};
