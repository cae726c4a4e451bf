// SPDX-License-Identifier: Apache-2.0
#include "console.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "agent/listen/listen.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/spawn.h"
#include "session.h"

#define MAX_SESSIONS 16
#define SUBSYSTEM    LOG_STR("subsystem", "console")

static const char *const shells[] = {
	"/run/kata-extensions/devkit/bin/devkit-sh",
	"/bin/bash",
	"/bin/sh",
};

struct console {
	struct loop *loop;
	struct reaper *reaper;
	const char *shell;
	struct listener listener;
	struct session *sessions[MAX_SESSIONS];
	struct reaper_child lone_shell; /* that of /dev/console */
};

static const char *find_shell(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(shells); i++)
		if (access(shells[i], X_OK) == 0)
			return shells[i];
	return NULL;
}

/* ---- a shell for each connection --------------------------------------------------------------- */

static void session_ended(struct session *session, void *data)
{
	struct console *console = data;

	for (size_t i = 0; i < MAX_SESSIONS; i++)
		if (console->sessions[i] == session)
			console->sessions[i] = NULL;
	session_free(session);
}

static struct session **find_place(struct console *console)
{
	for (size_t i = 0; i < MAX_SESSIONS; i++)
		if (!console->sessions[i])
			return &console->sessions[i];
	return NULL;
}

static void accepted(struct listener *listener, int fd)
{
	struct console *console = container_of(listener, struct console, listener);
	struct session **place = find_place(console);
	_cleanup_error_ struct error *err = NULL;

	if (!place) {
		log_warning("too many debug consoles are open", SUBSYSTEM);
		close(fd);
	} else if (session_new(console->loop, console->reaper, console->shell, fd, session_ended,
			       console, place, &err) < 0) {
		log_error("no debug console", SUBSYSTEM, LOG_STR("error", error_message(err)));
	}
}

static void not_listening(struct listener *listener, const struct error *error)
{
	(void)listener;
	log_error("no debug console", SUBSYSTEM, LOG_STR("error", error_message(error)));
}

/* ---- one shell on the guest's own console ------------------------------------------------------ */

static void lone_shell_ended(struct reaper_child *child, int status)
{
	child->pid = 0;
	log_info("the debug console has ended", SUBSYSTEM, LOG_INT("status", status));
}

static void start_lone_shell(struct console *console)
{
	static char name[] = "sh", flag[] = "-i";
	char *argv[] = { name, flag, NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid = 0;
	int ret;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/console", O_RDWR, 0);
	posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDERR_FILENO);
	ret = spawn_program(console->shell, argv, NULL, &actions, POSIX_SPAWN_SETSID, &pid);
	posix_spawn_file_actions_destroy(&actions);
	if (ret < 0) {
		log_error("no debug console on /dev/console", SUBSYSTEM,
			  LOG_STR("error", errno_text(ret)));
		return;
	}
	console->lone_shell = (struct reaper_child){ .pid = pid, .exited = lone_shell_ended };
	reaper_watch(console->reaper, &console->lone_shell);
}

/* ---- a life ------------------------------------------------------------------------------------ */

struct console *console_start(struct loop *loop, struct reaper *reaper, const char *address)
{
	struct console *console = xcalloc(1, sizeof(*console));

	console->loop = loop;
	console->reaper = reaper;
	console->shell = find_shell();
	if (!console->shell) {
		log_error("no shell found to launch debug console", SUBSYSTEM);
	} else if (!address) {
		start_lone_shell(console);
	} else {
		console->listener = (struct listener){
			.loop = loop,
			.address = address,
			.accepted = accepted,
			.failed = not_listening,
		};
		listener_start(&console->listener);
	}
	return console;
}

void console_free(struct console *console)
{
	if (!console)
		return;
	listener_stop(&console->listener);
	for (size_t i = 0; i < MAX_SESSIONS; i++)
		if (console->sessions[i])
			session_free(console->sessions[i]);
	if (console->lone_shell.pid > 0) {
		reaper_unwatch(console->reaper, &console->lone_shell);
		kill(console->lone_shell.pid, SIGKILL);
	}
	free(console);
}
