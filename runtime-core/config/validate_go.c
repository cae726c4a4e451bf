// SPDX-License-Identifier: Apache-2.0
/*
 * What the Go dialect refuses, in the order in which its implementation looks (spec/config.md 2.1, 3.6): the
 * first error found here is the one that scripts know. Unlike there, the rest is found too.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/path.h"
#include "checks.h"
#include "internal.h"
#include "kernel_params.h"
#include "model.h"
#include "verity.h"

#define MIB (1024ULL * 1024)

static bool is(const struct config *config, enum config_key key, const char *word)
{
	return strcmp(config_string(config, key), word) == 0;
}

/* --- the hypervisor's table --------------------------------------------------------------------- */

static void check_pflashes(struct config *config, enum config_key key)
{
	const struct string_list *flashes = config_list(config, key);

	for (size_t i = 0; i < flashes->count; i++) {
		_cleanup_error_ struct error *reason = NULL;
		_cleanup_free_ char *resolved = NULL;

		if (path_resolve(flashes->items[i], &resolved, &reason) < 0)
			config_refuse(config, "missing-file", key, error_code(reason),
				      "failed to resolve path: %s: %s", flashes->items[i],
				      error_message(reason));
	}
}

static void check_daemon(struct config *config, enum config_key key)
{
	bool needed = is(config, CONFIG_HYPERVISOR_SHARED_FS, "virtio-fs") ||
		      is(config, CONFIG_HYPERVISOR_SHARED_FS, "virtio-fs-nydus");

	if (needed && is(config, key, ""))
		config_refuse(config, "missing-key", key, -EINVAL,
			      "cannot enable %s without daemon path in configuration file",
			      config_string(config, CONFIG_HYPERVISOR_SHARED_FS));
}

static void check_no_9p(struct config *config, enum config_key key)
{
	if (is(config, key, "virtio-9p"))
		config_refuse(config, "value", key, -EINVAL,
			      "%s does not support %s shared filesystem option",
			      config->hypervisor == CONFIG_CLH ? "Cloud Hypervisor"
							       : "Stratovirt Hypervisor",
			      config_string(config, key));
}

static void check_not_both(struct config *config, enum config_key key)
{
	if (!is(config, CONFIG_HYPERVISOR_IMAGE, "") && !is(config, CONFIG_HYPERVISOR_INITRD, ""))
		config_refuse(config, "image-and-initrd", key, -EINVAL,
			      "having both an image and an initrd defined in the configuration "
			      "file is not supported");
}

static void check_not_neither(struct config *config, enum config_key key)
{
	if (is(config, CONFIG_HYPERVISOR_IMAGE, "") && is(config, CONFIG_HYPERVISOR_INITRD, ""))
		config_refuse(config, "no-image", key, -EINVAL,
			      "image or initrd must be defined in the configuration file");
}

struct step {
	void (*check)(struct config *config, enum config_key key);
	enum config_key key;
};

#define STEPS_MAX 24

