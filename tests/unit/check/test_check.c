// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <string.h>

#include "base/path.h"
#include "base/string_list.h"
#include "recorded_check.h"

#define NOT_CAPABLE CHECK_NOT_CAPABLE_TEXT

/* Each recorded host under each circumstance that decides something. */
static const struct {
	const char *name, *hypervisor;
	bool root;
	probe_function *kvm;
	enum check_verdict verdict;
	const char *failure;  /* NULL: none */
	const char *worst[4]; /* results that are not "pass": "fail host.kvm.device" */
} cases[] = {
	{ "amd64-intel", "qemu", true, kvm_works, CHECK_CAPABLE, NULL, { 0 } },
	{ "amd64-intel", "qemu", false, kvm_works, CHECK_CAPABLE, NULL, { 0 } },
	{ "amd64-intel", "dragonball", true, kvm_works, CHECK_CAPABLE, NULL, { 0 } },
	{ "amd64-intel",
	  "qemu",
	  true,
	  kvm_absent,
	  CHECK_NOT_CAPABLE,
	  "no such file or directory",
	  { "fail host.kvm.device", "skip host.kvm.api-version", "skip host.kvm.create-vm",
	    "skip host.kvm.run" } },
	{ "amd64-intel",
	  "qemu",
	  false,
	  kvm_absent,
	  CHECK_CAPABLE_WITH_WARNINGS,
	  NULL,
	  { "warn host.kvm.device", "skip host.kvm.api-version", "skip host.kvm.create-vm",
	    "skip host.kvm.run" } },
	{ "amd64-intel",
	  "qemu",
	  false,
	  kvm_forbidden,
	  CHECK_CAPABLE,
	  NULL,
	  { "skip host.kvm.device", "skip host.kvm.api-version", "skip host.kvm.create-vm",
	    "skip host.kvm.run" } },
	{ "amd64-intel",
	  "qemu",
	  true,
	  kvm_forbidden,
	  CHECK_NOT_CAPABLE,
	  "permission denied",
	  { "fail host.kvm.device", "skip host.kvm.api-version", "skip host.kvm.create-vm",
	    "skip host.kvm.run" } },
	{ "amd64-intel",
	  "qemu",
	  true,
	  kvm_busy,
	  CHECK_NOT_CAPABLE,
	  "device or resource busy",
	  { "fail host.kvm.create-vm", "skip host.kvm.run" } },
	{ "amd64-intel",
	  "qemu",
	  true,
	  kvm_hangs,
	  CHECK_NOT_CAPABLE,
	  "no guest code runs: no answer in time, given up: the guest was to add two numbers",
	  { "fail host.kvm.run" } },
	{ "amd64-intel",
	  "qemu",
	  true,
	  kvm_crawls,
	  CHECK_CAPABLE_WITH_WARNINGS,
	  NULL,
	  { "warn host.kvm.run" } },
	{ "amd64-intel-nested",
	  "qemu",
	  true,
	  kvm_works,
	  CHECK_CAPABLE_WITH_WARNINGS,
	  NULL,
	  { "warn host.module.vhost_vsock", "warn host.vsock.device" } },
	/* These need no vhost-vsock. */
	{ "amd64-intel-nested",
	  "clh",
	  true,
	  kvm_works,
	  CHECK_CAPABLE,
	  NULL,
	  { "skip host.module.vhost_vsock", "skip host.vsock.device" } },
	{ "amd64-intel-nested",
	  "firecracker",
	  true,
	  kvm_works,
	  CHECK_CAPABLE,
	  NULL,
	  { "skip host.module.vhost_vsock", "skip host.vsock.device" } },
	{ "amd64-amd", "qemu", true, kvm_works, CHECK_CAPABLE, NULL, { 0 } },
	{ "amd64-hygon", "qemu", true, kvm_works, CHECK_CAPABLE, NULL, { 0 } },
	{ "arm64", "qemu", true, kvm_not_run, CHECK_CAPABLE, NULL, { "skip host.kvm.run" } },
	{ "arm64", "qemu", true, kvm_works, CHECK_CAPABLE, NULL, { 0 } },
	{ "ppc64le-power9",
	  "qemu",
	  true,
	  kvm_not_run,
	  CHECK_CAPABLE,
	  NULL,
	  { "skip host.kvm.run" } },
	{ "ppc64le-power10",
	  "qemu",
	  true,
	  kvm_not_run,
	  CHECK_CAPABLE,
	  NULL,
	  { "skip host.kvm.run" } },
	{ "s390x", "qemu", true, kvm_not_run, CHECK_CAPABLE, NULL, { "skip host.kvm.run" } },
	{ "riscv64", "qemu", true, kvm_not_run, CHECK_CAPABLE, NULL, { "skip host.kvm.run" } },
};

