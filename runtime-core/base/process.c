// SPDX-License-Identifier: Apache-2.0
/*
 * posix_spawn() starts the child without copying our address space and reports a failed exec as its
 * return value. Two pipes are then polled until both are at their end, the pidfd says that the child
 * has ended, or time is up. A grandchild that keeps a pipe open does not keep us: what counts is the
 * child's end.
 */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#include "clock.h"

#define DEFAULT_MAX_OUTPUT 65536
#define READ_STEP	   4096

extern char **environ;

struct capture {
	int fd; /* our end; -1 once it is at its end */
	struct strbuf *into;
	size_t max;
};

/* Read what is there; false once the writing end is closed. */
static bool capture_some(struct capture *capture)
{
	char bytes[READ_STEP];
	ssize_t got = read(capture->fd, bytes, sizeof(bytes));
	size_t room;

	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	if (got == 0)
		return false;
	room = capture->max - capture->into->size;
	strbuf_append(capture->into, bytes, (size_t)got < room ? (size_t)got : room);
	return true;
}

/* What the child wrote just before its end may still be in the pipe. */
static void capture_rest(struct capture *capture)
{
	struct pollfd poll_fd = { .fd = capture->fd, .events = POLLIN };

	while (capture->fd >= 0 && poll(&poll_fd, 1, 0) > 0 && capture_some(capture))
		;
}

/* Returns 0 when the child has ended, -ETIMEDOUT when the deadline came first. */
static int collect(int pidfd, struct capture captures[2], int64_t deadline)
{
	for (;;) {
		struct pollfd fds[3] = {
			{ .fd = captures[0].fd, .events = POLLIN },
			{ .fd = captures[1].fd, .events = POLLIN },
			{ .fd = pidfd, .events = POLLIN },
		};
		int64_t left = deadline ? deadline - clock_now_ms() : -1;

		if (deadline && left <= 0)
			return -ETIMEDOUT;
		if (poll(fds, 3, (int)left) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		for (int i = 0; i < 2; i++)
			if (fds[i].revents && !capture_some(&captures[i])) {
				close(captures[i].fd);
				captures[i].fd = -1;
			}
		if (fds[2].revents)
			return 0;
	}
}

static int spawn(const struct process *process, const int writing_ends[2], pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t all, none;
	int ret;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_init(&actions);
	if (process->input_fd > STDERR_FILENO)
		posix_spawn_file_actions_adddup2(&actions, process->input_fd, STDIN_FILENO);
	else
		posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, writing_ends[0], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, writing_ends[1], STDERR_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	ret = posix_spawnp(pid, process->path ? process->path : process->argv[0], &actions,
			   &attributes, (char *const *)process->argv,
			   process->environment ? (char *const *)process->environment : environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return -ret;
}

static int wait_for_end(struct process *process, pid_t pid, struct capture captures[2],
			struct error **err)
{
	_cleanup_close_ int pidfd = pidfd_open(pid, 0);
	int64_t deadline = process->timeout_ms ? clock_now_ms() + process->timeout_ms : 0;
	int ret = pidfd < 0 ? -errno : collect(pidfd, captures, deadline);
	int status;

	if (ret < 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	capture_rest(&captures[0]);
	capture_rest(&captures[1]);
	process->status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
	if (ret == -ETIMEDOUT)
		return error_set(err, ret, "%s: no end after %u ms, killed", process->argv[0],
				 process->timeout_ms);
	if (ret < 0)
		return error_set_errno(err, ret, "%s: wait for its end", process->argv[0]);
	return 0;
}

static void close_pipe(int ends[2])
{
	for (int i = 0; i < 2; i++)
		if (ends[i] >= 0)
			close(ends[i]);
}

int process_run(struct process *process, struct error **err)
{
	size_t max = process->max_output ? process->max_output : DEFAULT_MAX_OUTPUT;
	int out[2] = { -1, -1 }, errors[2] = { -1, -1 };
	struct capture captures[2];
	pid_t pid = -1;
	int ret = 0;

	process->out = (struct strbuf)STRBUF_INIT;
	process->err = (struct strbuf)STRBUF_INIT;
	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(errors, O_CLOEXEC) < 0)
		ret = -errno;
	if (ret == 0)
		ret = spawn(process, (int[]){ out[1], errors[1] }, &pid);
	if (ret < 0) {
		close_pipe(out);
		close_pipe(errors);
		return error_set_errno(err, ret, "start %s", process->argv[0]);
	}
	close(out[1]);
	close(errors[1]);
	captures[0] = (struct capture){ out[0], &process->out, max };
	captures[1] = (struct capture){ errors[0], &process->err, max };
	ret = wait_for_end(process, pid, captures, err);
	close_pipe((int[]){ captures[0].fd, captures[1].fd });
	return ret;
}

void process_release(struct process *process)
{
	strbuf_release(&process->out);
	strbuf_release(&process->err);
}