static const struct step hypervisor_steps[CONFIG_HYPERVISOR_COUNT][STEPS_MAX] = {
	[CONFIG_QEMU] = {
		{ config_check_path, CONFIG_HYPERVISOR_PATH },
		{ config_check_path, CONFIG_HYPERVISOR_KERNEL },
		{ config_check_path, CONFIG_HYPERVISOR_INITRD },
		{ config_check_path, CONFIG_HYPERVISOR_IMAGE },
		{ config_check_word, CONFIG_HYPERVISOR_ROOTFS_TYPE },
		{ check_pflashes, CONFIG_HYPERVISOR_PFLASHES },
		{ config_check_path, CONFIG_HYPERVISOR_FIRMWARE },
		{ config_check_path, CONFIG_HYPERVISOR_FIRMWARE_VOLUME },
		{ config_check_word, CONFIG_HYPERVISOR_BLOCK_DEVICE_DRIVER },
		{ config_check_word, CONFIG_HYPERVISOR_BLOCK_DEVICE_AIO },
		{ config_check_word, CONFIG_HYPERVISOR_SHARED_FS },
		{ check_daemon, CONFIG_HYPERVISOR_VIRTIO_FS_DAEMON },
		{ config_check_vsock, CONFIG_KEY_NONE },
		{ config_check_word, CONFIG_HYPERVISOR_EXTRA_MONITOR_SOCKET },
		{ config_check_sector_size, CONFIG_HYPERVISOR_BLOCK_DEVICE_LOGICAL_SECTOR_SIZE },
		{ config_check_sector_size, CONFIG_HYPERVISOR_BLOCK_DEVICE_PHYSICAL_SECTOR_SIZE },
		{ config_check_sector_order, CONFIG_HYPERVISOR_BLOCK_DEVICE_LOGICAL_SECTOR_SIZE },
		{ config_check_extension_images, CONFIG_HYPERVISOR_GUEST_EXTENSION_IMAGES },
		{ config_check_word, CONFIG_HYPERVISOR_VIRTIO_FS_CACHE },
	},
	[CONFIG_CLH] = {
		{ config_check_path, CONFIG_HYPERVISOR_PATH },
		{ config_check_path, CONFIG_HYPERVISOR_KERNEL },
		{ config_check_path, CONFIG_HYPERVISOR_INITRD },
		{ config_check_path, CONFIG_HYPERVISOR_IMAGE },
		{ check_not_neither, CONFIG_HYPERVISOR_IMAGE },
		{ config_check_word, CONFIG_HYPERVISOR_ROOTFS_TYPE },
		{ config_check_path, CONFIG_HYPERVISOR_FIRMWARE },
		{ config_check_word, CONFIG_HYPERVISOR_BLOCK_DEVICE_DRIVER },
		{ config_check_word, CONFIG_HYPERVISOR_SHARED_FS },
		{ check_no_9p, CONFIG_HYPERVISOR_SHARED_FS },
		{ check_daemon, CONFIG_HYPERVISOR_VIRTIO_FS_DAEMON },
		{ config_check_word, CONFIG_HYPERVISOR_VIRTIO_FS_CACHE },
	},
	[CONFIG_FIRECRACKER] = {
		{ config_check_path, CONFIG_HYPERVISOR_PATH },
		{ config_check_path, CONFIG_HYPERVISOR_JAILER_PATH },
		{ config_check_path, CONFIG_HYPERVISOR_KERNEL },
		{ config_check_path, CONFIG_HYPERVISOR_INITRD },
		{ config_check_path, CONFIG_HYPERVISOR_IMAGE },
		{ config_check_word, CONFIG_HYPERVISOR_ROOTFS_TYPE },
		{ config_check_path, CONFIG_HYPERVISOR_FIRMWARE },
		{ config_check_word, CONFIG_HYPERVISOR_BLOCK_DEVICE_DRIVER },
	},
	[CONFIG_STRATOVIRT] = {
		{ config_check_path, CONFIG_HYPERVISOR_PATH },
		{ config_check_path, CONFIG_HYPERVISOR_KERNEL },
		{ config_check_path, CONFIG_HYPERVISOR_INITRD },
		{ config_check_path, CONFIG_HYPERVISOR_IMAGE },
		{ check_not_both, CONFIG_HYPERVISOR_INITRD },
		{ check_not_neither, CONFIG_HYPERVISOR_IMAGE },
		{ config_check_word, CONFIG_HYPERVISOR_ROOTFS_TYPE },
		{ config_check_word, CONFIG_HYPERVISOR_BLOCK_DEVICE_DRIVER },
		{ config_check_vsock, CONFIG_KEY_NONE },
		{ config_check_word, CONFIG_HYPERVISOR_SHARED_FS },
		{ check_no_9p, CONFIG_HYPERVISOR_SHARED_FS },
		{ check_daemon, CONFIG_HYPERVISOR_VIRTIO_FS_DAEMON },
		{ config_check_sector_size, CONFIG_HYPERVISOR_BLOCK_DEVICE_LOGICAL_SECTOR_SIZE },
		{ config_check_sector_size, CONFIG_HYPERVISOR_BLOCK_DEVICE_PHYSICAL_SECTOR_SIZE },
		{ config_check_sector_order, CONFIG_HYPERVISOR_BLOCK_DEVICE_LOGICAL_SECTOR_SIZE },
	},
	[CONFIG_DRAGONBALL] = {
		{ config_check_path, CONFIG_HYPERVISOR_KERNEL },
		{ config_check_path, CONFIG_HYPERVISOR_IMAGE },
		{ config_check_word, CONFIG_HYPERVISOR_ROOTFS_TYPE },
	},
};

