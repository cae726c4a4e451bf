// SPDX-License-Identifier: Apache-2.0
/* `agent`: calls to a guest's agent, wherever it listens (spec/kata-ctl.md 2). */
#include "agent.h"
#include "kata-ctl.h"

static const struct cli_option options[] = {
	{ CLI_STRING("connect, server-address", struct agent_options, connect),
	  .help = "where the agent listens: unix://PATH, unix://@NAME, vsock://CID:PORT, "
		  "hvsock://PATH:PORT" },
	{ CLI_STRING("sandbox, s", struct agent_options, sandbox),
	  .help = "the agent of this running sandbox, asked of its shim" },
	{ CLI_STRING("timeout", struct agent_options, timeout),
	  .help = "how long a call may take, for example 5s; 0 is for ever", .initial = "0" },
	{ CLI_STRING("dial-timeout", struct agent_options, dial_timeout),
	  .help = "how long to try to connect; otherwise once to unix://, 3s to a guest" },
	{ CLI_BOOL("hybrid-vsock", struct agent_options, hybrid_vsock), .takes_word = true,
	  .help = "the unix:// address is a hybrid vsock of a hypervisor" },
	{ CLI_UINT64("hybrid-vsock-port", struct agent_options, hybrid_vsock_port),
	  .help = "the agent's port there (1024 when not given)" },
	{ 0 },
};

/* In the order in which help shows them. */
static const struct cli_command *const commands[] = {
	/* clang-format off */
	&cmd_agent_call,
	&cmd_agent_connect,
	&cmd_agent_run,
	&cmd_agent_exec,
	&cmd_agent_attach,
	&cmd_agent_copy,
	&cmd_agent_list,
	&cmd_agent_examples,
	&cmd_agent_generate_cid,
	&cmd_agent_generate_sid,
	NULL,
	/* clang-format on */
};

const struct cli_command cmd_agent = {
	.name = "agent",
	.help = "call the agent of a guest",
	.arguments = "[arguments...]",
	.options = options,
	.options_size = sizeof(struct agent_options),
	.commands = commands,
};