static void run_checks(const char *name, const char *hypervisor, bool root, probe_function *kvm,
		       struct check_report *report)
{
	_cleanup_recorded_host_ struct recorded_host recorded = recorded_host(name);
	const struct check_options options = {
		.host = &recorded.host,
		.hypervisor = hypervisor,
		.sandbox_memory_mib = 2048,
		.root = root,
		.probe_kvm = kvm,
	};

	check_host(&options, report);
}

static void assert_only(const struct check_report *report, const char *const worst[4])
{
	_cleanup_string_list_ struct string_list expected = { 0 }, found = { 0 };
	_cleanup_free_ char *expected_text = NULL, *found_text = NULL;

	for (size_t i = 0; i < 4 && worst[i]; i++)
		string_list_add(&expected, worst[i]);
	for (size_t i = 0; i < report->count; i++) {
		const struct check_result *result = &report->results[i];

		/* CPUID is this machine's and never a recorded one's. */
		if (result->status != CHECK_PASS &&
		    strcmp(result->check->id, "host.cpu.cpuid") != 0)
			string_list_take(&found,
					 xasprintf("%s %s", check_status_name(result->status),
						   result->check->id));
	}
	expected_text = string_list_join(&expected, ", ");
	found_text = string_list_join(&found, ", ");
	assert_string_equal(found_text, expected_text);
}

static void test_recorded_hosts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_check_report_ struct check_report report = { 0 };
		const char *failure;

		print_message("# %zu: %s, %s, root %d\n", i, cases[i].name, cases[i].hypervisor,
			      cases[i].root);
		run_checks(cases[i].name, cases[i].hypervisor, cases[i].root, cases[i].kvm,
			   &report);
		assert_only(&report, cases[i].worst);
		assert_int_equal(check_report_verdict(&report), cases[i].verdict);
		failure = check_report_failure(&report);
		assert_string_equal(failure ? failure : "none",
				    cases[i].failure ? cases[i].failure : "none");
		assert_true(check_report_group_passed(&report, CHECK_CAPABILITY));
		assert_int_equal(check_report_group_passed(&report, CHECK_CREATION),
				 cases[i].failure == NULL);
	}
}

/* Every failure and warning says what to look at and what to do. */
static void test_what_fails_is_explained(void **state)
{
	static probe_function *const probes[] = { kvm_absent,	  kvm_forbidden, kvm_busy,
						  kvm_interprets, kvm_hangs,	 kvm_crawls };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++) {
		_cleanup_check_report_ struct check_report report = { 0 };

		run_checks("amd64-no-virtualization", "qemu", true, probes[i], &report);
		for (size_t r = 0; r < report.count; r++) {
			const struct check_result *result = &report.results[r];

			if (result->status == CHECK_SKIP) {
				assert_non_null(result->message);
				continue;
			}
			assert_non_null(result->found);
			if (result->status == CHECK_PASS)
				continue;
			assert_non_null(result->expected);
			assert_true(result->fix || result->message);
		}
	}
}

