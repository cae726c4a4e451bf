// SPDX-License-Identifier: Apache-2.0
/* The size of a sandbox that is never resized (spec/config.md 5.7). */
#include "annotation_fixture.h"

#include <errno.h>

#include "config/sizing.h"

#define POD(name) "io.kubernetes.cri.sandbox-" name
#define GO	  CONFIG_GO
#define RS	  CONFIG_RS
#define MIB	  (1LL << 20)

static void limits_of_pods(void **state)
{
	static const struct annotation items[] = {
		ANNOTATION(POD("cpu-period"), "100000"),
		ANNOTATION(POD("cpu-quota"), "-1"),
		ANNOTATION(POD("cpu-shares"), " 2"),
		ANNOTATION(POD("memory"), "many"),
	};
	const struct annotations all = { items, ARRAY_SIZE(items) };
	_cleanup_string_list_ struct string_list go = { 0 }, rs = { 0 };
	struct sizing_limits limits;

	(void)state;
	sizing_limits_of_pod(&all, GO, &limits, &go);
	assert_true(limits.period_us == 100000 && limits.quota_us == -1 && limits.shares == 0 &&
		    limits.memory_bytes == 0);
	assert_int_equal(go.count, 2);
	assert_string_equal(go.items[0], POD("cpu-shares"));
	assert_string_equal(go.items[1], POD("memory"));
	sizing_limits_of_pod(&all, RS, &limits, &rs);
	assert_int_equal(limits.shares, 2);
	assert_int_equal(rs.count, 1);
}

static void workloads(void **state)
{
	static const struct {
		enum config_dialect dialect;
		struct sizing_limits limits;
		float cpus;
		uint64_t memory_mib;
	} cases[] = {
		{ GO, { 0 }, 0, 0 },
		{ GO, { .period_us = 100000, .quota_us = 220000 }, 2.2f, 0 },
		{ GO, { .period_us = 0, .quota_us = 220000 }, 0, 0 },
		{ GO, { .period_us = 100000, .quota_us = -1 }, 0, 0 },
		{ GO, { .period_us = 100000, .quota_us = -1, .shares = 2048 }, 2, 0 },
		{ GO, { .period_us = 100000, .quota_us = -1, .shares = 2049 }, 3, 0 },
		{ GO, { .period_us = 100000, .quota_us = 0, .shares = 2 }, 0, 0 },
		{ RS, { .period_us = 100000, .quota_us = -1, .shares = 2048 }, 0, 0 },
		{ RS, { .period_us = 100000, .quota_us = 50000 }, 0.5f, 0 },
		{ GO, { .memory_bytes = 3 * MIB + 1 }, 0, 3 },
		{ RS, { .memory_bytes = 3 * MIB + 1 }, 0, 4 },
		{ RS, { .memory_bytes = MIB - 1 }, 0, 0 },
		{ GO, { .memory_bytes = -1 }, 0, 0 },
		{ RS, { .memory_bytes = INT64_MIN }, 0, 0 },
		{ GO, { .memory_bytes = INT64_MAX }, 0, INT64_MAX / MIB },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sizing_workload workload;

		sizing_workload_of(&cases[i].limits, cases[i].dialect, &workload);
		assert_true(workload.cpus == cases[i].cpus);
		assert_true(workload.memory_mib == cases[i].memory_mib);
	}
}

