// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "annotation_apply.h"
#include "annotation_values.h"
#include "base/base64.h"
#include "base/memory.h"
#include "initdata.h"
#include "internal.h"
#include "model.h"

/* --- VFIO ports ------------------------------------------------------------------------------------- */

int annotation_apply_vfio_port(const struct annotation_use *use, struct error **err)
{
	enum config_key other = use->row->key == CONFIG_HYPERVISOR_HOT_PLUG_VFIO
					? CONFIG_HYPERVISOR_COLD_PLUG_VFIO
					: CONFIG_HYPERVISOR_HOT_PLUG_VFIO;
	const char *port = *use->value ? use->value : "no-port";
	const char *const *word = use->row->words;

	while (*word && strcmp(*word, port) != 0)
		word++;
	if (!*word)
		return annotation_refuse(use, -EINVAL, err);
	config_set_string(use->config, use->row->key, port, &use->origin);
	config_set_string(use->config, other, "no-port", &use->origin);
	return 0;
}

/* --- policy and initdata ---------------------------------------------------------------------------- */

int annotation_apply_policy(const struct annotation_use *use, struct error **err)
{
	_cleanup_strbuf_ struct strbuf policy = STRBUF_INIT;
	int ret = base64_decode(slice_of(use->value), &policy, err);

	if (ret < 0)
		return error_advise(err, "the policy in annotation %s is base64 of its text",
				    use->row->name);
	if (memchr(policy.data, '\0', policy.size))
		return error_set(err, -EINVAL, "annotation %s: the policy is no text",
				 use->row->name);
	config_set_string(use->config, use->row->key, policy.data, &use->origin);
	return 0;
}

int annotation_apply_initdata(const struct annotation_use *use, struct error **err)
{
	_cleanup_free_ char *document = NULL;
	struct initdata initdata = { .known_version = true };
	int ret;

	ret = initdata_decode(slice_of(use->value), use->config->dialect, &document, &initdata,
			      err);
	if (ret < 0)
		return ret;
	if (!initdata.known_version)
		annotation_warn(use->config, use->row->name, NULL,
				"has initdata of another version than %s", INITDATA_VERSION);
	config_set_string(use->config, use->row->key, document, &use->origin);
	return 0;
}

/* --- remote hypervisor ------------------------------------------------------------------------------ */

static bool has_gpus(const struct config *config)
{
	return config->hypervisor == CONFIG_REMOTE || config->dialect == CONFIG_RS;
}

int annotation_apply_gpus(const struct annotation_use *use, struct error **err)
{
	return has_gpus(use->config) ? annotation_apply_number(use, err) : 0;
}

int annotation_apply_gpu_model(const struct annotation_use *use, struct error **err)
{
	return has_gpus(use->config) ? annotation_apply_string(use, err) : 0;
}

/* --- names of the runtime-rs dialect ---------------------------------------------------------------- */

/* As an annotation the kinds have hyphens, in the file an underscore. */
int annotation_apply_runtime_name(const struct annotation_use *use, struct error **err)
{
	const char *const *word = use->row->words;

	while (*word && strcmp(*word, use->value) != 0)
		word++;
	if (!*word)
		return annotation_refuse(use, -EINVAL, err);
	if (word != use->row->words)
		return error_set(err, -ENOTSUP,
				 "annotation %s asks for %s, but there is only %s: containers run "
				 "in virtual machines here",
				 use->row->name, use->value, use->row->words[0]);
	config_set_string(use->config, use->row->key, "virt_container", &use->origin);
	return 0;
}

int annotation_apply_table_name(const struct annotation_use *use, struct error **err)
{
	(void)err;
	if (strcmp(use->value, config_string(use->config, use->row->key)) != 0)
		annotation_warn(use->config, use->row->name,
				"choose a runtime handler whose configuration has it",
				"asks for another one than the configuration's and was ignored");
	return 0;
}
