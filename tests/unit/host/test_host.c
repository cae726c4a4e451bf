// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

#include "base/path.h"
#include "base/subprocess.h"
#include "host/cpu.h"
#include "host/host.h"
#include "host/module.h"
#include "recorded_host.h"

/* What the room says about each recorded host. */
static const struct {
	const char *name;
	const char *release, *distro, *distro_version;
	const char *vendor, *model;
	enum host_cpu_vendor cpu_vendor;
	unsigned cpus;
	uint64_t total_kib;
	bool in_vm;
	const char *protection;
	const char *a_flag; /* one that is there */
	unsigned power;
} hosts[] = {
	{ "amd64-intel", "6.1.0-18-amd64", "Debian GNU/Linux", "12", "GenuineIntel",
	  "Intel(R) Xeon(R) Platinum 8480+", HOST_CPU_INTEL, 2, 527986432, false, "tdx", "vmx", 0 },
	{ "amd64-intel-nested", "5.15.0-97-generic", "Ubuntu", "22.04", "GenuineIntel",
	  "Intel Xeon Processor (Cascadelake)", HOST_CPU_INTEL, 2, 16384000, true, NULL, "vmx", 0 },
	{ "amd64-amd", "6.11.4-301.fc41.x86_64", "Fedora Linux", "41", "AuthenticAMD",
	  "AMD EPYC 9354 32-Core Processor", HOST_CPU_AMD, 2, 395939584, false, "snp", "svm", 0 },
	{ "amd64-hygon", "5.10.0-182.0.0.95.oe2203sp3.x86_64", "openEuler", "22.03", "HygonGenuine",
	  "Hygon C86 7285 32-core Processor", HOST_CPU_AMD, 2, 263941120, false, NULL, "svm", 0 },
	{ "amd64-no-virtualization", "6.1.79-99.164.amzn2023.x86_64", "Amazon Linux", "2023",
	  "GenuineIntel", "Intel(R) Xeon(R) CPU E5-2686 v4 @ 2.30GHz", HOST_CPU_INTEL, 1, 980420,
	  true, NULL, "lm", 0 },
	{ "arm64", "6.1.0-18-arm64", "Debian GNU/Linux", "12", "ARM Limited", "v8", HOST_CPU_OTHER,
	  4, 131841024, false, NULL, "asimd", 0 },
	{ "ppc64le-power8", "4.18.0-513.el8.ppc64le", "Red Hat Enterprise Linux", "9.3", "",
	  "8247-22L", HOST_CPU_OTHER, 3, 267284480, false, NULL, NULL, 8 },
	{ "ppc64le-power9", "5.14.0-362.8.1.el9_3.ppc64le", "Red Hat Enterprise Linux", "9.3", "",
	  "9006-12P", HOST_CPU_OTHER, 8, 267284480, false, "pef", NULL, 9 },
	{ "ppc64le-power10", "6.4.0-150600.21-default", "Red Hat Enterprise Linux", "9.3", "",
	  "9105-22A", HOST_CPU_OTHER, 8, 267284480, false, NULL, NULL, 10 },
	{ "s390x", "6.8.0-31-generic", "Ubuntu", "24.04", "IBM/S390", "8561", HOST_CPU_OTHER, 2,
	  16423936, false, "se", "zarch", 0 },
	{ "riscv64", "6.12.9-riscv64", "Debian GNU/Linux", "13", "0x489", "0x8000000000000007",
	  HOST_CPU_OTHER, 2, 16423936, false, NULL, NULL, 0 },
};

