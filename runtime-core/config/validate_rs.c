// SPDX-License-Identifier: Apache-2.0
/*
 * What the runtime-rs dialect refuses (spec/config.md 3.7). Only the hypervisor in use is looked at: a broken
 * table that nobody uses does no harm here.
 */
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "checks.h"
#include "internal.h"
#include "model.h"
#include "verity.h"

static bool is_empty(const struct config *config, enum config_key key)
{
	return config_string(config, key)[0] == '\0';
}

static bool is(const struct config *config, enum config_key key, const char *word)
{
	return strcmp(config_string(config, key), word) == 0;
}

static void refuse(struct config *config, enum config_key key, const char *message)
{
	config_problem_at(config, CONFIG_ERROR, "value", key, -EINVAL, "%s", message);
}

/* --- paths -------------------------------------------------------------------------------------- */

/* How each path is named when it does not exist: %s the path, %s the reason. */
static const struct path_text {
	enum config_key key;
	const char *before, *after;
} path_texts[] = {
	{ CONFIG_HYPERVISOR_CTLPATH, "control executable `", "` is invalid: " },
	{ CONFIG_HYPERVISOR_JAILER_PATH, "jailer path `", "` is invalid: " },
	{ CONFIG_HYPERVISOR_KERNEL, "guest kernel image file ", " is invalid: " },
	{ CONFIG_HYPERVISOR_IMAGE, "guest boot image file ", " is invalid: " },
	{ CONFIG_HYPERVISOR_INITRD, "guest initrd image file ", " is invalid: " },
	{ CONFIG_HYPERVISOR_FIRMWARE, "firmware image file ", " is invalid: " },
	{ CONFIG_HYPERVISOR_VIRTIO_FS_DAEMON, "virtio-fs daemon path `", "` is invalid: " },
	{ CONFIG_HYPERVISOR_ENTROPY_SOURCE, "entropy source ", " is invalid: " },
	{ CONFIG_HYPERVISOR_PREFETCH_LIST_PATH, "prefetch list file ", " is invalid: " },
	{ CONFIG_HYPERVISOR_HYPERVISOR_SOCKET, "remote hypervisor socket ", " is invalid: " },
};

/* Follow links in place, or refuse with these words around path and reason. */
static void check_path(struct config *config, enum config_key key, const char *before,
		       const char *after)
{
	_cleanup_error_ struct error *reason = NULL;
	_cleanup_free_ char *resolved = NULL;
	const char *path = config_string(config, key);

	if (*path == '\0')
		return;
	if (path_resolve(path, &resolved, &reason) < 0)
		config_problem_at(config, CONFIG_ERROR, "missing-file", key, error_code(reason),
				  "%s%s%s%s", before, path, after, error_message(reason));
	else if (strcmp(path, resolved) != 0)
		config_adjust(config, key, resolved, "links followed");
}

static void check_binary(struct config *config)
{
	enum config_key key = CONFIG_HYPERVISOR_PATH;

	switch (config->hypervisor) {
	case CONFIG_QEMU:
		check_path(config, key, "Qemu binary path `", "` is invalid: ");
		break;
	case CONFIG_CLH:
		check_path(config, key, "CH binary path `", "` is invalid: ");
		break;
	case CONFIG_FIRECRACKER:
		if (is_empty(config, key))
			refuse(config, key, "Firecracker path is empty");
		check_path(config, key, "Firecracker binary path `", "` is invalid: ");
		break;
	case CONFIG_OPENVMM:
		if (is_empty(config, key))
			refuse(config, key, "OpenVMM path is empty");
		check_path(config, key, "OpenVMM binary path `", "` is invalid: ");
		break;
	case CONFIG_DRAGONBALL:
	case CONFIG_STRATOVIRT:
	case CONFIG_REMOTE:
	case CONFIG_HYPERVISOR_COUNT:
		break;
	}
}

