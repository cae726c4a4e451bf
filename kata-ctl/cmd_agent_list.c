// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "agent_session.h"

struct list_options {
	bool names;
};

static const struct cli_option options[] = {
	{ CLI_BOOL("names", struct list_options, names), .help = "only the names of the calls" },
	{ 0 },
};

static int run(const struct cli_invocation *invocation, struct error **err)
{
	const struct list_options *given = invocation->options;
	struct agent_method method;

	(void)err;
	if (!given->names)
		agent_print_commands();
	for (size_t i = 0; given->names && agent_method_at(i, &method); i++)
		puts(method.name);
	return 0;
}

const struct cli_command cmd_agent_list = {
	.name = "list",
	.help = "show the calls and the built-in commands",
	.arguments = "",
	.options = options,
	.options_size = sizeof(struct list_options),
	.run = run,
};