static void test_recorded_hosts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		_cleanup_recorded_host_ struct recorded_host recorded =
			recorded_host(hosts[i].name);
		const struct host *host = &recorded.host;
		_cleanup_(host_cpuinfo_release) struct host_cpuinfo cpuinfo;
		_cleanup_(host_cpu_identity_release) struct host_cpu_identity identity;
		_cleanup_(host_distro_release) struct host_distro distro;
		_cleanup_free_ char *release = NULL;
		struct host_memory memory;
		struct error *err = NULL;
		const char *protection;

		print_message("# %s\n", hosts[i].name);
		assert_ok(host_kernel_release(host, &release, &err), err);
		assert_string_equal(release, hosts[i].release);
		host_distro_read(host, &distro);
		assert_string_equal(distro.name, hosts[i].distro);
		assert_string_equal(distro.version, hosts[i].distro_version);
		assert_ok(host_memory_read(host, &memory, &err), err);
		assert_int_equal(memory.total_kib, hosts[i].total_kib);
		assert_true(memory.free_kib > 0 && memory.available_kib > memory.free_kib);
		assert_ok(host_cpuinfo_read(host, &cpuinfo, &err), err);
		assert_ok(host_cpu_identify(host, &cpuinfo, &identity, &err), err);
		assert_string_equal(identity.vendor, hosts[i].vendor);
		assert_string_equal(identity.model, hosts[i].model);
		assert_int_equal(host_cpuinfo_vendor(&cpuinfo), hosts[i].cpu_vendor);
		assert_int_equal(host_cpuinfo_count(&cpuinfo), hosts[i].cpus);
		assert_int_equal(host_cpuinfo_in_vm(&cpuinfo), hosts[i].in_vm);
		assert_int_equal(host_cpuinfo_power_generation(&cpuinfo), hosts[i].power);
		if (hosts[i].a_flag)
			assert_true(
				slice_contains_word(host_cpuinfo_flags(&cpuinfo), hosts[i].a_flag));
		protection = host_guest_protection(host);
		assert_string_equal(protection ? protection : "none",
				    hosts[i].protection ? hosts[i].protection : "none");
	}
}

/* A host made of single files in a temporary directory. */
static void put(const char *directory, const char *name, const char *text)
{
	_cleanup_free_ char *path = path_join(directory, name);
	_cleanup_free_ char *parent = path_directory(path);
	struct error *err = NULL;

	assert_ok(directory_make_all(parent, 0755, &err), err);
	assert_ok(file_replace(path, text, strlen(text), 0644, &err), err);
}

static void read_cpuinfo(const char *directory, enum host_arch arch, const char *text,
			 struct host_cpuinfo *cpuinfo, int expected)
{
	_cleanup_recorded_host_ struct recorded_host recorded = recorded_host_at(directory, arch);
	_cleanup_error_ struct error *err = NULL;

	put(directory, "proc/cpuinfo", text);
	assert_int_equal(host_cpuinfo_read(&recorded.host, cpuinfo, &err), expected);
	if (expected < 0)
		assert_non_null(strstr(error_message(err), "Cannot determine CPU details: "));
}

static void test_cpuinfo_empty(void **state)
{
	static const char *const empty[] = { "", "\n", " \n \n", "\nprocessor : 0\n" };

	for (size_t i = 0; i < ARRAY_SIZE(empty); i++) {
		struct host_cpuinfo cpuinfo;

		read_cpuinfo(*state, HOST_ARCH_AMD64, empty[i], &cpuinfo, -ENODATA);
		assert_int_equal(host_cpuinfo_flags(&cpuinfo).size, 0);
		assert_int_equal(host_cpuinfo_count(&cpuinfo), 0);
		assert_int_equal(host_cpuinfo_vendor(&cpuinfo), HOST_CPU_OTHER);
		assert_false(host_cpuinfo_in_vm(&cpuinfo));
		host_cpuinfo_release(&cpuinfo);
	}
}

static void test_cpuinfo_absent(void **state)
{
	_cleanup_recorded_host_ struct recorded_host recorded =
		recorded_host_at("/nonexistent", HOST_ARCH_AMD64);
	_cleanup_(host_cpuinfo_release) struct host_cpuinfo cpuinfo;
	_cleanup_(host_cpu_identity_release) struct host_cpu_identity identity;
	struct error *err = NULL;

	(void)state;
	assert_failed(host_cpuinfo_read(&recorded.host, &cpuinfo, &err), err, -ENOENT,
		      "open /nonexistent/proc/cpuinfo: no such file or directory");
	assert_failed(host_cpu_identify(&recorded.host, &cpuinfo, &identity, &err), err, -ENODATA,
		      "cannot find vendor field in file /nonexistent/proc/cpuinfo");
}

