// SPDX-License-Identifier: Apache-2.0
#include "terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

void terminal_make_raw(struct terminal *terminal)
{
	struct termios settings;

	if (tcgetattr(STDIN_FILENO, &settings) < 0)
		return;
	terminal->saved = settings;
	cfmakeraw(&settings);
	terminal->raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &settings) == 0;
}

void terminal_restore(struct terminal *terminal)
{
	/* What cannot be restored is gone: its terminal was closed. */
	if (terminal->raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal->saved);
	terminal->raw = false;
}

bool terminal_size(unsigned *rows, unsigned *columns)
{
	struct winsize size;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
			*rows = size.ws_row;
			*columns = size.ws_col;
			return true;
		}
	return false;
}