static bool daemon_is_unused(const struct config *config, enum config_key key)
{
	return key == CONFIG_HYPERVISOR_VIRTIO_FS_DAEMON &&
	       !is(config, CONFIG_HYPERVISOR_SHARED_FS, "virtio-fs") &&
	       !is(config, CONFIG_HYPERVISOR_SHARED_FS, "virtio-fs-nydus");
}

/* The remote hypervisor boots nothing here, so its kernel need not be here either. */
static bool is_elsewhere(const struct config *config, enum config_key key)
{
	return config->hypervisor == CONFIG_REMOTE &&
	       (key == CONFIG_HYPERVISOR_KERNEL || key == CONFIG_HYPERVISOR_IMAGE) &&
	       !config_is_set(config, key);
}

static void check_paths(struct config *config)
{
	check_binary(config);
	for (size_t i = 0; i < ARRAY_SIZE(path_texts); i++) {
		const struct path_text *text = &path_texts[i];

		if (!daemon_is_unused(config, text->key) && !is_elsewhere(config, text->key) &&
		    config_key_used_by(text->key, CONFIG_RS, config->hypervisor))
			check_path(config, text->key, text->before, text->after);
	}
}

static void check_pflashes(struct config *config)
{
	enum config_key key = CONFIG_HYPERVISOR_PFLASHES;
	const struct string_list *flashes = config_list(config, key);
	_cleanup_string_list_ struct string_list resolved = { 0 };

	for (size_t i = 0; i < flashes->count; i++) {
		_cleanup_error_ struct error *reason = NULL;
		char *path = NULL;

		if (path_resolve(flashes->items[i], &path, &reason) == 0)
			string_list_take(&resolved, path);
		else
			config_problem_at(config, CONFIG_ERROR, "missing-file", key,
					  error_code(reason), "pflash file %s is invalid: %s",
					  flashes->items[i], error_message(reason));
	}
	if (resolved.count == flashes->count && resolved.count) {
		const struct config_origin origin = *config_origin(config, key);

		config_set_list(config, key, &resolved, &origin);
	}
}

static void check_image_paths(struct config *config)
{
	for (size_t i = 0; i < config->extension_image_count; i++) {
		struct config_extension_image *image = &config->extension_images[i];
		_cleanup_error_ struct error *reason = NULL;
		char *resolved = NULL;

		if (path_resolve(image->path, &resolved, &reason) < 0) {
			config_problem_at(config, CONFIG_ERROR, "missing-file",
					  CONFIG_HYPERVISOR_GUEST_EXTENSION_IMAGES,
					  error_code(reason), "extra image file %s is invalid: %s",
					  image->path, error_message(reason));
			continue;
		}
		free(image->path);
		image->path = resolved;
	}
}

/* --- rules of the hypervisors ------------------------------------------------------------------- */

static void check_boot(struct config *config)
{
	bool image = !is_empty(config, CONFIG_HYPERVISOR_IMAGE);
	bool initrd = !is_empty(config, CONFIG_HYPERVISOR_INITRD);
	bool measured = config_bool(config, CONFIG_HYPERVISOR_CONFIDENTIAL_GUEST) &&
			is(config, CONFIG_HYPERVISOR_VM_ROOTFS_DRIVER, "virtio-blk-ccw");
	_cleanup_error_ struct error *reason = NULL;

	if (image && initrd)
		refuse(config, CONFIG_HYPERVISOR_INITRD,
		       "Can not configure both initrd and image for boot");
	if (config->hypervisor == CONFIG_FIRECRACKER && !image)
		refuse(config, CONFIG_HYPERVISOR_IMAGE, "Firecracker boots from an image only");
	else if (!image && !initrd && !measured && config->hypervisor != CONFIG_REMOTE)
		config_problem_at(config, CONFIG_ERROR, "no-image", CONFIG_HYPERVISOR_IMAGE,
				  -EINVAL, "Both guest boot image and initrd for %s are empty",
				  config_hypervisor_name(config->hypervisor));
	if (config_bool(config, CONFIG_HYPERVISOR_CONFIDENTIAL_GUEST) &&
	    is(config, CONFIG_HYPERVISOR_VM_ROOTFS_DRIVER, "virtio-blk-mmio") &&
	    (config->hypervisor == CONFIG_QEMU || config->hypervisor == CONFIG_CLH))
		refuse(config, CONFIG_HYPERVISOR_VM_ROOTFS_DRIVER,
		       "a confidential guest cannot boot from virtio-blk-mmio");
	if (verity_params_check(config_string(config, CONFIG_HYPERVISOR_KERNEL_VERITY_PARAMS),
				&reason) < 0)
		refuse(config, CONFIG_HYPERVISOR_KERNEL_VERITY_PARAMS, error_message(reason));
}