/* No flag and no module, and yet a guest ran: that is what counts. Not so for vhost, which it needs not. */
static void test_ability_counts_more_than_names(void **state)
{
	_cleanup_check_report_ struct check_report proven = { 0 }, unproven = { 0 };

	(void)state;
	run_checks("amd64-no-virtualization", "qemu", true, kvm_works, &proven);
	assert_status(&proven, "host.cpu.virtualization", CHECK_WARN);
	assert_status(&proven, "host.module.kvm", CHECK_WARN);
	assert_status(&proven, "host.module.kvm_intel", CHECK_WARN);
	assert_status(&proven, "host.module.vhost_net", CHECK_FAIL);
	assert_text(check_report_find(&proven, "host.module.kvm")->message, "ran guest code");

	run_checks("amd64-no-virtualization", "qemu", true, kvm_interprets, &unproven);
	assert_status(&unproven, "host.cpu.virtualization", CHECK_FAIL);
	assert_status(&unproven, "host.module.kvm", CHECK_FAIL);
	assert_status(&unproven, "host.kvm.run", CHECK_FAIL);
	assert_text(check_report_find(&unproven, "host.kvm.run")->message, "interprets guest code");
	assert_string_equal(check_report_failure(&unproven), NOT_CAPABLE);
	assert_int_equal(check_report_verdict(&unproven), CHECK_NOT_CAPABLE);
}

/* For `env`: KVM is asked only where its answer can change the verdict. */
static int probe_calls;

static void kvm_counted(const struct host *host, unsigned timeout_ms, struct host_kvm *kvm)
{
	probe_calls++;
	kvm_works(host, timeout_ms, kvm);
}

static void test_capability_only(void **state)
{
	static const struct {
		const char *name;
		int calls;
	} recorded_hosts[] = { { "amd64-amd", 0 }, { "amd64-no-virtualization", 1 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(recorded_hosts); i++) {
		_cleanup_recorded_host_ struct recorded_host recorded =
			recorded_host(recorded_hosts[i].name);
		_cleanup_check_report_ struct check_report report = { 0 };
		const struct check_options options = {
			.host = &recorded.host,
			.hypervisor = "qemu",
			.probe_kvm = kvm_counted,
			.capability_only = true,
		};

		probe_calls = 0;
		check_host(&options, &report);
		assert_int_equal(probe_calls, recorded_hosts[i].calls);
		assert_null(check_report_find(&report, "host.kvm.device"));
		assert_int_not_equal(check_report_find(&report, "host.cpu.virtualization")->status,
				     CHECK_FAIL);
	}
}

/* Elsewhere the remote hypervisor's machines run: nothing is asked of this host. */
static void test_remote(void **state)
{
	_cleanup_check_report_ struct check_report report = { 0 };

	(void)state;
	run_checks("amd64-no-virtualization", "remote", true, kvm_absent, &report);
	assert_int_equal(check_report_verdict(&report), CHECK_CAPABLE);
	assert_status(&report, "host.cpu.vendor", CHECK_PASS);
	assert_status(&report, "host.cpu.virtualization", CHECK_SKIP);
	assert_status(&report, "host.module.vhost", CHECK_SKIP);
	assert_status(&report, "host.kvm.device", CHECK_SKIP);
	assert_status(&report, "host.memory.available", CHECK_SKIP);
}

/* A host of files in a temporary directory. */
static void put(const char *directory, const char *name, const char *text)
{
	_cleanup_free_ char *path = path_join(directory, name);
	_cleanup_free_ char *parent = path_directory(path);
	struct error *err = NULL;

	assert_ok(directory_make_all(parent, 0755, &err), err);
	assert_ok(file_replace(path, text, strlen(text), 0644, &err), err);
}

static void check_directory(const char *directory, enum host_arch arch,
			    struct check_options options, struct check_report *report)
{
	_cleanup_recorded_host_ struct recorded_host recorded = recorded_host_at(directory, arch);

	options.host = &recorded.host;
	options.hypervisor = "qemu";
	options.root = true;
	if (!options.probe_kvm)
		options.probe_kvm = kvm_absent;
	check_host(&options, report);
}

static void test_no_cpuinfo(void **state)
{
	static const struct {
		enum host_arch arch;
		const char *text; /* NULL: no file */
		const char *failure;
	} broken[] = {
		{ HOST_ARCH_AMD64, "", "Unknown CPU Type" },
		{ HOST_ARCH_AMD64, NULL, "/proc/cpuinfo: no such file or directory" },
		{ HOST_ARCH_AMD64, "vendor_id : TransmetaCPU\nflags : lm\n", "Unknown CPU Type" },
		{ HOST_ARCH_AMD64, "bogus\n", "Unknown CPU Type" },
		{ HOST_ARCH_ARM64, "\n", "Cannot determine CPU details" },
		{ HOST_ARCH_S390X, NULL, "/proc/cpuinfo: no such file or directory" },
	};
	_cleanup_free_ char *path = path_join(*state, "proc/cpuinfo");
	struct error *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		_cleanup_check_report_ struct check_report report = { 0 };

		assert_ok(path_remove_all(path, &err), err);
		if (broken[i].text)
			put(*state, "proc/cpuinfo", broken[i].text);
		check_directory(*state, broken[i].arch, (struct check_options){ 0 }, &report);
		assert_text(check_report_failure(&report), broken[i].failure);
		assert_int_equal(check_report_verdict(&report), CHECK_NOT_CAPABLE);
		/* Everything else ran nevertheless. */
		assert_status(&report, "host.kvm.device", CHECK_FAIL);
		assert_non_null(check_report_find(&report, "host.memory.available"));
	}
}

