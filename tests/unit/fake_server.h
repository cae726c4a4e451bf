/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * For tests against tests/tools/fake_http.py: a network of their own with only a loopback device, so
 * that ports and names are ours; a certificate; servers that end with the test.
 */

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "base/subprocess.h"
#include "unit.h"

extern char **environ;

#define FAKE_SERVER_SCRIPT "tests/tools/fake_http.py"

struct fake_server {
	pid_t pid;
	int lifeline; /* the server ends when this is closed */
};

static inline bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int ret = fd < 0 ? -errno : fd_write_all(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return ret == 0;
}

static inline bool bring_loopback_up(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { .ifr_name = "lo" };
	bool up;

	if (fd < 0)
		return false;
	up = ioctl(fd, SIOCGIFFLAGS, &request) == 0;
	request.ifr_flags |= IFF_UP;
	up = up && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
	close(fd);
	return up;
}

/* Be root of a user namespace, where the host lets users do that. */
static inline bool enter_own_users(void)
{
	char users[64], groups[64];

	snprintf(users, sizeof(users), "0 %u 1", getuid());
	snprintf(groups, sizeof(groups), "0 %u 1", getgid());
	return unshare(CLONE_NEWUSER) == 0 && write_text("/proc/self/setgroups", "deny") &&
	       write_text("/proc/self/uid_map", users) && write_text("/proc/self/gid_map", groups);
}

/* Enter a network and a mount namespace of our own. False where it is not allowed; then tests skip. */
static inline bool enter_own_network(void)
{
	if (geteuid() != 0 && !enter_own_users())
		return false;
	return unshare(CLONE_NEWNET | CLONE_NEWNS) == 0 &&
	       mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 && bring_loopback_up();
}

/* Let this process and its children see `text` as the content of a system file. */
static inline bool replace_system_file(const char *directory, const char *path, const char *text)
{
	_cleanup_free_ char *ours = path_join(directory, path_name(path));

	umount2(path, MNT_DETACH); /* an earlier replacement, if any */
	unlink(ours);
	return write_text(ours, text) && mount(ours, path, "none", MS_BIND, NULL) == 0;
}

/* A self-signed certificate for `names` ("DNS:a,IP:127.0.0.1") and its key. */
static inline bool make_certificate(const char *certificate, const char *key, const char *names)
{
	_cleanup_free_ char *extension = xasprintf("subjectAltName=%s", names);
	const char *argv[] = { "openssl",
			       "req",
			       "-x509",
			       "-newkey",
			       "ec",
			       "-pkeyopt",
			       "ec_paramgen_curve:P-256",
			       "-nodes",
			       "-days",
			       "2",
			       "-subj",
			       "/CN=Test",
			       "-addext",
			       extension,
			       "-keyout",
			       key,
			       "-out",
			       certificate,
			       NULL };
	struct subprocess process = { .argv = argv, .timeout_ms = 20000 };
	_cleanup_error_ struct error *err = NULL;
	bool made = subprocess_run(&process, &err) == 0 && process.status == 0;

	subprocess_release(&process);
	return made;
}

/* `argv` begins with FAKE_SERVER_SCRIPT. Returns once the server listens. */
static inline bool fake_server_start(struct fake_server *server, const char *const *argv)
{
	int lifeline[2], ready[2];
	posix_spawn_file_actions_t actions;
	char word[6] = "";
	int ret;

	if (pipe2(lifeline, O_CLOEXEC) < 0 || pipe2(ready, O_CLOEXEC) < 0)
		return false;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, lifeline[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, ready[1], STDOUT_FILENO);
	ret = posix_spawn(&server->pid, argv[0], &actions, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(lifeline[0]);
	close(ready[1]);
	server->lifeline = lifeline[1];
	/* "ready\n", or nothing when it failed. */
	for (size_t got = 0; ret == 0 && got < sizeof(word);) {
		ssize_t part = read(ready[0], word + got, sizeof(word) - got);

		if (part <= 0)
			break;
		got += (size_t)part;
	}
	close(ready[0]);
	return ret == 0 && memcmp(word, "ready\n", sizeof(word)) == 0;
}

static inline void fake_server_stop(struct fake_server *server)
{
	close(server->lifeline);
	waitpid(server->pid, NULL, 0);
}
