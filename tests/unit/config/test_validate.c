// SPDX-License-Identifier: Apache-2.0
/* What is refused, in the words that scripts know, and what comes first. */
#include "fixture.h"

#include <sys/types.h>

#include "config/kernel_params.h"
#include "config/verity.h"

#define MEBIBYTE (1 << 20)

#define CLH                       \
	"[hypervisor.clh]\n"      \
	"path = \"@/vmm\"\n"      \
	"kernel = \"@/kernel\"\n" \
	"image = \"@/image\"\n"   \
	"virtio_fs_daemon = \"d\"\n"
#define STRATOVIRT                  \
	"[hypervisor.stratovirt]\n" \
	"path = \"@/vmm\"\n"        \
	"kernel = \"@/kernel\"\n"   \
	"virtio_fs_daemon = \"d\"\n"
#define FIRECRACKER                  \
	"[hypervisor.firecracker]\n" \
	"path = \"@/vmm\"\n"         \
	"kernel = \"@/kernel\"\n"    \
	"image = \"@/image\"\n"

struct refusal {
	const char *text, *expected;
};

/* The first error contains the expected words, with @ as the directory. */
static void check_refusals(void **state, const struct refusal *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		_cleanup_(config_freep) struct config *config = examine(*state, cases[i].text);
		_cleanup_free_ char *expected = in_directory(*state, cases[i].expected);
		_cleanup_free_ char *message = verdict(config);

		if (!strstr(message, expected))
			fail_msg("case %zu: \"%s\" does not contain \"%s\"", i, message, expected);
		assert_null(strchr(message, '\n'));
	}
}

