// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "agent.h"

static const char examples[] =
	"Ask an agent that runs as an ordinary process:\n"
	"\n"
	"  kata-ctl agent connect --server-address unix:///run/agent.sock --cmd Check\n"
	"\n"
	"One in a guest, through the hypervisor's socket, or by CID:\n"
	"\n"
	"  kata-ctl agent connect --server-address unix:///run/vm.sock --hybrid-vsock -c "
	"GetGuestDetails\n"
	"  kata-ctl agent --connect hvsock:///run/vm.sock:1024 call GetGuestDetails\n"
	"  kata-ctl agent --connect vsock://3:1024 call GetGuestDetails\n"
	"\n"
	"A sandbox and a container, step by step:\n"
	"\n"
	"  kata-ctl agent connect --server-address vsock://3:1024 \\\n"
	"      -c 'CreateSandbox json://{\"sandbox_id\": \"test\"}' \\\n"
	"      -c 'CreateContainer file:///tmp/request.json' \\\n"
	"      -c 'StartContainer json://{\"container_id\": \"c1\"}' \\\n"
	"      -c 'sleep 2s' -c 'StatsContainer cid=c1' -c 'SignalProcess signal=TERM' \\\n"
	"      -c WaitProcess -c 'RemoveContainer json://{\"container_id\": \"c1\"}' -c "
	"DestroySandbox\n"
	"\n"
	"The same from a bundle, with its output here:\n"
	"\n"
	"  kata-ctl agent --connect vsock://3:1024 run --create-sandbox --bundle /tmp/bundle c1\n"
	"\n"
	"Ask a hundred times, and at a prompt:\n"
	"\n"
	"  kata-ctl agent connect --server-address vsock://3:1024 -c 'repeat 100' -c Check\n"
	"  kata-ctl agent connect --server-address vsock://3:1024\n";

static int run(const struct cli_invocation *invocation, struct error **err)
{
	(void)invocation;
	(void)err;
	fputs(examples, stdout);
	return 0;
}

const struct cli_command cmd_agent_examples = {
	.name = "examples",
	.help = "show how to use these commands",
	.arguments = "",
	.run = run,
};
