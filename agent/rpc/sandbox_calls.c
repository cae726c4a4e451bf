// SPDX-License-Identifier: Apache-2.0
#include "internal.h"

#include "agent/boot/modules.h"
#include "agent/container/guest_hooks.h"
#include "base/log.h"
#include "base/string_list.h"
#include "proto/message.h"

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

static Grpc__Hooks *find_hooks(const char *folder)
{
	if (folder[0] == '\0')
		return NULL;
	if (folder[0] != '/') {
		log_error("guest_hook_path is not absolute", LOG_STR("path", folder));
		return NULL;
	}
	return guest_hooks_find(folder);
}

static int run_create(struct call *call, struct error **err)
{
	const Grpc__CreateSandboxRequest *input = call->input;
	int ret = load_modules(input, err);

	if (ret == 0)
		ret = sandbox_set_up(call->sandbox, input, err);
	if (ret == 0)
		call->result = find_hooks(input->guest_hook_path);
	return ret;
}

static void created(struct call *call)
{
	const Grpc__CreateSandboxRequest *input = call->input;

	proto_free(call->sandbox->guest_hooks);
	call->sandbox->guest_hooks = call->result;
	call->sandbox->settings.guest_hooks = call->result;
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

static int destroy(struct each_container *each, struct container *container, struct error **err)
{
	(void)each;
	return container_destroy(container, err);
}

static void destroyed(struct each_container *each, struct container *container)
{
	sandbox_remove_container(each->sandbox, container);
}

static void end_sandbox(struct each_container *each)
{
	oom_queue_close(&each->sandbox->oom);
	if (each->error)
		call_fail(each->request, each->error);
	else
		ttrpc_request_reply(each->request, NULL);
	loop_stop(each->sandbox->loop);
}

HANDLER(handle_destroy_sandbox)
{
	struct sandbox *sandbox = context;

	(void)input;
	if (sandbox->destroyed) {
		ttrpc_request_fail(request, TTRPC_INTERNAL,
				   "\"failed to get sandbox sender channel\"");
		return;
	}
	sandbox->destroyed = true;
	each_container(&(struct each_container){
		.sandbox = sandbox,
		.request = request,
		.run = destroy,
		.ran = destroyed,
		.done = end_sandbox,
	});
}

HANDLER(handle_get_oom_event)
{
	struct sandbox *sandbox = context;

	(void)input;
	oom_queue_ask(&sandbox->oom, request);
}