static void go_refuses_in_the_known_words(void **state)
{
	static const struct refusal cases[] = {
		{ "[hypervisor.qemu]\npath = \"/nope/vmm\"\n",
		  "@/configuration.toml: file /nope/vmm does not exist (@/configuration.toml:2:1, "
		  "hypervisor.qemu.path)" },
		{ QEMU "firmware = \"/nope\"\n",
		  "@/configuration.toml: file /nope does not exist" },
		{ QEMU "firmware_volume = \"/nope\"\n", "file /nope does not exist" },
		{ QEMU "initrd = \"/nope\"\n", "file /nope does not exist" },
		{ QEMU "pflashes = [\"@/flash1\", \"/nope\"]\n",
		  "failed to resolve path: /nope: file /nope does not exist" },
		{ QEMU "block_device_driver = \"bogus\"\n",
		  "@/configuration.toml: Invalid hypervisor block storage driver bogus specified "
		  "(supported drivers: [virtio-scsi virtio-blk virtio-mmio nvdimm "
		  "virtio-blk-ccw])" },
		{ QEMU "block_device_aio = \"bogus\"\n",
		  "Invalid hypervisor block storage I/O mechanism  bogus specified (supported AIO: "
		  "[io_uring native threads])" },
		{ QEMU "shared_fs = \"bogus\"\n",
		  "Invalid hypervisor shared file system bogus specified (supported file systems: "
		  "[virtio-9p virtio-fs virtio-fs-nydus none])" },
		{ QEMU "extra_monitor_socket = \"bogus\"\n",
		  "Invalid hypervisor extra monitor socket bogus specified (supported values: [hmp "
		  "qmp qmp-pretty])" },
		{ "[hypervisor.qemu]\npath = \"@/vmm\"\nkernel = \"@/kernel\"\n"
		  "shared_fs = \"virtio-fs-nydus\"\n",
		  "cannot enable virtio-fs-nydus without daemon path in configuration file" },
		{ QEMU "block_device_logical_sector_size = 1000\n",
		  "invalid block_device_logical_sector_size 1000: must be 0 or a power of 2 "
		  "between "
		  "512 and 65536" },
		{ QEMU "block_device_physical_sector_size = 131072\n",
		  "invalid block_device_physical_sector_size 131072: must be" },
		{ QEMU "block_device_logical_sector_size = 4096\n"
		       "block_device_physical_sector_size = 512\n",
		  "invalid sector sizes: logical (4096) must not be larger than physical (512)" },
		{ QEMU "[[hypervisor.qemu.guest_extension_images]]\npath = \"/x\"\n",
		  "guest_extension_images entry 0 is missing required 'name' field" },
		{ QEMU "[[hypervisor.qemu.guest_extension_images]]\nname = \"a b\"\n",
		  "guest_extension_images 'a b' has an invalid name: " },
		{ QEMU "[[hypervisor.qemu.guest_extension_images]]\nname = \"a\"\n"
		       "verity_params = \"root_hash=1\"\n",
		  "guest_extension_images 'a' has invalid verity_params: missing "
		  "kernel_verity_params salt" },
		{ CLH "shared_fs = \"virtio-9p\"\n",
		  "Cloud Hypervisor does not support virtio-9p shared filesystem option" },
		{ "[hypervisor.clh]\npath = \"@/vmm\"\nkernel = \"@/kernel\"\n",
		  "image or initrd must be defined in the configuration file" },
		{ STRATOVIRT "image = \"@/image\"\nshared_fs = \"virtio-9p\"\n",
		  "Stratovirt Hypervisor does not support virtio-9p shared filesystem option" },
		{ STRATOVIRT "image = \"@/image\"\ninitrd = \"@/initrd\"\n",
		  "having both an image and an initrd defined in the configuration file is not "
		  "supported" },
		{ STRATOVIRT, "image or initrd must be defined in the configuration file" },
		{ FIRECRACKER "jailer_path = \"/nope\"\n", "file /nope does not exist" },
		{ QEMU "[runtime]\ninternetworking_model = \"x\"\n", "Unknown type x" },
		{ QEMU "[runtime]\nvfio_mode = \"x\"\n", "Unknown VFIO mode x" },
		{ QEMU "[runtime]\nemptydir_mode = \"x\"\n",
		  "@/configuration.toml: invalid emptydir_mode=\"x\", allowed values: "
		  "\"shared-fs\", "
		  "\"block-encrypted\", \"block-plain\"" },
		{ QEMU "[runtime]\nexperimental = [\"x\"]\n",
		  "Unsupported experimental feature \"x\"" },
		{ QEMU "kernel_params = \"=x\"\n", "Empty kernel parameter" },
		{ QEMU "[runtime]\nsandbox_bind_mounts = [\"/nope\"]\n",
		  "sandbox-bindmounts: Failed to resolve path: /nope: file /nope does not exist" },
		{ QEMU "[runtime]\nsandbox_bind_mounts = [\"@/image\", \"@/dev/../image\"]\n",
		  "sandbox-bindmounts: File @/dev/../image has base that matches already specified "
		  "bindmount" },
		{ QEMU "[runtime]\ndisable_new_netns = true\n",
		  "config disable_new_netns only works with 'none' internetworking_model" },
		{ CLH "[factory]\nvm_cache_number = 1\n", "VM cache just support qemu" },
		{ QEMU "enable_numa = true\nnuma_mapping = [\"0\", \"1\"]\n",
		  "NUMA support requires static_sandbox_resource_mgmt to be enabled; " },
		{ QEMU "hot_plug_vfio = \"root-port\"\ncold_plug_vfio = \"bridge-port\"\n",
		  "invalid hot-plug=root-port and cold-plug=bridge-port settings, only one of them "
		  "can "
		  "be set" },
		{ QEMU "hot_plug_vfio = \"x\"\n",
		  "invalid vfio_port=x setting, allowed values no-port, bridge-port, root-port, "
		  "switch-port" },
		{ CLH "cold_plug_vfio = \"bridge-port\"\n",
		  "only cold-plug=no-port or root-port supported on CLH" },
		{ CLH "hot_plug_vfio = \"switch-port\"\n",
		  "only hot-plug=no-port or root-port supported on CLH" },
		{ "[runtime]\n", "no such file or directory" },
	};

	check_refusals(state, cases, ARRAY_SIZE(cases));
}

