// SPDX-License-Identifier: Apache-2.0
#include "internal.h"

#include <errno.h>
#include <signal.h>

#include "base/log.h"

/* ---- which process ----------------------------------------------------------------------------- */

/* The process, or NULL after answering why there is none (spec/agent.md 2.2). */
static struct process *find_or_fail(struct sandbox *sandbox, const char *container_id,
				    const char *exec_id, struct ttrpc_request *request)
{
	struct container *container = sandbox_find_container(sandbox, container_id);
	struct process *process = container ? container_find_process(container, exec_id) : NULL;

	if (!container)
		ttrpc_request_fail(request, TTRPC_INVALID_ARGUMENT, "InvalidContainerId");
	else if (!process)
		ttrpc_request_fail(request, TTRPC_NOT_FOUND,
				   exec_id[0] ? "InvalidExecId" : "InitProcessNotFound");
	return process;
}

/* ---- ExecProcess ------------------------------------------------------------------------------- */

static int run_exec(struct call *call, struct error **err)
{
	const Grpc__ExecProcessRequest *input = call->input;

	return container_exec(call->container, input->process, &call->process, err);
}

static void executed(struct call *call)
{
	const Grpc__ExecProcessRequest *input = call->input;
	struct sandbox *sandbox = call->sandbox;

	container_add_process(call->container,
			      process_new(sandbox->loop, sandbox->reaper, input->exec_id,
					  call->process.pid, &call->process.stdio));
	reaper_started(sandbox->reaper);
	ttrpc_request_reply(call->request, NULL);
}

static void not_executed(struct call *call)
{
	reaper_started(call->sandbox->reaper);
}

static int check_exec(struct container *container, const Grpc__ExecProcessRequest *input,
		      struct error **err)
{
	if (!container)
		return error_set(err, -ENOENT, "Invalid container id");
	if (!container_id_is_valid(input->exec_id))
		return error_set(err, -EINVAL, "the exec id \"%s\" is not valid", input->exec_id);
	if (!input->process)
		return error_set(err, -EINVAL, "Unable to parse process from ExecProcessRequest");
	if (!container_claim_exec_id(container, input->exec_id))
		return error_set(err, -EEXIST, "exec_id '%s' already exists", input->exec_id);
	if (container->state == CONTAINER_PAUSED)
		return error_set(err, -EAGAIN, "the container is paused");
	if (input->stdin_port || input->stdout_port || input->stderr_port)
		return error_set(err, -ENOTSUP, "this agent takes no descriptors for streams");
	return 0;
}

HANDLER(handle_exec_process)
{
	const Grpc__ExecProcessRequest *exec = input;
	struct sandbox *sandbox = context;
	struct container *container = sandbox_find_container(sandbox, exec->container_id);
	_cleanup_error_ struct error *err = NULL;
	struct call *call;

	if (check_exec(container, exec, &err) < 0) {
		call_fail(request, err);
		return;
	}
	reaper_starting(sandbox->reaper);
	call = call_new(sandbox, container, request, input);
	call->failed = not_executed;
	call_submit(call, run_exec, executed);
}

/* ---- signals ----------------------------------------------------------------------------------- */

static void kill_all(struct sandbox *sandbox, const char *container_id,
		     struct ttrpc_request *request)
{
	struct container *container = sandbox_find_container(sandbox, container_id);

	if (!container) {
		ttrpc_request_fail(request, TTRPC_INTERNAL, "Invalid container id %s",
				   container_id);
		return;
	}
	for (struct process *p = container->processes; p; p = p->next) {
		_cleanup_error_ struct error *err = NULL;

		if (process_signal(p, SIGKILL, &err) < 0)
			log_warning("a process is not killed",
				    LOG_STR("error", error_message(err)));
	}
	cgroup_kill(container->cgroup);
	ttrpc_request_reply(request, NULL);
}

HANDLER(handle_signal_process)
{
	const Grpc__SignalProcessRequest *order = input;
	_cleanup_error_ struct error *err = NULL;
	uint32_t signal = order->signal;
	const struct process *process;

	if (order->exec_id[0] == '\0' && signal == SIGKILL) {
		kill_all(context, order->container_id, request);
		return;
	}
	process = find_or_fail(context, order->container_id, order->exec_id, request);
	if (!process)
		return;
	/* The first process of a pid namespace does not get what it has no handler for. */
	if (process->exec_id[0] == '\0' && signal == SIGTERM &&
	    process_ignores_signal(process, SIGTERM))
		signal = SIGKILL;
	if (process_signal(process, signal, &err) < 0)
		call_fail(request, err);
	else
		ttrpc_request_reply(request, NULL);
}

HANDLER(handle_wait_process)
{
	const Grpc__WaitProcessRequest *wait = input;
	struct process *process = find_or_fail(context, wait->container_id, wait->exec_id, request);

	if (process)
		process_wait(process, request);
}

/* ---- streams ----------------------------------------------------------------------------------- */

HANDLER(handle_write_stdin)
{
	const Grpc__WriteStreamRequest *write = input;
	struct container *container = sandbox_find_container(context, write->container_id);
	struct process *process =
		container ? container_find_process(container, write->exec_id) : NULL;
	Grpc__WriteStreamResponse response = GRPC__WRITE_STREAM_RESPONSE__INIT;

	if (!container) {
		ttrpc_request_fail(request, TTRPC_INTERNAL, "Invalid container id");
	} else if (!process) {
		ttrpc_request_fail(request, TTRPC_INTERNAL, "Process not found: %s",
				   write->exec_id[0] ? "invalid exec id" : "init process missing");
	} else if (write->data.len == 0) {
		input_close_when_written(&process->input);
		ttrpc_request_reply(request, &response.base);
	} else {
		input_write(&process->input, request, write->data.data, write->data.len);
	}
}

HANDLER(handle_close_stdin)
{
	const Grpc__CloseStdinRequest *close_request = input;
	struct process *process =
		find_or_fail(context, close_request->container_id, close_request->exec_id, request);

	if (!process)
		return;
	input_close_when_written(&process->input);
	ttrpc_request_reply(request, NULL);
}

HANDLER(handle_read_stdout)
{
	const Grpc__ReadStreamRequest *read = input;
	struct process *process = find_or_fail(context, read->container_id, read->exec_id, request);

	if (process)
		output_read(&process->out, request, read->len);
}

/* With a terminal there is one output; this one is at its end, and steals nothing from the other. */
HANDLER(handle_read_stderr)
{
	const Grpc__ReadStreamRequest *read = input;
	struct process *process = find_or_fail(context, read->container_id, read->exec_id, request);

	if (process)
		output_read(&process->errors, request, read->len);
}

HANDLER(handle_tty_win_resize)
{
	const Grpc__TtyWinResizeRequest *resize = input;
	struct process *process =
		find_or_fail(context, resize->container_id, resize->exec_id, request);
	_cleanup_error_ struct error *err = NULL;

	if (!process)
		return;
	if (!process->terminal)
		ttrpc_request_fail(request, TTRPC_UNAVAILABLE, "\"no tty\"");
	else if (process_resize(process, resize->row, resize->column, &err) < 0)
		call_fail(request, err);
	else
		ttrpc_request_reply(request, NULL);
}
