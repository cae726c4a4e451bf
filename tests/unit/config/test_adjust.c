// SPDX-License-Identifier: Apache-2.0
/* From what is written to what holds, on a host with 8 CPUs (4 usable) and 16 GiB. */
#include "fixture.h"

#include "config/model.h"

#define CLH                       \
	"[hypervisor.clh]\n"      \
	"path = \"@/vmm\"\n"      \
	"kernel = \"@/kernel\"\n" \
	"image = \"@/image\"\n"   \
	"virtio_fs_daemon = \"d\"\n"

struct value_case {
	const char *text;
	enum config_key key;
	const char *expected;
	const char *note; /* part of the origin's note; NULL: no note */
};

static void check_cases(void **state, const struct value_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		_cleanup_(config_freep) struct config *config = examine(*state, cases[i].text);
		_cleanup_free_ char *text = config_value_text(config, cases[i].key);
		const char *note = config_origin(config, cases[i].key)->note;

		if (strcmp(text, cases[i].expected) != 0)
			fail_msg("case %zu: \"%s\" is not \"%s\"", i, text, cases[i].expected);
		if (!cases[i].note)
			assert_null(note);
		else
			assert_contains(note ? note : "(no note)", cases[i].note);
	}
}

static void go_values_are_brought_into_their_bounds(void **state)
{
	static const struct value_case cases[] = {
		{ QEMU "default_vcpus = -1\n", CONFIG_HYPERVISOR_DEFAULT_VCPUS, "8.0",
		  "adjusted from -1.0: a negative number" },
		{ QEMU "default_vcpus = 100\n", CONFIG_HYPERVISOR_DEFAULT_VCPUS, "8.0",
		  "adjusted from 100.0" },
		{ QEMU "default_vcpus = 0\n", CONFIG_HYPERVISOR_DEFAULT_VCPUS, "1.0",
		  "adjusted from 0.0: means the default" },
		{ QEMU "default_vcpus = 2.5\n", CONFIG_HYPERVISOR_DEFAULT_VCPUS, "2.5", NULL },
		{ QEMU, CONFIG_HYPERVISOR_DEFAULT_MAXVCPUS, "8", "adjusted from 0" },
		{ QEMU "default_maxvcpus = 3\n", CONFIG_HYPERVISOR_DEFAULT_MAXVCPUS, "3", NULL },
		{ QEMU "default_maxvcpus = 300\n", CONFIG_HYPERVISOR_DEFAULT_MAXVCPUS, "8",
		  "adjusted from 300" },
		{ QEMU "default_memory = 255\n", CONFIG_HYPERVISOR_DEFAULT_MEMORY, "2048",
		  "adjusted from 255: too little" },
		{ QEMU "default_memory = 256\n", CONFIG_HYPERVISOR_DEFAULT_MEMORY, "256", NULL },
		{ QEMU, CONFIG_HYPERVISOR_DEFAULT_MAXMEMORY, "16384", "the memory of the host" },
		{ QEMU "default_maxmemory = 99999\n", CONFIG_HYPERVISOR_DEFAULT_MAXMEMORY, "16384",
		  "adjusted from 99999" },
		{ QEMU "memory_slots = 0\n", CONFIG_HYPERVISOR_MEMORY_SLOTS, "10",
		  "means the default" },
		{ QEMU "default_bridges = 6\n", CONFIG_HYPERVISOR_DEFAULT_BRIDGES, "5",
		  "adjusted from 6" },
		{ QEMU "pcie_root_port = 17\n", CONFIG_HYPERVISOR_PCIE_ROOT_PORT, "16",
		  "adjusted from 17" },
		{ QEMU "hypervisor_loglevel = 9\n", CONFIG_HYPERVISOR_HYPERVISOR_LOGLEVEL, "3",
		  "adjusted from 9" },
		{ QEMU "machine_type = \"\"\n", CONFIG_HYPERVISOR_MACHINE_TYPE, "q35",
		  "adjusted from \"\": means the default" },
		{ QEMU "machine_type = \"microvm\"\n", CONFIG_HYPERVISOR_DISABLE_IMAGE_NVDIMM,
		  "true", "microvm has no NVDIMM" },
		{ QEMU "[runtime]\nvfio_mode = \"\"\n", CONFIG_RUNTIME_VFIO_MODE, "guest-kernel",
		  "means the default" },
		{ QEMU, CONFIG_RUNTIME_VFIO_MODE, "guest-kernel", NULL },
		{ QEMU, CONFIG_RUNTIME_CREATE_CONTAINER_TIMEOUT, "60", NULL },
		{ QEMU "[runtime]\ncreate_container_timeout = 0\n",
		  CONFIG_RUNTIME_CREATE_CONTAINER_TIMEOUT, "60", "means the default" },
		{ QEMU "block_device_driver = \"virtio-pmem\"\n",
		  CONFIG_HYPERVISOR_BLOCK_DEVICE_DRIVER, "nvdimm", "adjusted from virtio-pmem" },
		{ CLH "net_rate_limiter_ops_one_time_burst = 5\n",
		  CONFIG_HYPERVISOR_NET_RATE_LIMITER_OPS_ONE_TIME_BURST, "0",
		  "needs a rate limit" },
		{ CLH
		  "net_rate_limiter_ops_one_time_burst = 5\nnet_rate_limiter_ops_max_rate = 1\n",
		  CONFIG_HYPERVISOR_NET_RATE_LIMITER_OPS_ONE_TIME_BURST, "5", NULL },
		{ CLH "disk_rate_limiter_bw_max_rate = -5\n",
		  CONFIG_HYPERVISOR_DISK_RATE_LIMITER_BW_MAX_RATE, "0", "adjusted from -5" },
	};

	check_cases(state, cases, ARRAY_SIZE(cases));
}

