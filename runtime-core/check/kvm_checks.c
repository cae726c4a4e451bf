// SPDX-License-Identifier: Apache-2.0
/* Checks of what KVM and the devices around it can do now. */
#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "check.h"
#include "host/module.h"

/* ---- KVM --------------------------------------------------------------------------------------- */

const struct host_kvm *check_kvm_probe(struct check_context *context)
{
	const struct check_options *options = context->options;
	unsigned timeout_ms =
		options->kvm_timeout_ms ? options->kvm_timeout_ms : HOST_KVM_TIMEOUT_MS;

	if (!context->kvm_probed)
		(options->probe_kvm ? options->probe_kvm
				    : host_kvm_probe)(context->host, timeout_ms, &context->kvm);
	context->kvm_probed = true;
	return &context->kvm;
}

static bool is_loaded(const struct check_context *context, const char *module)
{
	return host_module_state(context->host, module) == HOST_MODULE_LOADED;
}

static char *open_fix(const struct check_context *context, int error)
{
	const char *in_container = "inside a container, pass the device in: --device /dev/kvm";

	switch (-error) {
	case EACCES:
	case EPERM:
		if (context->options->root)
			return xstrdup(
				"the device cgroup or a security module forbids it; inside a "
				"container, pass the device in: --device /dev/kvm");
		return xstrdup("run this as root, or as a member of the group kvm");
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return xasprintf("load KVM (modprobe %s); %s",
				 context->vendor == HOST_CPU_INTEL ? "kvm_intel"
				 : context->vendor == HOST_CPU_AMD ? "kvm_amd"
								   : "kvm",
				 in_container);
	default:
		return xstrdup("look for messages of kvm in the kernel's log: dmesg | grep -i kvm");
	}
}

static char *run_fix(const struct check_context *context, const struct host_kvm *kvm)
{
	if (is_loaded(context, "kvm_pvm"))
		return xstrdup(
			"this KVM (kvm_pvm) virtualizes without help of the processor and boots "
			"only "
			"guest kernels built for it; use a host with nested virtualization or a "
			"bare-metal host");
	if (kvm->cycles_per_round >= HOST_KVM_INTERPRETED_CYCLES)
		return xstrdup("use a host whose processor virtualizes: enable (nested) "
			       "virtualization, or "
			       "use a bare-metal host");
	return xstrdup("look for messages of kvm in the kernel's log: dmesg | grep -i kvm");
}

static char *create_fix(int error)
{
	if (error == -EBUSY)
		return xstrdup(
			"stop the other hypervisor (VirtualBox, VMware), which has the processor's "
			"virtualization for itself");
	return xstrdup("look for messages of kvm in the kernel's log: dmesg | grep -i kvm");
}

static const char *const step_expectations[HOST_KVM_STEPS] = {
	[HOST_KVM_OPEN] = "the device opens for reading and writing",
	[HOST_KVM_API_VERSION] = "API version 12",
	[HOST_KVM_CREATE_VM] = "KVM_CREATE_VM succeeds",
	[HOST_KVM_RUN] = "the guest adds, handles a fault and uses vector instructions",
};

static char *found_text(const struct host_kvm *kvm, enum host_kvm_step step)
{
	if (step == HOST_KVM_API_VERSION)
		return xasprintf("API version %d", kvm->api_version);
	if (step == HOST_KVM_RUN && kvm->cycles_per_round)
		return xasprintf("it does, at %u cycles per round of a loop",
				 kvm->cycles_per_round);
	return xstrdup("it does");
}

static void set_done(const struct host_kvm *kvm, const struct check *check,
		     struct check_result *result)
{
	result->found = found_text(kvm, check->step);
	if (check->step != HOST_KVM_RUN || kvm->cycles_per_round < HOST_KVM_INTERPRETED_CYCLES)
		return;
	result->status = CHECK_WARN;
	result->message = xstrdup("guest code is interpreted and runs very slowly");
}

static char *interpreted_note(const struct host_kvm *kvm)
{
	if (kvm->cycles_per_round < HOST_KVM_INTERPRETED_CYCLES)
		return xstrdup("");
	return xasprintf(
		"; it interprets guest code (%u cycles per round of a loop) instead of running "
		"it, so kernels made for hardware virtualization do not start",
		kvm->cycles_per_round);
}

/* What the system or the probe said of a step that did not succeed. */
static char *reason(const struct host_kvm_result *tried)
{
	if (tried->outcome == HOST_KVM_TIMED_OUT)
		return xasprintf("no answer in time, given up%s%s", tried->detail[0] ? ": " : "",
				 tried->detail);
	return xstrdup(tried->error ? errno_text(tried->error) : tried->detail);
}

static char *failed_message(const struct check_context *context, enum host_kvm_step step)
{
	const struct host_kvm_result *tried = &context->kvm.steps[step];
	_cleanup_free_ char *why = reason(tried);
	_cleanup_free_ char *note = NULL;

	switch (step) {
	case HOST_KVM_OPEN:
		return xasprintf("open %s/kvm: %s", context->host->dev, why);
	case HOST_KVM_CREATE_VM:
		return xasprintf("%s%s", why,
				 tried->error == -EBUSY ? ": another hypervisor is running" : "");
	case HOST_KVM_RUN:
		note = interpreted_note(&context->kvm);
		return xasprintf("%s%s", why, note);
	default:
		return steal(why);
	}
}

