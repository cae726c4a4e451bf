/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A shell on a terminal, and the connection that it belongs to. */

#include "agent/process/reaper.h"

struct session;

/*
 * Start a shell for this connection, which is the session's from here on, also on failure. `ended` is told once,
 * from the loop and never from within this call, and is to free the session.
 */
int session_new(struct loop *loop, struct reaper *reaper, const char *shell, int connection,
		void (*ended)(struct session *session, void *data), void *data,
		struct session **session, struct error **err);

/* Kill the shell, if it still runs, and close. */
void session_free(struct session *session);
