// SPDX-License-Identifier: Apache-2.0
/*
 * `factory`: VMs made in advance, as a template that new ones are cloned from, or as a cache of running ones that
 * a server holds ready (spec/kata-runtime.md 12). This build looks after what is there and takes it away; it cannot
 * make any yet, and says so.
 */
#include <errno.h>
#include <sys/mount.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/unix.h"
#include "kata-runtime.h"

#define NOT_IN_THIS_BUILD "this build cannot %s yet; set %s in %s and start VMs without it"

/* ---- the template ------------------------------------------------------------------------------ */

static const char *template_path(const struct config *config)
{
	return config_string(config, CONFIG_FACTORY_TEMPLATE_PATH);
}

static bool template_has(const struct config *config, const char *name)
{
	_cleanup_free_ char *path = path_join(template_path(config), name);

	return path_exists(path);
}

static bool template_has_state(const struct config *config)
{
	return template_has(config, config->hypervisor == CONFIG_CLH ? "state.json" : "state");
}

static bool template_is_there(const struct config *config)
{
	return template_has(config, "memory") && template_has_state(config);
}

/* What an interrupted attempt has left counts too; a directory without any of it is not ours. */
static int template_destroy(const struct config *config, struct error **err)
{
	const char *path = template_path(config);

	if (!template_has(config, "memory") && !template_has_state(config))
		return 0;
	/* EINVAL: nothing is mounted there. */
	if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL)
		return error_set_errno(err, -errno, "unmount %s", path);
	return path_remove_all(path, err);
}

/* ---- the cache --------------------------------------------------------------------------------- */

static bool uses_cache(const struct config *config)
{
	return config_u64(config, CONFIG_FACTORY_VM_CACHE_NUMBER) > 0;
}

/* Is there a server? Fails with its words for "no"; this build has no way to ask it more than that. */
static int cache_call(const struct config *config, const char *procedure, struct error **err)
{
	const char *endpoint = config_string(config, CONFIG_FACTORY_VM_CACHE_ENDPOINT);
	_cleanup_error_ struct error *reason = NULL;
	_cleanup_close_ int fd = unix_connect(endpoint, &reason);

	if (fd == -ENAMETOOLONG)
		return error_set(err, fd, "vm_cache_endpoint: %s", error_message(reason));
	if (fd < 0)
		return error_set(err, fd,
				 "failed to call gRPC %s: rpc error: code = Unavailable desc = "
				 "connection error: desc = \"transport: Error while dialing: dial "
				 "unix %s: connect: %s\"",
				 procedure, endpoint, errno_text(fd));
	return error_set(err, -ENOSYS,
			 "failed to call gRPC %s: a VM cache server listens at %s, and this build "
			 "cannot talk to it yet; use the tool that started it",
			 procedure, endpoint);
}

static int cache_refuse_second(const struct config *config, struct error **err)
{
	const char *endpoint = config_string(config, CONFIG_FACTORY_VM_CACHE_ENDPOINT);

	if (!path_exists(endpoint))
		return 0;
	return error_set(err, -EEXIST,
			 "%s already exist.  Please stop running VMCache server and remove %s",
			 endpoint, endpoint);
}

/* ---- the commands ------------------------------------------------------------------------------ */

static int run_init(const struct cli_invocation *invocation, struct error **err)
{
	const struct config *config = runtime_config(invocation);
	int ret = 0;

	if (uses_cache(config)) {
		ret = cache_refuse_second(config, err);
		return ret < 0 ? ret
			       : error_set(err, -ENOSYS, NOT_IN_THIS_BUILD, "keep a cache of VMs",
					   "vm_cache_number = 0", config->path);
	}
	if (!config_bool(config, CONFIG_FACTORY_ENABLE_TEMPLATE)) {
		puts("vm factory or VMCache is not enabled");
		return 0;
	}
	if (template_is_there(config))
		return error_set(err, -EEXIST, "There is already a VM template in %s",
				 template_path(config));
	return error_set(err, -ENOSYS, NOT_IN_THIS_BUILD, "make a template VM",
			 "enable_template = false", config->path);
}

static int run_status(const struct cli_invocation *invocation, struct error **err)
{
	const struct config *config = runtime_config(invocation);
	int ret = 0;

	if (uses_cache(config))
		ret = cache_call(config, "Status", err);
	if (!config_bool(config, CONFIG_FACTORY_ENABLE_TEMPLATE))
		puts("vm factory not enabled");
	else
		puts(template_is_there(config) ? "vm factory is on" : "vm factory is off");
	return ret;
}

static int run_destroy(const struct cli_invocation *invocation, struct error **err)
{
	const struct config *config = runtime_config(invocation);
	int ret = 0;

	if (uses_cache(config))
		ret = cache_call(config, "Quit", err);
	else if (config_bool(config, CONFIG_FACTORY_ENABLE_TEMPLATE))
		ret = template_destroy(config, err);
	if (ret == 0)
		puts("vm factory destroyed");
	return ret;
}

static const struct cli_command init = {
	.name = "init",
	.help = "initialize a VM factory based on kata-runtime configuration",
	.traits = RUNTIME_NEEDS_CONFIGURATION,
	.run = run_init,
};

static const struct cli_command destroy = {
	.name = "destroy",
	.help = "destroy the VM factory",
	.traits = RUNTIME_NEEDS_CONFIGURATION,
	.run = run_destroy,
};

static const struct cli_command status = {
	.name = "status",
	.help = "query the status of VM factory",
	.traits = RUNTIME_NEEDS_CONFIGURATION,
	.run = run_status,
};

static const struct cli_command *const commands[] = { &init, &destroy, &status, NULL };

const struct cli_command cmd_factory = {
	.name = "factory",
	.help = "manage vm factory",
	.commands = commands,
};
