// SPDX-License-Identifier: Apache-2.0
#include "cli.h"

static int run(const struct cli_invocation *invocation, struct error **err)
{
	(void)invocation;
	(void)err;
	return 0;
}

const struct cli_command cli_command_completion = {
	.name = "completion",
	.help = "print a completion script",
	.hidden = true,
	.run = run,
};
