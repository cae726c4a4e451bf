/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Our own standard streams, signals and terminal lent to a process in a guest, until that has ended. */

#include <stdbool.h>

#include "agent_process.h"

struct relay_options {
	/*
	 * The call that starts the process, if it does not run yet. A signal meanwhile is kept for the process; but where
	 * the call takes long after it, the connection is closed, and the signal is ours.
	 */
	int (*begin)(void *data, struct error **err);
	void *data;
	bool input;	 /* our standard input is the process's */
	bool keep_input; /* where it is not: leave the process's open, instead of ending it at once */
	bool terminal; /* the process has a terminal: ours is raw meanwhile, and its size follows ours */
};

/*
 * Carry bytes both ways, and signals that are sent to us on to the process. *status becomes its exit status, once
 * its output has been written. Blocks. SIGPIPE is ignored from here on: where our reader goes away, the process is sent
 * SIGPIPE, as if it had written to the pipe itself. Errors: of the calls; -EIO and others when our own output cannot be
 * written.
 */
int relay_run(const struct agent_process *process, const struct relay_options *options, int *status,
	      struct error **err);