static void a_hypervisor_gets_only_what_it_uses(void **state)
{
#define FIRECRACKER \
	"[hypervisor.firecracker]\npath = \"@/vmm\"\nkernel = \"@/kernel\"\nimage = \"@/image\"\n"
#define REMOTE "[hypervisor.remote]\n"
	static const struct value_case cases[] = {
		{ FIRECRACKER "machine_type = \"q35\"\n", CONFIG_HYPERVISOR_MACHINE_TYPE, "",
		  "firecracker does not use this key" },
		{ FIRECRACKER, CONFIG_HYPERVISOR_SHARED_FS, "", "does not use" },
		{ FIRECRACKER, CONFIG_HYPERVISOR_DISABLE_VHOST_NET, "true",
		  "always has this value" },
		{ FIRECRACKER, CONFIG_HYPERVISOR_MEMORY_SLOTS, "10", NULL },
		{ FIRECRACKER "disable_seccomp = true\n", CONFIG_HYPERVISOR_DISABLE_SECCOMP,
		  "false", "does not use" },
		{ QEMU "disable_seccomp = true\n", CONFIG_HYPERVISOR_DISABLE_SECCOMP, "false",
		  "qemu does not use this key" },
		{ REMOTE, CONFIG_HYPERVISOR_BLOCK_DEVICE_DRIVER, "dummy", "always" },
		{ REMOTE, CONFIG_HYPERVISOR_SHARED_FS, "none", "always" },
		{ REMOTE, CONFIG_HYPERVISOR_MACHINE_TYPE, "", NULL },
		{ REMOTE "machine_type = \"m5\"\n", CONFIG_HYPERVISOR_MACHINE_TYPE, "m5", NULL },
		{ REMOTE, CONFIG_HYPERVISOR_MEMORY_SLOTS, "0", "does not use" },
		{ REMOTE, CONFIG_HYPERVISOR_PATH, "", "does not use" },
		{ REMOTE "remote_hypervisor_timeout = 0\n",
		  CONFIG_HYPERVISOR_REMOTE_HYPERVISOR_TIMEOUT, "600", "means the default" },
	};

	check_cases(state, cases, ARRAY_SIZE(cases));
}

