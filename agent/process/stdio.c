// SPDX-License-Identifier: Apache-2.0
#include "stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>

static void close_all(int fds[3])
{
	for (int i = 0; i < 3; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

void stdio_close_child(struct stdio *stdio)
{
	close_all(stdio->child);
}

void stdio_close(struct stdio *stdio)
{
	close_all(stdio->child);
	close_all(stdio->ours);
}

/* One descriptor per direction, so that each can be watched for itself. */
static int open_terminal(struct stdio *stdio, struct error **err)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

	if (master < 0)
		return error_set_errno(err, -errno, "open /dev/ptmx");
	stdio->ours[0] = master;
	stdio->ours[1] = fcntl(master, F_DUPFD_CLOEXEC, 3);
	if (grantpt(master) < 0 || unlockpt(master) < 0)
		return error_set_errno(err, -errno, "unlock a terminal");
	stdio->child[0] = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (stdio->child[0] < 0)
		return error_set_errno(err, -errno, "open a terminal's other side");
	stdio->child[1] = fcntl(stdio->child[0], F_DUPFD_CLOEXEC, 3);
	stdio->child[2] = fcntl(stdio->child[0], F_DUPFD_CLOEXEC, 3);
	if (stdio->ours[1] < 0 || stdio->child[1] < 0 || stdio->child[2] < 0)
		return error_set_errno(err, -errno, "duplicate a terminal's descriptor");
	return 0;
}

static int open_pipe(int *reading, int *writing, int *ours, struct error **err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set_errno(err, -errno, "make a pipe");
	*reading = ends[0];
	*writing = ends[1];
	if (fcntl(*ours, F_SETFL, O_NONBLOCK) < 0)
		return error_set_errno(err, -errno, "make a pipe non-blocking");
	return 0;
}

static int open_pipes(unsigned pipe_size, struct stdio *stdio, struct error **err)
{
	int ret = open_pipe(&stdio->child[0], &stdio->ours[0], &stdio->ours[0], err);

	for (int i = 1; i < 3 && ret == 0; i++) {
		ret = open_pipe(&stdio->ours[i], &stdio->child[i], &stdio->ours[i], err);
		if (ret == 0 && pipe_size > 0 &&
		    fcntl(stdio->ours[i], F_SETPIPE_SZ, (int)pipe_size) < 0)
			ret = error_set_errno(err, -errno, "give a pipe %u bytes", pipe_size);
	}
	return ret;
}

int stdio_open(bool terminal, unsigned pipe_size, struct stdio *stdio, struct error **err)
{
	int ret;

	*stdio = (struct stdio)STDIO_INIT;
	stdio->terminal = terminal;
	ret = terminal ? open_terminal(stdio, err) : open_pipes(pipe_size, stdio, err);
	if (ret < 0)
		stdio_close(stdio);
	return ret;
}
