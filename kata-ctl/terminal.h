/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The user's terminal, handed to a process elsewhere for a while. */

#include <stdbool.h>
#include <termios.h>

struct terminal {
	bool raw;
	struct termios saved;
};

/*
 * Make standard input raw if it is a terminal: every key goes to the other side, which does the echoing. What it was like
 * is restored by terminal_restore(), which may be called in any case and more than once.
 */
void terminal_make_raw(struct terminal *terminal);
void terminal_restore(struct terminal *terminal);
#define _cleanup_terminal_ _cleanup_(terminal_restore)

/* The size of the terminal at standard input, output or error; false where none of them is one. */
bool terminal_size(unsigned *rows, unsigned *columns);
