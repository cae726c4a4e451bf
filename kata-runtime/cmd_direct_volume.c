// SPDX-License-Identifier: Apache-2.0
#include "kata-runtime.h"
#include "sandbox.h"
#include "shim-client/shim_client.h"
#include "storage/direct_volume.h"

struct volume_options {
	const char *path;
	const char *mount_info;
	uint64_t size;
};

#define VOLUME_PATH                                                                  \
	{                                                                            \
		CLI_STRING("volume-path", struct volume_options, path),              \
			.help = "the target volume path the volume is published to", \
			.complete = CLI_FILES                                        \
	}

static const struct cli_option path_options[] = { VOLUME_PATH, { 0 } };

static const struct cli_option add_options[] = {
	VOLUME_PATH,
	{ CLI_STRING("mount-info", struct volume_options, mount_info),
	  .help = "the mount info for the Kata Containers runtime to manage the volume" },
	{ 0 },
};

static const struct cli_option resize_options[] = {
	VOLUME_PATH,
	{ CLI_UINT64("size", struct volume_options, size), .help = "the new size of the volume" },
	{ 0 },
};

static int run_add(const struct cli_invocation *invocation, struct error **err)
{
	const struct volume_options *given = invocation->options;

	return direct_volume_add(DIRECT_VOLUME_ROOT, given->path, given->mount_info, err);
}

static int run_remove(const struct cli_invocation *invocation, struct error **err)
{
	const struct volume_options *given = invocation->options;

	return direct_volume_remove(DIRECT_VOLUME_ROOT, given->path, err);
}

/* The sandbox that uses the volume, and what the volume's device is. */
static int find_user(const char *volume_path, struct shim_client *client, struct mount_info **info,
		     struct error **err)
{
	_cleanup_free_ char *id = NULL;
	int ret;

	ret = direct_volume_sandbox(DIRECT_VOLUME_ROOT, volume_path, &id, err);
	if (ret == 0)
		ret = direct_volume_mount_info(DIRECT_VOLUME_ROOT, volume_path, info, err);
	if (ret == 0)
		ret = shim_client_find(id, client, err);
	return ret;
}

static int run_stats(const struct cli_invocation *invocation, struct error **err)
{
	const struct volume_options *given = invocation->options;
	_cleanup_(mount_info_freep) struct mount_info *info = NULL;
	_cleanup_strbuf_ struct strbuf answer = STRBUF_INIT;
	_cleanup_shim_client_ struct shim_client client = { 0 };
	int ret;

	ret = find_user(given->path, &client, &info, err);
	if (ret == 0)
		ret = shim_get_volume_stats(&client, info->device, &answer, err);
	if (ret == 0)
		sandbox_print_answer(&answer);
	return ret;
}

static int run_resize(const struct cli_invocation *invocation, struct error **err)
{
	const struct volume_options *given = invocation->options;
	_cleanup_(mount_info_freep) struct mount_info *info = NULL;
	_cleanup_shim_client_ struct shim_client client = { 0 };
	int ret;

	ret = find_user(given->path, &client, &info, err);
	if (ret == 0)
		ret = shim_resize_volume(&client, info->device, given->size, err);
	return ret;
}

static const struct cli_command add = {
	.name = "add",
	.help = "add a direct assigned block volume device to the Kata Containers runtime",
	.options = add_options,
	.options_size = sizeof(struct volume_options),
	.traits = RUNTIME_WANTS_CONFIGURATION,
	.run = run_add,
};

static const struct cli_command remove_ = {
	.name = "remove",
	.help = "remove a direct assigned block volume device from the Kata Containers runtime",
	.options = path_options,
	.options_size = sizeof(struct volume_options),
	.traits = RUNTIME_WANTS_CONFIGURATION,
	.run = run_remove,
};

static const struct cli_command stats = {
	.name = "stats",
	.help = "get the filesystem stat of a direct assigned volume",
	.options = path_options,
	.options_size = sizeof(struct volume_options),
	.traits = RUNTIME_WANTS_CONFIGURATION,
	.run = run_stats,
};

static const struct cli_command resize = {
	.name = "resize",
	.help = "resize a direct assigned block volume",
	.options = resize_options,
	.options_size = sizeof(struct volume_options),
	.traits = RUNTIME_WANTS_CONFIGURATION,
	.run = run_resize,
};

static const struct cli_command *const commands[] = { &add, &remove_, &stats, &resize, NULL };

const struct cli_command cmd_direct_volume = {
	.name = "direct-volume",
	.help = "directly assign a volume to Kata Containers to manage",
	.commands = commands,
};
