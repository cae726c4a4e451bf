// SPDX-License-Identifier: Apache-2.0
/* Every annotation: what good values do (spec/config.md 5.2 to 5.4). */
#include "annotation_fixture.h"

#include <errno.h>

#include "config/annotation_rows.h"

/* --- good values ------------------------------------------------------------------------------------ */

struct good {
	unsigned dialects;
	const char *name, *value;
	enum config_key key;
	const char *expected; /* as config_value_text() has it */
};

#define GO	 CONFIG_GO
#define RS	 CONFIG_RS
#define BOTH	 CONFIG_BOTH
#define HYP(key) CONFIG_HYPERVISOR_##key
#define TRUTH(name, key)                                  \
	{ BOTH, H(name), "true", HYP(key), "true" },      \
	{                                                 \
		BOTH, H(name), "false", HYP(key), "false" \
	}

static const struct good good[] = {
	{ BOTH, H("default_vcpus"), "1.5", HYP(DEFAULT_VCPUS), "1.5" },
	{ BOTH, H("default_vcpus"), "0", HYP(DEFAULT_VCPUS), "1.0" },
	{ GO, H("default_vcpus"), "0x1p1", HYP(DEFAULT_VCPUS), "2.0" },
	{ GO, H("default_vcpus"), "4", HYP(DEFAULT_VCPUS), "4.0" },
	{ RS, H("default_vcpus"), " +2e0 ", HYP(DEFAULT_VCPUS), "2.0" },
	{ RS, H("default_vcpus"), "100", HYP(DEFAULT_VCPUS), "4.0" },
	{ RS, H("default_vcpus"), "-1", HYP(DEFAULT_VCPUS), "4.0" },
	{ BOTH, H("default_max_vcpus"), "3", HYP(DEFAULT_MAXVCPUS), "3" },
	{ BOTH, H("default_max_vcpus"), "0", HYP(DEFAULT_MAXVCPUS), "4" },
	{ RS, H("default_max_vcpus"), "100", HYP(DEFAULT_MAXVCPUS), "4" },
	{ BOTH, H("default_memory"), "4096", HYP(DEFAULT_MEMORY), "4096" },
	{ BOTH, H("default_memory"), "0256", HYP(DEFAULT_MEMORY), "256" },
	{ RS, H("default_memory"), "2 GiB", HYP(DEFAULT_MEMORY), "2048" },
	{ RS, H("default_memory"), "1.5gib", HYP(DEFAULT_MEMORY), "1536" },
	{ RS, H("default_memory"), "2GB", HYP(DEFAULT_MEMORY), "1907" },
	{ RS, H("default_memory"), "512Mi", HYP(DEFAULT_MEMORY), "512" },
	{ RS, H("default_memory"), "64", HYP(DEFAULT_MEMORY), "64" },
	{ RS, H("default_memory"), "99999", HYP(DEFAULT_MEMORY), "16384" },
	{ RS, H("default_memory"), "2048r", HYP(DEFAULT_MEMORY), "128" },
	{ BOTH, H("memory_slots"), "5", HYP(MEMORY_SLOTS), "5" },
	{ GO, H("memory_slots"), "0", HYP(MEMORY_SLOTS), "10" },
	{ RS, H("memory_slots"), "0", HYP(MEMORY_SLOTS), "128" },
	{ BOTH, H("memory_offset"), "4294967296", HYP(MEMORY_OFFSET), "4294967296" },
	{ BOTH, H("memory_offset"), "0", HYP(MEMORY_OFFSET), "0" },
	TRUTH("enable_virtio_mem", ENABLE_VIRTIO_MEM),
	TRUTH("enable_mem_prealloc", ENABLE_MEM_PREALLOC),
	TRUTH("reclaim_guest_freed_memory", RECLAIM_GUEST_FREED_MEMORY),
	TRUTH("enable_hugepages", ENABLE_HUGEPAGES),
	TRUTH("enable_iommu", ENABLE_IOMMU),
	TRUTH("enable_iommu_platform", ENABLE_IOMMU_PLATFORM),
	{ GO, H("enable_guest_swap"), "T", HYP(ENABLE_GUEST_SWAP), "true" },
	TRUTH("rootless", ROOTLESS),
	{ RS, H("rootless"), " true ", HYP(ROOTLESS), "true" },
	{ BOTH, H("hugepage_type"), "thp", HYP(HUGEPAGE_TYPE), "thp" },
	{ BOTH, H("numa_mapping"), " 0-1,3  2", HYP(NUMA_MAPPING), "[\"0-1,3\", \"2\"]" },
	{ BOTH, H("numa_mapping"), "", HYP(NUMA_MAPPING), "[]" },

	{ GO, H("block_device_driver"), "virtio-blk-ccw", HYP(BLOCK_DEVICE_DRIVER),
	  "virtio-blk-ccw" },
	{ RS, H("block_device_driver"), "virtio-scsi", HYP(BLOCK_DEVICE_DRIVER), "virtio-scsi" },
	{ RS, H("block_device_driver"), "virtio-blk", HYP(BLOCK_DEVICE_DRIVER), "virtio-blk-pci" },
	{ BOTH, H("block_device_aio"), "native", HYP(BLOCK_DEVICE_AIO), "native" },
	TRUTH("disable_block_device_use", DISABLE_BLOCK_DEVICE_USE),
	TRUTH("enable_iothreads", ENABLE_IOTHREADS),
	{ BOTH, H("indep_iothreads"), "50", HYP(INDEP_IOTHREADS), "50" },
	{ RS, H("indep_iothreads"), "51", HYP(INDEP_IOTHREADS), "51" },
	TRUTH("block_device_cache_set", BLOCK_DEVICE_CACHE_SET),
	TRUTH("block_device_cache_direct", BLOCK_DEVICE_CACHE_DIRECT),
	TRUTH("block_device_cache_noflush", BLOCK_DEVICE_CACHE_NOFLUSH),
	{ BOTH, H("blk_logical_sector_size"), "4096", HYP(BLOCK_DEVICE_LOGICAL_SECTOR_SIZE),
	  "4096" },
	{ BOTH, H("blk_logical_sector_size"), "0", HYP(BLOCK_DEVICE_LOGICAL_SECTOR_SIZE), "0" },
	{ BOTH, H("blk_physical_sector_size"), "65536", HYP(BLOCK_DEVICE_PHYSICAL_SECTOR_SIZE),
	  "65536" },
	{ BOTH, H("block_device_num_queues"), "8", HYP(NUM_QUEUES), "8" },
	{ BOTH, H("block_device_queue_size"), "256", HYP(QUEUE_SIZE), "256" },

	{ GO, H("shared_fs"), "virtio-9p", HYP(SHARED_FS), "virtio-9p" },
	{ BOTH, H("shared_fs"), "virtio-fs", HYP(SHARED_FS), "virtio-fs" },
	{ RS, H("shared_fs"), "none", HYP(SHARED_FS), "none" },
	{ GO, H("virtio_fs_extra_args"), "[\"--xattr\", \"-o\", \"cache=auto\"]",
	  HYP(VIRTIO_FS_EXTRA_ARGS), "[\"--xattr\", \"-o\", \"cache=auto\"]" },
	{ GO, H("virtio_fs_extra_args"), "null", HYP(VIRTIO_FS_EXTRA_ARGS), "[]" },
	{ RS, H("virtio_fs_extra_args"), "--xattr,--cache=auto", HYP(VIRTIO_FS_EXTRA_ARGS),
	  "[\"--xattr\", \"--cache=auto\"]" },
	{ RS, H("virtio_fs_extra_args"), "[\"--xattr\"]", HYP(VIRTIO_FS_EXTRA_ARGS),
	  "[\"--xattr\"]" },
	{ BOTH, H("virtio_fs_cache"), "always", HYP(VIRTIO_FS_CACHE), "always" },
	{ GO, H("virtio_fs_cache"), "", HYP(VIRTIO_FS_CACHE), "" },
	{ BOTH, H("virtio_fs_cache_size"), "1024", HYP(VIRTIO_FS_CACHE_SIZE), "1024" },
	{ BOTH, H("msize_9p"), "4096", HYP(MSIZE_9P), "4096" },

	{ BOTH, H("cpu_features"), "pmu=off", HYP(CPU_FEATURES), "pmu=off" },
	TRUTH("disable_vhost_net", DISABLE_VHOST_NET),
	{ BOTH, H("rx_rate_limiter_max_rate"), "18446744073709551615",
	  HYP(RX_RATE_LIMITER_MAX_RATE), "18446744073709551615" },
	{ BOTH, H("tx_rate_limiter_max_rate"), "7", HYP(TX_RATE_LIMITER_MAX_RATE), "7" },
	{ BOTH, H("network_queues"), "4", HYP(NETWORK_QUEUES), "4" },
	{ RS, H("network_queues"), "999", HYP(NETWORK_QUEUES), "256" },

	{ BOTH, H("kernel_params"), "a=1  b\tc=x=y", HYP(KERNEL_PARAMS), "a=1 b c=x=y" },
	{ GO, H("kernel_params"), "a=1 a=2", HYP(KERNEL_PARAMS), "a=2" },
	{ RS, H("kernel_params"), "a=1 a=2", HYP(KERNEL_PARAMS), "a=1 a=2" },
	{ BOTH, H("kernel_verity_params"),
	  "root_hash=a,salt=b,data_blocks=1,data_block_size=512,hash_block_size=512",
	  HYP(KERNEL_VERITY_PARAMS),
	  "root_hash=a,salt=b,data_blocks=1,data_block_size=512,hash_block_size=512" },

	{ BOTH, H("hot_plug_vfio"), "root-port", HYP(HOT_PLUG_VFIO), "root-port" },
	{ GO, H("hot_plug_vfio"), "", HYP(HOT_PLUG_VFIO), "no-port" },
	{ BOTH, H("cold_plug_vfio"), "root-port", HYP(COLD_PLUG_VFIO), "root-port" },
	{ BOTH, H("pcie_root_port"), "16", HYP(PCIE_ROOT_PORT), "16" },
	{ BOTH, H("pcie_root_port"), "0", HYP(PCIE_ROOT_PORT), "0" },
	{ BOTH, H("pcie_switch_port"), "2", HYP(PCIE_SWITCH_PORT), "2" },

	{ BOTH, H("cc_init_data"), "", HYP(INITDATA), "" },
	{ BOTH, H("machine_type"), "virt", HYP(MACHINE_TYPE), "virt" },
	{ GO, H("machine_type"), "", HYP(MACHINE_TYPE), "q35" },
	{ BOTH, H("machine_accelerators"), "nosmm", HYP(MACHINE_ACCELERATORS), "nosmm" },
	TRUTH("enable_vhost_user_store", ENABLE_VHOST_USER_STORE),
	{ BOTH, H("vhost_user_reconnect_timeout_sec"), "9", HYP(VHOST_USER_RECONNECT_TIMEOUT_SEC),
	  "9" },
	{ BOTH, H("guest_hook_path"), "/usr/share/hooks", HYP(GUEST_HOOK_PATH),
	  "/usr/share/hooks" },
	TRUTH("disable_image_nvdimm", DISABLE_IMAGE_NVDIMM),
	TRUTH("use_legacy_serial", USE_LEGACY_SERIAL),
	{ RS, H("prefetch_files.list"), "/bin/true", HYP(PREFETCH_LIST_PATH), NULL },
	{ GO, H("default_gpus"), "many", HYP(DEFAULT_GPUS),
	  "0" }, /* only remote hypervisors have them */

	{ GO, R("disable_guest_seccomp"), "1", CONFIG_RUNTIME_DISABLE_GUEST_SECCOMP, "true" },
	{ BOTH, R("sandbox_cgroup_only"), "true", CONFIG_RUNTIME_SANDBOX_CGROUP_ONLY, "true" },
	{ BOTH, R("create_container_timeout"), "90", CONFIG_RUNTIME_CREATE_CONTAINER_TIMEOUT,
	  "90" },
	{ BOTH, R("create_container_timeout"), "90", CONFIG_AGENT_CREATE_CONTAINER_TIMEOUT, "90" },
	{ GO, R("create_container_timeout"), "0", CONFIG_RUNTIME_CREATE_CONTAINER_TIMEOUT, "60" },
	{ BOTH, R("experimental_force_guest_pull"), "true",
	  CONFIG_RUNTIME_EXPERIMENTAL_FORCE_GUEST_PULL, "true" },
	{ BOTH, "io.katacontainers.enable_vcpus_pinning", "true",
	  CONFIG_RUNTIME_ENABLE_VCPUS_PINNING, "true" },
	{ BOTH, R("enable_vcpus_pinning"), "true", CONFIG_RUNTIME_ENABLE_VCPUS_PINNING, "true" },
	{ RS, R("experimental"), "a,b", CONFIG_RUNTIME_EXPERIMENTAL, "[\"a\", \"b\"]" },
	{ GO, R("experimental"), "force_guest_pull", CONFIG_RUNTIME_EXPERIMENTAL_FORCE_GUEST_PULL,
	  "true" },
	{ BOTH, R("disable_new_netns"), "true", CONFIG_RUNTIME_DISABLE_NEW_NETNS, "true" },
	{ BOTH, R("internetworking_model"), "macvtap", CONFIG_RUNTIME_INTERNETWORKING_MODEL,
	  "macvtap" },
	{ BOTH, R("vfio_mode"), "vfio", CONFIG_RUNTIME_VFIO_MODE, "vfio" },
	{ BOTH, R("enable_pprof"), "true", CONFIG_RUNTIME_ENABLE_PPROF, "true" },
	{ GO, R("enable_pprof"), "please", CONFIG_RUNTIME_ENABLE_PPROF, "false" },
	{ RS, R("name"), "virt-container", CONFIG_RUNTIME_NAME, "virt_container" },
	{ RS, R("hypervisor_name"), "clh", CONFIG_RUNTIME_HYPERVISOR_NAME, "qemu" },
	{ RS, R("agent_name"), "none", CONFIG_RUNTIME_AGENT_NAME, "kata" },
	{ GO, R("name"), "what-ever", CONFIG_RUNTIME_NAME, "" },
	{ BOTH, R("shared_mounts"),
	  "[{\"name\":\"m\",\"src_ctr\":\"a\",\"src_path\":\"/"
	  "a\",\"dst_ctr\":\"b\",\"dst_path\":\"/b\"}]",
	  CONFIG_RUNTIME_SHARED_MOUNTS,
	  "[{ name = \"m\", src_ctr = \"a\", src_path = \"/a\", dst_ctr = \"b\", dst_path = \"/b\" "
	  "}]" },
	{ BOTH, R("shared_mounts"), "[]", CONFIG_RUNTIME_SHARED_MOUNTS, "[]" },

	{ BOTH, A("kernel_modules"), "a x=1;b", CONFIG_AGENT_KERNEL_MODULES, "[\"a x=1\", \"b\"]" },
	{ BOTH, A("kernel_modules"), "", CONFIG_AGENT_KERNEL_MODULES, "[]" },
	{ BOTH, A("policy"), "cGFja2FnZSBh", CONFIG_AGENT_POLICY, "package a" },
	{ GO, A("enable_tracing"), "t", CONFIG_AGENT_ENABLE_TRACING, "true" },
	{ BOTH, A("container_pipe_size"), "4096", CONFIG_AGENT_CONTAINER_PIPE_SIZE, "4096" },
	{ BOTH, A("cdh_api_timeout"), "7", CONFIG_AGENT_CDH_API_TIMEOUT_MS, "7000" },
	{ BOTH, A("cdh_api_timeout_ms"), "7000", CONFIG_AGENT_CDH_API_TIMEOUT, "7" },
};

