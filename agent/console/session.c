// SPDX-License-Identifier: Apache-2.0
/*
 * Two flows of bytes, each with a buffer that is read into only when it is empty: who does not take what is there
 * stops the other side, and costs no more memory than that.
 */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>

#include "agent/process/stdio.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/spawn.h"

#define FLOW_BYTES 4096
#define MAX_ROUNDS 16	/* before others have their turn */
#define LAST_MS	   5000 /* for the host to take a shell's last words */

struct flow {
	char bytes[FLOW_BYTES];
	size_t start, end;
};

struct session {
	struct loop *loop;
	struct reaper *reaper;
	void (*ended)(struct session *session, void *data);
	void *data;
	struct loop_source connection, terminal_in, terminal_out;
	struct flow to_shell, to_host;
	struct reaper_child shell;
	bool shell_ended;
	struct loop_timer last;
};

enum flow_state {
	FLOW_WAITS, /* for its source when it is empty, else for its sink */
	FLOW_GOES_ON,
	FLOW_SOURCE_ENDED,
	FLOW_SINK_ENDED,
};

static bool is_empty(const struct flow *flow)
{
	return flow->start == flow->end;
}

static enum flow_state move(struct flow *flow, int from, int to)
{
	for (int i = 0; i < MAX_ROUNDS; i++) {
		ssize_t size;

		if (is_empty(flow)) {
			size = read(from, flow->bytes, sizeof(flow->bytes));
			if (size < 0 && (errno == EAGAIN || errno == EINTR))
				return FLOW_WAITS;
			if (size <= 0)
				return FLOW_SOURCE_ENDED;
			flow->start = 0;
			flow->end = (size_t)size;
		}
		size = write(to, flow->bytes + flow->start, flow->end - flow->start);
		if (size < 0 && (errno == EAGAIN || errno == EINTR))
			return FLOW_WAITS;
		if (size < 0)
			return FLOW_SINK_ENDED;
		flow->start += (size_t)size;
	}
	return FLOW_GOES_ON;
}

static void watch(struct session *session, struct loop_source *source, uint32_t events)
{
	_cleanup_error_ struct error *err = NULL;

	if (loop_watch(session->loop, source, events, &err) < 0)
		log_error("a debug console cannot be watched", LOG_STR("subsystem", "console"),
			  LOG_STR("error", error_message(err)));
}

static void watch_all(struct session *session)
{
	bool takes_input = is_empty(&session->to_shell), takes_output = is_empty(&session->to_host);

	/* A connection that is not read from still tells of its end. */
	watch(session, &session->connection,
	      (takes_input ? EPOLLIN : EPOLLRDHUP) | (takes_output ? 0 : EPOLLOUT));
	watch(session, &session->terminal_in, takes_input ? 0 : EPOLLOUT);
	watch(session, &session->terminal_out, takes_output && !session->shell_ended ? EPOLLIN : 0);
}

/* False when the session is over. */
static bool move_both(struct session *session)
{
	enum flow_state out =
		move(&session->to_host, session->terminal_out.fd, session->connection.fd);
	enum flow_state in = FLOW_WAITS;

	if (out == FLOW_SINK_ENDED || out == FLOW_SOURCE_ENDED)
		return false;
	/* All that a shell has left behind is on its way; others may still hold its terminal. */
	if (session->shell_ended)
		return out == FLOW_GOES_ON || !is_empty(&session->to_host);
	in = move(&session->to_shell, session->connection.fd, session->terminal_in.fd);
	if (in == FLOW_SINK_ENDED)
		session->to_shell.start = session->to_shell.end; /* the shell's end will come */
	return in != FLOW_SOURCE_ENDED;
}

static void go_on(struct session *session)
{
	if (move_both(session))
		watch_all(session);
	else
		session->ended(session, session->data);
}

static void connection_ready(struct loop_source *source, uint32_t events)
{
	struct session *session = container_of(source, struct session, connection);

	if (events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP) && !(events & EPOLLIN))
		session->ended(session, session->data);
	else
		go_on(session);
}

static void terminal_in_ready(struct loop_source *source, uint32_t events)
{
	(void)events;
	go_on(container_of(source, struct session, terminal_in));
}

static void terminal_out_ready(struct loop_source *source, uint32_t events)
{
	(void)events;
	go_on(container_of(source, struct session, terminal_out));
}

static void shell_ended(struct reaper_child *child, int status)
{
	struct session *session = container_of(child, struct session, shell);

	(void)status;
	session->shell_ended = true;
	loop_arm(session->loop, &session->last, LAST_MS);
	go_on(session);
}

static void last_ended(struct loop_timer *timer)
{
	struct session *session = container_of(timer, struct session, last);

	session->ended(session, session->data);
}

/* A new session's leader gets the terminal that it opens for its own. */
static int start_shell(const char *shell, const struct stdio *stdio, pid_t *pid, struct error **err)
{
	_cleanup_free_ char *name = xstrdup(path_name(shell));
	char *argv[] = { name, NULL };
	char terminal[32];
	posix_spawn_file_actions_t actions;
	int ret;

	snprintf(terminal, sizeof(terminal), "/proc/self/fd/%d", stdio->child[0]);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, terminal, O_RDWR, 0);
	posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDERR_FILENO);
	ret = spawn_program(shell, argv, NULL, &actions, POSIX_SPAWN_SETSID, pid);
	posix_spawn_file_actions_destroy(&actions);
	return ret == 0 ? 0 : error_set_errno(err, ret, "start %s", shell);
}

int session_new(struct loop *loop, struct reaper *reaper, const char *shell, int connection,
		void (*ended)(struct session *, void *), void *data, struct session **out,
		struct error **err)
{
	_cleanup_close_ int owned = connection;
	_cleanup_stdio_ struct stdio stdio = STDIO_INIT;
	struct session *session;
	pid_t pid = -1;
	int ret = stdio_open(true, 0, &stdio, err);

	if (ret == 0)
		ret = start_shell(shell, &stdio, &pid, err);
	if (ret < 0)
		return ret;
	session = xcalloc(1, sizeof(*session));
	session->loop = loop;
	session->reaper = reaper;
	session->ended = ended;
	session->data = data;
	session->connection =
		(struct loop_source){ .fd = steal_fd(owned), .ready = connection_ready };
	session->terminal_in =
		(struct loop_source){ .fd = steal_fd(stdio.ours[0]), .ready = terminal_in_ready };
	session->terminal_out =
		(struct loop_source){ .fd = steal_fd(stdio.ours[1]), .ready = terminal_out_ready };
	session->shell = (struct reaper_child){ .pid = pid, .exited = shell_ended };
	session->last.expired = last_ended;
	reaper_watch(reaper, &session->shell);
	watch_all(session);
	*out = session;
	return 0;
}

static void shut(struct session *session, struct loop_source *source)
{
	watch(session, source, 0);
	close(source->fd);
}

void session_free(struct session *session)
{
	loop_disarm(session->loop, &session->last);
	if (!session->shell_ended) {
		reaper_unwatch(session->reaper, &session->shell);
		kill(session->shell.pid, SIGKILL);
	}
	shut(session, &session->connection);
	shut(session, &session->terminal_in);
	shut(session, &session->terminal_out);
	free(session);
}
