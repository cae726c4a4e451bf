// SPDX-License-Identifier: Apache-2.0
#include "process.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "base/file.h"
#include "base/memory.h"
#include "cancelled.h"
#include "proto/agent.pb-c.h"

#define STATUS_MAX_BYTES 16384

struct process_waiter {
	struct process_waiter *next;
	struct process *process;
	struct ttrpc_request *request;
};

static void answer(struct process *process, struct ttrpc_request *request)
{
	Grpc__WaitProcessResponse response = GRPC__WAIT_PROCESS_RESPONSE__INIT;

	response.status = process->status;
	ttrpc_request_reply(request, &response.base);
	process->wait_answered = true;
}

static struct ttrpc_request *take_waiter(struct process *process)
{
	struct process_waiter *waiter = process->waiters;
	struct ttrpc_request *request = waiter->request;

	process->waiters = waiter->next;
	free(waiter);
	return request;
}

static void exited(struct reaper_child *child, int status)
{
	struct process *process = container_of(child, struct process, child);

	process->exited = true;
	process->status = status;
	output_process_exited(&process->out);
	output_process_exited(&process->errors);
	while (process->waiters)
		answer(process, take_waiter(process));
}

struct process *process_new(struct loop *loop, struct reaper *reaper, const char *exec_id,
			    pid_t pid, struct stdio *stdio)
{
	struct process *process = xcalloc(1, sizeof(*process));

	process->exec_id = xstrdup(exec_id);
	process->loop = loop;
	process->reaper = reaper;
	process->terminal = stdio->terminal;
	input_open(&process->input, loop, steal_fd(stdio->ours[0]), stdio->terminal);
	output_open(&process->out, loop, steal_fd(stdio->ours[1]));
	output_open(&process->errors, loop, steal_fd(stdio->ours[2]));
	process->child = (struct reaper_child){ .pid = pid, .exited = exited };
	reaper_watch(reaper, &process->child);
	return process;
}

void process_free(struct process *process)
{
	reaper_unwatch(process->reaper, &process->child);
	while (process->waiters)
		ttrpc_request_fail(take_waiter(process), TTRPC_NOT_FOUND, "InvalidExecId");
	input_close(&process->input);
	output_close(&process->out);
	output_close(&process->errors);
	free(process->exec_id);
	free(process);
}

static void cancelled(struct ttrpc_request *request, void *data)
{
	struct process_waiter *waiter = data;
	struct process_waiter **link = &waiter->process->waiters;

	while (*link != waiter)
		link = &(*link)->next;
	*link = waiter->next;
	free(waiter);
	answer_cancelled(request);
}

void process_wait(struct process *process, struct ttrpc_request *request)
{
	struct process_waiter *waiter;

	if (process->exited) {
		answer(process, request);
		return;
	}
	waiter = xcalloc(1, sizeof(*waiter));
	*waiter = (struct process_waiter){ process->waiters, process, request };
	process->waiters = waiter;
	ttrpc_request_on_cancel(request, cancelled, waiter);
}

int process_signal(const struct process *process, uint32_t signal, struct error **err)
{
	if (signal > (uint32_t)SIGRTMAX)
		return error_set(err, -EINVAL, "no signal has the number %u", signal);
	if (process->exited)
		return 0;
	if (kill(process->child.pid, (int)signal) < 0 && errno != ESRCH)
		return error_set_errno(err, -errno, "send signal %u to process %d", signal,
				       process->child.pid);
	return 0;
}

/* "SigCgt:\t0000000180014a07": is the signal in that set? */
static bool is_in_set(struct slice status, const char *name, unsigned signal)
{
	struct slice line;

	while (slice_next_line(&status, &line))
		if (slice_starts_with(line, name)) {
			_cleanup_free_ char *digits = slice_dup(slice_from(line, strlen(name)));

			return strtoull(digits, NULL, 16) >> (signal - 1) & 1;
		}
	return false;
}

bool process_ignores_signal(const struct process *process, unsigned signal)
{
	_cleanup_error_ struct error *ignored = NULL; /* one who has exited has no status */
	_cleanup_free_ char *text = NULL;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/status", process->child.pid);
	if (process->exited || file_read_all(path, STATUS_MAX_BYTES, &text, NULL, &ignored) < 0)
		return false;
	return !is_in_set(slice_of(text), "SigBlk:", signal) &&
	       !is_in_set(slice_of(text), "SigIgn:", signal) &&
	       !is_in_set(slice_of(text), "SigCgt:", signal);
}

int process_resize(const struct process *process, uint32_t rows, uint32_t columns,
		   struct error **err)
{
	struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns };

	if (rows > UINT16_MAX || columns > UINT16_MAX)
		return error_set(err, -ERANGE, "no terminal has %u rows and %u columns", rows,
				 columns);
	if (ioctl(process->input.source.fd, TIOCSWINSZ, &size) < 0)
		return error_set_errno(err, -errno, "resize the terminal");
	return 0;
}

bool process_is_over(const struct process *process)
{
	return process->wait_answered && output_is_at_end(&process->out) &&
	       output_is_at_end(&process->errors);
}