static void check_good(const struct good *row, enum config_dialect dialect)
{
	_cleanup_(config_freep) struct config *config = open_config(dialect, CONFIG_QEMU);
	_cleanup_free_ char *text = NULL;
	struct error *err = NULL;

	if (apply(config, row->name, row->value, &err) < 0)
		fail_msg("%s=%s: %s", row->name, row->value, error_message(err));
	text = config_value_text(config, row->key);
	if (row->expected && strcmp(text, row->expected) != 0)
		fail_msg("%s=%s gives %s, not %s", row->name, row->value, text, row->expected);
}

static void good_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		if (good[i].dialects & CONFIG_GO)
			check_good(&good[i], CONFIG_GO);
		if (good[i].dialects & CONFIG_RS)
			check_good(&good[i], CONFIG_RS);
	}
}

/* --- what is ignored, replaced, added --------------------------------------------------------------- */

/* Each row of the table is tried above, or in the test named here. */
static void every_row_is_tested(void **state)
{
	static const char *const elsewhere[] = {
		H("default_gpu_model"), /* remote_hypervisors */
		H("virtio_fs_daemon"),
		H("path"),
		H("jailer_path"),
		H("vhost_user_store_path"),
		H("entropy_source"), /* listed_paths */
		H("firmware"),
		H("firmware_volume"),
		H("image"),
		H("initrd"),
		H("kernel"), /* test_annotation_assets.c */
		H("firmware_hash"),
		H("firmware_volume_hash"),
		H("hypervisor_hash"),
		H("path_hash"),
		H("image_hash"),
		H("initrd_hash"),
		H("jailer_hash"),
		H("kernel_hash"),
		H("asset_hash_type"),
		R("sandbox_bind_mounts"),
		R("guest_selinux_label"), /* never_from_a_pod */
		"io.katacontainers.config_path",
	};

	(void)state;
	for (size_t i = 0; i < annotation_row_count; i++) {
		const char *name = annotation_rows[i].name;
		bool found = false;

		for (size_t j = 0; j < ARRAY_SIZE(good); j++)
			found |= strcmp(good[j].name, name) == 0;
		for (size_t j = 0; j < ARRAY_SIZE(elsewhere); j++)
			found |= strcmp(elsewhere[j], name) == 0;
		if (!found)
			fail_msg("%s is not tested", name);
	}
}

