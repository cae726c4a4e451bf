// SPDX-License-Identifier: Apache-2.0
#include "internal.h"

#include <errno.h>

#include "agent/network/network.h"
#include "base/log.h"
#include "proto/message.h"

/* ---- CreateContainer --------------------------------------------------------------------------- */

/* The first container has a pid namespace of its own, which then is the sandbox's (spec/agent.md 10.2). */
static int choose_pid_namespace(const struct sandbox *sandbox,
				const Grpc__CreateContainerRequest *input, bool is_first, int *fd,
				struct error **err)
{
	*fd = input->sandbox_pidns ? sandbox->pid_namespace : -1;
	if (input->sandbox_pidns && *fd < 0 && !is_first)
		return error_set(err, -EINVAL, "Sandbox does not have sandbox_pidns");
	return 0;
}

static void give_up_storages(struct call *call)
{
	_cleanup_error_ struct error *second = NULL;

	if (storages_release(call->sandbox->storages, &call->container->storages, &second) < 0)
		log_warning("something is left of a container's storages",
			    LOG_STR("container", call->container->id),
			    LOG_STR("error", error_message(second)));
}

static int run_create(struct call *call, struct error **err)
{
	const Grpc__CreateContainerRequest *input = call->input;
	struct container *container = call->container;
	int pid_namespace = input->sandbox_pidns ? call->sandbox->pid_namespace : -1;
	int ret = devices_give(call->sandbox->devices, input->devices, input->n_devices,
			       container->spec, &container->pci_addresses, err);

	if (ret == 0)
		ret = storages_attach(call->sandbox->storages, container->id, input->storages,
				      input->n_storages, &container->storages, err);
	if (ret == 0)
		ret = container_create(container, pid_namespace, &call->process, err);
	if (ret < 0)
		give_up_storages(call);
	return ret;
}

static void created(struct call *call)
{
	struct sandbox *sandbox = call->sandbox;
	struct container *container = call->container;

	container->state = CONTAINER_CREATED;
	container_forget_shared_mounts(container);
	container_add_process(container, process_new(sandbox->loop, sandbox->reaper, "",
						     call->process.pid, &call->process.stdio));
	sandbox_keep_pid_namespace(sandbox, container);
	reaper_started(sandbox->reaper);
	log_info("container created", LOG_STR("container", container->id),
		 LOG_INT("init", call->process.pid));
	ttrpc_request_reply(call->request, NULL);
}

static void not_created(struct call *call)
{
	sandbox_remove_container(call->sandbox, call->container);
	reaper_started(call->sandbox->reaper);
}

static int check_request(const struct sandbox *sandbox, const Grpc__CreateContainerRequest *input,
			 struct error **err)
{
	int unused;

	if (sandbox->destroyed)
		return error_set(err, -ESHUTDOWN, "the sandbox is being destroyed");
	if (!container_id_is_valid(input->container_id))
		return error_set(err, -EINVAL,
				 "the container id must be 2 to %d letters, digits and _.-, and "
				 "begin with a letter or digit",
				 CONTAINER_ID_MAX);
	if (storages_own_directory(input->container_id))
		return error_set(err, -EINVAL,
				 "no container can be called %s: the sandbox's files lie there",
				 input->container_id);
	if (sandbox_has_container(sandbox, input->container_id))
		return error_set(err, -EEXIST, "container %s exists already", input->container_id);
	if (!input->oci)
		return error_set(err, -EINVAL, "the request has no OCI spec");
	if (devices_check_cdi(input->oci, err) < 0)
		return error_code(*err);
	if (input->stdin_port || input->stdout_port || input->stderr_port)
		return error_set(err, -ENOTSUP, "this agent takes no descriptors for streams");
	return choose_pid_namespace(sandbox, input, sandbox->containers == NULL, &unused, err);
}

/* A container is named as in the pod's manifest; one that is not there is no error (spec/agent.md 6.2). */
static void take_shared_mounts(const struct sandbox *sandbox, struct container *container,
			       const Grpc__CreateContainerRequest *input)
{
	for (size_t i = 0; i < input->n_shared_mounts; i++) {
		const Grpc__SharedMount *mount = input->shared_mounts[i];
		struct container *source = sandbox_find_container_named(sandbox, mount->src_ctr);

		if (source)
			container_take_shared_mount(container, source, mount->src_path,
						    mount->dst_path);
		else
			log_warning("no container has this name, so nothing of it is shared",
				    LOG_STR("name", mount->src_ctr));
	}
}

HANDLER(handle_create_container)
{
	const Grpc__CreateContainerRequest *create = input;
	struct sandbox *sandbox = context;
	_cleanup_error_ struct error *err = NULL;
	struct container *container;
	struct call *call;

	if (check_request(sandbox, create, &err) < 0 ||
	    container_new(&sandbox->settings, create->container_id, create->oci, &container, &err) <
		    0) {
		call_fail(request, err);
		return;
	}
	take_shared_mounts(sandbox, container, create);
	sandbox_add_container(sandbox, container);
	reaper_starting(sandbox->reaper);
	call = call_new(sandbox, container, request, input);
	call->failed = not_created;
	call_submit(call, run_create, created);
}

/* ---- StartContainer ---------------------------------------------------------------------------- */

static int run_start(struct call *call, struct error **err)
{
	return container_start(call->container, err);
}

static void started(struct call *call)
{
	call->container->state = CONTAINER_RUNNING;
	ttrpc_request_reply(call->request, NULL);
}

