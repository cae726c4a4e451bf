// SPDX-License-Identifier: Apache-2.0
/* A container's life: create, start, exec, destroy; each a job that works on the container alone. */
#include <errno.h>
#include <signal.h>
#include <sys/pidfd.h>

#include "agent/workload/channel.h"
#include "agent/workload/hooks.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/string_list.h"
#include "internal.h"

static int start_process(struct container *container, const Grpc__Spec *spec, bool is_init,
			 struct new_process *process, int *channel, struct error **err)
{
	struct workload_start start = {
		.container = container,
		.spec = spec,
		.is_init = is_init,
		.channel = -1,
	};
	int ret = stdio_open(spec->process->terminal, container->settings->pipe_size,
			     &process->stdio, err);

	if (ret < 0)
		return ret;
	memcpy(start.stdio, process->stdio.child, sizeof(start.stdio));
	ret = workload_start(&start, err);
	if (ret < 0) {
		stdio_close(&process->stdio);
		return ret;
	}
	stdio_close_child(&process->stdio);
	process->pid = start.pid;
	*channel = start.channel;
	return 0;
}

/* ---- create ------------------------------------------------------------------------------------ */

static int make_cgroup(struct container *container, struct error **err)
{
	const Grpc__Linux *settings = container->spec->linux;
	int ret = cgroup_make(CGROUP_ROOT, settings->cgroupspath, container->id, &container->cgroup,
			      err);

	if (ret == 0)
		ret = cgroup_set_devices(container->cgroup, settings->resources, err);
	if (ret == 0)
		ret = cgroup_set_limits(container->cgroup, settings->resources, err);
	return ret;
}

static int start_first_process(struct container *container, struct new_process *process,
			       struct error **err)
{
	int ret = start_process(container, container->spec, true, process,
				&container->start_channel, err);

	if (ret < 0)
		return ret;
	container->init_pid = process->pid;
	container->init_pidfd = pidfd_open(process->pid, 0);
	ret = container->init_pidfd < 0
		      ? error_set_errno(err, -errno, "hold process %d", process->pid)
		      : container_pin_namespaces(container, process->pid, err);
	if (ret < 0)
		stdio_close(&process->stdio);
	return ret;
}

int container_create(struct container *container, int pid_namespace, struct new_process *process,
		     struct error **err)
{
	int ret = container_check_spec(container->spec, err);

	if (ret == 0)
		ret = container_assign_namespaces(container, pid_namespace, err);
	if (ret == 0)
		ret = bundle_make(container, err);
	if (ret == 0)
		ret = make_cgroup(container, err);
	if (ret == 0)
		ret = start_first_process(container, process, err);
	if (ret == 0) {
		ret = container_share_mounts(container, err);
		if (ret < 0)
			stdio_close(&process->stdio);
	}
	if (ret < 0) {
		_cleanup_error_ struct error *second = NULL;

		if (container_destroy(container, &second) < 0)
			log_warning("something is left of a container that could not be created",
				    LOG_STR("container", container->id),
				    LOG_STR("error", error_message(second)));
	}
	return ret;
}

/* ---- start ------------------------------------------------------------------------------------- */

static void run_hooks(const struct container *container, const char *kind, const char *status,
		      Grpc__Hook *const *hooks, size_t count)
{
	_cleanup_free_ char *state = NULL;

	if (count == 0)
		return;
	state = hooks_state(container->spec, container->id, status, (uint64_t)container->init_pid,
			    container->bundle);
	reaper_hold(container->settings->reaper);
	hooks_run(kind, hooks, count, state);
	reaper_release(container->settings->reaper);
}

int container_start(struct container *container, struct error **err)
{
	const Grpc__Hooks *hooks = container->spec->hooks;
	int ret;

	if (container->destroyed)
		return error_set(err, -ENOENT, "the container has been removed");
	if (container->start_channel < 0)
		return error_set(err, -EINVAL, "the container has been started already");
	ret = channel_send(container->start_channel, FRAME_GO, NULL, 0, err);
	close(steal_fd(container->start_channel));
	if (ret < 0)
		return error_wrap(err, "start the container's first process");
	if (hooks)
		run_hooks(container, "poststart", "running", hooks->poststart, hooks->n_poststart);
	return 0;
}

/* ---- exec -------------------------------------------------------------------------------------- */

/* The host's PCI addresses in the environment become the guest's, in a copy that `env` owns. */
static int translate_environment(const struct container *container, Grpc__Process *process,
				 struct string_list *env, struct error **err)
{
	for (size_t i = 0; i < process->n_env; i++)
		string_list_add(env, process->env[i]);
	process->env = env->items;
	return pci_addresses_rewrite(&container->pci_addresses, env->items, env->count, err);
}

int container_exec(struct container *container, const Grpc__Process *wanted,
		   struct new_process *started, struct error **err)
{
	const Grpc__Process *first = container->spec->process;
	Grpc__Spec spec = GRPC__SPEC__INIT;
	Grpc__Linux settings = GRPC__LINUX__INIT;
	_cleanup_string_list_ struct string_list env = { 0 };
	Grpc__Process process = *wanted;
	int channel = -1, ret = container_check_process(wanted, err);

	if (ret == 0 && container->destroyed)
		ret = error_set(err, -ENOENT, "the container has been removed");
	if (ret < 0)
		return ret;
	if (!process.capabilities)
		process.capabilities = first->capabilities;
	if (!process.capabilities)
		return error_set(err, -EINVAL, "missing process capabilities");
	ret = translate_environment(container, &process, &env, err);
	if (ret < 0)
		return ret;
	spec.version = container->spec->version;
	spec.process = &process;
	spec.linux = &settings;
	settings.seccomp = container->spec->linux->seccomp;
	container_joining_namespaces(container, &settings);
	ret = start_process(container, &spec, false, started, &channel, err);
	if (channel >= 0)
		close(channel);
	for (size_t i = 0; i < settings.n_namespaces; i++)
		protobuf_c_message_free_unpacked(&settings.namespaces[i]->base, NULL);
	free(settings.namespaces);
	return ret;
}

/* ---- destroy ----------------------------------------------------------------------------------- */

static void kill_all(const struct container *container)
{
	if (container->init_pidfd >= 0)
		pidfd_send_signal(container->init_pidfd, SIGKILL, NULL, 0);
	if (container->cgroup)
		cgroup_kill(container->cgroup);
}

int container_destroy(struct container *container, struct error **err)
{
	const Grpc__Hooks *hooks = container->spec->hooks;
	_cleanup_error_ struct error *second = NULL;
	int ret = 0;

	if (container->destroyed)
		return 0;
	container->destroyed = true;
	if (container->start_channel >= 0)
		close(steal_fd(container->start_channel));
	kill_all(container);
	if (hooks && container->init_pid > 0)
		run_hooks(container, "poststop", "stopped", hooks->poststop, hooks->n_poststop);
	if (container->cgroup)
		ret = cgroup_remove(container->cgroup, err);
	if (bundle_remove(container, ret < 0 ? &second : err) < 0 && ret == 0)
		ret = error_code(*err);
	return ret;
}