/* The key table names annotations too; both tables know the same. */
static void the_two_tables_agree(void **state)
{
	(void)state;
	for (int key = CONFIG_KEY_NONE + 1; key < CONFIG_KEY_COUNT; key++) {
		const char *name = config_key_info((enum config_key)key)->annotation;
		const struct annotation_row *row;

		if (!name)
			continue;
		row = annotation_row_find(slice_of(name));
		assert_non_null(row);
		assert_int_equal(row->key, key);
	}
}

static void every_row_says_whom_it_trusts(void **state)
{
	(void)state;
	for (size_t i = 0; i < annotation_row_count; i++) {
		const struct annotation_row *row = &annotation_rows[i];
		bool gated = slice_starts_with(slice_of(row->name), ANNOTATION_HYPERVISOR_PREFIX);
		bool path = row->key != CONFIG_KEY_NONE &&
			    config_key_info(row->key)->type == CONFIG_TYPE_PATH;

		assert_in_range(row->trust, ANNOTATION_OPEN, ANNOTATION_REFUSED);
		assert_int_equal(gated,
				 row->trust == ANNOTATION_GATED || row->trust == ANNOTATION_LISTED);
		assert_int_equal(row->list != CONFIG_KEY_NONE, row->trust == ANNOTATION_LISTED);
		assert_false(path && row->trust == ANNOTATION_OPEN);
	}
}

