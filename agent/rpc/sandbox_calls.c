// SPDX-License-Identifier: Apache-2.0
#include "internal.h"

#include "agent/boot/modules.h"
#include "base/log.h"
#include "base/string_list.h"

/* ---- CreateSandbox ----------------------------------------------------------------------------- */

static int load_modules(const Grpc__CreateSandboxRequest *input, struct error **err)
{
	int ret = 0;

	for (size_t i = 0; i < input->n_kernel_modules && ret == 0; i++) {
		const Grpc__KernelModule *module = input->kernel_modules[i];
		_cleanup_string_list_ struct string_list words = { 0 };
		_cleanup_free_ char *parameters = NULL;

		for (size_t j = 0; j < module->n_parameters; j++)
			string_list_add(&words, module->parameters[j]);
		parameters = string_list_join(&words, " ");
		ret = modules_load(module->name, parameters, err);
	}
	return ret;
}

static int run_create(struct call *call, struct error **err)
{
	const Grpc__CreateSandboxRequest *input = call->input;
	int ret = load_modules(input, err);

	return ret < 0 ? ret : sandbox_set_up(call->sandbox, input, err);
}

static void created(struct call *call)
{
	const Grpc__CreateSandboxRequest *input = call->input;

	if (input->guest_hook_path[0])
		log_warning("this agent runs no hooks of the guest's own yet",
			    LOG_STR("path", input->guest_hook_path));
	if (input->sandbox_id[0]) {
		free(call->sandbox->id);
		call->sandbox->id = xstrdup(input->sandbox_id);
	}
	log_info("sandbox created", LOG_STR("sandbox", call->sandbox->id));
	ttrpc_request_reply(call->request, NULL);
}

HANDLER(handle_create_sandbox)
{
	struct sandbox *sandbox = context;

	/* What it empties would be a running container's. */
	if (sandbox->containers) {
		ttrpc_request_fail(request, TTRPC_INTERNAL,
				   "the sandbox exists already, and has containers");
		return;
	}
	call_submit(call_new(sandbox, NULL, request, input), run_create, created);
}

/* ---- DestroySandbox ---------------------------------------------------------------------------- */

/* Each container is destroyed by a job of its own queue; the last one ends the sandbox. */
struct destruction {
	struct ttrpc_request *request;
	struct sandbox *sandbox;
	size_t left;
	struct error *error; /* the first one */
};

struct destroy_job {
	struct job job;
	struct destruction *destruction;
	struct container *container;
	struct error *error;
};

static void end_sandbox(struct destruction *destruction)
{
	struct sandbox *sandbox = destruction->sandbox;

	oom_queue_close(&sandbox->oom);
	if (destruction->error)
		call_fail(destruction->request, destruction->error);
	else
		ttrpc_request_reply(destruction->request, NULL);
	error_free(destruction->error);
	free(destruction);
	loop_stop(sandbox->loop);
}

static void run_destroy(struct job *job)
{
	struct destroy_job *destroy = (struct destroy_job *)job;

	container_destroy(destroy->container, &destroy->error);
}

static void destroyed(struct job *job)
{
	struct destroy_job *destroy = (struct destroy_job *)job;
	struct destruction *destruction = destroy->destruction;

	if (destroy->error && !destruction->error)
		destruction->error = destroy->error;
	else
		error_free(destroy->error);
	sandbox_remove_container(destruction->sandbox, destroy->container);
	container_unref(destroy->container);
	free(destroy);
	if (--destruction->left == 0)
		end_sandbox(destruction);
}

HANDLER(handle_destroy_sandbox)
{
	struct sandbox *sandbox = context;
	struct destruction *destruction;

	(void)input;
	if (sandbox->destroyed) {
		ttrpc_request_fail(request, TTRPC_INTERNAL,
				   "\"failed to get sandbox sender channel\"");
		return;
	}
	sandbox->destroyed = true;
	destruction = xcalloc(1, sizeof(*destruction));
	*destruction = (struct destruction){ .request = request, .sandbox = sandbox, .left = 1 };
	for (struct container *c = sandbox->containers; c; c = c->next) {
		struct destroy_job *destroy = xcalloc(1, sizeof(*destroy));

		destroy->job.run = run_destroy;
		destroy->job.done = destroyed;
		destroy->destruction = destruction;
		destroy->container = c;
		c->references++;
		destruction->left++;
		loop_submit(sandbox->loop, &c->queue, &destroy->job);
	}
	if (--destruction->left == 0)
		end_sandbox(destruction);
}

HANDLER(handle_get_oom_event)
{
	struct sandbox *sandbox = context;

	(void)input;
	oom_queue_ask(&sandbox->oom, request);
}
