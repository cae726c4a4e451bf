/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Run another program to its end, without a shell. */

#include "error.h"
#include "strbuf.h"

struct subprocess {
	/* NULL-terminated; argv[0] is looked up in PATH when it has no slash. Borrowed. */
	const char *const *argv;
	/* The file to execute, where it is not argv[0]. Borrowed. */
	const char *path;
	/* NULL-terminated "NAME=value" list, or NULL for our own environment. Borrowed. */
	const char *const *environment;
	/* What the child reads, a descriptor above 2 that stays the caller's; 0 means /dev/null. */
	int input_fd;
	/* The child is killed when it takes longer; 0 waits for ever. */
	unsigned timeout_ms;
	/* What is kept of stdout and of stderr, each; more is read and dropped. 0 means 64 KiB. */
	size_t max_output;

	/* Results. `status` is the exit status, or -N for a child that signal N ended. */
	int status;
	struct strbuf out;
	struct strbuf err;
};

/*
 * Start the program with stdin at /dev/null, collect stdout and stderr, wait for its end. Blocks.
 * Returns 0 once it has ended, whatever its status; -ENOENT and others when it could not be started
 * (the message names argv[0]), -ETIMEDOUT when it was killed for taking too long, -ECHILD when this process
 * ignores SIGCHLD, so that the kernel keeps no exit status.
 * subprocess_release() frees the output in every case.
 */
int subprocess_run(struct subprocess *process, struct error **err);

void subprocess_release(struct subprocess *process);
#define _cleanup_subprocess_ _cleanup_(subprocess_release)