/* Words that the dialect knows, and one hypervisor does not. */
static const struct combination {
	const char *hypervisors;
	enum config_key key;
	const char *word;
	const char *message;
} combinations[] = {
	{ "Q", CONFIG_HYPERVISOR_BLOCK_DEVICE_DRIVER, "virtio-blk-mmio",
	  "Qemu doesn't support virtio-blk-mmio" },
	{ "D", CONFIG_HYPERVISOR_BLOCK_DEVICE_DRIVER, "virtio-blk-ccw",
	  "dragonball doesn't support virtio-blk-ccw" },
	{ "D", CONFIG_HYPERVISOR_BLOCK_DEVICE_DRIVER, "virtio-scsi",
	  "dragonball doesn't support virtio-scsi" },
	{ "D", CONFIG_HYPERVISOR_SHARED_FS, "virtio-fs-nydus",
	  "dragonball doesn't support virtio-fs-nydus" },
	{ "R", CONFIG_HYPERVISOR_BLOCK_DEVICE_DRIVER, "virtio-pmem",
	  "Remote hypervisor does not support virtio-pmem" },
};

static void check_combinations(struct config *config)
{
	char letter = config_hypervisor_letter(config->hypervisor);

	for (size_t i = 0; i < ARRAY_SIZE(combinations); i++)
		if (strchr(combinations[i].hypervisors, letter) &&
		    is(config, combinations[i].key, combinations[i].word))
			refuse(config, combinations[i].key, combinations[i].message);
}

static void check_block(struct config *config)
{
	if (config_bool(config, CONFIG_HYPERVISOR_DISABLE_BLOCK_DEVICE_USE))
		return;
	config_check_word_plainly(config, CONFIG_HYPERVISOR_BLOCK_DEVICE_DRIVER);
	config_check_word_plainly(config, CONFIG_HYPERVISOR_BLOCK_DEVICE_AIO);
	config_check_sector_size(config, CONFIG_HYPERVISOR_BLOCK_DEVICE_LOGICAL_SECTOR_SIZE);
	config_check_sector_size(config, CONFIG_HYPERVISOR_BLOCK_DEVICE_PHYSICAL_SECTOR_SIZE);
	config_check_sector_order(config, CONFIG_HYPERVISOR_BLOCK_DEVICE_LOGICAL_SECTOR_SIZE);
	check_combinations(config);
}

static const struct config_size_rule size_rules[CONFIG_HYPERVISOR_COUNT] = {
	[CONFIG_QEMU] = { "Qemu", 256, 64 },
	[CONFIG_CLH] = { "CH", 256, 64 },
	[CONFIG_FIRECRACKER] = { "Firecracker", 32, 128 },
	[CONFIG_DRAGONBALL] = { "Dragonball", 256, 64 },
	[CONFIG_REMOTE] = { "Remote", 0, 64 },
	[CONFIG_OPENVMM] = { "OpenVMM", 256, 64 },
};

const struct config_size_rule *config_size_rule(enum config_hypervisor hypervisor)
{
	return &size_rules[hypervisor];
}