/* --- the runtime's table ------------------------------------------------------------------------ */

/* What loads, and makes every sandbox fail later. */
static void foresee(struct config *config, enum config_key key, const char *message)
{
	config_problem_at(config, CONFIG_WARNING, "no-sandbox", key, -EINVAL,
			  "no sandbox will start: %s", message);
}

/* A confidential guest may boot from elsewhere, and on s390x must (spec/config.md 3.6). */
static void foresee_boot(struct config *config)
{
	bool image = !is(config, CONFIG_HYPERVISOR_IMAGE, "");
	bool initrd = !is(config, CONFIG_HYPERVISOR_INITRD, "");

	if (config->hypervisor == CONFIG_REMOTE || !config->has_hypervisor_table ||
	    config_bool(config, CONFIG_HYPERVISOR_CONFIDENTIAL_GUEST))
		return;
	if (image && initrd)
		foresee(config, CONFIG_HYPERVISOR_INITRD,
			"Image and initrd path cannot be both set");
	if (!image && !initrd)
		foresee(config, CONFIG_HYPERVISOR_IMAGE, "Missing image and initrd path");
}

static void foresee_selinux(struct config *config)
{
	if (!is(config, CONFIG_RUNTIME_GUEST_SELINUX_LABEL, "") &&
	    config_bool(config, CONFIG_HYPERVISOR_DISABLE_GUEST_SELINUX))
		foresee(config, CONFIG_RUNTIME_GUEST_SELINUX_LABEL,
			"Custom SELinux security policy is provided, but guest SELinux is "
			"disabled");
}

static void check_kernel_params(struct config *config)
{
	_cleanup_string_list_ struct string_list params = { 0 };
	_cleanup_error_ struct error *reason = NULL;

	if (config_kernel_params(config, &params, &reason) < 0)
		config_problem_at(config, CONFIG_ERROR, "value", CONFIG_HYPERVISOR_KERNEL_PARAMS,
				  error_code(reason), "%s", error_message(reason));
}

/* Looked at when a sandbox starts, and fatal then. */
static void check_verity(struct config *config)
{
	enum config_key key = CONFIG_HYPERVISOR_KERNEL_VERITY_PARAMS;
	_cleanup_error_ struct error *reason = NULL;

	if (verity_params_check(config_string(config, key), &reason) < 0)
		config_problem_at(config, CONFIG_WARNING, "value", key, error_code(reason), "%s",
				  error_message(reason));
}

static void check_experimental(struct config *config)
{
	const struct string_list *features = config_list(config, CONFIG_RUNTIME_EXPERIMENTAL);

	for (size_t i = 0; i < features->count; i++)
		if (strcmp(features->items[i], "force_guest_pull") != 0)
			config_problem_at(config, CONFIG_ERROR, "value",
					  CONFIG_RUNTIME_EXPERIMENTAL, -EINVAL,
					  "Unsupported experimental feature \"%s\"",
					  features->items[i]);
}

