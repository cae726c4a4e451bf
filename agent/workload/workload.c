// SPDX-License-Identifier: Apache-2.0
/*
 * Theory of operation.
 *
 * Two processes take part. The first, started by the agent, has been put into the container's cgroups; it
 * joins and makes namespaces. A pid namespace takes effect for children only, so it makes one - a sibling,
 * with the agent as parent - says its pid, and ends. The second goes on as the workload: builds the root
 * file system, changes to it, gives up what it may not keep, and executes the program.
 *
 * Both run the agent's own file, which a container could then reach through /proc/PID/exe: they are not
 * dumpable until exec, and the agent executes a read-only view of its file (agent/container/own_program.h).
 *
 * What the container's image holds is hostile. Paths below its root are resolved by openat2 as in a chroot, once, and
 * then used through the descriptor; mounts are made detached and attached to such a descriptor.
 */
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/string_list.h"
#include "hooks.h"
#include "internal.h"
#include "proto/message.h"

static int receive_setup(struct workload *w, struct error **err)
{
	_cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT;
	int ret = channel_expect(WORKLOAD_CHANNEL, -1, FRAME_SETUP, &bytes, err);

	if (ret < 0)
		return ret;
	if (bytes.size != sizeof(w->setup))
		return error_set(err, -EBADMSG, "the agent's setup has the wrong size");
	memcpy(&w->setup, bytes.data, sizeof(w->setup));
	w->setup.container_id[sizeof(w->setup.container_id) - 1] = '\0';
	ret = channel_expect(WORKLOAD_CHANNEL, -1, FRAME_SPEC, &bytes, err);
	if (ret < 0)
		return ret;
	return proto_unpack(&grpc__spec__descriptor, strbuf_view(&bytes), &w->spec, err);
}

static int ask(enum frame_type type, struct error **err)
{
	_cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT;
	int ret = channel_send(WORKLOAD_CHANNEL, type, NULL, 0, err);

	return ret < 0 ? ret : channel_expect(WORKLOAD_CHANNEL, -1, FRAME_GO, &bytes, err);
}

static _Noreturn void fail(const struct error *error)
{
	_cleanup_error_ struct error *ignored =
		NULL; /* with the agent gone, nobody wants to know */

	channel_send(WORKLOAD_CHANNEL, FRAME_FAILED, error_message(error),
		     strlen(error_message(error)), &ignored);
	_exit(1);
}

/* ---- the first process ------------------------------------------------------------------------ */

/* No copy of the thread's memory is needed to make a sibling: this is fork() with another parent. */
static pid_t make_sibling(void)
{
	return (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
}

static int become_second_process(struct error **err)
{
	pid_t pid = make_sibling();
	uint32_t number = (uint32_t)pid;
	int ret;

	if (pid < 0)
		return error_set_errno(err, -errno, "make the container's process");
	if (pid == 0)
		return 0;
	ret = channel_send(WORKLOAD_CHANNEL, FRAME_PID, &number, sizeof(number), err);
	if (ret < 0)
		kill(pid, SIGKILL);
	_exit(ret < 0 ? 1 : 0);
}

static int enter_namespaces(struct workload *w, struct error **err)
{
	int ret = workload_join_namespaces(w, err);

	if (ret < 0 || !w->new_user_namespace)
		return ret;
	ret = ask(FRAME_MAP_IDS, err);
	if (ret < 0)
		return ret;
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return error_set_errno(err, -errno, "become root of the user namespace");
	return 0;
}

/* ---- the second process ----------------------------------------------------------------------- */

static int set_oom_score(struct workload *w, struct error **err)
{
	_cleanup_free_ char *text = xasprintf("%lld", (long long)w->spec->process->oomscoreadj);
	_cleanup_close_ int fd = -1;

	if (w->spec->process->oomscoreadj == 0)
		return 0; /* nobody can tell it from unset */
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || fd_write_all(fd, text, strlen(text)) < 0)
		return error_set_errno(err, -errno, "set the OOM score to %s", text);
	return 0;
}

static int build_state(struct workload *w, struct error **err)
{
	char pid[16] = "";

	(void)err;
	/* Our number as the agent sees it: /proc is still the guest's. */
	if (readlink("/proc/self", pid, sizeof(pid) - 1) < 0)
		pid[0] = '\0';
	w->state = hooks_state(w->spec, w->setup.container_id, "creating", strtoull(pid, NULL, 10),
			       w->setup.bundle);
	return 0;
}

static int set_hostname(struct workload *w, struct error **err)
{
	if (!w->new_uts_namespace || !w->spec->hostname[0])
		return 0;
	if (sethostname(w->spec->hostname, strlen(w->spec->hostname)) < 0)
		return error_set_errno(err, -errno, "set the host name to %s", w->spec->hostname);
	return 0;
}