static void values_know_where_they_came_from(void **state)
{
	_cleanup_(config_freep) struct config *config = open_config(CONFIG_GO, CONFIG_QEMU);
	const struct config_origin *origin = config_origin(config, HYP(DEFAULT_MEMORY));
	struct error *err = NULL;

	(void)state;
	assert_ok(apply(config, H("default_memory"), "512", &err), err);
	assert_int_equal(origin->source, CONFIG_FROM_ANNOTATION);
	assert_string_equal(origin->path, H("default_memory"));
	assert_int_equal(origin->written_as, HYP(DEFAULT_MEMORY));
	assert_true(config_is_set(config, HYP(DEFAULT_MEMORY)));
}

static void an_empty_value_may_be_none(void **state)
{
	static const enum config_key keys[] = {
		HYP(CPU_FEATURES), HYP(KERNEL_PARAMS),	      HYP(KERNEL_VERITY_PARAMS),
		HYP(MACHINE_TYPE), HYP(MACHINE_ACCELERATORS), HYP(GUEST_HOOK_PATH),
		HYP(INITDATA)
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		_cleanup_(config_freep) struct config *config = open_config(CONFIG_GO, CONFIG_QEMU);
		struct error *err = NULL;

		set_text(config, keys[i], "kept");
		assert_ok(apply(config, config_key_info(keys[i])->annotation, "", &err), err);
		assert_string_equal(config_string(config, keys[i]), "kept");
	}
}