static void go_accepts_what_it_always_accepted(void **state)
{
	static const char *const accepted[] = {
		QEMU "initrd = \"@/initrd\"\n",
		QEMU "pflashes = [\"@/flash1\"]\n",
		QEMU "machine_type = \"pc\"\nhot_plug_vfio = \"nonsense\"\n",
		QEMU "kernel_verity_params = \"nonsense\"\n",
		QEMU "rootfs_type = \"btrfs\"\n",
		QEMU "virtio_fs_cache = \"sometimes\"\n",
		QEMU "shared_fs = \"none\"\n",
		QEMU "block_device_logical_sector_size = 512\nblock_device_physical_sector_size = "
		     "65536\n",
		QEMU "[runtime]\nexperimental = [\"force_guest_pull\"]\n",
		QEMU "[runtime]\ndisable_new_netns = true\ninternetworking_model = \"none\"\n",
		CLH "initrd = \"@/initrd\"\n",
		FIRECRACKER "block_device_driver = \"virtio-mmio\"\nshared_fs = \"bogus\"\n",
		"[hypervisor.dragonball]\nkernel = \"@/kernel\"\nimage = \"@/image\"\n",
		"[hypervisor.remote]\npath = \"/nope\"\n",
		STRATOVIRT "initrd = \"@/initrd\"\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(accepted); i++) {
		_cleanup_(config_freep) struct config *config = examine(*state, accepted[i]);
		_cleanup_free_ char *message = verdict(config);

		assert_string_equal(message, "");
	}
}

/* The order of the checks decides which error a user sees first. */
static void the_first_error_is_the_one_it_always_was(void **state)
{
	static const struct refusal cases[] = {
		{ "[hypervisor.qemu]\npath = \"/nope\"\nkernel = 1\n", "toml: line 3" },
		{ "[hypervisor.qemu]\nshared_fs = \"x\"\nblock_device_driver = \"y\"\n"
		  "path = \"@/vmm\"\nkernel = \"/nope\"\n",
		  "file /nope does not exist" },
		{ QEMU "shared_fs = \"x\"\nblock_device_driver = \"y\"\n", "storage driver y" },
		{ QEMU "shared_fs = \"x\"\n[runtime]\nvfio_mode = \"z\"\n", "Unknown VFIO mode z" },
		{ QEMU "shared_fs = \"x\"\n[runtime]\nemptydir_mode = \"z\"\n", "file system x" },
		{ QEMU "kernel_params = \"=\"\n[runtime]\nexperimental = [\"x\"]\n",
		  "Empty kernel parameter" },
	};

	check_refusals(state, cases, ARRAY_SIZE(cases));
}

static void images_must_fit_into_memory(void **state)
{
	static const struct size_case {
		off_t image, initrd;
		const char *expected;
		enum config_severity severity;
	} cases[] = {
		{ 0, 1, "image \"@/big-image\" is empty", CONFIG_ERROR },
		{ 1, 0, "image \"@/big-initrd\" is empty", CONFIG_ERROR },
		{ 512 * MEBIBYTE, 1,
		  "VM memory (512MB) smaller than image \"@/big-image\" size (512MB)",
		  CONFIG_WARNING },
		{ 1, 600 * MEBIBYTE,
		  "VM memory (512MB) smaller than image \"@/big-initrd\" size (600MB)",
		  CONFIG_ERROR },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *expected = in_directory(*state, cases[i].expected);
		_cleanup_(config_freep) struct config *config = NULL;
		const struct config_problem *problem;

		write_sparse(*state, "big-image", cases[i].image);
		write_sparse(*state, "big-initrd", cases[i].initrd);
		config = examine(*state,
				 "[hypervisor.qemu]\npath = \"@/vmm\"\nkernel = \"@/kernel\"\n"
				 "image = \"@/big-image\"\ninitrd = \"@/big-initrd\"\n"
				 "virtio_fs_daemon = \"d\"\ndefault_memory = 512\n");
		problem = find_problem(config, expected);
		assert_non_null(problem);
		assert_int_equal(problem->severity, cases[i].severity);
	}
}

