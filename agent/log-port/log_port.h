/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The log port (agent.log_vport, spec/agent.md 5.7): the host fetches the agent's log from here. Lines wait for it,
 * at most LOG_PORT_MAX_BYTES of them; then the oldest are dropped, and a line in their place says how many. Who
 * logs never waits.
 */

#include <stdbool.h>

#include "agent/loop/loop.h"

#define LOG_PORT_MAX_BYTES (256u << 10)

struct log_port;

/* Lines of the log go here from now on, and wait. One per process. */
struct log_port *log_port_new(void);

/*
 * Serve them at this address (agent/listen/listen.h), which is borrowed. One connection has them all; another one
 * waits until that has gone. Where nothing can be listened on, the log goes to stdout.
 */
void log_port_start(struct log_port *port, struct loop *loop, const char *address);

/*
 * The end: what waits is sent for LOG_PORT_LAST_MS more, or written to stdout where nobody has ever come for it. From
 * then on the log goes to stdout. NULL is fine.
 */
#define LOG_PORT_LAST_MS 1000
void log_port_free(struct log_port *port);
