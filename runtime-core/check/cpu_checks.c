// SPDX-License-Identifier: Apache-2.0
/* Checks of the processor, from /proc/cpuinfo and from what the processor says of itself. */
#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/strbuf.h"
#include "base/subprocess.h"
#include "check.h"

#define SMT_TIMEOUT_MS 10000
/* From this generation on, guests of KVM may use the threads of a core. */
#define POWER_WITH_SMT_GUESTS 9

void check_cpu_info(struct check_context *context, const struct check *check,
		    struct check_result *result)
{
	_cleanup_(host_cpu_identity_release) struct host_cpu_identity identity = { 0 };
	/* What is not known is left out of the text below. */
	_cleanup_error_ struct error *ignored = NULL;

	result->expected = xasprintf("a processor in %s/cpuinfo", context->host->proc);
	if (!context->cpuinfo_error) {
		(void)host_cpu_identify(context->host, &context->cpuinfo, &identity, &ignored);
		result->found = xasprintf(
			"%u x %s%s", host_cpuinfo_count(&context->cpuinfo),
			identity.model ? identity.model : "unknown model",
			host_cpuinfo_in_vm(&context->cpuinfo) ? ", inside a virtual machine" : "");
		return;
	}
	result->status = check_missing(check);
	result->found = xstrdup("none");
	result->message = xstrdup(error_message(context->cpuinfo_error));
	/* An empty description is, to the existing tools, one of an unknown processor. */
	if (context->host->arch == HOST_ARCH_AMD64 &&
	    error_code(context->cpuinfo_error) == -ENODATA)
		result->failure = xstrdup("Unknown CPU Type");
	else
		result->failure = xstrdup(result->message);
}

static bool skip_without_cpuinfo(const struct check_context *context, struct check_result *result)
{
	if (!context->cpuinfo_error)
		return false;
	result->status = CHECK_SKIP;
	result->message = xstrdup("there is no description of the processor, see host.cpu.info");
	return true;
}

void check_cpu_vendor(struct check_context *context, const struct check *check,
		      struct check_result *result)
{
	struct slice id = host_cpuinfo_value(&context->cpuinfo, "vendor_id");

	result->expected = xasprintf("vendor %s", check->item);
	result->found = slice_dup(id);
	if (!slice_is(id, check->item))
		result->message = xstrdup("of the same design");
}

void check_cpu_unknown(struct check_context *context, const struct check *check,
		       struct check_result *result)
{
	struct slice id = host_cpuinfo_value(&context->cpuinfo, "vendor_id");

	if (skip_without_cpuinfo(context, result))
		return;
	result->expected = xstrdup("vendor GenuineIntel, AuthenticAMD or HygonGenuine");
	result->found = id.size ? slice_dup(id) : xstrdup("no vendor");
	result->status = check_missing(check);
	result->message = xstrdup("what this processor needs for virtualization is not known");
	result->failure = xstrdup("Unknown CPU Type");
}

/* ---- flags ------------------------------------------------------------------------------------- */

