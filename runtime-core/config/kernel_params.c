// SPDX-License-Identifier: Apache-2.0
/*
 * The guest's kernel command line, as far as the configuration decides it: what image and block driver need,
 * what the agent is told, and the user's own words last, so that these win (spec/config.md 4).
 */
#include "kernel_params.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "base/strbuf.h"
#include "internal.h"
#include "model.h"

static void split_words(const char *text, struct string_list *params)
{
	struct slice rest = slice_of(text), word;

	while (slice_next_word(&rest, &word))
		string_list_add_slice(params, word);
}

/* Blanks between double quotes do not separate. */
static void split_quoted(const char *text, struct string_list *params)
{
	bool quoted = false;

	while (*text) {
		const char *start;

		while (*text == ' ')
			text++;
		start = text;
		while (*text && (quoted || *text != ' ')) {
			quoted ^= *text == '"';
			text++;
		}
		if (text > start)
			string_list_add_slice(params, slice_make(start, (size_t)(text - start)));
	}
}

void config_split_kernel_params(const struct config *config, const char *text,
				struct string_list *params)
{
	if (config->hypervisor == CONFIG_STRATOVIRT || config->dialect == CONFIG_RS)
		split_words(text, params);
	else
		split_quoted(text, params);
}

/* --- what the guest's system needs -------------------------------------------------------------- */

static void add_system_params(const struct config *config, struct string_list *params)
{
	if (*config_string(config, CONFIG_HYPERVISOR_IMAGE)) {
		string_list_add(params, "systemd.unit=kata-containers.target");
		string_list_add(params, "systemd.mask=systemd-networkd.service");
		string_list_add(params, "systemd.mask=systemd-networkd.socket");
	}
	if (strcmp(config_string(config, CONFIG_HYPERVISOR_BLOCK_DEVICE_DRIVER), "virtio-scsi") ==
	    0)
		string_list_add(params, "scsi_mod.scan=none");
}

/* --- what the agent is told --------------------------------------------------------------------- */

static const struct agent_param {
	enum config_key key;
	const char *text; /* whole for a truth, else in front of the number */
	unsigned divisor;
} agent_params[] = {
	{ CONFIG_AGENT_ENABLE_DEBUG, "agent.log=debug", 0 },
	{ CONFIG_AGENT_ENABLE_TRACING, "agent.trace=true", 0 },
	{ CONFIG_AGENT_CONTAINER_PIPE_SIZE, "agent.container_pipe_size=", 1 },
	{ CONFIG_AGENT_DEBUG_CONSOLE_ENABLED, "agent.debug_console", 0 },
	{ CONFIG_AGENT_DEBUG_CONSOLE_ENABLED, "agent.debug_console_vport=1026", 0 },
	{ CONFIG_AGENT_CDH_API_TIMEOUT_MS, "agent.cdh_api_timeout=", 1000 },
	{ CONFIG_AGENT_LAUNCH_PROCESS_TIMEOUT, "agent.launch_process_timeout=", 1 },
	{ CONFIG_AGENT_VISIBLE_CDI_DEVICES, "agent.visible_cdi_devices=true", 0 },
};

static void add_agent_params(const struct config *config, struct string_list *params)
{
	for (size_t i = 0; i < ARRAY_SIZE(agent_params); i++) {
		const struct agent_param *param = &agent_params[i];

		if (param->divisor == 0) {
			if (config_bool(config, param->key))
				string_list_add(params, param->text);
		} else if (config_u64(config, param->key) >= param->divisor) {
			string_list_take(
				params, xasprintf("%s%" PRIu64, param->text,
						  config_u64(config, param->key) / param->divisor));
		}
	}
}

/* Every key of the table that is written, by its own name. The agent reads them only behind the first. */
static void add_mem_agent_params(const struct config *config, struct string_list *params)
{
	if (!config_bool(config, CONFIG_MEM_AGENT_ENABLE))
		return;
	string_list_add(params, "psi=1");
	string_list_add(params, "agent.mem_agent_enable=1");
	FOR_EACH_CONFIG_KEY(key)
	{
		const struct config_key_info *info = config_key_info(key);
		_cleanup_free_ char *value = NULL;

		if (info->section != CONFIG_SECTION_MEM_AGENT || key == CONFIG_MEM_AGENT_ENABLE ||
		    !config_is_set(config, key))
			continue;
		value = config_value_text(config, key);
		string_list_take(params, xasprintf("agent.mem_agent_%s=%s", info->name, value));
	}
}

int config_kernel_params(const struct config *config, struct string_list *params,
			 struct error **err)
{
	_cleanup_string_list_ struct string_list own = { 0 };

	add_system_params(config, params);
	add_agent_params(config, &own);
	if (config->dialect == CONFIG_RS)
		string_list_sort(&own);
	string_list_add_all(params, &own);
	add_mem_agent_params(config, params);
	config_split_kernel_params(config, config_string(config, CONFIG_HYPERVISOR_KERNEL_PARAMS),
				   params);
	for (size_t i = 0; i < params->count; i++)
		if (params->items[i][0] == '=')
			return error_set(err, -EINVAL, "Empty kernel parameter");
	return 0;
}
