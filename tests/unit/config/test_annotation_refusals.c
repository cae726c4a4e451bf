// SPDX-License-Identifier: Apache-2.0
/* What is no good value of an annotation, and the words that say so, in both dialects (spec/config.md 5). */
#include "annotation_fixture.h"

#include <errno.h>

#include "config/annotation_rows.h"

struct refusal {
	unsigned dialects;
	const char *name, *value;
	int code;
	const char *message; /* how it starts */
};

#define GO   CONFIG_GO
#define RS   CONFIG_RS
#define BOTH CONFIG_BOTH

#define PARSING(name) "Error parsing annotation for " name ": "

#define TRUTH(name)                                                                              \
	{ GO, name, "yes", -EINVAL, PARSING(name) "Please specify boolean value 'true|false'" }, \
		{ GO, name, "", -EINVAL,                                                         \
		  PARSING(name) "Please specify boolean value 'true|false'" },                   \
		{ GO, name, " true", -EINVAL,                                                    \
		  PARSING(name) "Please specify boolean value 'true|false'" },                   \
	{                                                                                        \
		RS, name, "yes", -EINVAL, "parse bool error"                                     \
	}

#define NUMBER(name, type)                                                                        \
	{ GO, name, "-1", -EINVAL, PARSING(name) "Please specify positive numeric value" },       \
		{ GO, name, "+1", -EINVAL,                                                        \
		  PARSING(name) "Please specify positive numeric value" },                        \
		{ GO, name, "", -EINVAL, PARSING(name) "Please specify positive numeric value" }, \
		{ GO, name, " 1", -EINVAL,                                                        \
		  PARSING(name) "Please specify positive numeric value" },                        \
		{ GO, name, "1_0", -EINVAL,                                                       \
		  PARSING(name) "Please specify positive numeric value" },                        \
		{ GO, name, "0x1", -EINVAL,                                                       \
		  PARSING(name) "Please specify positive numeric value" },                        \
		{ GO, name, "99999999999999999999", -ERANGE,                                      \
		  PARSING(name) "Please specify positive numeric value" },                        \
		{ RS, name, "-1", -EINVAL, "parse " type " error" },                              \
	{                                                                                         \
		RS, name, "0x1", -EINVAL, "parse " type " error"                                  \
	}

/* 4294967297 is 2^32 + 1, which the Go tools take for 1. */
#define NUMBER_U32(name)                                                                 \
	NUMBER(name, "u32"),                                                             \
		{ GO, name, "4294967297", -ERANGE,                                       \
		  PARSING(name) "The number exceeds the maximum allowed for its type" }, \
	{                                                                                \
		RS, name, "4294967297", -ERANGE, "parse u32 error"                       \
	}

#define LISTED(name, what)                                                                    \
	{ GO, H(name), "/bin/true", -EACCES,                                                  \
	  what " /bin/true required from annotation is not valid" },                          \
		{ GO, H(name), "", -EACCES, what "  required from annotation is not valid" }, \
	{                                                                                     \
		RS, H(name), "/bin/true", -EACCES, "Path /bin/true is not permitted"          \
	}

#define SECTOR(name, value)                                                                   \
	{ GO, H(name), value, -EINVAL,                                                        \
	  "invalid " H(name) " " value ": must be 0 or a power of 2 between 512 and 65536" }, \
	{                                                                                     \
		RS, H(name), value, -EINVAL,                                                  \
			"invalid sector size " value                                          \
			": must be 0 or a power of 2 between 512 and 65536"                   \
	}

