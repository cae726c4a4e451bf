// SPDX-License-Identifier: Apache-2.0
#include "kata-runtime.h"
#include "sandbox.h"
#include "shim-client/shim_client.h"

static int run(const struct cli_invocation *invocation, struct error **err)
{
	const char *id = invocation->argument_count ? invocation->arguments[0] : "";
	_cleanup_strbuf_ struct strbuf answer = STRBUF_INIT;
	_cleanup_shim_client_ struct shim_client client = { 0 };
	int ret;

	ret = shim_client_find(id, &client, err);
	if (ret == 0)
		ret = shim_get_metrics(&client, &answer, err);
	if (ret == 0)
		sandbox_print_answer(&answer);
	return ret;
}

const struct cli_command cmd_metrics = {
	.name = "metrics",
	.help = "gather metrics associated with infrastructure used to run a sandbox",
	.usage = "metrics <sandbox id>",
	.complete = RUNTIME_SANDBOX_IDS,
	.traits = RUNTIME_WANTS_CONFIGURATION,
	.run = run,
};
