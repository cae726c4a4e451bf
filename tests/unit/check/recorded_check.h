/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The checks on a recorded host, with a recorded KVM. */

#include <errno.h>
#include <string.h>

#include "check/check.h"
#include "recorded_host.h"

typedef void probe_function(const struct host *host, unsigned timeout_ms, struct host_kvm *kvm);

static inline void kvm_done(struct host_kvm *kvm, enum host_kvm_step last)
{
	*kvm = (struct host_kvm){ .api_version = 12, .ipa_bits = 48 };
	for (int step = 0; step <= (int)last; step++)
		kvm->steps[step].outcome = HOST_KVM_DONE;
}

static inline void kvm_fails(struct host_kvm *kvm, enum host_kvm_step step, int error)
{
	kvm->steps[step].outcome = HOST_KVM_FAILED;
	kvm->steps[step].error = error;
}

static inline void kvm_works(const struct host *host, unsigned timeout_ms, struct host_kvm *kvm)
{
	(void)host;
	(void)timeout_ms;
	kvm_done(kvm, HOST_KVM_RUN);
	kvm->cycles_per_round = 2;
}

static inline void kvm_absent(const struct host *host, unsigned timeout_ms, struct host_kvm *kvm)
{
	(void)host;
	(void)timeout_ms;
	*kvm = (struct host_kvm){ 0 };
	kvm_fails(kvm, HOST_KVM_OPEN, -ENOENT);
}

static inline void kvm_forbidden(const struct host *host, unsigned timeout_ms, struct host_kvm *kvm)
{
	kvm_absent(host, timeout_ms, kvm);
	kvm_fails(kvm, HOST_KVM_OPEN, -EACCES);
}

static inline void kvm_busy(const struct host *host, unsigned timeout_ms, struct host_kvm *kvm)
{
	(void)host;
	(void)timeout_ms;
	kvm_done(kvm, HOST_KVM_API_VERSION);
	kvm_fails(kvm, HOST_KVM_CREATE_VM, -EBUSY);
}

/* As a KVM without hardware support does it. */
static inline void kvm_interprets(const struct host *host, unsigned timeout_ms,
				  struct host_kvm *kvm)
{
	(void)host;
	(void)timeout_ms;
	kvm_done(kvm, HOST_KVM_CREATE_VM);
	kvm_fails(kvm, HOST_KVM_RUN, 0);
	strcpy(kvm->steps[HOST_KVM_RUN].detail, "KVM met an instruction that it cannot emulate");
	kvm->cycles_per_round = 2900;
}

static inline void kvm_crawls(const struct host *host, unsigned timeout_ms, struct host_kvm *kvm)
{
	kvm_works(host, timeout_ms, kvm);
	kvm->cycles_per_round = 2900;
}

static inline void kvm_hangs(const struct host *host, unsigned timeout_ms, struct host_kvm *kvm)
{
	(void)host;
	(void)timeout_ms;
	kvm_done(kvm, HOST_KVM_CREATE_VM);
	kvm->steps[HOST_KVM_RUN].outcome = HOST_KVM_TIMED_OUT;
	strcpy(kvm->steps[HOST_KVM_RUN].detail, "the guest was to add two numbers");
}

/* On another architecture than the host's the guest code is not there. */
static inline void kvm_not_run(const struct host *host, unsigned timeout_ms, struct host_kvm *kvm)
{
	(void)host;
	(void)timeout_ms;
	kvm_done(kvm, HOST_KVM_CREATE_VM);
	kvm->steps[HOST_KVM_RUN].outcome = HOST_KVM_NOT_IMPLEMENTED;
}

static inline void assert_status(const struct check_report *report, const char *id,
				 enum check_status status)
{
	const struct check_result *result = check_report_find(report, id);

	if (!result)
		fail_msg("%s: no such result", id);
	else if (result->status != status)
		fail_msg("%s: %s instead of %s: %s", id, check_status_name(result->status),
			 check_status_name(status), result->message ? result->message : "");
}

static inline void assert_text(const char *text, const char *part)
{
	if (!text || !strstr(text, part))
		fail_msg("\"%s\" does not contain \"%s\"", text ? text : "(nothing)", part);
}