static void check_size(struct config *config)
{
	const struct config_size_rule *rule = config_size_rule(config->hypervisor);

	if (rule->cpus_max &&
	    config_u64(config, CONFIG_HYPERVISOR_DEFAULT_MAXVCPUS) > rule->cpus_max)
		config_problem_at(
			config, CONFIG_ERROR, "range", CONFIG_HYPERVISOR_DEFAULT_MAXVCPUS, -ERANGE,
			"%s hypervisor can not support %llu vCPUs, at most %u", rule->name,
			(unsigned long long)config_u64(config, CONFIG_HYPERVISOR_DEFAULT_MAXVCPUS),
			rule->cpus_max);
	if (config_u64(config, CONFIG_HYPERVISOR_DEFAULT_MEMORY) < rule->memory_min_mib)
		config_problem_at(config, CONFIG_ERROR, "range", CONFIG_HYPERVISOR_DEFAULT_MEMORY,
				  -ERANGE, "%s hypervisor has minimal memory limitation %u",
				  rule->name, rule->memory_min_mib);
	if (config_u64(config, CONFIG_HYPERVISOR_MEMORY_SLOTS) == 0)
		refuse(config, CONFIG_HYPERVISOR_MEMORY_SLOTS,
		       "Configured memory slots for guest VM are zero");
}

/* Settings that must stay false, 0 or empty with one hypervisor. */
static const struct exclusion {
	const char *hypervisors;
	enum config_key key;
	const char *message;
} exclusions[] = {
	{ "Q", CONFIG_HYPERVISOR_JAILER_PATH, "Path for QEMU jailer should be empty" },
	{ "C", CONFIG_HYPERVISOR_JAILER_PATH, "Path for CH jailer should be empty" },
	{ "QC", CONFIG_HYPERVISOR_VALID_JAILER_PATHS, "valid_jailer_paths should be empty" },
	{ "Q", CONFIG_HYPERVISOR_ENABLE_GUEST_SWAP,
	  "Qemu hypervisor doesn't support enable_guest_swap" },
	{ "D", CONFIG_HYPERVISOR_PATH, "Path for dragonball should be empty" },
	{ "D", CONFIG_HYPERVISOR_VALID_HYPERVISOR_PATHS,
	  "valid_hypervisor_paths for dragonball should be empty" },
	{ "D", CONFIG_HYPERVISOR_CTLPATH, "ctlpath for dragonball should be empty" },
	{ "D", CONFIG_HYPERVISOR_VALID_CTLPATHS, "valid_ctlpaths for dragonball should be empty" },
	{ "D", CONFIG_HYPERVISOR_FIRMWARE, "firmware for dragonball should be empty" },
	{ "D", CONFIG_HYPERVISOR_MACHINE_TYPE, "machine_type for dragonball should be empty" },
	{ "D", CONFIG_HYPERVISOR_PFLASHES, "pflashes for dragonball should be empty" },
	{ "D", CONFIG_HYPERVISOR_ENABLE_IOMMU, "dragonball does not support enable_iommu" },
	{ "D", CONFIG_HYPERVISOR_ENABLE_IOMMU_PLATFORM,
	  "dragonball does not support enable_iommu_platform" },
	{ "D", CONFIG_HYPERVISOR_DEFAULT_BRIDGES, "dragonball does not support default_bridges" },
	{ "D", CONFIG_HYPERVISOR_PCIE_ROOT_PORT, "dragonball does not support pcie_root_port" },
	{ "D", CONFIG_HYPERVISOR_PCIE_SWITCH_PORT, "dragonball does not support pcie_switch_port" },
	{ "D", CONFIG_HYPERVISOR_ROOTLESS, "dragonball does not support rootless" },
	{ "D", CONFIG_HYPERVISOR_ENABLE_IOTHREADS, "dragonball does not support enable_iothreads" },
	{ "R", CONFIG_HYPERVISOR_INITRD, "Remote hypervisor does not support initrd" },
	{ "R", CONFIG_HYPERVISOR_ROOTFS_TYPE, "Remote hypervisor does not support rootfs_type" },
};