static void check_bind_mounts(struct config *config)
{
	enum config_key key = CONFIG_RUNTIME_SANDBOX_BIND_MOUNTS;
	const struct string_list *mounts = config_list(config, key);
	_cleanup_string_list_ struct string_list names = { 0 };

	for (size_t i = 0; i < mounts->count; i++) {
		_cleanup_error_ struct error *reason = NULL;
		_cleanup_free_ char *resolved = NULL;

		if (path_resolve(mounts->items[i], &resolved, &reason) < 0) {
			config_problem_at(config, CONFIG_ERROR, "missing-file", key,
					  error_code(reason),
					  "sandbox-bindmounts: Failed to resolve path: %s: %s",
					  mounts->items[i], error_message(reason));
			continue;
		}
		if (string_list_contains(&names, path_name(resolved)))
			config_problem_at(config, CONFIG_ERROR, "value", key, -EEXIST,
					  "sandbox-bindmounts: File %s has base that matches "
					  "already specified bindmount",
					  mounts->items[i]);
		string_list_add(&names, path_name(resolved));
	}
}

/* --- checks across tables ----------------------------------------------------------------------- */

static void check_netns(struct config *config)
{
	if (config_bool(config, CONFIG_RUNTIME_DISABLE_NEW_NETNS) &&
	    !is(config, CONFIG_RUNTIME_INTERNETWORKING_MODEL, "none"))
		config_problem_at(config, CONFIG_ERROR, "value", CONFIG_RUNTIME_DISABLE_NEW_NETNS,
				  -EINVAL,
				  "config disable_new_netns only works with 'none' "
				  "internetworking_model");
}

static void check_size(struct config *config, enum config_key key, enum config_severity severity)
{
	unsigned long long memory = config_u64(config, CONFIG_HYPERVISOR_DEFAULT_MEMORY), mib;
	const char *path = config_string(config, key);
	struct stat status;

	/* A missing file has been reported where its path was checked. */
	if (*path == '\0' || stat(path, &status) < 0)
		return;
	mib = (unsigned long long)status.st_size / MIB;
	if (status.st_size == 0)
		config_problem_at(config, CONFIG_ERROR, "empty-file", key, -EINVAL,
				  "image \"%s\" is empty", path);
	else if (memory && (unsigned long long)status.st_size > MIB && mib >= memory)
		config_problem_at(config, severity, "size", key, -EFBIG,
				  "VM memory (%lluMB) smaller than image \"%s\" size (%lluMB)",
				  memory, path, mib);
}

/* Without a hypervisor's table nothing but the default image is looked at. */
static void check_default_image(struct config *config, enum config_key key)
{
	const char *path = config_string(config, key);
	struct stat status;

	if (!config->has_hypervisor_table && stat(path, &status) < 0)
		config_report(config, CONFIG_KEY_NONE,
			      &(struct config_problem){
				      .severity = CONFIG_ERROR,
				      .id = "no-hypervisor",
				      .code = -errno,
				      .suggestion = "add a table such as [hypervisor.qemu]" },
			      "%s: %s, the default without any hypervisor table", errno_text(errno),
			      path);
}

static void check_sizes(struct config *config)
{
	if (config->hypervisor == CONFIG_REMOTE)
		return;
	check_default_image(config, CONFIG_HYPERVISOR_IMAGE);
	check_size(config, CONFIG_HYPERVISOR_IMAGE, CONFIG_WARNING);
	check_default_image(config, CONFIG_HYPERVISOR_INITRD);
	check_size(config, CONFIG_HYPERVISOR_INITRD, CONFIG_ERROR);
}

static void check_factory(struct config *config)
{
	if (config_u64(config, CONFIG_FACTORY_VM_CACHE_NUMBER) && config->hypervisor != CONFIG_QEMU)
		config_problem_at(config, CONFIG_ERROR, "value", CONFIG_FACTORY_VM_CACHE_NUMBER,
				  -EINVAL, "VM cache just support qemu");
}