static void what_will_fail_later_is_foreseen(void **state)
{
	static const struct foreseen_case {
		const char *text, *expected; /* NULL: nothing */
	} cases[] = {
		{ QEMU, NULL },
		{ QEMU "initrd = \"@/initrd\"\n", "Image and initrd path cannot be both set" },
		{ FIRECRACKER, NULL },
		{ "[hypervisor.firecracker]\npath = \"@/vmm\"\nkernel = \"@/kernel\"\n",
		  "Missing image and initrd path" },
		{ "[hypervisor.qemu]\npath = \"@/vmm\"\nkernel = \"@/kernel\"\n"
		  "virtio_fs_daemon = \"d\"\nconfidential_guest = true\n"
		  "machine_type = \"s390-ccw-virtio\"\n",
		  NULL },
		{ QEMU "disable_guest_selinux = true\n[runtime]\nguest_selinux_label = \"l\"\n",
		  "Custom SELinux security policy is provided, but guest SELinux is disabled" },
		{ "[hypervisor.remote]\n", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(config_freep) struct config *config = examine(*state, cases[i].text);
		const struct config_problem *problem =
			find_problem(config, "no sandbox will start");

		assert_int_equal(config_problem_count(config, CONFIG_ERROR), 0);
		if (!cases[i].expected) {
			assert_null(problem);
			continue;
		}
		assert_non_null(problem);
		assert_contains(problem->message, cases[i].expected);
		assert_int_equal(problem->severity, CONFIG_WARNING);
	}
}

static void paths_end_behind_all_links_or_stay_as_written(void **state)
{
	_cleanup_free_ char *kernel = path_join(*state, "kernel");
	_cleanup_free_ char *flash = in_directory(*state, "@/dev/../flash1");
	_cleanup_(config_freep) struct config *config =
		examine(*state,
			"[hypervisor.qemu]\npath = \"@/vmm\"\nkernel = \"@/dev/../kernel\"\n"
			"image = \"@/image\"\n"
			"virtio_fs_daemon = \"/not/there\"\npflashes = [\"@/dev/../flash1\"]\n");

	assert_string_equal(config_string(config, CONFIG_HYPERVISOR_KERNEL), kernel);
	assert_contains(config_origin(config, CONFIG_HYPERVISOR_KERNEL)->note, "links followed");
	assert_string_equal(config_string(config, CONFIG_HYPERVISOR_VIRTIO_FS_DAEMON),
			    "/not/there");
	assert_string_equal(config_list(config, CONFIG_HYPERVISOR_PFLASHES)->items[0], flash);
	assert_int_equal(config_problem_count(config, CONFIG_WARNING), 0);
}

static void a_missing_vsock_device_is_a_warning(void **state)
{
	_cleanup_(config_freep) struct config *qemu = NULL;
	_cleanup_(config_freep) struct config *clh = NULL;
	_cleanup_free_ char *message = NULL;
	_cleanup_free_ char *expected = in_directory(
		*state,
		"host system doesn't support vsock: stat @/dev/vhost-vsock: no such file or "
		"directory");

	remove_file(*state, "dev/vhost-vsock");
	qemu = examine(*state, QEMU);
	clh = examine(*state, CLH);
	write_file(*state, "dev/vhost-vsock", "");
	message = verdict(qemu);
	assert_string_equal(message, "");
	assert_int_equal(find_problem(qemu, expected)->severity, CONFIG_WARNING);
	assert_null(find_problem(clh, "vsock"));
}

static void runtime_rs_refuses_in_its_words(void **state)
{
#define SHARED_MOUNT(fields) RUNTIME_RS "[[runtime.shared_mounts]]\n" fields
	static const struct refusal cases[] = {
		{ "[runtime]\nhypervisor_name = \"qemu\"\n", "Invalid hypervisor name qemu" },
		{ "[hypervisor.qemu]\npath = \"@/vmm\"\nkernel = \"@/kernel\"\nimage = "
		  "\"@/image\"\n"
		  "[runtime]\nhypervisor_name = \"qemu\"\nagent_name = \"kata\"\n",
		  "Invalid agent name kata" },
		{ "[hypervisor.qemu]\npath = \"@/vmm\"\nkernel = \"@/kernel\"\nimage = "
		  "\"@/image\"\n"
		  "[agent.kata]\n[runtime]\nhypervisor_name = \"qemu\"\nagent_name = \"kata\"\n",
		  "Runtime name is missing in the configuration" },
		{ RUNTIME_RS "initrd = \"@/initrd\"\n",
		  "Can not configure both initrd and image for boot" },
		{ RUNTIME_RS "firmware = \"/nope\"\n",
		  "firmware image file /nope is invalid: file /nope does not exist" },
		{ RUNTIME_RS "block_device_driver = \"x\"\n",
		  "x is unsupported block device type." },
		{ RUNTIME_RS "vm_rootfs_driver = \"x\"\n", "x is unsupported block device type." },
		{ RUNTIME_RS "block_device_driver = \"virtio-blk-mmio\"\n",
		  "Qemu doesn't support virtio-blk-mmio" },
		{ "[agent.kata]\n[runtime]\nname = \"v\"\nhypervisor_name = \"dragonball\"\n"
		  "agent_name = \"kata\"\n[hypervisor.dragonball]\nkernel = \"@/kernel\"\n"
		  "image = \"@/image\"\nblock_device_driver = \"virtio-scsi\"\n",
		  "dragonball doesn't support virtio-scsi" },
		{ "[agent.kata]\n[runtime]\nname = \"v\"\nhypervisor_name = \"firecracker\"\n"
		  "agent_name = \"kata\"\n[hypervisor.firecracker]\npath = \"@/vmm\"\n"
		  "kernel = \"@/kernel\"\ninitrd = \"@/initrd\"\nmemory_slots = 1\n",
		  "Firecracker boots from an image only" },
		{ RUNTIME_RS "confidential_guest = true\nvm_rootfs_driver = \"virtio-blk-mmio\"\n",
		  "a confidential guest cannot boot from virtio-blk-mmio" },
		{ RUNTIME_RS "block_device_aio = \"x\"\n",
		  "x is unsupported block device AIO mode." },
		{ RUNTIME_RS "block_device_logical_sector_size = 3\n", "invalid sector size 3: " },
		{ RUNTIME_RS "shared_fs = \"virtio-9p\"\n", "Invalid shared_fs type virtio-9p" },
		{ RUNTIME_RS "virtio_fs_cache = \"x\"\n", "Invalid virtio-fs cache mode: x" },
		{ RUNTIME_RS "pcie_root_port = 1\npcie_switch_port = 1\n",
		  "Root Port and Switch Port set at the same time is forbidden." },
		{ RUNTIME_RS "default_memory = 63\n",
		  "Qemu hypervisor has minimal memory limitation 64" },
		{ RUNTIME_RS "enable_guest_swap = true\n",
		  "Qemu hypervisor doesn't support enable_guest_swap" },
		{ RUNTIME_RS "jailer_path = \"@/jailer\"\n",
		  "Path for QEMU jailer should be empty" },
		{ RUNTIME_RS "kernel_verity_params = \"x\"\n",
		  "invalid kernel_verity_params entry: \"x\"" },
		{ RUNTIME_RS "hugepage_type = \"x\"\n", "unknown variant `x`" },
		{ RUNTIME_RS
		  "[[hypervisor.qemu.guest_extension_images]]\nname = \"a\"\npath = \"/nope\"\n",
		  "extra image file /nope is invalid: " },
		{ SHARED_MOUNT("name = \"\"\nsrc_ctr = \"a\"\nsrc_path = \"/a\"\ndst_ctr = \"b\"\n"
			       "dst_path = \"/b\"\n"),
		  "shared_mount: field 'name' couldn't be empty." },
		{ SHARED_MOUNT(
			  "name = \"m\"\nsrc_ctr = \"a\"\nsrc_path = \"a b\"\ndst_ctr = \"b\"\n"
			  "dst_path = \"/b\"\n"),
		  "shared_mount 'm': src_path is invalid. " },
		{ SHARED_MOUNT("name = \"m\"\nsrc_ctr = \"a\"\nsrc_path = \"/a\"\ndst_ctr = \"b\"\n"
			       "dst_path = \"/b/../c\"\n"),
		  "shared_mount 'm': dst_path couldn't contain '..' directory." },
	};

	check_refusals(state, cases, ARRAY_SIZE(cases));
}

static void runtime_rs_refuses_in_runtime_and_agent(void **state)
{
#define RS_TABLES(agent, runtime)                                                             \
	"[agent.kata]\n" agent "[hypervisor.qemu]\npath = \"@/vmm\"\nkernel = \"@/kernel\"\n" \
	"image = \"@/image\"\n[runtime]\nname = \"virt_container\"\n"                         \
	"hypervisor_name = \"qemu\"\nagent_name = \"kata\"\n" runtime
	static const struct refusal cases[] = {
		{ RS_TABLES("dial_timeout_ms = 0\n", ""), "dial_timeout_ms couldn't be 0." },
		{ RS_TABLES("dial_timeout_ms = 5000\n", ""),
		  "reconnect_timeout_ms must be >= dial_timeout_ms (" },
		{ RS_TABLES("", "internetworking_model = \"default\"\n"),
		  "Invalid internetworking_model `default` in configuration file" },
		{ RS_TABLES("", "vfio_mode = \"x\"\n"),
		  "Invalid vfio_mode `x` in configuration file" },
		{ RS_TABLES("", "emptydir_mode = \"x\"\n"),
		  "Invalid emptydir_mode `x` in configuration file" },
		{ RS_TABLES("", "sandbox_bind_mounts = [\"/nope:ro\"]\n"),
		  "sandbox bind mount `/nope:ro` is invalid: " },
	};
	_cleanup_(config_freep) struct config *fine =
		examine(*state, RS_TABLES("", "sandbox_bind_mounts = [\"@/image:ro\"]\n"
					      "experimental = [\"anything\"]\n"));

	assert_int_equal(config_problem_count(fine, CONFIG_NOTE), 0);
	check_refusals(state, cases, ARRAY_SIZE(cases));
}

static void verity_parameters_are_complete_or_absent(void **state)
{
#define NUMBERS ",data_blocks=8,data_block_size=4096,hash_block_size=4096"
	static const struct {
		const char *params, *error;
	} cases[] = {
		{ "", NULL },
		{ "  ", NULL },
		{ " root_hash = a , salt=b" NUMBERS, NULL },
		{ "root_hash=a,,salt=b" NUMBERS ",extra=1", NULL },
		{ "salt=,root_hash=a,salt=b" NUMBERS, NULL },
		{ "nonsense", "invalid kernel_verity_params entry: \"nonsense\"" },
		{ "salt=b" NUMBERS, "missing kernel_verity_params root_hash" },
		{ "root_hash=a" NUMBERS, "missing kernel_verity_params salt" },
		{ "root_hash=a,salt=b", "missing kernel_verity_params data_blocks" },
		{ "root_hash=a,salt=b,data_blocks=x,data_block_size=512,hash_block_size=512",
		  "invalid kernel_verity_params data_blocks \"x\": " },
		{ "root_hash=a,salt=b,data_blocks=-1,data_block_size=512,hash_block_size=512",
		  "invalid kernel_verity_params data_blocks \"-1\": " },
		{ "root_hash=a,salt=b,data_blocks=0,data_block_size=512,hash_block_size=512",
		  "invalid kernel_verity_params data_blocks: must be non-zero" },
		{ "root_hash=a,salt=b,data_blocks=1,data_block_size=100,hash_block_size=512",
		  "invalid kernel_verity_params data_block_size: must be multiple of 512" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error *err = NULL;
		int ret = verity_params_check(cases[i].params, &err);

		if (!cases[i].error)
			assert_ok(ret, err);
		else
			assert_failed(ret, err, -22, cases[i].error);
	}
}

static void the_kernel_command_line_has_a_fixed_order(void **state)
{
#define SYSTEM                                                                       \
	"systemd.unit=kata-containers.target systemd.mask=systemd-networkd.service " \
	"systemd.mask=systemd-networkd.socket scsi_mod.scan=none"
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ QEMU, SYSTEM },
		{ QEMU "block_device_driver = \"virtio-blk\"\nkernel_params = \"a  b=c\"\n",
		  "systemd.unit=kata-containers.target systemd.mask=systemd-networkd.service "
		  "systemd.mask=systemd-networkd.socket a b=c" },
		{ QEMU "kernel_params = 'x=\"a b\" y'\n", SYSTEM " x=\"a b\" y" },
		{ "[hypervisor.qemu]\npath = \"@/vmm\"\nkernel = \"@/kernel\"\ninitrd = "
		  "\"@/initrd\"\n"
		  "virtio_fs_daemon = \"d\"\n[agent.kata]\nenable_debug = true\nenable_tracing = "
		  "true\n"
		  "debug_console_enabled = true\ncdh_api_timeout = 50\nlaunch_process_timeout = 6\n"
		  "visible_cdi_devices = true\n",
		  "scsi_mod.scan=none agent.log=debug agent.trace=true agent.debug_console "
		  "agent.debug_console_vport=1026 agent.cdh_api_timeout=50 "
		  "agent.launch_process_timeout=6 agent.visible_cdi_devices=true" },
		{ STRATOVIRT "initrd = \"@/initrd\"\nkernel_params = 'x=\"a b\"\ty'\n",
		  "scsi_mod.scan=none x=\"a b\" y" },
		{ RUNTIME_RS "kernel_params = \"z\"\n[agent.kata.mem_agent]\nenable = true\n"
			     "memcg_swap = false\ncompact_order = 9\n",
		  "systemd.unit=kata-containers.target systemd.mask=systemd-networkd.service "
		  "systemd.mask=systemd-networkd.socket agent.cdh_api_timeout=50 "
		  "psi=1 agent.mem_agent_enable=1 agent.mem_agent_memcg_swap=false "
		  "agent.mem_agent_compact_order=9 z" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(config_freep) struct config *config = examine(*state, cases[i].text);
		_cleanup_string_list_ struct string_list params = { 0 };
		_cleanup_free_ char *joined = NULL;
		struct error *err = NULL;

		assert_ok(config_kernel_params(config, &params, &err), err);
		joined = string_list_join(&params, " ");
		assert_string_equal(joined, cases[i].expected);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(go_refuses_in_the_known_words),
		cmocka_unit_test(go_accepts_what_it_always_accepted),
		cmocka_unit_test(the_first_error_is_the_one_it_always_was),
		cmocka_unit_test(images_must_fit_into_memory),
		cmocka_unit_test(what_will_fail_later_is_foreseen),
		cmocka_unit_test(paths_end_behind_all_links_or_stay_as_written),
		cmocka_unit_test(a_missing_vsock_device_is_a_warning),
		cmocka_unit_test(runtime_rs_refuses_in_its_words),
		cmocka_unit_test(runtime_rs_refuses_in_runtime_and_agent),
		cmocka_unit_test(verity_parameters_are_complete_or_absent),
		cmocka_unit_test(the_kernel_command_line_has_a_fixed_order),
	};

	return cmocka_run_group_tests_name("config: validate", tests, make_fixture,
					   remove_directory);
}
