/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Make what a program inherits from its parent safe, as the first thing in main() (spec/reliability.md 8.3):
 * - what the parent left open above 2 does not reach our children; it stays open for us, because a file named on
 *   the command line may be one of them (/dev/fd/63);
 * - 0, 1 and 2 are open, so that no file of ours ever becomes one of them. What the parent had closed
 *   is opened the wrong way round: using it fails with "bad file descriptor" instead of losing data;
 * - no signal is blocked, and neither SIGPIPE nor SIGCHLD is ignored, as some parents leave them: a reader
 *   that goes away ends the program quietly, and our children can be waited for.
 * Ends the process (status 1) when even /dev/null cannot be opened.
 */
void startup_secure(void);