static void check_exclusions(struct config *config)
{
	char letter = config_hypervisor_letter(config->hypervisor);

	for (size_t i = 0; i < ARRAY_SIZE(exclusions); i++)
		if (strchr(exclusions[i].hypervisors, letter) &&
		    !config_value_is_zero(config, exclusions[i].key))
			refuse(config, exclusions[i].key, exclusions[i].message);
}

static void check_ports(struct config *config)
{
	if (config_u64(config, CONFIG_HYPERVISOR_PCIE_ROOT_PORT) &&
	    config_u64(config, CONFIG_HYPERVISOR_PCIE_SWITCH_PORT))
		refuse(config, CONFIG_HYPERVISOR_PCIE_SWITCH_PORT,
		       "Root Port and Switch Port set at the same time is forbidden.");
}

static void check_remote(struct config *config)
{
	if (config->hypervisor == CONFIG_REMOTE &&
	    config_u64(config, CONFIG_HYPERVISOR_DEFAULT_MAXMEMORY) != config->host.memory_mib)
		refuse(config, CONFIG_HYPERVISOR_DEFAULT_MAXMEMORY,
		       "Remote hypervisor does not support memory hotplug, default_maxmemory must "
		       "be "
		       "0 or the memory of the host");
}

static void check_hypervisor(struct config *config)
{
	check_paths(config);
	check_block(config);
	check_boot(config);
	config_check_word_plainly(config, CONFIG_HYPERVISOR_VM_ROOTFS_DRIVER);
	config_check_word_plainly(config, CONFIG_HYPERVISOR_ROOTFS_TYPE);
	config_check_extension_images(config, CONFIG_HYPERVISOR_GUEST_EXTENSION_IMAGES);
	check_image_paths(config);
	check_pflashes(config);
	check_ports(config);
	config_check_word_plainly(config, CONFIG_HYPERVISOR_COLD_PLUG_VFIO);
	config_check_word_plainly(config, CONFIG_HYPERVISOR_EXTRA_MONITOR_SOCKET);
	config_check_word_plainly(config, CONFIG_HYPERVISOR_HUGEPAGE_TYPE);
	config_check_word_plainly(config, CONFIG_HYPERVISOR_SHARED_FS);
	config_check_word_plainly(config, CONFIG_HYPERVISOR_VIRTIO_FS_CACHE);
	check_size(config);
	check_exclusions(config);
	check_remote(config);
	if (config->hypervisor == CONFIG_QEMU)
		config_check_vsock(config, CONFIG_KEY_NONE);
}

/* --- runtime and agent -------------------------------------------------------------------------- */

static void check_names(struct config *config)
{
	if (is_empty(config, CONFIG_RUNTIME_NAME))
		refuse(config, CONFIG_RUNTIME_NAME, "Runtime name is missing in the configuration");
	if (is_empty(config, CONFIG_RUNTIME_AGENT_NAME))
		refuse(config, CONFIG_RUNTIME_AGENT_NAME,
		       "Agent name is missing in the configuration");
}

static void check_bind_mounts(struct config *config)
{
	enum config_key key = CONFIG_RUNTIME_SANDBOX_BIND_MOUNTS;
	const struct string_list *mounts = config_list(config, key);

	for (size_t i = 0; i < mounts->count; i++) {
		struct slice path = slice_of(mounts->items[i]);
		_cleanup_error_ struct error *reason = NULL;
		_cleanup_free_ char *resolved = NULL;
		_cleanup_free_ char *bare = NULL;

		if (slice_ends_with(path, ":ro") || slice_ends_with(path, ":rw"))
			path.size -= strlen(":ro");
		bare = slice_dup(path);
		if (path_resolve(bare, &resolved, &reason) < 0)
			config_problem_at(config, CONFIG_ERROR, "missing-file", key,
					  error_code(reason),
					  "sandbox bind mount `%s` is invalid: %s",
					  mounts->items[i], error_message(reason));
	}
}