static const struct refusal refusals[] = {
	{ GO, H("default_vcpus"), "4.5", -ERANGE,
	  "Number of cpus 4.500000 specified in annotation default_vcpus is greater than the "
	  "number of CPUs 4 on "
	  "the system" },
	{ GO, H("default_vcpus"), "-1", -EINVAL,
	  PARSING(H("default_vcpus")) "Please specify positive numeric value" },
	{ GO, H("default_vcpus"), "nan", -EINVAL,
	  PARSING(H("default_vcpus")) "Please specify positive numeric value" },
	{ GO, H("default_vcpus"), "NaN(1)", -EINVAL, PARSING(H("default_vcpus")) },
	{ GO, H("default_vcpus"), "1e40", -EINVAL, PARSING(H("default_vcpus")) },
	{ GO, H("default_vcpus"), "0x1", -EINVAL, PARSING(H("default_vcpus")) },
	{ GO, H("default_vcpus"), "1 ", -EINVAL, PARSING(H("default_vcpus")) },
	{ GO, H("default_vcpus"), ".", -EINVAL, PARSING(H("default_vcpus")) },
	{ GO, H("default_vcpus"), "1e", -EINVAL, PARSING(H("default_vcpus")) },
	{ GO, H("default_vcpus"), "", -EINVAL, PARSING(H("default_vcpus")) },
	{ GO, H("default_vcpus"), "+Inf", -ERANGE,
	  PARSING(H("default_vcpus")) "The number exceeds the maximum allowed for its type" },
	{ RS, H("default_vcpus"), "x", -EINVAL, "parse i32 error" },
	{ RS, H("default_vcpus"), "nan", -EINVAL, "parse i32 error" },
	{ RS, H("default_vcpus"), "inf", -ERANGE, "parse i32 error" },
	{ RS, H("default_vcpus"), "300.5", -ERANGE,
	  "Vcpus specified in annotation 300.5 is more than maximum limitation 256" },

	NUMBER_U32(H("default_max_vcpus")),
	{ GO, H("default_max_vcpus"), "5", -ERANGE,
	  "Number of cpus 5 in annotation default_maxvcpus is greater than the number of CPUs 4 on "
	  "the system" },

	{ GO, H("default_memory"), "255", -ERANGE,
	  "Memory specified in annotation " H(
		  "default_memory") " is less than minimum required 256, please specify "
				    "a larger value" },
	{ GO, H("default_memory"), "2 GiB", -EINVAL,
	  PARSING(H("default_memory")) "Please specify positive numeric value" },
	{ GO, H("default_memory"), "4294967552", -ERANGE,
	  PARSING(H("default_memory")) "The number exceeds the maximum allowed for its type" },
	{ RS, H("default_memory"), "63", -ERANGE,
	  "memory specified in annotation 63 is less than minimum limitation 64" },
	{ RS, H("default_memory"), "1000KB", -ERANGE,
	  "memory specified in annotation 0 is less than minimum limitation 64" },
	{ RS, H("default_memory"), "4294967552", -ERANGE,
	  "memory specified in annotation " H("default_memory") },
	{ RS, H("default_memory"), "99999999999999999999", -ERANGE,
	  "memory specified in annotation " },
	{ RS, H("default_memory"), "99999 EiB", -ERANGE, "memory specified in annotation " },

	NUMBER_U32(H("memory_slots")),
	NUMBER(H("memory_offset"), "u64"),
	TRUTH(H("enable_virtio_mem")),
	TRUTH(H("enable_mem_prealloc")),
	TRUTH(H("reclaim_guest_freed_memory")),
	TRUTH(H("enable_hugepages")),
	TRUTH(H("enable_iommu")),
	TRUTH(H("enable_iommu_platform")),
	TRUTH(H("enable_guest_swap")),
	TRUTH(H("rootless")),
	{ BOTH, H("hugepage_type"), "huge", -EINVAL, "parse huge pages type: huge, error: " },
	{ BOTH, H("numa_mapping"), "0 x", -EINVAL,
	  "annotation " H("numa_mapping") ": \"x\" is no list" },
	{ BOTH, H("numa_mapping"), "1-", -EINVAL, "annotation " H("numa_mapping") },
	{ BOTH, H("numa_mapping"), "1,", -EINVAL, "annotation " H("numa_mapping") },

	{ GO, H("block_device_driver"), "virtio-blk-pci", -EINVAL,
	  "Invalid hypervisor block storage driver virtio-blk-pci specified in annotation "
	  "(supported drivers: "
	  "[virtio-scsi virtio-blk virtio-mmio nvdimm virtio-blk-ccw])" },
	{ GO, H("block_device_driver"), "", -EINVAL,
	  "Invalid hypervisor block storage driver  specified in annotation" },
	{ RS, H("block_device_driver"), "floppy", -EINVAL,
	  "floppy is unsupported block device type." },
	{ GO, H("block_device_aio"), "aio", -EINVAL,
	  "Invalid AIO mechanism  aio specified in annotation (supported IO mechanism : [native "
	  "threads io_uring])" },
	{ RS, H("block_device_aio"), "aio", -EINVAL, "aio is unsupported block device AIO mode." },
	TRUTH(H("disable_block_device_use")),
	TRUTH(H("enable_iothreads")),
	NUMBER_U32(H("indep_iothreads")),
	{ GO, H("indep_iothreads"), "0", -ERANGE,
	  "Error parsing annotation for indepiothreads, please specify numeric value less than "
	  "50" },
	{ GO, H("indep_iothreads"), "51", -ERANGE,
	  "Error parsing annotation for indepiothreads, please specify numeric value less than "
	  "50" },
	TRUTH(H("block_device_cache_set")),
	TRUTH(H("block_device_cache_direct")),
	TRUTH(H("block_device_cache_noflush")),
	NUMBER_U32(H("blk_logical_sector_size")),
	NUMBER_U32(H("blk_physical_sector_size")),
	SECTOR("blk_logical_sector_size", "256"),
	SECTOR("blk_logical_sector_size", "513"),
	SECTOR("blk_physical_sector_size", "131072"),
	NUMBER(H("block_device_num_queues"), "usize"),
	NUMBER_U32(H("block_device_queue_size")),

	{ GO, H("shared_fs"), "none", -EINVAL,
	  "Invalid hypervisor shared file system none specified for annotation shared_fs, "
	  "(supported file systems: "
	  "[virtio-9p virtio-fs])" },
	{ GO, H("shared_fs"), "virtio-fs-nydus", -EINVAL,
	  "Invalid hypervisor shared file system virtio-fs-nydus specified for annotation "
	  "shared_fs," },
	{ RS, H("shared_fs"), "virtio-9p", -EINVAL, "Invalid shared_fs type virtio-9p" },
	LISTED("virtio_fs_daemon", "virtiofs daemon"),
	{ GO, H("virtio_fs_extra_args"), "--xattr", -EINVAL,
	  "Error parsing virtiofsd extra arguments: " },
	{ GO, H("virtio_fs_extra_args"), "", -EINVAL, "Error parsing virtiofsd extra arguments: " },
	{ GO, H("virtio_fs_extra_args"), "[1]", -EINVAL,
	  "Error parsing virtiofsd extra arguments: " },
	{ GO, H("virtio_fs_extra_args"), "[] x", -EINVAL,
	  "Error parsing virtiofsd extra arguments: " },
	{ GO, H("virtio_fs_extra_args"), "{\"a\":\"b\"}", -EINVAL,
	  "Error parsing virtiofsd extra arguments: " },
	{ RS, H("virtio_fs_cache"), "sometimes", -EINVAL,
	  "Invalid virtio-fs cache mode: sometimes" },
	NUMBER_U32(H("virtio_fs_cache_size")),
	NUMBER_U32(H("msize_9p")),
	{ BOTH, H("msize_9p"), "0", -ERANGE,
	  "Error parsing annotation for msize_9p, please specify positive numeric value" },

	TRUTH(H("disable_vhost_net")),
	NUMBER(H("rx_rate_limiter_max_rate"), "u64"),
	NUMBER(H("tx_rate_limiter_max_rate"), "u64"),
	NUMBER_U32(H("network_queues")),

	LISTED("path", "hypervisor"),
	LISTED("jailer_path", "jailer"),
	{ BOTH, H("kernel_params"), "a =x", -EINVAL,
	  "Error adding kernel parameters in annotation kernel_params : Empty kernel parameter" },
	{ BOTH, H("kernel_verity_params"), "root_hash=a", -EINVAL,
	  "invalid kernel_verity_params in annotation: " },

	{ BOTH, H("hot_plug_vfio"), "usb", -EINVAL,
	  "Invalid PCIe port \"usb\" specified in annotation" },
	{ BOTH, H("cold_plug_vfio"), "invalid-port", -EINVAL,
	  "Invalid PCIe port \"invalid-port\" specified in annotation" },
	NUMBER_U32(H("pcie_root_port")),
	NUMBER_U32(H("pcie_switch_port")),
	{ BOTH, H("pcie_root_port"), "17", -ERANGE, "root ports allocated exceeds the max 16" },
	{ BOTH, H("pcie_switch_port"), "17", -ERANGE, "switch ports allocated exceeds the max 16" },

	{ BOTH, H("cc_init_data"), "!", -EINVAL,
	  "initdata create gzip reader error: illegal base64 data at input byte 0" },
	LISTED("vhost_user_store_path", "vhost store path"),
	TRUTH(H("enable_vhost_user_store")),
	NUMBER_U32(H("vhost_user_reconnect_timeout_sec")),
	TRUTH(H("disable_image_nvdimm")),
	TRUTH(H("use_legacy_serial")),
	LISTED("entropy_source", "entropy source"),
	{ RS, H("default_gpus"), "many", -EINVAL, "parse u32 error" },
	{ RS, H("prefetch_files.list"), "/nowhere", -ENOENT,
	  "prefetch list file /nowhere is invalid" },

	{ BOTH, H("kernel"), "vmlinux", -EINVAL, "vmlinux is not an absolute path" },
	{ BOTH, H("firmware"), "/nowhere", -ENOENT,
	  "annotation " H("firmware") ": file /nowhere does not exist" },

	TRUTH(R("disable_guest_seccomp")),
	TRUTH(R("sandbox_cgroup_only")),
	NUMBER_U32(R("create_container_timeout")),
	TRUTH(R("experimental_force_guest_pull")),
	TRUTH("io.katacontainers.enable_vcpus_pinning"),
	TRUTH(R("enable_vcpus_pinning")),
	TRUTH(R("disable_new_netns")),
	{ GO, R("experimental"), "warp", -EINVAL,
	  "Unsupported experimental feature warp specified in annotation " R("experimental") },
	{ GO, R("experimental"), "", -EINVAL,
	  "Unsupported experimental feature  specified in annotation " R("experimental") },
	{ GO, R("internetworking_model"), "l3forwarding", -EINVAL,
	  "Unknown network model specified in annotation " R("internetworking_model") },
	{ RS, R("internetworking_model"), "bridged", -EINVAL,
	  "Invalid internetworking_model `bridged` in configuration file" },
	{ GO, R("vfio_mode"), "", -EINVAL, "Unknown VFIO mode \"\" in annotation " R("vfio_mode") },
	{ RS, R("vfio_mode"), "host", -EINVAL, "Invalid vfio_mode `host` in configuration file" },
	{ RS, R("enable_pprof"), "please", -EINVAL, "parse bool error" },
	{ RS, R("name"), "virt_container", -EINVAL,
	  "runtime specified in annotation virt_container is not in [\"virt-container\", "
	  "\"linux-container\", "
	  "\"wasm-container\"]" },
	{ RS, R("name"), "linux-container", -ENOTSUP,
	  "annotation " R("name") " asks for linux-container" },
	{ BOTH, R("shared_mounts"), "", -EINVAL,
	  "annotation " R("shared_mounts") ": expected a JSON array" },
	{ BOTH, R("shared_mounts"), "[{}]", -EINVAL,
	  "annotation " R("shared_mounts") ": a mount has exactly" },
	{ BOTH, R("shared_mounts"),
	  "[{\"name\":\"m\",\"src_ctr\":\"a\",\"src_path\":\"/a\",\"dst_ctr\":\"b\",\"other\":\"/"
	  "b\"}]",
	  -EINVAL, "annotation " R("shared_mounts") ": a mount has no dst_path" },
	{ RS, R("shared_mounts"),
	  "[{\"name\":\"m\",\"src_ctr\":\"a\",\"src_path\":\"/../"
	  "a\",\"dst_ctr\":\"b\",\"dst_path\":\"/b\"}]",
	  -EINVAL, "shared_mount 'm': src_path couldn't contain '..' directory." },

	{ BOTH, A("policy"), "cGFj!", -EINVAL, "illegal base64 data at input byte 4" },
	{ BOTH, A("policy"), "AA==", -EINVAL, "annotation " A("policy") ": the policy is no text" },
	TRUTH(A("enable_tracing")),
	NUMBER_U32(A("container_pipe_size")),
	NUMBER_U32(A("cdh_api_timeout")),
	{ GO, A("cdh_api_timeout"), "4294968", -ERANGE,
	  PARSING(A("cdh_api_timeout")) "The number exceeds the maximum allowed for its type" },
	NUMBER_U32(A("cdh_api_timeout_ms")),
};

