// SPDX-License-Identifier: Apache-2.0
#include "kata-runtime.h"
#include "sandbox.h"
#include "shim-client/shim_client.h"

struct policy_options {
	const char *sandbox_id;
};

static const struct cli_option options[] = {
	{ CLI_STRING("sandbox-id", struct policy_options, sandbox_id),
	  .help = "the target sandbox for setting the policy", .complete = RUNTIME_SANDBOX_IDS,
	  .required = true },
	{ 0 },
};

static int run_set(const struct cli_invocation *invocation, struct error **err)
{
	const struct policy_options *given = invocation->options;
	const char *file = invocation->arguments[0];
	_cleanup_free_ char *policy = NULL;
	_cleanup_shim_client_ struct shim_client client = { 0 };
	size_t size = 0;
	int ret;

	ret = shim_check_sandbox_id(given->sandbox_id, err);
	if (ret == 0)
		ret = sandbox_read_file("policy", file, &policy, &size, err);
	if (ret < 0)
		return ret;
	ret = shim_client_find(given->sandbox_id, &client, err);
	if (ret == 0)
		ret = shim_set_policy(&client, slice_make(policy, size), err);
	return ret < 0 ? sandbox_wrap_set_error(err, "policy", file) : 0;
}

static const struct cli_command set = {
	.name = "set",
	.help = "set policy in a specifc Kata Containers guest based on file",
	.complete = CLI_FILES,
	.options = options,
	.options_size = sizeof(struct policy_options),
	.traits = RUNTIME_WANTS_CONFIGURATION,
	.run = run_set,
};

static const struct cli_command *const commands[] = { &set, NULL };

const struct cli_command cmd_policy = {
	.name = "policy",
	.help = "set policy within the Kata Containers guest",
	.commands = commands,
};
