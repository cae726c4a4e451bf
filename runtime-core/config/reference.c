// SPDX-License-Identifier: Apache-2.0
#include "reference.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "build.h"
#include "model.h"

#define RUNTIME_RS_DIRECTORY "runtime-rs"

/* The shipped file for each hypervisor without any particulars (spec/config.md 6). */
static const struct plain_file {
	const char *go, *rs;
} plain_files[CONFIG_HYPERVISOR_COUNT] = {
	[CONFIG_QEMU] = { "configuration-qemu.toml", "configuration-qemu-runtime-rs.toml" },
	[CONFIG_CLH] = { "configuration-clh.toml", "configuration-clh-runtime-rs.toml" },
	[CONFIG_FIRECRACKER] = { "configuration-fc.toml", "configuration-rs-fc.toml" },
	[CONFIG_STRATOVIRT] = { "configuration-stratovirt.toml", NULL },
	[CONFIG_DRAGONBALL] = { NULL, "configuration-dragonball.toml" },
	[CONFIG_REMOTE] = { "configuration-remote.toml", "configuration-remote.toml" },
	[CONFIG_OPENVMM] = { NULL, "configuration-openvmm-azure-runtime-rs.toml" },
};

/* The path of a file in the directory; NULL if there is none. */
static char *existing(const char *directory, const char *name)
{
	char *path = name ? path_join(directory, name) : NULL;

	if (path && path_exists(path))
		return path;
	free(path);
	return NULL;
}

static char *find_shipped(const struct config *config, const char *directory)
{
	const struct plain_file *plain = &plain_files[config->hypervisor];
	bool go = config->dialect == CONFIG_GO;
	_cleanup_free_ char *place =
		go ? xstrdup(directory) : path_join(directory, RUNTIME_RS_DIRECTORY);
	char *path = config->path ? existing(place, path_name(config->path)) : NULL;

	return path ? path : existing(place, go ? plain->go : plain->rs);
}

struct config *config_reference(const struct config *config, const char *directory)
{
	_cleanup_free_ char *shipped =
		find_shipped(config, directory ? directory : KATA_DEFAULTSDIR);
	struct config *defaults;

	if (shipped)
		return config_examine(&(struct config_options){
			.path = shipped, .ignore_drop_ins = true, .host = &config->host });
	defaults = config_new(&config->host, config->dialect, config->hypervisor);
	config_adjust_all(defaults);
	config_link_twins(defaults);
	return defaults;
}
