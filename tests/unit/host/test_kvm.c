// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "base/path.h"
#include "host/cpuid.h"
#include "host/kvm.h"
#include "recorded_host.h"

static void assert_no_child_left(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void test_no_device(void **state)
{
	_cleanup_recorded_host_ struct recorded_host recorded =
		recorded_host_at("/nonexistent", HOST_ARCH_COMPILED);
	struct host_kvm kvm;

	(void)state;
	host_kvm_probe(&recorded.host, HOST_KVM_TIMEOUT_MS, &kvm);
	assert_int_equal(kvm.steps[HOST_KVM_OPEN].outcome, HOST_KVM_FAILED);
	assert_int_equal(kvm.steps[HOST_KVM_OPEN].error, -ENOENT);
	assert_string_equal(kvm.steps[HOST_KVM_OPEN].detail, "");
	for (int step = HOST_KVM_API_VERSION; step < HOST_KVM_STEPS; step++)
		assert_int_equal(kvm.steps[step].outcome, HOST_KVM_NOT_REACHED);
	assert_int_equal(host_kvm_extension(&recorded.host, 0), -ENOENT);
	assert_no_child_left();
}

/* The recorded hosts have plain files for devices: they open, and are not KVM. */
static void test_not_kvm(void **state)
{
	_cleanup_recorded_host_ struct recorded_host recorded = recorded_host("amd64-intel");
	struct host_kvm kvm;

	(void)state;
	host_kvm_probe(&recorded.host, HOST_KVM_TIMEOUT_MS, &kvm);
	assert_int_equal(kvm.steps[HOST_KVM_OPEN].outcome, HOST_KVM_DONE);
	assert_int_equal(kvm.steps[HOST_KVM_API_VERSION].outcome, HOST_KVM_FAILED);
	assert_int_equal(kvm.steps[HOST_KVM_API_VERSION].error, -ENOTTY);
	assert_int_equal(kvm.steps[HOST_KVM_CREATE_VM].outcome, HOST_KVM_NOT_REACHED);
	assert_no_child_left();
}

/* Whatever this machine has: the steps are in order, and the first that fails says why. */
static void test_this_host(void **state)
{
	struct host_kvm kvm;
	bool over = false;

	(void)state;
	host_kvm_probe(&host_here, HOST_KVM_TIMEOUT_MS, &kvm);
	for (int step = 0; step < HOST_KVM_STEPS; step++) {
		const struct host_kvm_result *result = &kvm.steps[step];

		print_message("# step %d: outcome %d, error %d, %s\n", step, result->outcome,
			      result->error, result->detail);
		assert_int_equal(result->outcome == HOST_KVM_NOT_REACHED, over);
		if (result->outcome == HOST_KVM_FAILED)
			assert_true(result->error < 0 || result->detail[0]);
		else if (result->outcome == HOST_KVM_DONE)
			assert_true(result->error == 0 && !result->detail[0]);
		over = result->outcome != HOST_KVM_DONE;
	}
	if (kvm.steps[HOST_KVM_API_VERSION].outcome == HOST_KVM_DONE)
		assert_int_equal(kvm.api_version, HOST_KVM_API);
	assert_no_child_left();
}

/* No time at all: the child is killed, and the step it was in is named. */
static void test_time_limit(void **state)
{
	_cleanup_recorded_host_ struct recorded_host recorded = recorded_host("amd64-intel");
	int timed_out = 0;

	(void)state;
	for (int i = 0; i < 20; i++) {
		struct host_kvm kvm;

		host_kvm_probe(&recorded.host, 0, &kvm);
		for (int step = 0; step < HOST_KVM_STEPS; step++)
			timed_out += kvm.steps[step].outcome == HOST_KVM_TIMED_OUT;
		assert_no_child_left();
	}
	assert_true(timed_out > 0);
}

/* Another architecture's guest code cannot run here, but everything before it can be tried. */
static void test_other_architecture(void **state)
{
	struct host host = host_here;
	struct host_kvm kvm;

	(void)state;
	host.arch = host.arch == HOST_ARCH_S390X ? HOST_ARCH_AMD64 : HOST_ARCH_S390X;
	host_kvm_probe(&host, HOST_KVM_TIMEOUT_MS, &kvm);
	if (kvm.steps[HOST_KVM_CREATE_VM].outcome != HOST_KVM_DONE)
		skip();
	assert_int_equal(kvm.steps[HOST_KVM_RUN].outcome, HOST_KVM_NOT_IMPLEMENTED);
}

static void test_cpuid(void **state)
{
	struct host_cpuid cpuid;
	struct error *err = NULL;

	(void)state;
	if (HOST_ARCH_COMPILED != HOST_ARCH_AMD64) {
		assert_failed(host_cpuid_read(&cpuid, &err), err, -ENOTSUP, "only amd64");
		return;
	}
	assert_ok(host_cpuid_read(&cpuid, &err), err);
	assert_true(cpuid.lm);
	assert_int_equal(strlen(cpuid.vendor), 12);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_device),	   cmocka_unit_test(test_not_kvm),
		cmocka_unit_test(test_this_host),	   cmocka_unit_test(test_time_limit),
		cmocka_unit_test(test_other_architecture), cmocka_unit_test(test_cpuid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
