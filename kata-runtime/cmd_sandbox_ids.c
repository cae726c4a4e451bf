// SPDX-License-Identifier: Apache-2.0
#include "kata-runtime.h"
#include "shim-client/shim_client.h"

static int run(const struct cli_invocation *invocation, struct error **err)
{
	_cleanup_string_list_ struct string_list ids = { 0 };

	(void)invocation;
	(void)err;
	shim_client_list(&ids);
	for (size_t i = 0; i < ids.count; i++)
		puts(ids.items[i]);
	return 0;
}

/* For completion in shells. */
const struct cli_command cmd_sandbox_ids = {
	.name = "sandbox-ids",
	.help = "print the ids of the running sandboxes",
	.traits = RUNTIME_NEEDS_NOTHING,
	.hidden = true,
	.strict = true,
	.run = run,
};