static void check(const struct refusal *row, enum config_dialect dialect)
{
	_cleanup_(config_freep) struct config *config = open_config(dialect, CONFIG_QEMU);
	_cleanup_error_ struct error *err = NULL;
	int ret = apply(config, row->name, row->value, &err);

	if (ret == 0)
		fail_msg("%s=%s is taken", row->name, row->value);
	if (!slice_starts_with(slice_of(error_message(err)), row->message))
		fail_msg("%s=%s: \"%s\", not \"%s\"", row->name, row->value, error_message(err),
			 row->message);
	if (ret != row->code || error_code(err) != row->code)
		fail_msg("%s=%s: code %d, not %d", row->name, row->value, ret, row->code);
}

static void bad_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		if (refusals[i].dialects & CONFIG_GO)
			check(&refusals[i], CONFIG_GO);
		if (refusals[i].dialects & CONFIG_RS)
			check(&refusals[i], CONFIG_RS);
	}
}

/* Advisory 12 of spec/reliability.md 1.1, as JSON in the one dialect and with commas in the other. */
static void dangerous_daemon_arguments(void **state)
{
	static const struct {
		const char *go, *rs, *named;
	} cases[] = {
		{ "[\"-o\", \"source=/\"]", "-o,source=/", "\"-o\" \"source=/\" is no argument" },
		{ "[\"-osource=/\"]", "-osource=/", "\"-osource=/\" is no argument" },
		{ "[\"-o\", \"cache=auto,source=/\"]", NULL, "source=/" },
		{ "[\"-o\"]", "-o", "\"-o\" is no argument" },
		{ "[\"--shared-dir\", \"/\"]", "--shared-dir,/", "\"--shared-dir\" is no" },
		{ "[\"--shared-dir=/\"]", "--shared-dir=/", "\"--shared-dir=/\" is no" },
		{ "[\"--sandbox=none\"]", "--sandbox=none", "--sandbox=none" },
		{ "[\"--seccomp=none\"]", "--seccomp=none", "--seccomp=none" },
		{ "[\"--fd=3\"]", "--fd=3", "--fd=3" },
		{ "[\"--socket-path=/x\"]", "--socket-path=/x", "--socket-path=/x" },
		{ "[\"--modcaps=+sys_admin\"]", "--modcaps=+sys_admin", "--modcaps" },
		{ "[\"--uid-map=:0:0:1:\"]", "--uid-map=:0:0:1:", "--uid-map" },
		{ "[\"--no-announce-submounts\"]", "--no-announce-submounts", "--no-announce" },
		{ "[\"--\"]", "--", "\"--\" is no" },
		{ "[\"\"]", "", "\"\" is no argument" },
		{ "[\"--cache\", \"--shared-dir=/\"]", "--cache,--shared-dir=/", "--shared-dir" },
		{ "[\"--cache=/etc\"]", "--cache=/etc", "--cache=/etc" },
		{ "[\"--cache\"]", "--cache", "\"--cache\" is no" },
		{ "[\"--xattr=1\"]", "--xattr=1", "--xattr=1" },
		{ "[\"--xattr\", \"/\"]", "--xattr,/", "\"/\" is no argument" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (int rs = 0; rs < 2; rs++) {
			_cleanup_(config_freep) struct config *config =
				open_config(rs ? CONFIG_RS : CONFIG_GO, CONFIG_QEMU);
			const char *value = rs ? cases[i].rs : cases[i].go;
			struct error *err = NULL;

			if (!value)
				continue;
			assert_failed(apply(config, H("virtio_fs_extra_args"), value, &err), err,
				      -EACCES, cases[i].named);
		}
}

/* Each is fine alone. */
static void conflicts(void **state)
{
	static const struct annotation sectors[] = {
		ANNOTATION(H("blk_logical_sector_size"), "4096"),
		ANNOTATION(H("blk_physical_sector_size"), "512"),
	};
	_cleanup_(config_freep) struct config *config = open_config(CONFIG_GO, CONFIG_QEMU);
	struct error *err = NULL;

	(void)state;
	assert_failed(
		apply_all(config, sectors, &err), err, -EINVAL,
		"invalid sector sizes: logical (4096) must not be larger than physical (512)");
}

static void virtio_fs_needs_its_daemon(void **state)
{
	_cleanup_(config_freep) struct config *config = open_config(CONFIG_GO, CONFIG_QEMU);
	struct error *err = NULL;

	(void)state;
	set_text(config, CONFIG_HYPERVISOR_SHARED_FS, "virtio-9p");
	set_text(config, CONFIG_HYPERVISOR_VIRTIO_FS_DAEMON, "");
	assert_failed(apply(config, H("shared_fs"), "virtio-fs", &err), err, -EINVAL,
		      "cannot enable virtio-fs without daemon path");
}

static void qemu_has_a_limit_of_its_own(void **state)
{
	struct config_host large = test_host;
	_cleanup_(config_freep) struct config *config = NULL;
	struct error *err = NULL;

	(void)state;
	large.usable_cpus = large.cpus = 1000;
	config = config_new(&large, CONFIG_GO, CONFIG_QEMU);
	set_list(config, CONFIG_HYPERVISOR_ENABLE_ANNOTATIONS, "");
	assert_failed(apply(config, H("default_max_vcpus"), "241", &err), err, -ERANGE,
		      "Number of cpus 241 in annotation default_maxvcpus is greater than max no of "
		      "CPUs 240 supported for qemu");
}

static void values_have_bounds(void **state)
{
	_cleanup_(config_freep) struct config *config = open_config(CONFIG_GO, CONFIG_QEMU);
	_cleanup_free_ char *large = xmalloc((1 << 20) + 2);
	struct annotation item = { slice_of(H("machine_type")), { large, (64 << 10) + 1 } };
	struct annotations one = { &item, 1 };
	struct error *err = NULL;

	(void)state;
	memset(large, 'Y', (1 << 20) + 2);
	assert_failed(config_apply_annotations(config, &one, &err), err, -E2BIG,
		      "the value has 65537 bytes, and may have 65536");
	item.value.size--;
	assert_ok(config_apply_annotations(config, &one, &err), err);
	item = (struct annotation){ slice_of(A("policy")), { large, 1 << 20 } };
	assert_ok(config_apply_annotations(config, &one, &err), err);
	item.value.size++;
	assert_failed(config_apply_annotations(config, &one, &err), err, -E2BIG, "1048577 bytes");
	item = (struct annotation)ANNOTATION(H("machine_type"), "q35\0x");
	assert_failed(config_apply_annotations(config, &one, &err), err, -EINVAL, "a NUL byte");
}

static bool anything_from_pod(const struct config *config)
{
	for (int key = CONFIG_KEY_NONE + 1; key < CONFIG_KEY_COUNT; key++)
		if (config_origin(config, (enum config_key)key)->source == CONFIG_FROM_ANNOTATION)
			return true;
	return false;
}

/* Every annotation of the table, with values that nobody means well with. */
static void hostile_values(void **state)
{
	_cleanup_free_ char *large = xmalloc(25U << 20);
	const struct {
		struct slice value;
		int code;
	} cases[] = {
		{ { "1\0x", 3 }, -EINVAL },
		{ { large, 25U << 20 }, -E2BIG },
	};

	(void)state;
	memset(large, '\n', 25U << 20);
	for (size_t i = 0; i < annotation_row_count; i++)
		for (size_t j = 0; j < ARRAY_SIZE(cases); j++) {
			_cleanup_(config_freep) struct config *config =
				open_config(CONFIG_GO, CONFIG_QEMU);
			const struct annotation item = { slice_of(annotation_rows[i].name),
							 cases[j].value };
			struct error *err = NULL;
			int ret = config_apply_annotations(config,
							   &(struct annotations){ &item, 1 }, &err);

			assert_false(anything_from_pod(config));
			if (annotation_rows[i].trust == ANNOTATION_REFUSED)
				assert_ok(ret, err);
			else
				assert_failed(ret, err, cases[j].code, annotation_rows[i].name);
		}
}

static void without_enable_annotations_the_hypervisor_is_closed(void **state)
{
	(void)state;
	for (size_t i = 0; i < annotation_row_count; i++) {
		_cleanup_(config_freep) struct config *config = open_config(CONFIG_GO, CONFIG_QEMU);
		_cleanup_free_ char *text =
			xasprintf("annotation %s is not enabled: ", annotation_rows[i].name);
		const struct string_list none = { 0 };
		struct error *err = NULL;

		if (annotation_rows[i].trust != ANNOTATION_GATED &&
		    annotation_rows[i].trust != ANNOTATION_LISTED)
			continue;
		set_strings(config, CONFIG_HYPERVISOR_ENABLE_ANNOTATIONS, &none);
		assert_failed(apply(config, annotation_rows[i].name, "1", &err), err, -EPERM, text);
		assert_false(anything_from_pod(config));
	}
}

/* The same pod gets the same error, whatever the order of its annotations. */
static void the_first_error_is_that_of_the_table(void **state)
{
	static const struct annotation items[] = {
		ANNOTATION(A("enable_tracing"), "x"),
		ANNOTATION(H("msize_9p"), "x"),
		ANNOTATION(H("default_vcpus"), "x"),
	};

	(void)state;
	for (size_t first = 0; first < ARRAY_SIZE(items); first++) {
		_cleanup_(config_freep) struct config *config = open_config(CONFIG_GO, CONFIG_QEMU);
		struct annotation turned[ARRAY_SIZE(items)];
		struct error *err = NULL;

		for (size_t i = 0; i < ARRAY_SIZE(items); i++)
			turned[i] = items[(first + i) % ARRAY_SIZE(items)];
		assert_failed(apply_all(config, turned, &err), err, -EINVAL, H("default_vcpus"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_values),
		cmocka_unit_test(dangerous_daemon_arguments),
		cmocka_unit_test(conflicts),
		cmocka_unit_test(virtio_fs_needs_its_daemon),
		cmocka_unit_test(qemu_has_a_limit_of_its_own),
		cmocka_unit_test(values_have_bounds),
		cmocka_unit_test(hostile_values),
		cmocka_unit_test(without_enable_annotations_the_hypervisor_is_closed),
		cmocka_unit_test(the_first_error_is_that_of_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