/* Only the first processor counts, only whole lines with one colon, and the last of a kind wins. */
static void test_cpuinfo_lines(void **state)
{
	_cleanup_(host_cpuinfo_release) struct host_cpuinfo cpuinfo;

	read_cpuinfo(*state, HOST_ARCH_AMD64,
		     "vendor_id\t: First\nvendor_id : GenuineIntel : more\nmodel name\nflags : lm "
		     "vmx\r\n"
		     "flags : svm\n\nprocessor : 1\nvendor_id : AuthenticAMD\n",
		     &cpuinfo, 0);
	assert_slice_equal(host_cpuinfo_value(&cpuinfo, "vendor_id"), "GenuineIntel");
	assert_slice_equal(host_cpuinfo_value(&cpuinfo, "model name"), "");
	assert_slice_equal(host_cpuinfo_value(&cpuinfo, "power"), "");
	assert_slice_equal(host_cpuinfo_flags(&cpuinfo), "lm vmx");
	assert_int_equal(host_cpuinfo_vendor(&cpuinfo), HOST_CPU_INTEL);
}

static void test_identity_fallbacks(void **state)
{
	static const struct {
		enum host_arch arch;
		const char *text, *vendor, *model;
	} cases[] = {
		{ HOST_ARCH_RISCV64, "processor : 7\nmvenderid : 0x1\n", "0x1", "7" },
		{ HOST_ARCH_ARM64, "CPU implementer : 0x48\nCPU architecture: 6TEJ\n",
		  "3rd Party Limited", "v6" },
		{ HOST_ARCH_ARM64, "CPU implementer : 0x41\nCPU architecture: ?(13)\n",
		  "ARM Limited", "v7" },
		{ HOST_ARCH_ARM64, "CPU implementer : 0x41\nCPU architecture: 9\n", "ARM Limited",
		  "unknown" },
		{ HOST_ARCH_S390X,
		  "vendor_id : IBM/S390\nprocessor 0: version = FF\n"
		  "processor 1: version = FF,  identification = 0133E8,  machine = 2964\n",
		  "IBM/S390", "2964" },
		{ HOST_ARCH_S390X, "vendor_id : IBM/S390\nprocessor 0: version\n", "IBM/S390",
		  NULL },
		{ HOST_ARCH_AMD64, "vendor_id : X\nmodel name :\n", "X", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(host_cpuinfo_release) struct host_cpuinfo cpuinfo;
		_cleanup_(host_cpu_identity_release) struct host_cpu_identity identity;
		_cleanup_error_ struct error *err = NULL;

		read_cpuinfo(*state, cases[i].arch, cases[i].text, &cpuinfo, 0);
		assert_int_equal(host_cpu_identify(&host_here, &cpuinfo, &identity, &err),
				 cases[i].model ? 0 : -ENODATA);
		assert_string_equal(identity.vendor, cases[i].vendor);
		if (cases[i].model)
			assert_string_equal(identity.model, cases[i].model);
		else
			assert_string_equal(error_message(err),
					    "cannot find model field in file /proc/cpuinfo");
	}
}

static void test_power_generation(void **state)
{
	static const struct {
		const char *text;
		unsigned generation;
	} cases[] = {
		{ "cpu : POWER8E (raw)\n", 8 },
		{ "cpu : POWER10, altivec\n", 10 },
		{ "platform : POWERNV\ncpu : POWER9\n", 9 },
		{ "cpu : POWER", 0 },
		{ "cpu : 970MP\n", 0 },
		{ "cpu : POWER99999999999999999999\n", 999 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(host_cpuinfo_release) struct host_cpuinfo cpuinfo;

		read_cpuinfo(*state, HOST_ARCH_PPC64LE, cases[i].text, &cpuinfo, 0);
		assert_int_equal(host_cpuinfo_power_generation(&cpuinfo), cases[i].generation);
	}
}

static void test_usable_cpus(void **state)
{
	cpu_set_t all, one;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	assert_int_equal(host_cpu_usable(), CPU_COUNT(&all));
	CPU_ZERO(&one);
	for (int cpu = 0; CPU_COUNT(&one) == 0; cpu++)
		if (CPU_ISSET(cpu, &all))
			CPU_SET(cpu, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	assert_int_equal(host_cpu_usable(), 1);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

static void test_small_files_damaged(void **state)
{
	_cleanup_recorded_host_ struct recorded_host recorded =
		recorded_host_at(*state, HOST_ARCH_AMD64);
	const struct host *host = &recorded.host;
	_cleanup_(host_distro_release) struct host_distro distro;
	struct host_memory memory = { 1, 2, 3 };
	struct error *err = NULL;
	char *release = NULL;

	put(*state, "proc/version", "Linux version\n");
	assert_failed(host_kernel_release(host, &release, &err), err, -EINVAL,
		      "unexpected contents in ");
	put(*state, "proc/meminfo", "MemTotal: many kB\nMemFree:\nMemAvailable: 12 kB\n\xff\xfe\n");
	assert_ok(host_memory_read(host, &memory, &err), err);
	assert_int_equal(memory.total_kib, 0);
	assert_int_equal(memory.free_kib, 0);
	assert_int_equal(memory.available_kib, 12);
	put(*state, "etc/os-release", "NAME=\"\"\nVERSION_ID\nXNAME=no\nNAME=One\nNAME=Two\n");
	put(*state, "usr-lib/os-release", "NAME=Three\nVERSION_ID='4'\n");
	host_distro_read(host, &distro);
	assert_string_equal(distro.name, "One");
	assert_string_equal(distro.version, "4");
}

static void test_nothing_there(void **state)
{
	_cleanup_recorded_host_ struct recorded_host recorded =
		recorded_host_at("/nonexistent", HOST_ARCH_S390X);
	const struct host *host = &recorded.host;
	struct host_memory memory = { 1, 2, 3 };
	struct host_distro distro;
	struct error *err = NULL;
	char *text = NULL;

	(void)state;
	host_distro_read(host, &distro);
	assert_null(distro.name);
	assert_null(distro.version);
	assert_failed(host_memory_read(host, &memory, &err), err, -ENOENT, "open /nonexistent");
	assert_int_equal(memory.total_kib + memory.free_kib + memory.available_kib, 0);
	assert_failed(host_kernel_release(host, &text, &err), err, -ENOENT, "open /nonexistent");
	assert_int_equal(host_device_try(host, "kvm"), -ENOENT);
	assert_null(host_guest_protection(host));
}

static void test_protection_words(void **state)
{
	static const struct {
		const char *command_line;
		bool enabled;
	} cases[] = {
		{ "quiet prot_virt=1\n", true }, { "prot_virt=ON quiet\n", true },
		{ "prot_virt=Yes\n", true },	 { "prot_virt=y", true },
		{ "prot_virt=0\n", false },	 { "prot_virt\n", false },
		{ "xprot_virt=1\n", false },	 { "prot_virt=\n", false },
		{ "prot_virt=10\n", false },	 { "", false },
	};
	_cleanup_recorded_host_ struct recorded_host recorded =
		recorded_host_at(*state, HOST_ARCH_S390X);

	put(*state, "proc/cpuinfo", "vendor_id : IBM/S390\nfacilities : 15 158 1580\n");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		put(*state, "proc/cmdline", cases[i].command_line);
		assert_int_equal(host_guest_protection(&recorded.host) != NULL, cases[i].enabled);
	}
	put(*state, "proc/cmdline", "prot_virt=1\n");
	put(*state, "proc/cpuinfo", "vendor_id : IBM/S390\nfacilities : 15 1580\n");
	assert_null(host_guest_protection(&recorded.host));
}

static void test_modules(void **state)
{
	_cleanup_recorded_host_ struct recorded_host recorded = recorded_host("amd64-intel");
	const struct host *host = &recorded.host;
	_cleanup_free_ char *value = NULL, *missing = NULL;
	struct error *err = NULL;

	(void)state;
	assert_int_equal(host_module_state(host, "kvm_intel"), HOST_MODULE_LOADED);
	assert_int_equal(host_module_state(host, "kvm-intel"), HOST_MODULE_LOADED);
	assert_int_equal(host_module_state(host, "kvm_amd"), HOST_MODULE_ABSENT);
	assert_ok(host_module_parameter(host, "kvm-intel", "unrestricted_guest", &value, &err),
		  err);
	assert_string_equal(value, "Y");
	assert_failed(host_module_parameter(host, "kvm_intel", "none", &missing, &err), err,
		      -ENOENT, "parameters/none: no such file or directory");
}

/* A fully built-in module does not show in /sys: the kernel's list, as depmod makes it, knows. */
static void test_module_builtin(void **state)
{
	_cleanup_recorded_host_ struct recorded_host recorded =
		recorded_host_at(*state, HOST_ARCH_AMD64);
	_cleanup_free_ char *modules = path_join(*state, "lib/modules");
	const char *const argv[] = { "/usr/sbin/depmod", "-b", *state, "6.1.0", NULL };
	_cleanup_subprocess_ struct subprocess depmod = { .argv = argv };
	struct host host = recorded.host;
	struct error *err = NULL;

	host.modules = modules;
	put(*state, "proc/version", "Linux version 6.1.0 (builder)\n");
	put(*state, "lib/modules/6.1.0/modules.order", "");
	put(*state, "lib/modules/6.1.0/modules.builtin",
	    "kernel/arch/x86/kvm/kvm.ko\nkernel/drivers/vhost/vhost_net.ko\n");
	assert_ok(subprocess_run(&depmod, &err), err);
	assert_int_equal(depmod.status, 0);
	assert_int_equal(host_module_state(&host, "kvm"), HOST_MODULE_BUILTIN);
	assert_int_equal(host_module_state(&host, "vhost-net"), HOST_MODULE_BUILTIN);
	assert_int_equal(host_module_state(&host, "vhost"), HOST_MODULE_ABSENT);
}

static void test_module_not_installed(void **state)
{
	_cleanup_recorded_host_ struct recorded_host recorded = recorded_host("amd64-intel");
	_cleanup_free_ char *output = NULL;
	struct error *err = NULL;

	(void)state;
	assert_failed(host_module_load(&recorded.host, "no_such_module", &output, &err), err,
		      -ENOENT,
		      "Module no_such_module not found in directory "
		      "tests/data/hosts/amd64-intel/lib-modules/6.1.0-18-amd64");
	assert_non_null(output);
}

static void test_arch_names(void **state)
{
	enum host_arch arch;

	(void)state;
	for (int i = 0; i < HOST_ARCH_COUNT; i++) {
		assert_int_equal(host_arch_parse(host_arch_name((enum host_arch)i), &arch), 0);
		assert_int_equal(arch, i);
	}
	assert_int_equal(host_arch_parse("x86_64", &arch), 0);
	assert_int_equal(arch, HOST_ARCH_AMD64);
	assert_int_equal(host_arch_parse("aarch64", &arch), 0);
	assert_int_equal(arch, HOST_ARCH_ARM64);
	assert_int_equal(host_arch_parse("i386", &arch), -EINVAL);
	assert_int_equal(host_here.arch, HOST_ARCH_COMPILED);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded_hosts),
		cmocka_unit_test(test_cpuinfo_empty),
		cmocka_unit_test(test_cpuinfo_absent),
		cmocka_unit_test(test_cpuinfo_lines),
		cmocka_unit_test(test_identity_fallbacks),
		cmocka_unit_test(test_power_generation),
		cmocka_unit_test(test_usable_cpus),
		cmocka_unit_test(test_small_files_damaged),
		cmocka_unit_test(test_nothing_there),
		cmocka_unit_test(test_protection_words),
		cmocka_unit_test(test_modules),
		cmocka_unit_test(test_module_builtin),
		cmocka_unit_test(test_module_not_installed),
		cmocka_unit_test(test_arch_names),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
