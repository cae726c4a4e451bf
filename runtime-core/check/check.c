// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "checks.h"

const char *check_status_name(enum check_status status)
{
	static const char *const names[] = {
		[CHECK_PASS] = "pass",
		[CHECK_WARN] = "warn",
		[CHECK_FAIL] = "fail",
		[CHECK_SKIP] = "skip",
	};

	return names[status];
}

const char *check_verdict_name(enum check_verdict verdict)
{
	static const char *const names[] = {
		[CHECK_CAPABLE] = "capable",
		[CHECK_CAPABLE_WITH_WARNINGS] = "capable-with-warnings",
		[CHECK_NOT_CAPABLE] = "not-capable",
		[CHECK_UNKNOWN] = "unknown",
	};

	return names[verdict];
}

enum check_status check_missing(const struct check *check)
{
	return check->required ? CHECK_FAIL : CHECK_WARN;
}

/* ---- running ----------------------------------------------------------------------------------- */

static int no_cpuid(struct host_cpuid *cpuid, struct error **err)
{
	*cpuid = (struct host_cpuid){ 0 };
	return error_set(err, -ENOTSUP, "this is not the machine that is asked about");
}

static void context_open(struct check_context *context, const struct check_options *options)
{
	int (*read_cpuid)(struct host_cpuid * cpuid, struct error * *err) = options->read_cpuid;

	if (!read_cpuid)
		read_cpuid = options->host == &host_here ? host_cpuid_read : no_cpuid;
	*context = (struct check_context){ .options = options, .host = options->host };
	/* What could not be read is a result of the checks that need it. */
	(void)host_cpuinfo_read(options->host, &context->cpuinfo, &context->cpuinfo_error);
	context->vendor = host_cpuinfo_vendor(&context->cpuinfo);
	if (options->host->arch == HOST_ARCH_AMD64)
		(void)read_cpuid(&context->cpuid, &context->cpuid_error);
}

static void context_close(struct check_context *context)
{
	host_cpuinfo_release(&context->cpuinfo);
	error_free(context->cpuinfo_error);
	error_free(context->cpuid_error);
}

static bool applies(const struct check *check, enum host_arch arch, enum host_cpu_vendor vendor)
{
	return (!check->arches || check->arches & 1u << arch) &&
	       (!check->vendors || check->vendors & 1u << vendor);
}

/* The others reach the guest's agent through a unix socket of their own. */
bool check_uses_kernel_vsock(const struct check_context *context)
{
	static const char *const users[] = { "qemu", "stratovirt" };

	for (size_t i = 0; i < ARRAY_SIZE(users); i++)
		if (strcmp(context->options->hypervisor, users[i]) == 0)
			return true;
	return false;
}

static void run_check(struct check_context *context, const struct check *check,
		      struct check_result *result)
{
	int64_t start = clock_now_us();

	if (check->local && strcmp(context->options->hypervisor, "remote") == 0) {
		result->status = CHECK_SKIP;
		result->message = xstrdup(
			"not needed: the remote hypervisor runs virtual machines elsewhere");
		return;
	}
	check->run(context, check, result);
	if (!result->duration_us)
		result->duration_us = (uint64_t)(clock_now_us() - start);
	if (!result->fix && check->fix &&
	    (result->status == CHECK_WARN || result->status == CHECK_FAIL))
		result->fix = xstrdup(check->fix);
}

static bool can_be_excused(const struct check_result *result)
{
	return result->check->proven_by_run && result->status == CHECK_FAIL;
}

/* A guest that ran is a better proof than the name of a flag or of a module. */
static void excuse_what_is_proven(struct check_context *context, struct check_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		struct check_result *result = &report->results[i];

		if (!can_be_excused(result) ||
		    check_kvm_probe(context)->steps[HOST_KVM_RUN].outcome != HOST_KVM_DONE)
			continue;
		result->status = CHECK_WARN;
		free(result->message);
		result->message = xstrdup("does not matter here: a virtual CPU ran guest code");
		free(result->fix);
		result->fix = NULL;
	}
}

void check_host(const struct check_options *options, struct check_report *report)
{
	struct check_context context;

	context_open(&context, options);
	for (size_t i = 0; i < check_count; i++) {
		if (options->capability_only && checks[i].group != CHECK_CAPABILITY)
			continue;
		if (applies(&checks[i], options->host->arch, context.vendor))
			run_check(&context, &checks[i], check_report_add(report, &checks[i]));
	}
	excuse_what_is_proven(&context, report);
	report->kvm = context.kvm;
	context_close(&context);
}

size_t check_list(const struct host *host, const struct check **list, size_t max)
{
	/* An unknown vendor has checks of its own. */
	_cleanup_error_ struct error *ignored = NULL;
	_cleanup_(host_cpuinfo_release) struct host_cpuinfo cpuinfo;
	enum host_cpu_vendor vendor;
	size_t count = 0;

	(void)host_cpuinfo_read(host, &cpuinfo, &ignored);
	vendor = host_cpuinfo_vendor(&cpuinfo);
	for (size_t i = 0; i < check_count && count < max; i++)
		if (applies(&checks[i], host->arch, vendor))
			list[count++] = &checks[i];
	return count;
}

/* ---- the report -------------------------------------------------------------------------------- */

struct check_result *check_report_add(struct check_report *report, const struct check *check)
{
	struct check_result *result;

	report->results = xgrow(report->results, &report->capacity, report->count + 1,
				sizeof(*report->results));
	result = &report->results[report->count++];
	*result = (struct check_result){ .check = check };
	return result;
}

const struct check_result *check_report_find(const struct check_report *report, const char *id)
{
	for (size_t i = 0; i < report->count; i++)
		if (strcmp(report->results[i].check->id, id) == 0)
			return &report->results[i];
	return NULL;
}

size_t check_report_count(const struct check_report *report, enum check_status status)
{
	size_t count = 0;

	for (size_t i = 0; i < report->count; i++)
		count += report->results[i].status == status;
	return count;
}

bool check_report_group_passed(const struct check_report *report, enum check_group group)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->results[i].check->group == group &&
		    report->results[i].status == CHECK_FAIL)
			return false;
	return true;
}

static bool host_was_checked(const struct check_report *report)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->results[i].check->group == CHECK_CAPABILITY)
			return true;
	return false;
}

enum check_verdict check_report_verdict(const struct check_report *report)
{
	if (check_report_count(report, CHECK_FAIL))
		return CHECK_NOT_CAPABLE;
	if (!host_was_checked(report))
		return CHECK_UNKNOWN;
	return check_report_count(report, CHECK_WARN) ? CHECK_CAPABLE_WITH_WARNINGS : CHECK_CAPABLE;
}

/* The first words of the group's own, or else the words for the group. */
static const char *group_failure(const struct check_report *report, enum check_group group)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct check_result *result = &report->results[i];

		if (result->check->group == group && result->status == CHECK_FAIL &&
		    result->failure)
			return result->failure;
	}
	return CHECK_NOT_CAPABLE_TEXT;
}

const char *check_report_failure(const struct check_report *report)
{
	for (int group = CHECK_CONFIGURATION; group <= CHECK_NETWORK; group++)
		if (!check_report_group_passed(report, (enum check_group)group))
			return group_failure(report, (enum check_group)group);
	return NULL;
}

void check_report_release(struct check_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		struct check_result *result = &report->results[i];

		free(result->expected);
		free(result->found);
		free(result->message);
		free(result->fix);
		free(result->failure);
		free(result->load_error);
		free(result->load_output);
	}
	free(report->results);
	*report = (struct check_report){ 0 };
}
