// SPDX-License-Identifier: Apache-2.0
#include "host_checks.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"

void host_checks_options(const struct config *config, struct check_options *options)
{
	*options = (struct check_options){
		.host = &host_here,
		.hypervisor = config_hypervisor_name(config->hypervisor),
		.vhost_net_unused = config_bool(config, CONFIG_HYPERVISOR_DISABLE_VHOST_NET),
		.sandbox_memory_mib = config_u64(config, CONFIG_HYPERVISOR_DEFAULT_MEMORY),
		.load_modules = getuid() == 0,
		.root = geteuid() == 0,
	};
}

/* Every record about KVM carries these. */
#define KVM_FIELDS LOG_STR("check-type", "full"), LOG_STR("device", "/dev/kvm")

static enum log_level level_of(const struct check_result *result)
{
	switch (result->status) {
	case CHECK_FAIL:
		return LOG_LEVEL_ERROR;
	case CHECK_WARN:
		return LOG_LEVEL_WARNING;
	default:
		return LOG_LEVEL_INFO;
	}
}

static void log_property(const struct check_result *result)
{
	bool is_attribute = result->check->kind == CHECK_ATTRIBUTE;
	/* A processor of the same design goes by its own name. */
	const char *name = is_attribute && result->found ? result->found : result->check->item;

	log_at(level_of(result),
	       result->status == CHECK_PASS ? "CPU property found" : "CPU property not found",
	       LOG_STR("description", result->check->title), LOG_STR("name", name),
	       LOG_STR("type", is_attribute ? "attribute" : "flag"));
}

static void log_load(const struct check_result *result)
{
	const char *module = result->check->item;

	if (result->load == CHECK_LOAD_NOT_ROOT)
		log_at(level_of(result),
		       "Module is not loaded and it can not be inserted. Please consider running "
		       "with "
		       "sudo or as root",
		       LOG_STR("module", module));
	else if (result->load == CHECK_LOAD_FAILED)
		log_warning("modprobe insert module failed", LOG_STR("error", result->load_error),
			    LOG_STR("module", module), LOG_STR("output", result->load_output));
}

static void log_module(const struct check_result *result)
{
	_cleanup_free_ char *missing =
		xasprintf("kernel property %s not found", result->check->item);

	log_load(result);
	log_at(level_of(result), result->status == CHECK_PASS ? "kernel property found" : missing,
	       LOG_STR("description", result->check->title), LOG_STR("name", result->check->item),
	       LOG_STR("type", "module"));
}

static void log_parameter(const struct check_result *result)
{
	const struct check *check = result->check;

	if (result->status == CHECK_PASS)
		log_info("Kernel property value correct", LOG_STR("description", check->title),
			 LOG_STR("name", check->item), LOG_STR("parameter", check->parameter),
			 LOG_STR("type", "module"), LOG_STR("value", result->found));
	else
		log_at(level_of(result), "kernel module parameter has unexpected value",
		       LOG_STR("description", check->title), LOG_STR("expected", check->expected),
		       LOG_STR("name", check->item), LOG_STR("parameter", check->parameter),
		       LOG_STR("type", "module"), LOG_STR("value", result->found));
}

/* In the words for a device, a VM and a guest. */
static const struct {
	const char *feature; /* NULL: there is no record of success */
	const char *failure;
} kvm_words[HOST_KVM_STEPS] = {
	[HOST_KVM_OPEN] = { NULL, NULL },
	[HOST_KVM_API_VERSION] = { NULL, "unexpected KVM API version" },
	[HOST_KVM_CREATE_VM] = { "create-vm", "cannot create VM" },
	[HOST_KVM_RUN] = { "run-guest-code", "cannot run guest code" },
};

static void log_kvm_device(const struct check_result *result, const struct host_kvm_result *tried)
{
	_cleanup_free_ char *failure =
		xasprintf("cannot open kvm device: %s", errno_text(tried->error));

	if (result->status == CHECK_PASS)
		log_info("device available", KVM_FIELDS);
	else
		log_at(level_of(result), failure, KVM_FIELDS);
}

static void log_kvm(const struct check_result *result, const struct host_kvm *kvm)
{
	enum host_kvm_step step = result->check->step;
	const struct host_kvm_result *tried = &kvm->steps[step];
	const char *reason = result->message;

	if (step == HOST_KVM_CREATE_VM && tried->error == -EBUSY)
		reason = "another hypervisor running";
	if (step == HOST_KVM_OPEN)
		log_kvm_device(result, tried);
	else if (tried->outcome != HOST_KVM_DONE)
		log_at(level_of(result), kvm_words[step].failure, KVM_FIELDS,
		       LOG_STR("reason", reason));
	else if (kvm_words[step].feature)
		log_info("feature available", KVM_FIELDS,
			 LOG_STR("feature", kvm_words[step].feature));
}

static void log_other(const struct check_result *result)
{
	_cleanup_free_ char *ipa_size = NULL;

	if (strcmp(result->check->id, "host.kvm.ipa-size") == 0 && result->found) {
		ipa_size = xasprintf("IPA limit size: %s.", result->found);
		log_info(ipa_size, KVM_FIELDS);
	} else if (strcmp(result->check->id, "host.cpu.smt") == 0 && result->status == CHECK_WARN) {
		log_warning(result->message);
	}
}

void host_checks_log(const struct check_report *report, enum check_group group)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct check_result *result = &report->results[i];

		if (result->check->group != group || result->status == CHECK_SKIP)
			continue;
		switch (result->check->kind) {
		case CHECK_ATTRIBUTE:
		case CHECK_FLAG:
			log_property(result);
			break;
		case CHECK_MODULE:
			log_module(result);
			break;
		case CHECK_PARAMETER:
			log_parameter(result);
			break;
		case CHECK_KVM:
			log_kvm(result, &report->kvm);
			break;
		case CHECK_OTHER:
			log_other(result);
			break;
		}
	}
}
