// SPDX-License-Identifier: Apache-2.0
/* Checks of kernel modules. A missing one is loaded where that is allowed. */
#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "check.h"
#include "host/module.h"

/* Devices that prove a module's work to be there, whatever it is called or built into. */
static const struct {
	const char *module;
	const char *devices[2];
} proofs[] = {
	{ "vhost", { "vhost-net", "vhost-vsock" } },
	{ "vhost_net", { "vhost-net" } },
	{ "vhost_vsock", { "vhost-vsock" } },
};

/* The name of a device that opens and proves the module, or NULL. */
static const char *proven_by_device(const struct host *host, const char *module)
{
	for (size_t i = 0; i < ARRAY_SIZE(proofs); i++)
		for (size_t d = 0; d < ARRAY_SIZE(proofs[i].devices); d++)
			if (strcmp(proofs[i].module, module) == 0 && proofs[i].devices[d] &&
			    host_device_try(host, proofs[i].devices[d]) == 0)
				return proofs[i].devices[d];
	return NULL;
}

/* Load it, if we may; is it there now? */
static bool load(const struct check_context *context, const char *module,
		 struct check_result *result)
{
	_cleanup_error_ struct error *err = NULL;

	if (!context->options->load_modules) {
		result->load = CHECK_LOAD_NOT_ROOT;
		return false;
	}
	if (host_module_load(context->host, module, &result->load_output, &err) < 0) {
		result->load = CHECK_LOAD_FAILED;
		result->load_error = xstrdup(error_message(err));
		return false;
	}
	result->load = CHECK_LOAD_DONE;
	return true;
}

static char *module_fix(const struct check_context *context, const char *module,
			const struct check_result *result)
{
	if (result->load == CHECK_LOAD_NOT_ROOT)
		return xasprintf("load it as root: modprobe %s; for every boot: "
				 "echo %s >/etc/modules-load.d/kata.conf",
				 module, module);
	if (strcmp(module, "kvm_intel") == 0 || strcmp(module, "kvm_amd") == 0)
		return xasprintf(
			"install the modules of the running kernel; if modprobe %s says that the "
			"operation is not supported, enable %svirtualization",
			module, host_cpuinfo_in_vm(&context->cpuinfo) ? "nested " : "");
	return xstrdup(
		"install the modules of the running kernel (inside a container: load it on the "
		"host), or boot a kernel that has it");
}

static void set_missing(const struct check_context *context, const struct check *check,
			struct check_result *result)
{
	const char *device = proven_by_device(context->host, check->item);

	result->found = xstrdup("neither loaded nor built into the kernel");
	if (device) {
		result->status = CHECK_WARN;
		result->message =
			xasprintf("does not matter here: %s/%s opens", context->host->dev, device);
		return;
	}
	if (strcmp(check->item, "vhost_vsock") == 0 && !check_uses_kernel_vsock(context)) {
		result->status = CHECK_SKIP;
		result->message = xasprintf("not needed by %s", context->options->hypervisor);
		return;
	}
	result->status = check_missing(check);
	if (result->load == CHECK_LOAD_FAILED)
		result->message = xasprintf("it cannot be loaded: %s", result->load_error);
	result->fix = module_fix(context, check->item, result);
	if (result->status == CHECK_FAIL && context->options->vhost_net_unused &&
	    (strcmp(check->item, "vhost_net") == 0 || strcmp(check->item, "vhost") == 0)) {
		result->status = CHECK_WARN;
		free(result->message);
		result->message = xstrdup("the configuration does not use vhost-net");
	}
}

void check_module(struct check_context *context, const struct check *check,
		  struct check_result *result)
{
	result->expected = xasprintf("kernel module %s", check->item);
	switch (host_module_state(context->host, check->item)) {
	case HOST_MODULE_LOADED:
		result->found = xstrdup("loaded");
		return;
	case HOST_MODULE_BUILTIN:
		result->found = xstrdup("built into the kernel");
		return;
	case HOST_MODULE_ABSENT:
		break;
	}
	if (load(context, check->item, result))
		result->found = xstrdup("loaded just now");
	else
		set_missing(context, check, result);
}

void check_module_parameter(struct check_context *context, const struct check *check,
			    struct check_result *result)
{
	_cleanup_error_ struct error *err = NULL;

	result->expected = xasprintf("parameter %s of module %s is %s", check->parameter,
				     check->item, check->expected);
	if (host_module_parameter(context->host, check->item, check->parameter, &result->found,
				  &err) < 0) {
		result->status = CHECK_SKIP;
		result->message = xstrdup(error_message(err));
		return;
	}
	if (strcmp(result->found, check->expected) == 0)
		return;
	if (host_cpuinfo_in_vm(&context->cpuinfo)) {
		result->message = xstrdup("not asked for inside a virtual machine");
		return;
	}
	result->status = check_missing(check);
	result->fix = xasprintf("echo options %s %s=%s >/etc/modprobe.d/kata.conf, then reboot",
				check->item, check->parameter, check->expected);
}
