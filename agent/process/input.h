/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a process is to read: WriteStdin and CloseStdin (spec/agent.md 12.3). A write is answered when all
 * of it is in the pipe; the loop goes on meanwhile. Closing comes after what was written before. On a
 * terminal it sends the end-of-file character, since closing the terminal would end the output as well.
 */

#include "agent/loop/loop.h"
#include "ttrpc/server.h"

struct pending_write;

struct input {
	struct loop *loop;
	struct loop_source source;
	struct pending_write *first, *last;
	bool terminal;
	bool close_asked;
};

/* `fd` is the input's from here on. */
void input_open(struct input *input, struct loop *loop, int fd, bool terminal);

/* The bytes live as long as the request. Answers with a WriteStreamResponse, now or later. */
void input_write(struct input *input, struct ttrpc_request *request, const void *data, size_t size);

void input_close_when_written(struct input *input);

/* Fail what waits, and close. */
void input_close(struct input *input);