/* Absolute, of letters, digits, `-`, `_` and `.` only, and nowhere up (spec/config.md 3.4). */
static bool is_plain_path(const char *path)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_.";
	size_t length;

	do {
		if (*path++ != '/')
			return false;
		length = strspn(path, letters);
		if (length == 0)
			return false;
		path += length;
	} while (*path && strcmp(path, "/") != 0);
	return true;
}

static bool goes_up(const char *path)
{
	struct slice rest = slice_of(path), component;

	while (slice_next_field(&rest, '/', &component))
		if (slice_is(component, ".."))
			return true;
	return false;
}

static void check_mount_path(struct config *config, const struct config_shared_mount *mount,
			     const char *field, const char *path)
{
	enum config_key key = CONFIG_RUNTIME_SHARED_MOUNTS;

	if (*path == '\0')
		return; /* reported as empty */
	if (!is_plain_path(path))
		config_problem_at(
			config, CONFIG_ERROR, "value", key, -EINVAL,
			"shared_mount '%s': %s is invalid. It is absolute, and of letters, "
			"digits, -, _ and . only",
			mount->name, field);
	else if (goes_up(path))
		config_problem_at(config, CONFIG_ERROR, "value", key, -EINVAL,
				  "shared_mount '%s': %s couldn't contain '..' directory.",
				  mount->name, field);
}

static void check_shared_mounts(struct config *config)
{
	for (size_t i = 0; i < config->shared_mount_count; i++) {
		const struct config_shared_mount *mount = &config->shared_mounts[i];
		const struct field {
			const char *name, *value;
		} fields[] = {
			{ "name", mount->name },	 { "src_ctr", mount->src_ctr },
			{ "src_path", mount->src_path }, { "dst_ctr", mount->dst_ctr },
			{ "dst_path", mount->dst_path },
		};

		for (size_t j = 0; j < ARRAY_SIZE(fields); j++)
			if (*fields[j].value == '\0')
				config_problem_at(config, CONFIG_ERROR, "missing-key",
						  CONFIG_RUNTIME_SHARED_MOUNTS, -EINVAL,
						  "shared_mount: field '%s' couldn't be empty.",
						  fields[j].name);
		check_mount_path(config, mount, "src_path", mount->src_path);
		check_mount_path(config, mount, "dst_path", mount->dst_path);
	}
}

static void check_agent(struct config *config)
{
	unsigned long long dial = config_u64(config, CONFIG_AGENT_DIAL_TIMEOUT_MS);
	unsigned long long budget = config_u64(config, CONFIG_AGENT_RECONNECT_TIMEOUT_MS);

	if (dial == 0)
		refuse(config, CONFIG_AGENT_DIAL_TIMEOUT_MS, "dial_timeout_ms couldn't be 0.");
	if (budget < dial)
		config_problem_at(config, CONFIG_ERROR, "range", CONFIG_AGENT_RECONNECT_TIMEOUT_MS,
				  -ERANGE,
				  "reconnect_timeout_ms must be >= dial_timeout_ms (%llu < %llu)",
				  budget, dial);
}

void config_validate_rs(struct config *config)
{
	if (config->has_hypervisor_table)
		check_hypervisor(config);
	check_names(config);
	config_check_word_plainly(config, CONFIG_RUNTIME_INTERNETWORKING_MODEL);
	config_check_word_plainly(config, CONFIG_RUNTIME_VFIO_MODE);
	config_check_word_plainly(config, CONFIG_RUNTIME_EMPTYDIR_MODE);
	check_bind_mounts(config);
	check_shared_mounts(config);
	check_agent(config);
}
