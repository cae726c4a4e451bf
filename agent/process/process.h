/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A process of a container, from its start to the moment when nobody can ask for it any more
 * (spec/agent.md 12). It lives on the loop's thread.
 */

#include <sys/types.h>

#include "input.h"
#include "output.h"
#include "reaper.h"
#include "stdio.h"

struct process_waiter;

struct process {
	struct process *next; /* of the container, newest first */
	char *exec_id;	      /* "" for the container's first process */
	struct loop *loop;
	struct reaper *reaper;
	struct reaper_child child;
	bool exited;
	int status; /* exit code, or 128 + signal */
	bool wait_answered;
	bool terminal;
	struct input input;
	struct output out, errors;
	struct process_waiter *waiters;
};

/* Takes our ends of `stdio`. The process may have exited already. */
struct process *process_new(struct loop *loop, struct reaper *reaper, const char *exec_id,
			    pid_t pid, struct stdio *stdio);

/* Ends every stream and fails every waiter. The process itself is not touched. */
void process_free(struct process *process);

/* Answer with a WaitProcessResponse once the process has exited. */
void process_wait(struct process *process, struct ttrpc_request *request);

/* Send a signal; one who has exited is as good as one who is hit. -EINVAL for no signal's number. */
int process_signal(const struct process *process, uint32_t signal, struct error **err);

/* Would the first process of a pid namespace lose this signal, because it has no handler for it? */
bool process_ignores_signal(const struct process *process, unsigned signal);

int process_resize(const struct process *process, uint32_t rows, uint32_t columns,
		   struct error **err);

/* Waited for, and all its output read: there is nothing left to ask. */
bool process_is_over(const struct process *process);