/* The agent runs those of the guest's namespaces, then we those of the container's. */
static int run_hooks(struct workload *w, struct error **err)
{
	const Grpc__Hooks *hooks = w->spec->hooks;
	int ret = ask(FRAME_HOOKS, err);

	if (ret == 0 && hooks)
		hooks_run("createContainer", hooks->createcontainer, hooks->n_createcontainer,
			  w->state);
	return ret;
}

/* By now the working directory is below the container's root, or there is none. */
static int enter_directory(struct workload *w, struct error **err)
{
	const char *cwd = w->spec->process->cwd;
	_cleanup_free_ char *seen = NULL;

	umask(022);
	if (chdir(cwd[0] ? cwd : "/") < 0)
		return error_set_errno(err, -errno, "enter the working directory %s", cwd);
	seen = getcwd(NULL, 0);
	if (!seen || seen[0] != '/')
		return error_set(err, -EPERM,
				 "current working directory is outside the container mount "
				 "namespace root");
	return 0;
}

static int start_session(struct workload *w, struct error **err)
{
	(void)w;
	if (setsid() < 0)
		return error_set_errno(err, -errno, "start a session");
	return 0;
}

static const struct step {
	const char *name;
	int (*run)(struct workload *w, struct error **err);
	bool init_only;
} steps[] = {
	{ "OOM score", set_oom_score, false },
	{ "resource limits", workload_set_limits, false },
	{ "state for hooks", build_state, true },
	{ "mount namespace", workload_enter_mount_namespace, false },
	{ "host name", set_hostname, true },
	{ "root file system", workload_build_rootfs, true },
	{ "hooks", run_hooks, true },
	{ "root file system", workload_finish_rootfs, true },
	{ "sysctls", workload_set_sysctls, true },
	{ "change of root", workload_change_root, true },
	{ "working directory", enter_directory, false },
	{ "session", start_session, false },
	{ "standard descriptors", workload_own_stdio, false },
	{ "environment", workload_set_environment, false },
	{ "identity", workload_set_identity, false },
};

static int prepare(struct workload *w, struct error **err)
{
	int ret = receive_setup(w, err);

	if (ret < 0)
		return ret;
	if (!w->spec || !w->spec->process || !w->spec->linux)
		return error_set(err, -EINVAL, "the spec has no process or no linux section");
	ret = enter_namespaces(w, err);
	if (ret < 0)
		return error_wrap(err, "namespaces");
	ret = become_second_process(err);
	for (size_t i = 0; i < ARRAY_SIZE(steps) && ret == 0; i++) {
		if (steps[i].init_only && !w->setup.is_init)
			continue;
		ret = steps[i].run(w, err);
		if (ret < 0)
			return error_wrap(err, "%s", steps[i].name);
	}
	return ret;
}

/* Leave nothing open but the standard descriptors. */
static void close_the_rest(void)
{
	close_range(WORKLOAD_CHANNEL + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	fcntl(WORKLOAD_CHANNEL, F_SETFD, FD_CLOEXEC);
}

static int start(struct workload *w, struct error **err)
{
	_cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT;
	_cleanup_string_list_ struct string_list arguments = { 0 };
	_cleanup_free_ char *command = NULL;
	int ret = workload_find_command(w, &command, err);

	if (ret < 0)
		return ret;
	for (size_t i = 0; i < w->spec->process->n_args; i++)
		string_list_add(&arguments, w->spec->process->args[i]);
	if (arguments.count == 0)
		return error_set(err, -EINVAL, "the process has no arguments");
	close_the_rest();
	ret = channel_send(WORKLOAD_CHANNEL, FRAME_READY, NULL, 0, err);
	if (ret < 0)
		return ret;
	if (w->setup.is_init && channel_expect(WORKLOAD_CHANNEL, -1, FRAME_GO, &bytes, err) < 0)
		_exit(1); /* never started: the agent has gone or has given the container up */
	if (w->setup.is_init && w->spec->hooks)
		hooks_run("startContainer", w->spec->hooks->startcontainer,
			  w->spec->hooks->n_startcontainer, w->state);
	if (w->spec->process->nonewprivileges && workload_load_seccomp(w, err) < 0)
		_exit(1);
	execv(command, arguments.items);
	_exit(errno);
}

_Noreturn void workload_main(void)
{
	struct workload w = { .root = -1 };
	struct error *err = NULL;

	prctl(PR_SET_DUMPABLE, 0);
	if (prepare(&w, &err) == 0)
		start(&w, &err);
	fail(err);
}
