/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a process writes, for those who ask for it with ReadStdout and ReadStderr (spec/agent.md 12.3).
 *
 * A read is answered with whatever is there, at most its length; when nothing is, it waits. Empty data is
 * the end, and is said only once the pipe is empty. After the process has exited its children may hold the
 * pipe open: then a read waits OUTPUT_DRAIN_MS for more and no longer.
 */

#include "agent/loop/loop.h"
#include "ttrpc/server.h"

#define OUTPUT_READ_MAX (64u << 10)
#define OUTPUT_DRAIN_MS 500

struct pending_read;

struct output {
	struct loop *loop;
	struct loop_source source;
	struct loop_timer drain;
	struct pending_read *first, *last;
	bool process_exited;
};

/* `fd` is the output's from here on; -1 for one that is at its end from the start. */
void output_open(struct output *output, struct loop *loop, int fd);

/* Answer with a ReadStreamResponse, now or later. */
void output_read(struct output *output, struct ttrpc_request *request, uint32_t size);

void output_process_exited(struct output *output);

bool output_is_at_end(const struct output *output);

/* Answer what waits with the end, and close. */
void output_close(struct output *output);