static void runtime_rs_has_rules_of_its_own(void **state)
{
	static const struct value_case cases[] = {
		{ RUNTIME_RS "default_vcpus = 100\n", CONFIG_HYPERVISOR_DEFAULT_VCPUS, "4.0",
		  "adjusted from 100.0" },
		{ RUNTIME_RS "default_vcpus = 3\ndefault_maxvcpus = 2\n",
		  CONFIG_HYPERVISOR_DEFAULT_VCPUS, "2.0", "more than default_maxvcpus" },
		{ RUNTIME_RS "default_vcpus = -1\n", CONFIG_HYPERVISOR_DEFAULT_VCPUS, "4.0",
		  "a negative number" },
		{ RUNTIME_RS, CONFIG_HYPERVISOR_DEFAULT_MAXVCPUS, "4", "may use" },
		{ RUNTIME_RS "default_memory = 100\n", CONFIG_HYPERVISOR_DEFAULT_MEMORY, "100",
		  NULL },
		{ RUNTIME_RS "default_memory = 99999\n", CONFIG_HYPERVISOR_DEFAULT_MEMORY, "16384",
		  "the memory of the host" },
		{ RUNTIME_RS "network_queues = 1000\n", CONFIG_HYPERVISOR_NETWORK_QUEUES, "256",
		  "adjusted from 1000" },
		{ RUNTIME_RS "network_queues = 0\n", CONFIG_HYPERVISOR_NETWORK_QUEUES, "1",
		  "means the default" },
		{ RUNTIME_RS, CONFIG_HYPERVISOR_SHARED_FS, "none", NULL },
		{ RUNTIME_RS "shared_fs = \"\"\nvirtio_fs_daemon = \"@/daemon\"\n",
		  CONFIG_HYPERVISOR_SHARED_FS, "virtio-fs", "what an empty name means" },
		{ RUNTIME_RS "virtio_fs_cache = \"none\"\n", CONFIG_HYPERVISOR_VIRTIO_FS_CACHE,
		  "never", "old name" },
		{ RUNTIME_RS "virtio_fs_cache_size = 5\n", CONFIG_HYPERVISOR_VIRTIO_FS_IS_DAX,
		  "true", "is not 0" },
		{ RUNTIME_RS "virtio_fs_is_dax = true\n", CONFIG_HYPERVISOR_VIRTIO_FS_CACHE_SIZE,
		  "1024", "DAX needs a window" },
		{ RUNTIME_RS "enable_debug = true\n", CONFIG_HYPERVISOR_LOG_LEVEL, "debug",
		  "enable_debug" },
		{ RUNTIME_RS "log_level = \"loud\"\n", CONFIG_HYPERVISOR_LOG_LEVEL, "info",
		  "no such level" },
		{ RUNTIME_RS "vhost_user_store_path = \"/x\"\n",
		  CONFIG_HYPERVISOR_VHOST_USER_STORE_PATH, "", "enable_vhost_user_store = false" },
		{ RUNTIME_RS "enable_vhost_user_store = true\n",
		  CONFIG_HYPERVISOR_VHOST_USER_STORE_PATH, "/var/run/vhost-user",
		  "means the default" },
		{ RUNTIME_RS "disable_block_device_use = true\n",
		  CONFIG_HYPERVISOR_BLOCK_DEVICE_DRIVER, "", "disable_block_device_use" },
		{ RUNTIME_RS "block_device_driver = \"virtio-blk\"\n",
		  CONFIG_HYPERVISOR_BLOCK_DEVICE_DRIVER, "virtio-blk-pci",
		  "adjusted from virtio-blk" },
		{ RUNTIME_RS "guest_swap_size_percent = 0\n",
		  CONFIG_HYPERVISOR_GUEST_SWAP_SIZE_PERCENT, "0", NULL },
		{ RUNTIME_RS "tdx_quote_generation_service_socket_port = 0\n",
		  CONFIG_HYPERVISOR_TDX_QUOTE_GENERATION_SERVICE_SOCKET_PORT, "0", NULL },
		{ RUNTIME_RS "disable_guest_selinux = false\n",
		  CONFIG_HYPERVISOR_DISABLE_GUEST_SELINUX, "false", NULL },
	};

	check_cases(state, cases, ARRAY_SIZE(cases));
}

