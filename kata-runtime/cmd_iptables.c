// SPDX-License-Identifier: Apache-2.0
#include "kata-runtime.h"
#include "sandbox.h"
#include "shim-client/shim_client.h"

struct iptables_options {
	const char *sandbox_id;
	bool ipv6;
};

#define IPTABLES_OPTIONS(purpose)                                                \
	{                                                                        \
		{ CLI_STRING("sandbox-id", struct iptables_options, sandbox_id), \
		  .help = "the target sandbox for " purpose " the iptables",     \
		  .complete = RUNTIME_SANDBOX_IDS, .required = true },           \
			{ CLI_BOOL("v6", struct iptables_options, ipv6),         \
			  .help = "indicate we're requesting ipv6 iptables" },   \
			{ 0 },                                                   \
	}

static const struct cli_option get_options[] = IPTABLES_OPTIONS("getting");
static const struct cli_option set_options[] = IPTABLES_OPTIONS("setting");

static int run_get(const struct cli_invocation *invocation, struct error **err)
{
	const struct iptables_options *given = invocation->options;
	_cleanup_strbuf_ struct strbuf answer = STRBUF_INIT;
	_cleanup_shim_client_ struct shim_client client = { 0 };
	int ret;

	ret = shim_client_find(given->sandbox_id, &client, err);
	if (ret == 0)
		ret = shim_get_iptables(&client, given->ipv6, &answer, err);
	if (ret == 0)
		sandbox_print_answer(&answer);
	return ret;
}

static int run_set(const struct cli_invocation *invocation, struct error **err)
{
	const struct iptables_options *given = invocation->options;
	const char *file = invocation->arguments[0];
	_cleanup_free_ char *rules = NULL;
	_cleanup_shim_client_ struct shim_client client = { 0 };
	size_t size = 0;
	int ret;

	ret = shim_check_sandbox_id(given->sandbox_id, err);
	if (ret == 0)
		ret = sandbox_read_file("iptables", file, &rules, &size, err);
	if (ret < 0)
		return ret;
	ret = shim_client_find(given->sandbox_id, &client, err);
	if (ret == 0)
		ret = shim_set_iptables(&client, given->ipv6, slice_make(rules, size), err);
	return ret < 0 ? sandbox_wrap_set_error(err, "iptables", file) : 0;
}

static const struct cli_command get = {
	.name = "get",
	.help = "get iptables from the Kata Containers guest",
	.options = get_options,
	.options_size = sizeof(struct iptables_options),
	.traits = RUNTIME_WANTS_CONFIGURATION,
	.run = run_get,
};

static const struct cli_command set = {
	.name = "set",
	.help = "set iptables in a specifc Kata Containers guest based on file",
	.complete = CLI_FILES,
	.options = set_options,
	.options_size = sizeof(struct iptables_options),
	.traits = RUNTIME_WANTS_CONFIGURATION,
	.run = run_set,
};

static const struct cli_command *const commands[] = { &get, &set, NULL };

const struct cli_command cmd_iptables = {
	.name = "iptables",
	.help = "get or set iptables within the Kata Containers guest",
	.commands = commands,
};
