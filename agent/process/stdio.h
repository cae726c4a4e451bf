/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A process's standard descriptors: three pipes, or a terminal (spec/agent.md 12.2). Never sockets, which
 * programs cannot open through /dev/stdout.
 */

#include <stdbool.h>

#include "base/error.h"

/*
 * `child` becomes 0, 1 and 2 of the process. `ours` are the other ends, close-on-exec and non-blocking: to
 * write its input, to read its output, to read its errors (-1 with a terminal).
 */
struct stdio {
	bool terminal;
	int child[3];
	int ours[3];
};

#define STDIO_INIT                     \
	{                              \
		false, { -1, -1, -1 }, \
		{                      \
			-1, -1, -1     \
		}                      \
	}

/* `pipe_size` in bytes for the two output pipes, 0 for the kernel's. On failure nothing is left open. */
int stdio_open(bool terminal, unsigned pipe_size, struct stdio *stdio, struct error **err);

/* The process has its ends now. */
void stdio_close_child(struct stdio *stdio);
void stdio_close(struct stdio *stdio);
#define _cleanup_stdio_ _cleanup_(stdio_close)
