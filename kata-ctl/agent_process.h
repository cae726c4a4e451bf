/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A process in a guest, and the calls about it. All block; errors are "METHOD: CODE: message". */

#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "agent-client/agent_client.h"
#include "base/slice.h"

/* A container's first process has the container's id as its exec id. All is borrowed. */
struct agent_process {
	struct agent_client *client;
	const char *container_id;
	const char *exec_id;
};

/* A call by name, its error with the method and the code in front. */
int agent_call(struct agent_client *client, const char *method, const ProtobufCMessage *input,
	       int64_t timeout_ns, void *reply, struct error **err);

/* The same with a request in JSON, of a method that answers nothing. */
int agent_call_json(struct agent_client *client, const char *method, const cJSON *request,
		    int64_t timeout_ns, struct error **err);

/* The most that one read of a stream returns. */
#define AGENT_READ_BYTES (64u << 10)

/*
 * Read of a stream, by "ReadStdout" or "ReadStderr", what is there, at least a byte; 0 at the stream's end, which a
 * process that is gone counts as too. Returns the number of bytes; `buffer` has room for
 * AGENT_READ_BYTES. -ESHUTDOWN when the connection is gone.
 */
int agent_process_read(const struct agent_process *process, const char *method, void *buffer,
		       struct error **err);

/* Write all of it to the process's standard input. */
int agent_process_write(const struct agent_process *process, struct slice data, struct error **err);
int agent_process_close_input(const struct agent_process *process, struct error **err);

int agent_process_signal(const struct agent_process *process, unsigned signal, struct error **err);
int agent_process_resize(const struct agent_process *process, unsigned rows, unsigned columns,
			 struct error **err);

/* Wait for its end: the exit status, 128 and the signal's number for one that a signal has ended. */
int agent_process_wait(const struct agent_process *process, int *status, struct error **err);