static void machines(void **state)
{
	static const struct {
		enum config_dialect dialect;
		struct sizing_workload workload;
		struct sizing_machine before, after;
	} cases[] = {
		{ GO,
		  { 2.2f, 1024 },
		  { .cpus = 1, .memory_mib = 2048 },
		  { .cpus = 3.2f, .memory_mib = 3072, .most_cpus = 4 } },
		{ GO,
		  { 0, 0 },
		  { .cpus = 1, .memory_mib = 2048, .most_cpus = 8 },
		  { .cpus = 1, .memory_mib = 2048, .most_cpus = 1 } },
		{ GO,
		  { 0, 0 },
		  { .cpus = 0, .memory_mib = 2048 },
		  { .cpus = 0, .memory_mib = 2048, .most_cpus = 1 } },
		{ RS,
		  { 2, 1024 },
		  { .cpus = 1,
		    .overhead_cpus = 0.5f,
		    .memory_mib = 2048,
		    .overhead_memory_mib = 32 },
		  { .cpus = 2.5f,
		    .overhead_cpus = 0.5f,
		    .memory_mib = 1056,
		    .overhead_memory_mib = 32,
		    .most_cpus = 3,
		    .most_memory_mib = 1056 } },
		{ RS,
		  { 0.25f, 0 },
		  { .cpus = 4,
		    .memory_mib = 2048,
		    .overhead_memory_mib = 32,
		    .most_memory_mib = 64 },
		  { .cpus = 1,
		    .memory_mib = 32,
		    .overhead_memory_mib = 32,
		    .most_cpus = 1,
		    .most_memory_mib = 64 } },
		{ RS,
		  { 0, 0 },
		  { .cpus = 1.5f, .memory_mib = 2048 },
		  { .cpus = 1.5f, .memory_mib = 2048, .most_cpus = 2 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sizing_machine machine = cases[i].before;
		struct error *err = NULL;

		assert_ok(sizing_apply(&cases[i].workload, cases[i].dialect, "qemu", &machine,
				       &err),
			  err);
		assert_true(machine.cpus == cases[i].after.cpus);
		assert_int_equal(machine.memory_mib, cases[i].after.memory_mib);
		assert_int_equal(machine.most_cpus, cases[i].after.most_cpus);
		assert_int_equal(machine.most_memory_mib, cases[i].after.most_memory_mib);
	}
}

static void impossible_machines(void **state)
{
	static const struct {
		enum config_dialect dialect;
		struct sizing_workload workload;
		int code;
		const char *message;
	} cases[] = {
		{ RS,
		  { 1, 0 },
		  -EINVAL,
		  "computed sandbox memory is 0 MiB for hypervisor 'qemu'; set" },
		{ RS,
		  { 0, 0 },
		  -EINVAL,
		  "computed sandbox memory is 0 MiB for hypervisor 'qemu'; set" },
		{ GO, { 0, UINT32_MAX + 1ULL }, -ERANGE, "memory limit" },
		{ RS, { 0, UINT64_MAX }, -ERANGE, "memory limit" },
		{ GO, { 1e30f, 1 }, -ERANGE, "CPU limit" },
		{ RS, { 1e30f, 1 }, -ERANGE, "CPU limit" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sizing_machine machine = { .cpus = 1 };
		struct error *err = NULL;

		assert_failed(sizing_apply(&cases[i].workload, cases[i].dialect, "qemu", &machine,
					   &err),
			      err, cases[i].code, cases[i].message);
	}
}

static void configurations(void **state)
{
	const struct sizing_workload workload = { 0.5f, 512 };
	const struct config_origin origin = origin_of(CONFIG_RUNTIME_STATIC_SANDBOX_RESOURCE_MGMT);

	(void)state;
	for (int fixed = 0; fixed < 2; fixed++) {
		_cleanup_(config_freep) struct config *config = open_config(GO, CONFIG_QEMU);
		struct error *err = NULL;

		config_set_bool(config, CONFIG_RUNTIME_STATIC_SANDBOX_RESOURCE_MGMT, fixed,
				&origin);
		assert_ok(sizing_apply_to_config(config, &workload, &err), err);
		assert_true(config_double(config, CONFIG_HYPERVISOR_DEFAULT_VCPUS) ==
			    (fixed ? 1.5 : 1));
		assert_int_equal(config_u64(config, CONFIG_HYPERVISOR_DEFAULT_MEMORY),
				 fixed ? 2560 : 2048);
		assert_int_equal(config_u64(config, CONFIG_HYPERVISOR_DEFAULT_MAXVCPUS),
				 fixed ? 2 : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_of_pods), cmocka_unit_test(workloads),
		cmocka_unit_test(machines),	  cmocka_unit_test(impossible_machines),
		cmocka_unit_test(configurations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