/* What CPUID says of a flag that /proc/cpuinfo may lack. */
static bool cpuid_has(const struct host_cpuid *cpuid, const char *flag)
{
	const struct {
		const char *flag;
		bool present;
	} flags[] = {
		{ "vmx", cpuid->vmx },
		{ "svm", cpuid->svm },
		{ "lm", cpuid->lm },
		{ "sse4_1", cpuid->sse4_1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (strcmp(flags[i].flag, flag) == 0)
			return flags[i].present;
	return false;
}

static const char *virtualization_fix(const struct check_context *context, const char *flag)
{
	if (!context->cpuid_error && cpuid_has(&context->cpuid, flag))
		return "the processor has it, but firmware or kernel switched it off: enable "
		       "virtualization in the firmware's setup, and look for clearcpuid= on the "
		       "kernel's "
		       "command line";
	if (host_cpuinfo_in_vm(&context->cpuinfo))
		return "this host is a virtual machine itself: enable nested virtualization for "
		       "it, or "
		       "use a bare-metal host";
	return "enable virtualization (Intel VT-x, AMD-V or SVM) in the firmware's setup";
}

void check_cpu_flag(struct check_context *context, const struct check *check,
		    struct check_result *result)
{
	struct slice flags = host_cpuinfo_flags(&context->cpuinfo);

	if (skip_without_cpuinfo(context, result))
		return;
	result->expected =
		xasprintf("processor flag %s in %s/cpuinfo", check->item, context->host->proc);
	if (slice_contains_word(flags, check->item)) {
		result->found = xstrdup(check->item);
		return;
	}
	result->status = check_missing(check);
	result->found = xstrdup(flags.size ? "not among its flags" : "no flags at all");
	if (!check->fix)
		result->fix = xstrdup(virtualization_fix(context, check->item));
}

/* Add the flags on which the two sources differ. */
static void compare_flags(const struct check_context *context, struct strbuf *differences)
{
	static const char *const flags[] = { "vmx", "svm", "lm", "sse4_1" };
	struct slice listed = host_cpuinfo_flags(&context->cpuinfo);

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		bool has = cpuid_has(&context->cpuid, flags[i]);

		if (has != slice_contains_word(listed, flags[i]))
			strbuf_printf(differences, "%s%s %s", differences->size ? ", " : "",
				      flags[i], has ? "in CPUID only" : "in cpuinfo only");
	}
}

void check_cpu_cpuid(struct check_context *context, const struct check *check,
		     struct check_result *result)
{
	_cleanup_strbuf_ struct strbuf differences = STRBUF_INIT;
	struct slice vendor = host_cpuinfo_value(&context->cpuinfo, "vendor_id");

	if (skip_without_cpuinfo(context, result))
		return;
	if (context->cpuid_error) {
		result->status = CHECK_SKIP;
		result->message = xstrdup(error_message(context->cpuid_error));
		return;
	}
	if (!slice_is(vendor, context->cpuid.vendor))
		strbuf_printf(&differences, "vendor %s in CPUID, %.*s in cpuinfo",
			      context->cpuid.vendor, SLICE_ARGS(vendor));
	compare_flags(context, &differences);
	result->expected = xstrdup("the same vendor and the same flags vmx, svm, lm, sse4_1");
	result->found = differences.size ? strbuf_steal(&differences) : xstrdup("the same");
	if (strcmp(result->found, "the same") != 0)
		result->status = check_missing(check);
}

/* ---- threads of POWER processors ---------------------------------------------------------------- */

void check_cpu_smt(struct check_context *context, const struct check *check,
		   struct check_result *result)
{
	static const char *const argv[] = { "ppc64_cpu", "--smt", NULL };
	static const char *const environment[] = { "LANG=C", NULL };
	_cleanup_subprocess_ struct subprocess process = { .argv = argv,
							   .environment = environment,
							   .timeout_ms = SMT_TIMEOUT_MS,
							   .out = STRBUF_INIT,
							   .err = STRBUF_INIT };
	_cleanup_error_ struct error *err = NULL;
	unsigned generation = host_cpuinfo_power_generation(&context->cpuinfo);
	int ret;

	result->expected = xstrdup("SMT is off, or POWER9 and later");
	if (generation >= POWER_WITH_SMT_GUESTS) {
		result->found = xasprintf("POWER%u", generation);
		return;
	}
	ret = subprocess_run(&process, &err);
	if (ret < 0 || process.status != 0) {
		result->status = CHECK_WARN;
		result->found = xstrdup("unknown");
		result->message = xstrdup("ppc64_cpu isn't installed, can't detect SMT");
		result->fix =
			xstrdup("install ppc64_cpu (package powerpc-ibm-utils), then check again");
		return;
	}
	result->found = slice_dup(slice_trim(strbuf_view(&process.out)));
	if (strcmp(result->found, "SMT is off") == 0)
		return;
	result->status = check_missing(check);
	result->message = xstrdup("guests of KVM cannot share a core's threads on this processor");
	result->failure =
		xstrdup("SMT is not Off. System is not capable of running Kata Containers");
}