static char *failed_fix(const struct check_context *context, enum host_kvm_step step)
{
	const struct host_kvm_result *tried = &context->kvm.steps[step];

	switch (step) {
	case HOST_KVM_OPEN:
		return open_fix(context, tried->error);
	case HOST_KVM_CREATE_VM:
		return create_fix(tried->error);
	case HOST_KVM_RUN:
		return run_fix(context, &context->kvm);
	default:
		return NULL;
	}
}

static void set_failed(const struct check_context *context, const struct check *check,
		       struct check_result *result)
{
	const struct host_kvm_result *tried = &context->kvm.steps[check->step];
	bool root = context->options->root;

	result->found = xstrdup("it does not");
	result->message = failed_message(context, check->step);
	result->fix = failed_fix(context, check->step);
	if (!root && (tried->error == -EACCES || tried->error == -EPERM)) {
		result->status = CHECK_SKIP;
		return;
	}
	/* Whoever is not root cannot create containers anyhow: for them these are hints. */
	result->status = root ? check_missing(check) : CHECK_WARN;
	/* The existing tools end with the bare text of the errno. */
	if (check->step == HOST_KVM_RUN)
		result->failure = xasprintf("no guest code runs: %s", result->message);
	else
		result->failure = reason(tried);
}

void check_kvm_step(struct check_context *context, const struct check *check,
		    struct check_result *result)
{
	const struct host_kvm *kvm = check_kvm_probe(context);
	const struct host_kvm_result *tried = &kvm->steps[check->step];

	result->expected = xstrdup(step_expectations[check->step]);
	result->duration_us = tried->duration_us;
	switch (tried->outcome) {
	case HOST_KVM_DONE:
		set_done(kvm, check, result);
		break;
	case HOST_KVM_FAILED:
	case HOST_KVM_TIMED_OUT:
		set_failed(context, check, result);
		break;
	case HOST_KVM_NOT_IMPLEMENTED:
		result->status = CHECK_SKIP;
		result->message = xasprintf("not implemented for %s on this machine",
					    host_arch_name(context->host->arch));
		break;
	case HOST_KVM_NOT_REACHED:
		result->status = CHECK_SKIP;
		result->message = xstrdup("needs what the check before it looks for");
		break;
	}
}

void check_kvm_ipa_size(struct check_context *context, const struct check *check,
			struct check_result *result)
{
	const struct host_kvm *kvm = check_kvm_probe(context);

	(void)check;
	if (kvm->steps[HOST_KVM_CREATE_VM].outcome == HOST_KVM_NOT_REACHED) {
		result->status = CHECK_SKIP;
		result->message = xstrdup("needs an open KVM device");
		return;
	}
	result->expected = xstrdup("what the host says");
	if (kvm->ipa_bits)
		result->found = xasprintf("%d bits", kvm->ipa_bits);
	else
		result->found = xstrdup("the host does not say; 40 bits is the usual size");
}

/* ---- vsock ------------------------------------------------------------------------------------- */

/* Only one transport can be bound; in a VMware guest its own often is. */
static const char *other_transport(const struct check_context *context)
{
	static const char *const transports[] = { "vmw_vsock_vmci_transport", "hv_sock" };

	for (size_t i = 0; i < ARRAY_SIZE(transports); i++)
		if (is_loaded(context, transports[i]))
			return transports[i];
	return NULL;
}

void check_vsock_device(struct check_context *context, const struct check *check,
			struct check_result *result)
{
	const char *hypervisor = context->options->hypervisor;
	int ret = host_device_try(context->host, "vhost-vsock");
	const char *other;

	result->expected = xasprintf("%s/vhost-vsock opens", context->host->dev);
	if (ret == 0) {
		result->found = xstrdup("it does");
		return;
	}
	if (!check_uses_kernel_vsock(context)) {
		result->status = CHECK_SKIP;
		result->message = xasprintf("not needed by %s", hypervisor);
		return;
	}
	if ((ret == -EACCES || ret == -EPERM) && !context->options->root) {
		result->found = xstrdup("it is there, and not for this user");
		return;
	}
	result->status = check_missing(check);
	result->found = xstrdup(errno_text(ret));
	result->message = xasprintf("%s reaches the agent in its guests through it", hypervisor);
	other = other_transport(context);
	if (other)
		result->fix = xasprintf(
			"another transport of sockets is in the way: modprobe -r %s, then "
			"modprobe vhost_vsock",
			other);
	else if (!is_loaded(context, "vhost_vsock"))
		result->fix = xstrdup("it comes with the module, see host.module.vhost_vsock");
}

/* ---- memory ------------------------------------------------------------------------------------ */

void check_memory(struct check_context *context, const struct check *check,
		  struct check_result *result)
{
	uint64_t wanted = context->options->sandbox_memory_mib;
	_cleanup_error_ struct error *err = NULL;
	struct host_memory memory;

	if (host_memory_read(context->host, &memory, &err) < 0 || !memory.available_kib) {
		result->status = CHECK_SKIP;
		result->message = xstrdup(err ? error_message(err) : "the kernel does not say");
		return;
	}
	result->expected = xasprintf("%llu MiB available", (unsigned long long)wanted);
	result->found = xasprintf("%llu MiB", (unsigned long long)memory.available_kib / 1024);
	if (memory.available_kib / 1024 < wanted)
		result->status = check_missing(check);
}
