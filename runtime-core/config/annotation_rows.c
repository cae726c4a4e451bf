// SPDX-License-Identifier: Apache-2.0
#include "annotation_rows.h"

#include <string.h>

#include "annotation_apply.h"
#include "base/memory.h"

#define H(name) ANNOTATION_HYPERVISOR_PREFIX name
#define R(name) ANNOTATION_CONFIG_PREFIX "runtime." name
#define A(name) ANNOTATION_CONFIG_PREFIX "agent." name

#define WORDS(...)                \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}

/* Every row says who may use it. */
#define ROW(name_, trust_, apply_, key_, ...)                                     \
	{                                                                         \
		.name = (name_), .trust = ANNOTATION_##trust_, .apply = (apply_), \
		.key = CONFIG_##key_, __VA_ARGS__                                 \
	}

#define TRUTH(name, key) ROW(H(name), GATED, annotation_apply_bool, HYPERVISOR_##key)
#define NUMBER(name, key, ...) \
	ROW(H(name), GATED, annotation_apply_number, HYPERVISOR_##key, __VA_ARGS__)
#define STRING(name, key, ...) \
	ROW(H(name), GATED, annotation_apply_string, HYPERVISOR_##key, __VA_ARGS__)
#define PATH(name, key, list_, what)                                         \
	ROW(H(name), LISTED, annotation_apply_listed_path, HYPERVISOR_##key, \
	    .list = CONFIG_HYPERVISOR_##list_,                               \
	    .go_refusal = what " {} required from annotation is not valid",  \
	    .rs_refusal = "Path {} is not permitted")
#define ASSET(name, key) ROW(H(name), GATED, NULL, HYPERVISOR_##key)
#define HASH(name)	 ROW(H(name), GATED, NULL, KEY_NONE)
#define VFIO_PORTS	 WORDS("no-port", "bridge-port", "root-port", "switch-port")

#define POLICY_MAX   (1U << 20)	 /* base64 */
#define INITDATA_MAX (24U << 20) /* base64 of INITDATA_PACKED_MAX bytes, with line ends */

const struct annotation_row annotation_rows[] = {
	/* ---- size -------------------------------------------------------------------------------- */
	ROW(H("default_vcpus"), GATED, annotation_apply_cpus, HYPERVISOR_DEFAULT_VCPUS),
	ROW(H("default_max_vcpus"), GATED, annotation_apply_most_cpus, HYPERVISOR_DEFAULT_MAXVCPUS),
	ROW(H("default_memory"), GATED, annotation_apply_memory, HYPERVISOR_DEFAULT_MEMORY),
	NUMBER("memory_slots", MEMORY_SLOTS, .zero_is_nothing = true),
	NUMBER("memory_offset", MEMORY_OFFSET, .zero_is_nothing = true),
	TRUTH("enable_virtio_mem", ENABLE_VIRTIO_MEM),
	TRUTH("enable_mem_prealloc", ENABLE_MEM_PREALLOC),
	TRUTH("reclaim_guest_freed_memory", RECLAIM_GUEST_FREED_MEMORY),
	TRUTH("enable_hugepages", ENABLE_HUGEPAGES),
	ROW(H("hugepage_type"), GATED, annotation_apply_word, HYPERVISOR_HUGEPAGE_TYPE,
	    .words = WORDS("hugetlbfs", "thp"),
	    .go_refusal = "parse huge pages type: {}, error: expected one of {words}",
	    .rs_refusal = "parse huge pages type: {}, error: expected one of {words}"),
	TRUTH("enable_iommu", ENABLE_IOMMU),
	TRUTH("enable_iommu_platform", ENABLE_IOMMU_PLATFORM),
	TRUTH("enable_guest_swap", ENABLE_GUEST_SWAP),
	TRUTH("rootless", ROOTLESS),
	ROW(H("numa_mapping"), GATED, annotation_apply_numa, HYPERVISOR_NUMA_MAPPING),

	/* ---- block devices ----------------------------------------------------------------------- */
	ROW(H("block_device_driver"), GATED, annotation_apply_word, HYPERVISOR_BLOCK_DEVICE_DRIVER,
	    .words = WORDS("virtio-scsi", "virtio-blk", "virtio-mmio", "nvdimm", "virtio-blk-ccw"),
	    .go_refusal = "Invalid hypervisor block storage driver {} specified in annotation "
			  "(supported drivers: {words})"),
	ROW(H("block_device_aio"), GATED, annotation_apply_word, HYPERVISOR_BLOCK_DEVICE_AIO,
	    .words = WORDS("native", "threads", "io_uring"),
	    .go_refusal = "Invalid AIO mechanism  {} specified in annotation (supported IO "
			  "mechanism : {words})"),
	TRUTH("disable_block_device_use", DISABLE_BLOCK_DEVICE_USE),
	TRUTH("enable_iothreads", ENABLE_IOTHREADS),
	NUMBER("indep_iothreads", INDEP_IOTHREADS, .min = 1, .max = 50,
	       .go_refusal = "Error parsing annotation for indepiothreads, please specify numeric "
			     "value less than 50"),
	TRUTH("block_device_cache_set", BLOCK_DEVICE_CACHE_SET),
	TRUTH("block_device_cache_direct", BLOCK_DEVICE_CACHE_DIRECT),
	TRUTH("block_device_cache_noflush", BLOCK_DEVICE_CACHE_NOFLUSH),
#define SECTOR_SIZE(name, key)                                                             \
	ROW(H(name), GATED, annotation_apply_sector_size, HYPERVISOR_##key, .min = 512,    \
	    .max = 65536,                                                                  \
	    .go_refusal = "invalid {name} {}: must be 0 or a power of 2 between 512 and "  \
			  "65536",                                                         \
	    .rs_refusal = "invalid sector size {}: must be 0 or a power of 2 between 512 " \
			  "and 65536")
	SECTOR_SIZE("blk_logical_sector_size", BLOCK_DEVICE_LOGICAL_SECTOR_SIZE),
	SECTOR_SIZE("blk_physical_sector_size", BLOCK_DEVICE_PHYSICAL_SECTOR_SIZE),
#undef SECTOR_SIZE
	NUMBER("block_device_num_queues", NUM_QUEUES, .rs_number = "usize"),
	NUMBER("block_device_queue_size", QUEUE_SIZE),

	/* ---- shared files ------------------------------------------------------------------------ */
	ROW(H("shared_fs"), GATED, annotation_apply_word, HYPERVISOR_SHARED_FS,
	    .words = WORDS("virtio-9p", "virtio-fs"),
	    .go_refusal = "Invalid hypervisor shared file system {} specified for annotation "
			  "shared_fs, (supported file systems: {words})"),
	PATH("virtio_fs_daemon", VIRTIO_FS_DAEMON, VALID_VIRTIO_FS_DAEMON_PATHS, "virtiofs daemon"),
	ROW(H("virtio_fs_extra_args"), GATED, annotation_apply_virtiofs_args,
	    HYPERVISOR_VIRTIO_FS_EXTRA_ARGS),
	STRING("virtio_fs_cache", VIRTIO_FS_CACHE),
	NUMBER("virtio_fs_cache_size", VIRTIO_FS_CACHE_SIZE),
	NUMBER("msize_9p", MSIZE_9P, .min = 1, .max = UINT32_MAX,
	       .go_refusal = "Error parsing annotation for msize_9p, please specify positive "
			     "numeric value",
	       .rs_refusal = "Error parsing annotation for msize_9p, please specify positive "
			     "numeric value"),

	/* ---- network ----------------------------------------------------------------------------- */
	STRING("cpu_features", CPU_FEATURES, .empty_is_nothing = true),
	TRUTH("disable_vhost_net", DISABLE_VHOST_NET),
	NUMBER("rx_rate_limiter_max_rate", RX_RATE_LIMITER_MAX_RATE),
	NUMBER("tx_rate_limiter_max_rate", TX_RATE_LIMITER_MAX_RATE),
	NUMBER("network_queues", NETWORK_QUEUES),

	/* ---- programs and kernel ----------------------------------------------------------------- */
	PATH("path", PATH, VALID_HYPERVISOR_PATHS, "hypervisor"),
	PATH("jailer_path", JAILER_PATH, VALID_JAILER_PATHS, "jailer"),
	ROW(H("kernel_params"), GATED, annotation_apply_kernel_params, HYPERVISOR_KERNEL_PARAMS,
	    .empty_is_nothing = true),
	ROW(H("kernel_verity_params"), GATED, annotation_apply_verity,
	    HYPERVISOR_KERNEL_VERITY_PARAMS, .empty_is_nothing = true),

	/* ---- PCI and VFIO ------------------------------------------------------------------------ */
	ROW(H("hot_plug_vfio"), GATED, annotation_apply_vfio_port, HYPERVISOR_HOT_PLUG_VFIO,
	    .words = VFIO_PORTS, .go_refusal = "Invalid PCIe port \"{}\" specified in annotation"),
	ROW(H("cold_plug_vfio"), GATED, annotation_apply_vfio_port, HYPERVISOR_COLD_PLUG_VFIO,
	    .words = VFIO_PORTS, .go_refusal = "Invalid PCIe port \"{}\" specified in annotation"),
	NUMBER("pcie_root_port", PCIE_ROOT_PORT, .zero_is_nothing = true, .max = 16,
	       .go_refusal = "root ports allocated exceeds the max 16",
	       .rs_refusal = "root ports allocated exceeds the max 16"),
	NUMBER("pcie_switch_port", PCIE_SWITCH_PORT, .zero_is_nothing = true, .max = 16,
	       .go_refusal = "switch ports allocated exceeds the max 16",
	       .rs_refusal = "switch ports allocated exceeds the max 16"),

	/* ---- the rest of the hypervisor ---------------------------------------------------------- */
	ROW(H("cc_init_data"), GATED, annotation_apply_initdata, HYPERVISOR_INITDATA,
	    .empty_is_nothing = true, .max_bytes = INITDATA_MAX),
	STRING("machine_type", MACHINE_TYPE, .empty_is_nothing = true),
	STRING("machine_accelerators", MACHINE_ACCELERATORS, .empty_is_nothing = true),
	PATH("vhost_user_store_path", VHOST_USER_STORE_PATH, VALID_VHOST_USER_STORE_PATHS,
	     "vhost store path"),
	TRUTH("enable_vhost_user_store", ENABLE_VHOST_USER_STORE),
	NUMBER("vhost_user_reconnect_timeout_sec", VHOST_USER_RECONNECT_TIMEOUT_SEC),
	STRING("guest_hook_path", GUEST_HOOK_PATH, .empty_is_nothing = true),
	TRUTH("disable_image_nvdimm", DISABLE_IMAGE_NVDIMM),
	TRUTH("use_legacy_serial", USE_LEGACY_SERIAL),
	PATH("entropy_source", ENTROPY_SOURCE, VALID_ENTROPY_SOURCES, "entropy source"),
	ROW(H("default_gpus"), GATED, annotation_apply_gpus, HYPERVISOR_DEFAULT_GPUS),
	ROW(H("default_gpu_model"), GATED, annotation_apply_gpu_model, HYPERVISOR_DEFAULT_GPU_MODEL,
	    .empty_is_nothing = true),
	STRING("prefetch_files.list", PREFETCH_LIST_PATH),

	/* ---- asset files: annotation_assets.c ---------------------------------------------------- */
	ASSET("firmware", FIRMWARE),
	ASSET("firmware_volume", FIRMWARE_VOLUME),
	ASSET("image", IMAGE),
	ASSET("initrd", INITRD),
	ASSET("kernel", KERNEL),
	HASH("firmware_hash"),
	HASH("firmware_volume_hash"),
	HASH("hypervisor_hash"),
	HASH("path_hash"),
	HASH("image_hash"),
	HASH("initrd_hash"),
	HASH("jailer_hash"),
	HASH("kernel_hash"),
	HASH("asset_hash_type"), /* SHA-512 whatever it says, as in the existing tools */

	/* ---- runtime ----------------------------------------------------------------------------- */
	ROW(R("disable_guest_seccomp"), OPEN, annotation_apply_bool, RUNTIME_DISABLE_GUEST_SECCOMP),
	ROW(R("sandbox_cgroup_only"), OPEN, annotation_apply_bool, RUNTIME_SANDBOX_CGROUP_ONLY),
	ROW(R("create_container_timeout"), OPEN, annotation_apply_number,
	    RUNTIME_CREATE_CONTAINER_TIMEOUT, .zero_is_nothing = true),
	ROW(R("experimental_force_guest_pull"), OPEN, annotation_apply_bool,
	    RUNTIME_EXPERIMENTAL_FORCE_GUEST_PULL),
	ROW(ANNOTATION_PREFIX "enable_vcpus_pinning", OPEN, annotation_apply_bool,
	    RUNTIME_ENABLE_VCPUS_PINNING),
	ROW(R("enable_vcpus_pinning"), OPEN, annotation_apply_bool, RUNTIME_ENABLE_VCPUS_PINNING),
	ROW(R("experimental"), OPEN, annotation_apply_experimental, RUNTIME_EXPERIMENTAL),
	ROW(R("disable_new_netns"), OPEN, annotation_apply_bool, RUNTIME_DISABLE_NEW_NETNS),
	ROW(R("internetworking_model"), OPEN, annotation_apply_word, RUNTIME_INTERNETWORKING_MODEL,
	    .words = WORDS("default", "macvtap", "tcfilter", "none"),
	    .go_refusal = "Unknown network model specified in annotation {name}"),
	ROW(R("vfio_mode"), OPEN, annotation_apply_word, RUNTIME_VFIO_MODE,
	    .words = WORDS("vfio", "guest-kernel"),
	    .go_refusal = "Unknown VFIO mode \"{}\" in annotation {name}"),
	ROW(R("enable_pprof"), OPEN, annotation_apply_lenient_bool, RUNTIME_ENABLE_PPROF),
	ROW(R("name"), OPEN, annotation_apply_runtime_name, RUNTIME_NAME, .dialects = CONFIG_RS,
	    .words = WORDS("virt-container", "linux-container", "wasm-container"),
	    .rs_refusal = "runtime specified in annotation {} is not in [\"virt-container\", "
			  "\"linux-container\", \"wasm-container\"]"),
	ROW(R("hypervisor_name"), OPEN, annotation_apply_table_name, RUNTIME_HYPERVISOR_NAME,
	    .dialects = CONFIG_RS),
	ROW(R("agent_name"), OPEN, annotation_apply_table_name, RUNTIME_AGENT_NAME,
	    .dialects = CONFIG_RS),
	ROW(R("shared_mounts"), OPEN, annotation_apply_shared_mounts, RUNTIME_SHARED_MOUNTS),
	ROW(R("sandbox_bind_mounts"), REFUSED, NULL, KEY_NONE),
	ROW(R("guest_selinux_label"), REFUSED, NULL, KEY_NONE),
	ROW(ANNOTATION_PREFIX "config_path", REFUSED, NULL, KEY_NONE),

	/* ---- agent ------------------------------------------------------------------------------- */
	ROW(A("kernel_modules"), OPEN, annotation_apply_kernel_modules, AGENT_KERNEL_MODULES),
	ROW(A("policy"), OPEN, annotation_apply_policy, AGENT_POLICY, .max_bytes = POLICY_MAX),
	ROW(A("enable_tracing"), OPEN, annotation_apply_bool, AGENT_ENABLE_TRACING),
	ROW(A("container_pipe_size"), OPEN, annotation_apply_number, AGENT_CONTAINER_PIPE_SIZE),
	ROW(A("cdh_api_timeout"), OPEN, annotation_apply_number, AGENT_CDH_API_TIMEOUT),
	ROW(A("cdh_api_timeout_ms"), OPEN, annotation_apply_number, AGENT_CDH_API_TIMEOUT_MS),
};

const size_t annotation_row_count = ARRAY_SIZE(annotation_rows);

const struct annotation_row *annotation_row_find(struct slice name)
{
	for (size_t i = 0; i < annotation_row_count; i++)
		if (slice_is(name, annotation_rows[i].name))
			return &annotation_rows[i];
	return NULL;
}

const char *annotation_short_name(const char *name)
{
	static const char *const prefixes[] = { ANNOTATION_HYPERVISOR_PREFIX, R(""), A(""),
						ANNOTATION_PREFIX };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (slice_starts_with(slice_of(name), prefixes[i]))
			return name + strlen(prefixes[i]);
	return name;
}

static bool is_below(const char *name, struct slice prefix)
{
	return strlen(name) > prefix.size && memcmp(name, prefix.data, prefix.size) == 0;
}

const char *annotation_nearest(struct slice prefix, struct slice short_name)
{
	const char **names = xcalloc(annotation_row_count + 1, sizeof(*names));
	const char *nearest;
	size_t count = 0;

	for (size_t i = 0; i < annotation_row_count; i++)
		if (is_below(annotation_rows[i].name, prefix))
			names[count++] = annotation_rows[i].name + prefix.size;
	nearest = config_word_nearest(names, short_name);
	free(names);
	return nearest ? nearest - prefix.size : NULL;
}