static int cpuid_with_vmx(struct host_cpuid *cpuid, struct error **err)
{
	(void)err;
	*cpuid = (struct host_cpuid){ "GenuineIntel", .vmx = true, .lm = true, .sse4_1 = true };
	return 0;
}

static int cpuid_unknown(struct host_cpuid *cpuid, struct error **err)
{
	*cpuid = (struct host_cpuid){ 0 };
	return error_set(err, -ENOENT, "open library libcpuid.so.16: not there");
}

static void test_cpuid(void **state)
{
	_cleanup_check_report_ struct check_report same = { 0 }, differs = { 0 }, unknown = { 0 };
	struct check_options options = { .read_cpuid = cpuid_with_vmx };

	put(*state, "proc/cpuinfo", "vendor_id : GenuineIntel\nflags : lm sse4_1 vmx\n");
	check_directory(*state, HOST_ARCH_AMD64, options, &same);
	assert_status(&same, "host.cpu.cpuid", CHECK_PASS);

	/* The processor can, and the kernel does not list it: the remedy is another one. */
	put(*state, "proc/cpuinfo", "vendor_id : GenuineIntel\nflags : lm sse4_1\n");
	check_directory(*state, HOST_ARCH_AMD64, options, &differs);
	assert_status(&differs, "host.cpu.cpuid", CHECK_WARN);
	assert_string_equal(check_report_find(&differs, "host.cpu.cpuid")->found,
			    "vmx in CPUID only");
	assert_text(check_report_find(&differs, "host.cpu.virtualization")->fix, "switched it off");

	options.read_cpuid = cpuid_unknown;
	check_directory(*state, HOST_ARCH_AMD64, options, &unknown);
	assert_status(&unknown, "host.cpu.cpuid", CHECK_SKIP);
	assert_text(check_report_find(&unknown, "host.cpu.virtualization")->fix,
		    "firmware's setup");
}

/* A stand-in for ppc64_cpu, first in PATH. */
static void test_smt(void **state)
{
	static const struct {
		const char *script; /* NULL: not installed */
		enum check_status status;
	} answers[] = {
		{ "#!/bin/sh\necho SMT is off\n", CHECK_PASS },
		{ "#!/bin/sh\n[ \"$LANG\" = C ] && [ \"$*\" = --smt ] && echo SMT=8\n",
		  CHECK_FAIL },
		{ "#!/bin/sh\nexit 1\n", CHECK_WARN },
		{ NULL, CHECK_WARN },
	};
	_cleanup_free_ char *program = path_join(*state, "ppc64_cpu");
	_cleanup_free_ char *old_path = xstrdup(getenv("PATH"));
	struct error *err = NULL;

	assert_int_equal(setenv("PATH", *state, 1), 0);
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		_cleanup_check_report_ struct check_report report = { 0 };

		assert_ok(path_remove_all(program, &err), err);
		if (answers[i].script)
			assert_ok(file_replace(program, answers[i].script,
					       strlen(answers[i].script), 0755, &err),
				  err);
		run_checks("ppc64le-power8", "qemu", true, kvm_not_run, &report);
		assert_status(&report, "host.cpu.smt", answers[i].status);
		if (answers[i].status == CHECK_FAIL)
			assert_string_equal(check_report_failure(&report),
					    "SMT is not Off. System is not capable of running Kata "
					    "Containers");
	}
	assert_int_equal(setenv("PATH", old_path, 1), 0);
}

