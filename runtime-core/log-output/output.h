/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where a document goes: text is gathered in a buffer and written when there is much of it. What goes to a
 * terminal is made harmless first, since records hold what a guest wrote: control characters become \xNN.
 */

#include "base/error.h"
#include "logs/buffer.h"

struct logs_output {
	struct logs_buffer buffer;
	int fd;		  /* borrowed; -1 to write nothing */
	const char *name; /* for errors; borrowed */
	bool is_terminal;
};

/* The descriptor stays the caller's. */
void logs_output_open(struct logs_output *output, int fd, const char *name);
void logs_output_release(struct logs_output *output);

/* Write everything. Error: "write NAME: no space left on device". Blocks. */
int logs_output_flush(struct logs_output *output, struct error **err);

/* Write if there is much. Between records. */
#define LOGS_OUTPUT_BYTES ((size_t)128 << 10)
static inline int logs_output_pace(struct logs_output *output, struct error **err)
{
	return output->buffer.size >= LOGS_OUTPUT_BYTES ? logs_output_flush(output, err) : 0;
}
