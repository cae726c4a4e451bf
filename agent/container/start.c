// SPDX-License-Identifier: Apache-2.0
/* The agent's side of a workload's start: agent/workload/channel.h is the dialogue. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>

#include "agent/workload/channel.h"
#include "agent/workload/hooks.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/spawn.h"
#include "internal.h"
#include "own_program.h"
#include "proto/message.h"

#define SETUP_TIMEOUT_MS  30000
#define LOWEST_DESCRIPTOR 16 /* above those that the workload gets */

static int spawn(const struct workload_start *start, int program, int channel, pid_t *pid,
		 struct error **err)
{
	static char name[] = "kata-agent", argument[] = WORKLOAD_ARGUMENT;
	char *argv[] = { name, argument, NULL };
	_cleanup_free_ char *path = xasprintf("/proc/self/fd/%d", program);
	posix_spawn_file_actions_t actions;
	int ret;

	posix_spawn_file_actions_init(&actions);
	for (int i = 0; i < 3; i++)
		posix_spawn_file_actions_adddup2(&actions, start->stdio[i], i);
	posix_spawn_file_actions_adddup2(&actions, channel, WORKLOAD_CHANNEL);
	/* All else is close-on-exec. */
	ret = spawn_program(path, argv, NULL, &actions, 0, pid);
	posix_spawn_file_actions_destroy(&actions);
	return ret == 0 ? 0 : error_set_errno(err, ret, "start our own program");
}

static int send_setup(const struct workload_start *start, int channel, struct error **err)
{
	const struct container *container = start->container;
	_cleanup_strbuf_ struct strbuf spec = STRBUF_INIT;
	struct workload_setup setup = {
		.is_init = start->is_init,
		.no_pivot = container->settings->no_pivot,
		.cgroup_v2 = cgroup_is_v2(container->cgroup),
	};
	int ret;

	snprintf(setup.container_id, sizeof(setup.container_id), "%s", container->id);
	snprintf(setup.bundle, sizeof(setup.bundle), "%s", container->bundle);
	proto_pack(&start->spec->base, &spec);
	ret = channel_send(channel, FRAME_SETUP, &setup, sizeof(setup), err);
	return ret < 0 ? ret : channel_send(channel, FRAME_SPEC, spec.data, spec.size, err);
}

/* ---- what the workload asks for ---------------------------------------------------------------- */

static int write_map(pid_t pid, const char *file, Grpc__LinuxIDMapping *const *mappings,
		     size_t count, struct error **err)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	_cleanup_free_ char *path = xasprintf("/proc/%d/%s", pid, file);
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	for (size_t i = 0; i < count; i++)
		strbuf_printf(&text, "%u %u %u\n", mappings[i]->containerid, mappings[i]->hostid,
			      mappings[i]->size);
	if (fd < 0 || write(fd, text.data, text.size) != (ssize_t)text.size)
		return error_set_errno(err, -errno, "write %s", path);
	return 0;
}

static int map_ids(const struct workload_start *start, pid_t pid, struct error **err)
{
	const Grpc__Linux *settings = start->spec->linux;
	int ret = write_map(pid, "uid_map", settings->uidmappings, settings->n_uidmappings, err);

	return ret < 0 ? ret
		       : write_map(pid, "gid_map", settings->gidmappings, settings->n_gidmappings,
				   err);
}

static void run_hooks(const struct workload_start *start)
{
	const struct container *container = start->container;
	const Grpc__Hooks *hooks = start->spec->hooks;
	_cleanup_free_ char *state = NULL;

	if (!hooks || hooks->n_prestart + hooks->n_createruntime == 0)
		return;
	state = hooks_state(start->spec, container->id, "creating", (uint64_t)start->pid,
			    container->bundle);
	reaper_hold(container->settings->reaper);
	hooks_run("prestart", hooks->prestart, hooks->n_prestart, state);
	hooks_run("createRuntime", hooks->createruntime, hooks->n_createruntime, state);
	reaper_release(container->settings->reaper);
}

static int answer(struct workload_start *start, enum frame_type type, const struct strbuf *data,
		  pid_t first, int channel, struct error **err)
{
	uint32_t number;

	switch (type) {
	case FRAME_MAP_IDS:
		if (map_ids(start, first, err) < 0)
			return error_code(*err);
		return channel_send(channel, FRAME_GO, NULL, 0, err);
	case FRAME_PID:
		if (data->size != sizeof(number))
			return error_set(err, -EBADMSG, "a pid of %zu bytes", data->size);
		memcpy(&number, data->data, sizeof(number));
		start->pid = (pid_t)number;
		return 0;
	case FRAME_HOOKS:
		run_hooks(start);
		return channel_send(channel, FRAME_GO, NULL, 0, err);
	case FRAME_FAILED:
		return error_set(err, -ENOTRECOVERABLE, "%s", data->data);
	default:
		return error_set(err, -EBADMSG, "the workload says %d", type);
	}
}

/* Two processes send here; READY of the second may overtake PID of the first. */
static int talk(struct workload_start *start, pid_t first, int channel, struct error **err)
{
	_cleanup_strbuf_ struct strbuf data = STRBUF_INIT;
	bool ready = false;

	while (!ready || start->pid == 0) {
		enum frame_type type;
		int ret = channel_receive(channel, SETUP_TIMEOUT_MS, &type, &data, err);

		if (ret < 0)
			return ret;
		if (type == FRAME_READY)
			ready = true;
		else
			ret = answer(start, type, &data, first, channel, err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

int workload_start(struct workload_start *start, struct error **err)
{
	_cleanup_close_ int program = -1, ours = -1, theirs = -1;
	int pair[2], ret;
	pid_t first = -1;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return error_set_errno(err, -errno, "make a channel to the workload");
	ours = pair[0];
	theirs = fcntl(pair[1], F_DUPFD_CLOEXEC, LOWEST_DESCRIPTOR);
	close(pair[1]);
	ret = own_program_open(err);
	if (ret < 0)
		return ret;
	program = fcntl(ret, F_DUPFD_CLOEXEC, LOWEST_DESCRIPTOR);
	close(ret);
	if (program < 0 || theirs < 0)
		return error_set_errno(err, -errno, "duplicate a descriptor");

	start->pid = 0;
	ret = spawn(start, program, theirs, &first, err);
	if (ret < 0)
		return ret;
	close(steal_fd(theirs));
	ret = cgroup_add(start->container->cgroup, first, err);
	if (ret == 0)
		ret = send_setup(start, ours, err);
	if (ret == 0)
		ret = talk(start, first, ours, err);
	if (ret < 0) {
		/* Both end by themselves when the channel closes, unless they are busy. */
		kill(start->pid ? start->pid : first, SIGKILL);
		return ret;
	}
	start->channel = steal_fd(ours);
	return 0;
}