static void test_modules(void **state)
{
	_cleanup_check_report_ struct check_report user = { 0 }, root = { 0 }, unused = { 0 },
						   device = { 0 };
	const struct check_result *result;

	put(*state, "proc/cpuinfo", "vendor_id : HygonGenuine\nflags : lm sse4_1 svm\n");
	put(*state, "proc/version", "Linux version 0.0.0-none (nobody)\n");
	check_directory(*state, HOST_ARCH_AMD64, (struct check_options){ 0 }, &user);
	result = check_report_find(&user, "host.module.kvm_amd");
	assert_int_equal(result->status, CHECK_FAIL);
	assert_int_equal(result->load, CHECK_LOAD_NOT_ROOT);
	assert_text(result->fix, "modprobe kvm_amd");
	assert_status(&user, "host.module.vhost_vsock", CHECK_WARN);
	assert_string_equal(check_report_failure(&user), NOT_CAPABLE);

	check_directory(*state, HOST_ARCH_AMD64, (struct check_options){ .load_modules = true },
			&root);
	result = check_report_find(&root, "host.module.vhost");
	assert_int_equal(result->status, CHECK_FAIL);
	assert_int_equal(result->load, CHECK_LOAD_FAILED);
	assert_text(result->load_error, "Module vhost not found in directory ");

	/* A configuration that uses no vhost-net, and a device that opens without a module of that name. */
	check_directory(*state, HOST_ARCH_AMD64, (struct check_options){ .vhost_net_unused = true },
			&unused);
	assert_status(&unused, "host.module.vhost", CHECK_WARN);
	assert_status(&unused, "host.module.vhost_net", CHECK_WARN);
	assert_status(&unused, "host.module.kvm", CHECK_FAIL);
	put(*state, "dev/vhost-net", "");
	check_directory(*state, HOST_ARCH_AMD64, (struct check_options){ 0 }, &device);
	assert_status(&device, "host.module.vhost_net", CHECK_WARN);
	assert_status(&device, "host.module.vhost", CHECK_WARN);
	assert_text(check_report_find(&device, "host.module.vhost")->message, "vhost-net opens");
}

static void test_module_parameters(void **state)
{
	_cleanup_check_report_ struct check_report bare = { 0 }, nested = { 0 };

	put(*state, "proc/cpuinfo", "vendor_id : GenuineIntel\nflags : lm sse4_1 vmx\n");
	put(*state, "sys/module/kvm_intel/parameters/unrestricted_guest", "N\n");
	check_directory(*state, HOST_ARCH_AMD64, (struct check_options){ 0 }, &bare);
	assert_status(&bare, "host.module.kvm_intel.unrestricted_guest", CHECK_WARN);
	assert_status(&bare, "host.module.kvm.kvmclock_periodic_sync", CHECK_SKIP);
	put(*state, "proc/cpuinfo", "vendor_id : GenuineIntel\nflags : lm sse4_1 vmx hypervisor\n");
	check_directory(*state, HOST_ARCH_AMD64, (struct check_options){ 0 }, &nested);
	assert_status(&nested, "host.module.kvm_intel.unrestricted_guest", CHECK_PASS);
}

