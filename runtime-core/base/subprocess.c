// SPDX-License-Identifier: Apache-2.0
/*
 * posix_spawn() starts the child without copying our address space and reports a failed exec as its
 * return value. Two pipes are then polled until the pidfd says that the child has ended, or time is up. A
 * grandchild that keeps a pipe open, or fills it, does not keep us: what counts is the child's end.
 *
 * Where there is no pidfd (kernels before 5.3, valgrind, some sandboxes), the child's end is asked for in
 * small steps. A handler of SIGCHLD would tell at once, but belongs to the whole process.
 */
#include "subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#include "clock.h"
#include "spawn.h"

#define DEFAULT_MAX_OUTPUT 65536
#define READ_STEP	   4096
#define STEP_MS		   5 /* between two questions, without a pidfd */

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

/*
 * What the child wrote just before its end may still be in the pipe. No more than that is read, or else a
 * grandchild that goes on writing would keep us.
 */
static void capture_rest(struct capture *capture)
{
	int left = 0;

	if (capture->fd < 0 || ioctl(capture->fd, FIONREAD, &left) < 0)
		return;
	for (; left > 0; left -= READ_STEP)
		capture_some(capture);
}

/* Also true when there is nobody to wait for, so that waiting for the child says why. */
static bool has_ended(pid_t pid)
{
	siginfo_t ended = { 0 };

	return waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOHANG | WNOWAIT) < 0 || ended.si_pid;
}

/* How long to poll: at most until the deadline (0: none), and no longer than a step. */
static int poll_time(int64_t deadline, bool in_steps)
{
	int64_t longest = in_steps ? STEP_MS : INT_MAX;
	int64_t left = deadline ? deadline - clock_now_ms() : longest;

	return (int)(left < longest ? left : longest);
}

/* Returns 0 when the child has ended, -ETIMEDOUT when the deadline came first. */
static int collect(pid_t pid, int pidfd, struct capture captures[2], int64_t deadline)
{
	for (;;) {
		struct pollfd fds[3] = {
			{ .fd = captures[0].fd, .events = POLLIN },
			{ .fd = captures[1].fd, .events = POLLIN },
			{ .fd = pidfd, .events = POLLIN },
		};
		int time = poll_time(deadline, pidfd < 0);

		if (time <= 0)
			return -ETIMEDOUT;
		if (poll(fds, 3, time) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		for (int i = 0; i < 2; i++)
			if (fds[i].revents && !capture_some(&captures[i])) {
				close(captures[i].fd);
				captures[i].fd = -1;
			}
		if (fds[2].revents || (pidfd < 0 && has_ended(pid)))
			return 0;
	}
}

static int spawn(const struct subprocess *process, const int writing_ends[2], pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int ret;

	posix_spawn_file_actions_init(&actions);
	if (process->input_fd > STDERR_FILENO)
		posix_spawn_file_actions_adddup2(&actions, process->input_fd, STDIN_FILENO);
	else
		posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, writing_ends[0], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, writing_ends[1], STDERR_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	ret = spawn_program(process->path ? process->path : process->argv[0],
			    (char *const *)process->argv, (char *const *)process->environment,
			    &actions, 0, pid);
	posix_spawn_file_actions_destroy(&actions);
	return ret;
}

/* Take the child's exit status. -ECHILD where SIGCHLD is ignored, since the kernel keeps none then. */
static int reap(pid_t pid, int *status)
{
	while (waitpid(pid, status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

static int wait_for_end(struct subprocess *process, pid_t pid, struct capture captures[2],
			struct error **err)
{
	_cleanup_close_ int pidfd = pidfd_open(pid, 0);
	int64_t deadline = process->timeout_ms ? clock_now_ms() + process->timeout_ms : 0;
	int ret = collect(pid, pidfd, captures, deadline);
	int status = 0, reaped;

	if (ret < 0)
		kill(pid, SIGKILL);
	reaped = reap(pid, &status);
	if (ret == 0)
		ret = reaped;
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

int subprocess_run(struct subprocess *process, struct error **err)
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

void subprocess_release(struct subprocess *process)
{
	strbuf_release(&process->out);
	strbuf_release(&process->err);
}
