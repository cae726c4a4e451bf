// SPDX-License-Identifier: Apache-2.0
/* `exec` and `attach`: a process of a container with our standard streams. */
#include <stdio.h>

#include "agent.h"
#include "agent_request.h"
#include "process_spec.h"
#include "relay.h"

/* ---- exec --------------------------------------------------------------------------------------- */

struct exec_options {
	struct process_options process;
	const char *exec_id;
	bool interactive;
	bool detach;
};

static const struct cli_option exec_options[] = {
	{ CLI_BOOL("interactive, i", struct exec_options, interactive),
	  .help = "give it our standard input" },
	{ CLI_BOOL("tty, t", struct exec_options, process.terminal),
	  .help = "give it a terminal, and our standard input" },
	PROCESS_OPTIONS(struct exec_options, process),
	{ CLI_BOOL("detach, d", struct exec_options, detach),
	  .help = "print its exec id, and leave it alone" },
	{ CLI_STRING("exec-id", struct exec_options, exec_id),
	  .help = "the id of the new process; a random one otherwise" },
	{ 0 },
};

struct exec {
	const struct exec_options *given;
	struct agent_process process;
	char *const *command;
	int64_t timeout_ns;
};

static int start_process(void *data, struct error **err)
{
	const struct exec *exec = data;
	cJSON *request = cJSON_CreateObject();
	int ret;

	cJSON_AddStringToObject(request, "container_id", exec->process.container_id);
	cJSON_AddStringToObject(request, "exec_id", exec->process.exec_id);
	ret = process_spec_apply(&exec->given->process, exec->command,
				 cJSON_AddObjectToObject(request, "process"), err);
	if (ret == 0)
		ret = agent_call_json(exec->process.client, "ExecProcess", request,
				      exec->timeout_ns, err);
	cJSON_Delete(request);
	return ret;
}

static int run_exec(const struct cli_invocation *invocation, struct error **err)
{
	const struct exec_options *given = invocation->options;
	_cleanup_agent_client_ struct agent_client *client = NULL;
	struct exec exec = { .given = given, .command = invocation->arguments + 1 };
	struct relay_options relay = { .begin = start_process,
				       .data = &exec,
				       .input = given->interactive || given->process.terminal,
				       .terminal = given->process.terminal };
	char random[65];
	const char *exec_id = given->exec_id[0] ? given->exec_id : random;
	int ret, status = 0;

	agent_random_id(random);
	ret = agent_call_timeout(invocation->group, &exec.timeout_ns, err);
	if (ret == 0)
		ret = agent_connect(invocation->group, &client, err);
	if (ret < 0)
		return ret;
	exec.process = (struct agent_process){ client, invocation->arguments[0], exec_id };
	if (given->detach) {
		ret = start_process(&exec, err);
		if (ret == 0)
			puts(exec_id);
		return ret;
	}
	ret = relay_run(&exec.process, &relay, &status, err);
	return ret < 0 ? ret : process_exit_status(status);
}

const struct cli_command cmd_agent_exec = {
	.name = "exec",
	.help = "run a command in a container, and end with its exit status",
	.arguments = "CONTAINER COMMAND [ARGUMENT...]",
	.description = "Signals are sent on to the command. With --tty our terminal is its own "
		       "meanwhile, size included.",
	.options = exec_options,
	.options_size = sizeof(struct exec_options),
	.options_first = true,
	.min_arguments = 2,
	.max_arguments = SIZE_MAX,
	.run = run_exec,
};

/* ---- attach ------------------------------------------------------------------------------------- */

struct attach_options {
	bool interactive;
	bool terminal;
};

static const struct cli_option attach_options[] = {
	{ CLI_BOOL("interactive, i", struct attach_options, interactive),
	  .help = "give it our standard input" },
	{ CLI_BOOL("tty, t", struct attach_options, terminal),
	  .help = "it has a terminal: give it ours, and our standard input" },
	{ 0 },
};

static int run_attach(const struct cli_invocation *invocation, struct error **err)
{
	const struct attach_options *given = invocation->options;
	char *const *arguments = invocation->arguments;
	_cleanup_agent_client_ struct agent_client *client = NULL;
	struct relay_options relay = { .input = given->interactive || given->terminal,
				       .keep_input = true,
				       .terminal = given->terminal };
	int ret, status = 0;

	ret = agent_connect(invocation->group, &client, err);
	if (ret == 0)
		ret = relay_run(&(struct agent_process){ client, arguments[0],
							 arguments[1] ? arguments[1]
								      : arguments[0] },
				&relay, &status, err);
	return ret < 0 ? ret : process_exit_status(status);
}

const struct cli_command cmd_agent_attach = {
	.name = "attach",
	.help = "be the streams of a process that runs, and end with its exit status",
	.arguments = "CONTAINER [EXEC-ID]",
	.options = attach_options,
	.options_size = sizeof(struct attach_options),
	.min_arguments = 1,
	.max_arguments = 2,
	.run = run_attach,
};