static void other_architectures_have_other_limits(void **state)
{
	static const struct architecture_case {
		const char *architecture;
		const char *text;
		unsigned cpus;
		enum config_key key;
		const char *expected;
	} cases[] = {
		{ "amd64", QEMU, 1000, CONFIG_HYPERVISOR_DEFAULT_MAXVCPUS, "240" },
		{ "arm64", QEMU, 1000, CONFIG_HYPERVISOR_DEFAULT_MAXVCPUS, "123" },
		{ "arm64", QEMU "default_vcpus = -1\n", 1000, CONFIG_HYPERVISOR_DEFAULT_VCPUS,
		  "123.0" },
		{ "riscv64", QEMU, 100, CONFIG_HYPERVISOR_DEFAULT_MAXVCPUS, "100" },
		{ "arm64", QEMU, 4, CONFIG_HYPERVISOR_DISABLE_IMAGE_NVDIMM, "true" },
		{ "arm64", QEMU "firmware = \"@/firmware\"\n", 4,
		  CONFIG_HYPERVISOR_DISABLE_IMAGE_NVDIMM, "false" },
		{ "ppc64le", RUNTIME_RS "default_memory = 64\n", 4,
		  CONFIG_HYPERVISOR_DEFAULT_MEMORY, "1024" },
		{ "ppc64le", RUNTIME_RS "default_memory = 1300\n", 4,
		  CONFIG_HYPERVISOR_DEFAULT_MEMORY, "1280" },
	};
	_cleanup_free_ char *path = path_join(*state, "configuration.toml");

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct config_host host = *small_host(*state);
		_cleanup_(config_freep) struct config *config = NULL;
		_cleanup_free_ char *text = NULL;

		host.architecture = cases[i].architecture;
		host.cpus = host.usable_cpus = cases[i].cpus;
		write_file(*state, "configuration.toml", cases[i].text);
		config = config_examine(&(struct config_options){ .path = path, .host = &host });
		text = config_value_text(config, cases[i].key);
		assert_string_equal(text, cases[i].expected);
	}
}

static void an_adjusted_value_keeps_its_line_and_draws_a_note(void **state)
{
	_cleanup_(config_freep) struct config *config =
		examine(*state, QEMU "pcie_root_port = 17\njailer_path = \"@/jailer\"\n");
	const struct config_problem *problem = find_problem(config, "17 is adjusted to 16");

	assert_int_equal(config_origin(config, CONFIG_HYPERVISOR_PCIE_ROOT_PORT)->line, 6);
	assert_non_null(problem);
	assert_int_equal(problem->severity, CONFIG_NOTE);
	assert_int_equal(problem->line, 6);
	assert_non_null(find_problem(config, "qemu does not use this key"));
	assert_int_equal(config_problem_count(config, CONFIG_WARNING), 0);
}

static void this_host_can_be_asked(void **state)
{
	struct config_host host;

	(void)state;
	config_host_detect(&host);
	assert_in_range(host.cpus, 1, 1 << 20);
	assert_in_range(host.usable_cpus, 1, 1 << 20);
	assert_true(host.memory_mib > 16);
	assert_string_not_equal(host.architecture, "unknown");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(go_values_are_brought_into_their_bounds),
		cmocka_unit_test(a_hypervisor_gets_only_what_it_uses),
		cmocka_unit_test(runtime_rs_has_rules_of_its_own),
		cmocka_unit_test(other_architectures_have_other_limits),
		cmocka_unit_test(an_adjusted_value_keeps_its_line_and_draws_a_note),
		cmocka_unit_test(this_host_can_be_asked),
	};

	return cmocka_run_group_tests_name("config: adjust", tests, make_fixture, remove_directory);
}