static void test_vsock_and_memory(void **state)
{
	_cleanup_check_report_ struct check_report report = { 0 };

	put(*state, "proc/cpuinfo", "processor : 0\n");
	put(*state, "proc/meminfo", "MemTotal: 4194304 kB\nMemAvailable: 1048576 kB\n");
	put(*state, "sys/module/vmw_vsock_vmci_transport/initstate", "live\n");
	check_directory(*state, HOST_ARCH_ARM64,
			(struct check_options){ .sandbox_memory_mib = 1025 }, &report);
	assert_status(&report, "host.memory.available", CHECK_WARN);
	assert_string_equal(check_report_find(&report, "host.memory.available")->found, "1024 MiB");
	assert_status(&report, "host.vsock.device", CHECK_WARN);
	assert_text(check_report_find(&report, "host.vsock.device")->fix,
		    "modprobe -r vmw_vsock_vmci_transport");
}

/* The real probe on a file that is no device at all. */
static void test_a_file_is_not_kvm(void **state)
{
	_cleanup_check_report_ struct check_report report = { 0 };

	(void)state;
	run_checks("amd64-intel", "qemu", true, host_kvm_probe, &report);
	assert_status(&report, "host.kvm.device", CHECK_PASS);
	assert_status(&report, "host.kvm.api-version", CHECK_FAIL);
	assert_string_equal(check_report_failure(&report), "inappropriate ioctl for device");
}

/* A configuration's errors and warnings, each with its place. */
static void test_configuration(void **state)
{
	static const struct {
		const char *text; /* NULL: no file */
		enum check_status load, problems;
		const char *part; /* of the message of the one that is worse */
	} files[] = {
		{ "[hypervisor.remote]\n[agent.kata]\n[runtime]\n", CHECK_PASS, CHECK_PASS, NULL },
		{ "[hypervisor.remote]\n[agent.kata]\n[runtime]\nx = 1\n", CHECK_PASS, CHECK_WARN,
		  "configuration.toml:4:1: warning: " },
		{ "[hypervisor.remote\n", CHECK_FAIL, CHECK_PASS, "configuration.toml:1:" },
		{ NULL, CHECK_FAIL, CHECK_PASS, "does not exist" },
	};
	_cleanup_free_ char *path = path_join(*state, "configuration.toml");
	struct error *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		_cleanup_check_report_ struct check_report report = { 0 };
		_cleanup_(config_freep) struct config *config = NULL;
		const struct check_result *worse;

		assert_ok(path_remove_all(path, &err), err);
		if (files[i].text)
			put(*state, "configuration.toml", files[i].text);
		config = config_examine(&(struct config_options){ .path = path });
		check_configuration(config, &report);
		assert_status(&report, "config.load", files[i].load);
		assert_status(&report, "config.problems", files[i].problems);
		worse = &report.results[files[i].load == CHECK_PASS];
		if (files[i].part)
			assert_text(worse->message, files[i].part);
		assert_int_equal(check_report_failure(&report) != NULL,
				 files[i].load == CHECK_FAIL);
		assert_int_equal(check_report_verdict(&report),
				 files[i].load == CHECK_FAIL ? CHECK_NOT_CAPABLE : CHECK_UNKNOWN);
	}
}

static void test_empty_report(void **state)
{
	static const struct check network = { .id = "network.release", .group = CHECK_NETWORK };
	_cleanup_check_report_ struct check_report report = { 0 };

	(void)state;
	check_report_add(&report, &network);
	assert_int_equal(check_report_verdict(&report), CHECK_UNKNOWN);
	assert_null(check_report_failure(&report));
	assert_true(check_report_group_passed(&report, CHECK_CAPABILITY));
	assert_null(check_report_find(&report, "host.kvm.run"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded_hosts),
		cmocka_unit_test(test_what_fails_is_explained),
		cmocka_unit_test(test_ability_counts_more_than_names),
		cmocka_unit_test(test_capability_only),
		cmocka_unit_test(test_remote),
		cmocka_unit_test_setup_teardown(test_no_cpuinfo, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(test_cpuid, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(test_smt, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(test_modules, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(test_module_parameters, make_directory,
						remove_directory),
		cmocka_unit_test_setup_teardown(test_vsock_and_memory, make_directory,
						remove_directory),
		cmocka_unit_test(test_a_file_is_not_kvm),
		cmocka_unit_test_setup_teardown(test_configuration, make_directory,
						remove_directory),
		cmocka_unit_test(test_empty_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
