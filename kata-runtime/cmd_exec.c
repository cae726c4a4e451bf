// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/quote.h"
#include "kata-runtime.h"
#include "shim-client/shim_client.h"

#define DEFAULT_DEBUG_PORT 1026

struct exec_options {
	uint64_t debug_port;
};

static const struct cli_option options[] = {
	{ CLI_UINT64("kata-debug-port", struct exec_options, debug_port),
	  .help = "Port that debug console is listening on. (Default: 1026)" },
	{ 0 },
};

static int run(const struct cli_invocation *invocation, struct error **err)
{
	const struct exec_options *given = invocation->options;
	const char *id = invocation->argument_count ? invocation->arguments[0] : "";
	_cleanup_strbuf_ struct strbuf shown = STRBUF_INIT;
	_cleanup_shim_client_ struct shim_client client = { 0 };
	_cleanup_free_ char *url = NULL;
	int ret;

	ret = shim_client_find(id, &client, err);
	if (ret < 0)
		return ret;
	if (shim_get_agent_url(&client, &url, err) < 0)
		return error_code(*err);
	quote_terminal(&shown, slice_of(url));
	return error_set(
		err, -ENOSYS,
		"the client of the debug console is not part of this build yet; the agent of "
		"sandbox %s listens at %s, its console at port %ju there",
		client.sandbox_id, shown.data,
		(uintmax_t)(given->debug_port ? given->debug_port : DEFAULT_DEBUG_PORT));
}

const struct cli_command cmd_exec = {
	.name = "exec",
	.help = "Enter into guest by debug console",
	.complete = RUNTIME_SANDBOX_IDS,
	.options = options,
	.options_size = sizeof(struct exec_options),
	.traits = RUNTIME_WANTS_CONFIGURATION,
	.run = run,
};