static void check_numa(struct config *config)
{
	enum config_key key = CONFIG_HYPERVISOR_NUMA_MAPPING;
	const char *architecture = config->host.architecture;

	if (!config_bool(config, CONFIG_HYPERVISOR_ENABLE_NUMA) ||
	    config_list(config, key)->count <= 1)
		return;
	if (strcmp(architecture, "amd64") != 0 && strcmp(architecture, "arm64") != 0)
		config_problem_at(
			config, CONFIG_ERROR, "value", key, -EINVAL,
			"multi-NUMA support is only available on amd64 and arm64, got \"%s\"",
			architecture);
	if (!config_bool(config, CONFIG_RUNTIME_STATIC_SANDBOX_RESOURCE_MGMT))
		config_problem_at(config, CONFIG_ERROR, "value", key, -EINVAL,
				  "NUMA support requires static_sandbox_resource_mgmt to be "
				  "enabled; guest nodes cannot grow while a sandbox runs");
}

static bool is_port(const char *port)
{
	const char *const *words = config_key_info(CONFIG_HYPERVISOR_HOT_PLUG_VFIO)->go_words;

	while (*words && strcmp(*words, port) != 0)
		words++;
	return *words;
}

static void check_clh_port(struct config *config, enum config_key key, const char *which)
{
	if (!is(config, key, "no-port") && !is(config, key, "root-port"))
		config_problem_at(config, CONFIG_ERROR, "value", key, -EINVAL,
				  "only %s=no-port or root-port supported on CLH", which);
}

static void check_port(struct config *config, enum config_key key)
{
	if (!is_port(config_string(config, key)))
		config_problem_at(config, CONFIG_ERROR, "value", key, -EINVAL,
				  "invalid vfio_port=%s setting, allowed values no-port, "
				  "bridge-port, root-port, switch-port",
				  config_string(config, key));
}

static void check_pcie(struct config *config)
{
	enum config_key hot = CONFIG_HYPERVISOR_HOT_PLUG_VFIO;
	enum config_key cold = CONFIG_HYPERVISOR_COLD_PLUG_VFIO;

	if (config->hypervisor != CONFIG_QEMU && config->hypervisor != CONFIG_CLH)
		return;
	if (!is(config, hot, "no-port") && !is(config, cold, "no-port"))
		config_problem_at(config, CONFIG_ERROR, "value", cold, -EINVAL,
				  "invalid hot-plug=%s and cold-plug=%s settings, only one of them "
				  "can be set",
				  config_string(config, hot), config_string(config, cold));
	if (!is(config, CONFIG_HYPERVISOR_MACHINE_TYPE, "q35") &&
	    !is(config, CONFIG_HYPERVISOR_MACHINE_TYPE, "virt"))
		return;
	if (config->hypervisor == CONFIG_CLH) {
		check_clh_port(config, cold, "cold-plug");
		check_clh_port(config, hot, "hot-plug");
		return;
	}
	check_port(config, cold);
	check_port(config, hot);
}

/* --- all of it ---------------------------------------------------------------------------------- */

void config_validate_go(struct config *config)
{
	const struct step *steps = hypervisor_steps[config->hypervisor];

	config_check_word_plainly(config, CONFIG_RUNTIME_INTERNETWORKING_MODEL);
	config_check_word_plainly(config, CONFIG_RUNTIME_VFIO_MODE);
	for (size_t i = 0; config->has_hypervisor_table && i < STEPS_MAX && steps[i].check; i++)
		steps[i].check(config, steps[i].key);
	config_check_word(config, CONFIG_RUNTIME_EMPTYDIR_MODE);
	check_kernel_params(config);
	check_verity(config);
	check_experimental(config);
	check_bind_mounts(config);
	check_netns(config);
	check_sizes(config);
	check_factory(config);
	check_numa(config);
	check_pcie(config);
	foresee_boot(config);
	foresee_selinux(config);
}
