/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The debug console (spec/agent.md 5.8): a shell in the guest, for whoever operates it. It is there only when the
 * kernel's command line asks for it.
 */

#include "agent/process/reaper.h"

struct console;

/*
 * Start it. Behind `address` (agent/listen/listen.h) each connection gets a shell of its own on a terminal; bytes go
 * both ways as they are. The end of the connection kills the shell, the shell's end closes the connection.
 * With NULL there is one shell on /dev/console, which is not started again.
 * A guest without a shell, or without the console, is a complaint in the log. The address is borrowed.
 */
struct console *console_start(struct loop *loop, struct reaper *reaper, const char *address);

/* Kill the shells and close everything. NULL is fine. */
void console_free(struct console *console);