HANDLER(handle_start_container)
{
	const Grpc__StartContainerRequest *start = input;
	struct sandbox *sandbox = context;
	struct container *container = sandbox_find_container(sandbox, start->container_id);

	if (!container) {
		ttrpc_request_fail(request, TTRPC_INTERNAL, "Invalid container id");
		return;
	}
	/* The pod's own container holds nothing that could run out (spec/agent.md 13.4). */
	if (strcmp(container->id, sandbox->id) != 0 && !container->oom_watch)
		container->oom_watch = oom_watch_new(sandbox->loop, &sandbox->oom,
						     container->cgroup, container->id);
	call_submit(call_new(sandbox, container, request, input), run_start, started);
}

/* ---- RemoveContainer --------------------------------------------------------------------------- */

static int run_remove(struct call *call, struct error **err)
{
	struct container *container = call->container;
	_cleanup_error_ struct error *second = NULL;
	int ret = container_destroy(container, err);

	if (storages_release(call->sandbox->storages, &container->storages,
			     ret < 0 ? &second : err) < 0 &&
	    ret == 0)
		ret = error_code(*err);
	return ret;
}

static void removed(struct call *call)
{
	sandbox_remove_container(call->sandbox, call->container);
	if (call->request)
		ttrpc_request_reply(call->request, NULL);
	else
		log_info("a container is removed, late", LOG_STR("container", call->container->id));
}

/* What could be removed is removed; nothing is left to be asked for. */
static void not_removed(struct call *call)
{
	sandbox_remove_container(call->sandbox, call->container);
}

HANDLER(handle_remove_container)
{
	const Grpc__RemoveContainerRequest *removal = input;
	struct sandbox *sandbox = context;
	struct container *container = sandbox_find_container(sandbox, removal->container_id);
	struct call *call;

	if (!container) {
		ttrpc_request_fail(request, TTRPC_INTERNAL, "Invalid container id");
		return;
	}
	call = call_new(sandbox, container, request, input);
	call->failed = not_removed;
	if (removal->timeout > 0)
		call_limit(call, removal->timeout);
	call_submit(call, run_remove, removed);
}

/* ---- what works on the cgroup ------------------------------------------------------------------ */

/* The four of these share how they say that there is no such container. */
static struct container *find_or_fail(const struct sandbox *sandbox, const char *id,
				      struct ttrpc_request *request)
{
	struct container *container = sandbox_find_container(sandbox, id);

	if (!container)
		ttrpc_request_fail(request, TTRPC_INVALID_ARGUMENT, "\"invalid container id\"");
	return container;
}

static int run_update(struct call *call, struct error **err)
{
	const Grpc__UpdateContainerRequest *input = call->input;

	return cgroup_set_limits(call->container->cgroup, input->resources, err);
}

HANDLER(handle_update_container)
{
	const Grpc__UpdateContainerRequest *update = input;
	struct container *container = find_or_fail(context, update->container_id, request);

	if (container)
		call_submit(call_new(context, container, request, input), run_update, NULL);
}

/* The network's part is an extra. */
static int run_stats(struct call *call, struct error **err)
{
	Grpc__StatsContainerResponse *response = xmalloc(sizeof(*response));
	_cleanup_error_ struct error *no_network = NULL;

	(void)err;
	grpc__stats_container_response__init(response);
	response->cgroup_stats = cgroup_stats(call->container->cgroup);
	if (network_add_statistics(response, &no_network) < 0)
		log_warning("no statistics of the network",
			    LOG_STR("error", error_message(no_network)));
	call->result = response;
	return 0;
}

static void counted(struct call *call)
{
	ttrpc_request_reply(call->request, call->result);
	proto_free(call->result);
}

HANDLER(handle_stats_container)
{
	const Grpc__StatsContainerRequest *stats = input;
	struct container *container = find_or_fail(context, stats->container_id, request);

	if (container)
		call_submit(call_new(context, container, request, input), run_stats, counted);
}

static const char *state_name(enum container_state state)
{
	static const char *const names[] = {
		[CONTAINER_CREATING] = "Creating", [CONTAINER_CREATED] = "Created",
		[CONTAINER_RUNNING] = "Running",   [CONTAINER_PAUSED] = "Paused",
		[CONTAINER_STOPPED] = "Stopped",
	};

	return names[state];
}

static int run_pause(struct call *call, struct error **err)
{
	return cgroup_freeze(call->container->cgroup, true, err);
}

static void paused(struct call *call)
{
	call->container->state = CONTAINER_PAUSED;
	ttrpc_request_reply(call->request, NULL);
}

HANDLER(handle_pause_container)
{
	const Grpc__PauseContainerRequest *pause = input;
	struct container *container = find_or_fail(context, pause->container_id, request);

	if (!container)
		return;
	if (container->state != CONTAINER_RUNNING && container->state != CONTAINER_CREATED) {
		ttrpc_request_fail(request, TTRPC_INTERNAL,
				   "failed to pause container: current status is: %s",
				   state_name(container->state));
		return;
	}
	call_submit(call_new(context, container, request, input), run_pause, paused);
}

static int run_resume(struct call *call, struct error **err)
{
	return cgroup_freeze(call->container->cgroup, false, err);
}

HANDLER(handle_resume_container)
{
	const Grpc__ResumeContainerRequest *resume = input;
	struct container *container = find_or_fail(context, resume->container_id, request);

	if (!container)
		return;
	if (container->state != CONTAINER_PAUSED) {
		ttrpc_request_fail(request, TTRPC_INTERNAL, "container status is: %s, not paused",
				   state_name(container->state));
		return;
	}
	call_submit(call_new(context, container, request, input), run_resume, started);
}