static void kernel_params_replace_those_of_the_same_key(void **state)
{
	static const struct {
		enum config_dialect dialect;
		const char *expected;
	} cases[] = {
		{ CONFIG_GO, "c=\"x y\" d=4 b a=3" },
		{ CONFIG_RS, "d=4 a=2 b a=3" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(config_freep) struct config *config =
			open_config(cases[i].dialect, CONFIG_QEMU);
		struct error *err = NULL;

		set_text(config, HYP(KERNEL_PARAMS),
			 cases[i].dialect == CONFIG_GO ? "a=0 b=1 a c=\"x y\" d=4"
						       : "a=0 b=1 a d=4");
		assert_ok(apply(config, H("kernel_params"), "a=2 b a=3", &err), err);
		assert_string_equal(config_string(config, HYP(KERNEL_PARAMS)), cases[i].expected);
		assert_false(has_problem(config, CONFIG_WARNING, "sets "));
	}
}

static void risky_kernel_params_draw_a_warning(void **state)
{
	_cleanup_(config_freep) struct config *config = open_config(CONFIG_GO, CONFIG_QEMU);
	struct error *err = NULL;

	(void)state;
	assert_ok(apply(config, H("kernel_params"), "agent.debug_console init=/bin/sh", &err), err);
	assert_true(has_problem(config, CONFIG_WARNING, "sets agent.debug_console"));
	assert_true(has_problem(config, CONFIG_WARNING, "sets init,"));
	assert_string_equal(config_string(config, HYP(KERNEL_PARAMS)),
			    "agent.debug_console init=/bin/sh");
}

static void lists_are_replaced_or_extended(void **state)
{
	static const struct {
		enum config_dialect dialect;
		const char *name, *value;
		enum config_key key;
		const char *expected;
	} cases[] = {
		{ GO, A("kernel_modules"), "b", CONFIG_AGENT_KERNEL_MODULES, "[\"b\"]" },
		{ RS, A("kernel_modules"), "b", CONFIG_AGENT_KERNEL_MODULES, "[\"a\", \"b\"]" },
		{ RS, R("experimental"), "b", CONFIG_RUNTIME_EXPERIMENTAL, "[\"a\", \"b\"]" },
		{ GO, H("virtio_fs_extra_args"), "[\"-d\"]", HYP(VIRTIO_FS_EXTRA_ARGS),
		  "[\"a\", \"-d\"]" },
		{ RS, H("virtio_fs_extra_args"), "-d", HYP(VIRTIO_FS_EXTRA_ARGS),
		  "[\"a\", \"-d\"]" },
		{ GO, H("numa_mapping"), "1", HYP(NUMA_MAPPING), "[\"1\"]" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(config_freep) struct config *config =
			open_config(cases[i].dialect, CONFIG_QEMU);
		_cleanup_free_ char *text = NULL;
		struct error *err = NULL;

		set_list(config, cases[i].key, "a");
		assert_ok(apply(config, cases[i].name, cases[i].value, &err), err);
		text = config_value_text(config, cases[i].key);
		assert_string_equal(text, cases[i].expected);
	}
}

static void one_vfio_port_excludes_the_other(void **state)
{
	static const struct annotation both[] = {
		ANNOTATION(H("cold_plug_vfio"), "root-port"),
		ANNOTATION(H("hot_plug_vfio"), "bridge-port"),
	};
	_cleanup_(config_freep) struct config *config = open_config(CONFIG_GO, CONFIG_QEMU);
	struct error *err = NULL;

	(void)state;
	set_text(config, HYP(COLD_PLUG_VFIO), "switch-port");
	assert_ok(apply(config, H("hot_plug_vfio"), "root-port", &err), err);
	assert_string_equal(config_string(config, HYP(HOT_PLUG_VFIO)), "root-port");
	assert_string_equal(config_string(config, HYP(COLD_PLUG_VFIO)), "no-port");
	assert_ok(apply_all(config, both, &err), err);
	assert_string_equal(config_string(config, HYP(HOT_PLUG_VFIO)), "no-port");
	assert_string_equal(config_string(config, HYP(COLD_PLUG_VFIO)), "root-port");
}

static void remote_hypervisors(void **state)
{
	static const struct annotation all[] = {
		ANNOTATION(H("default_vcpus"), "64"),
		ANNOTATION(H("default_max_vcpus"), "128"),
		ANNOTATION(H("default_memory"), "1"),
		ANNOTATION(H("image"), "name-of-image"),
		ANNOTATION(H("default_gpus"), "2"),
		ANNOTATION(H("default_gpu_model"), "h100"),
		ANNOTATION(H("machine_type"), "Standard"),
	};
	_cleanup_(config_freep) struct config *config = open_config(CONFIG_GO, CONFIG_REMOTE);
	struct error *err = NULL;

	(void)state;
	set_text(config, HYP(SHARED_FS), "none");
	assert_ok(apply_all(config, all, &err), err);
	assert_true(config_double(config, HYP(DEFAULT_VCPUS)) == 64);
	assert_int_equal(config_u64(config, HYP(DEFAULT_MEMORY)), 1);
	assert_string_equal(config_string(config, HYP(IMAGE)), "name-of-image");
	assert_int_equal(config_u64(config, HYP(DEFAULT_GPUS)), 2);
	assert_string_equal(config_string(config, HYP(DEFAULT_GPU_MODEL)), "h100");
}

static void listed_paths(void **state)
{
	static const struct {
		const char *name;
		enum config_key list, key;
	} cases[] = {
		{ H("path"), HYP(VALID_HYPERVISOR_PATHS), HYP(PATH) },
		{ H("virtio_fs_daemon"), HYP(VALID_VIRTIO_FS_DAEMON_PATHS), HYP(VIRTIO_FS_DAEMON) },
		{ H("vhost_user_store_path"), HYP(VALID_VHOST_USER_STORE_PATHS),
		  HYP(VHOST_USER_STORE_PATH) },
		{ H("entropy_source"), HYP(VALID_ENTROPY_SOURCES), HYP(ENTROPY_SOURCE) },
		{ H("jailer_path"), HYP(VALID_JAILER_PATHS), HYP(JAILER_PATH) },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(config_freep) struct config *config = open_config(CONFIG_GO, CONFIG_QEMU);
		struct error *err = NULL;

		set_list(config, cases[i].list, "/bin/[f]*");
		assert_ok(apply(config, cases[i].name, "/bin/false", &err), err);
		assert_string_equal(config_string(config, cases[i].key), "/bin/false");
		assert_int_equal(apply(config, cases[i].name, "/bin/true", &err), -EACCES);
		error_free(steal(err));
		assert_int_equal(apply(config, cases[i].name, "/bin/../bin/false", &err), -EACCES);
		error_free(steal(err));
	}
}

static void never_from_a_pod(void **state)
{
	static const char *const names[] = { R("sandbox_bind_mounts"), R("guest_selinux_label"),
					     "io.katacontainers.config_path" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_(config_freep) struct config *config = open_config(CONFIG_GO, CONFIG_QEMU);
		struct error *err = NULL;

		assert_ok(apply(config, names[i], "/etc", &err), err);
		assert_true(has_problem(config, CONFIG_WARNING, names[i]));
		assert_true(has_problem(config, CONFIG_WARNING, "never taken from a pod"));
	}
}

static void unknown_names_are_ignored_with_a_warning(void **state)
{
	static const struct annotation all[] = {
		ANNOTATION(H("default_memmory"), "1"),
		ANNOTATION(R("x"), "1"),
		ANNOTATION("io.kubernetes.cri.sandbox-id", "1"),
		ANNOTATION("io.katacontainers.pkg.oci.bundle_path", "/x"),
	};
	_cleanup_(config_freep) struct config *config = open_config(CONFIG_GO, CONFIG_QEMU);
	struct error *err = NULL;

	(void)state;
	assert_ok(apply_all(config, all, &err), err);
	assert_true(has_problem(config, CONFIG_WARNING,
				"annotation " H("default_memmory") " is unknown and was ignored"));
	assert_string_equal(config->problems[0].suggestion,
			    "did you mean " H("default_memory") "?");
	assert_true(has_problem(config, CONFIG_WARNING, R("x")));
	assert_int_equal(config_problem_count(config, CONFIG_NOTE), 2);
}

static void of_two_with_one_name_the_last_counts(void **state)
{
	static const struct annotation twice[] = {
		ANNOTATION(H("default_memory"), "x"),
		ANNOTATION(H("default_memory"), "512"),
	};
	_cleanup_(config_freep) struct config *config = open_config(CONFIG_GO, CONFIG_QEMU);
	struct error *err = NULL;

	(void)state;
	assert_ok(apply_all(config, twice, &err), err);
	assert_int_equal(config_u64(config, HYP(DEFAULT_MEMORY)), 512);
}

/* Checks that run again must not report again. */
static void problems_are_not_repeated(void **state)
{
	_cleanup_(config_freep) struct config *config = open_config(CONFIG_RS, CONFIG_QEMU);
	struct error *err = NULL;
	size_t before;

	(void)state;
	set_text(config, HYP(LOG_LEVEL), "loud");
	config_adjust_all(config);
	config_validate(config);
	before = config->problem_count;
	assert_ok(apply(config, A("enable_tracing"), "true", &err), err);
	assert_int_equal(config->problem_count, before);
}

static void some_are_not_for_the_guest(void **state)
{
	(void)state;
	assert_false(annotation_is_for_guest(slice_of(H("cc_init_data"))));
	assert_false(annotation_is_for_guest(slice_of("cdi.k8s.io/gpu")));
	assert_true(annotation_is_for_guest(slice_of(A("policy"))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_values),
		cmocka_unit_test(every_row_is_tested),
		cmocka_unit_test(the_two_tables_agree),
		cmocka_unit_test(every_row_says_whom_it_trusts),
		cmocka_unit_test(values_know_where_they_came_from),
		cmocka_unit_test(an_empty_value_may_be_none),
		cmocka_unit_test(kernel_params_replace_those_of_the_same_key),
		cmocka_unit_test(risky_kernel_params_draw_a_warning),
		cmocka_unit_test(lists_are_replaced_or_extended),
		cmocka_unit_test(one_vfio_port_excludes_the_other),
		cmocka_unit_test(remote_hypervisors),
		cmocka_unit_test(listed_paths),
		cmocka_unit_test(never_from_a_pod),
		cmocka_unit_test(unknown_names_are_ignored_with_a_warning),
		cmocka_unit_test(of_two_with_one_name_the_last_counts),
		cmocka_unit_test(problems_are_not_repeated),
		cmocka_unit_test(some_are_not_for_the_guest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
