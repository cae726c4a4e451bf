// SPDX-License-Identifier: Apache-2.0
/* Annotations whose value holds several: how they are separated differs by name and by dialect. */
#include <cjson/cJSON.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "annotation_apply.h"
#include "annotation_values.h"
#include "base/memory.h"
#include "internal.h"
#include "kernel_params.h"
#include "model.h"
#include "verity.h"
#include "virtiofs_args.h"

static bool is_rs(const struct annotation_use *use)
{
	return use->config->dialect == CONFIG_RS;
}

static void split(const char *text, char separator, struct string_list *items)
{
	struct slice rest = slice_of(text), item;

	while (slice_next_field(&rest, separator, &item))
		string_list_add_slice(items, item);
}

static void split_words(const char *text, struct string_list *items)
{
	struct slice rest = slice_of(text), item;

	while (slice_next_word(&rest, &item))
		string_list_add_slice(items, item);
}

/* --- kernel parameters ------------------------------------------------------------------------------ */

static struct slice param_key(const char *param)
{
	return slice_make(param, strcspn(param, "="));
}

static bool has_key(const struct string_list *params, size_t from, struct slice key)
{
	for (size_t i = from; i < params->count; i++)
		if (slice_equal(param_key(params->items[i]), key))
			return true;
	return false;
}

/* Parameters that open the guest to others on the host, or put something else in place of its first process. */
static void warn_of_risky_params(const struct annotation_use *use, const struct string_list *params)
{
	static const char *const risky[] = {
		"agent.debug_console", "agent.debug_console_vport", "init", "rdinit",
		"systemd.debug_shell", "systemd.debug-shell"
	};

	for (size_t i = 0; i < params->count; i++)
		for (size_t j = 0; j < ARRAY_SIZE(risky); j++)
			if (slice_is(param_key(params->items[i]), risky[j]))
				annotation_warn(use->config, use->row->name, NULL,
						"sets %s, which lets others into the guest or "
						"replaces its first process",
						risky[j]);
}

/*
 * The pod's parameters stand behind the configured ones and replace those of the same key. Of several with
 * one key the Go dialect keeps the last, the other one all.
 */
int annotation_apply_kernel_params(const struct annotation_use *use, struct error **err)
{
	_cleanup_string_list_ struct string_list configured = { 0 }, asked = { 0 }, merged = { 0 };
	_cleanup_free_ char *text = NULL;

	split_words(use->value, &asked);
	for (size_t i = 0; i < asked.count; i++)
		if (param_key(asked.items[i]).size == 0)
			return error_set(err, -EINVAL,
					 "Error adding kernel parameters in annotation "
					 "kernel_params : Empty kernel parameter");
	config_split_kernel_params(use->config, config_string(use->config, use->row->key),
				   &configured);
	for (size_t i = 0; i < configured.count; i++)
		if (!has_key(&asked, 0, param_key(configured.items[i])))
			string_list_add(&merged, configured.items[i]);
	for (size_t i = 0; i < asked.count; i++)
		if (is_rs(use) || !has_key(&asked, i + 1, param_key(asked.items[i])))
			string_list_add(&merged, asked.items[i]);
	warn_of_risky_params(use, &asked);
	text = string_list_join(&merged, " ");
	config_set_string(use->config, use->row->key, text, &use->origin);
	return 0;
}

int annotation_apply_verity(const struct annotation_use *use, struct error **err)
{
	if (slice_trim(slice_of(use->value)).size == 0 && is_rs(use))
		return 0;
	if (verity_params_check(use->value, err) < 0)
		return error_wrap(err, "invalid kernel_verity_params in annotation");
	return annotation_apply_string(use, err);
}

/* --- NUMA nodes ------------------------------------------------------------------------------------- */

/* "0-1,3": numbers and ranges. */
static bool is_node_list(const char *text)
{
	for (;;) {
		size_t digits = strspn(text, "0123456789");

		if (digits == 0)
			return false;
		text += digits;
		if (*text == '-') {
			digits = strspn(++text, "0123456789");
			if (digits == 0)
				return false;
			text += digits;
		}
		if (*text == '\0')
			return true;
		if (*text++ != ',')
			return false;
	}
}

int annotation_apply_numa(const struct annotation_use *use, struct error **err)
{
	_cleanup_string_list_ struct string_list nodes = { 0 };

	split_words(use->value, &nodes);
	for (size_t i = 0; i < nodes.count; i++)
		if (!is_node_list(nodes.items[i]))
			return error_set(err, -EINVAL,
					 "annotation %s: \"%.32s\" is no list of host NUMA nodes; "
					 "give one such as 0-1,3 for each node of the guest, "
					 "separated by blanks",
					 use->row->name, nodes.items[i]);
	config_set_list(use->config, use->row->key, &nodes, &use->origin);
	return 0;
}

/* --- JSON ------------------------------------------------------------------------------------------- */

static inline void json_free(cJSON **json)
{
	cJSON_Delete(*json);
}

/* NULL for what is no JSON, or followed by something. */
static cJSON *parse_json(const char *text)
{
	return cJSON_ParseWithLengthOpts(text, strlen(text) + 1, NULL, true);
}

static int parse_json_strings(const char *text, struct string_list *strings, struct error **err)
{
	_cleanup_(json_free) cJSON *json = parse_json(text);
	const cJSON *item;

	if (!cJSON_IsArray(json) && !cJSON_IsNull(json))
		return error_set(err, -EINVAL,
				 "Error parsing virtiofsd extra arguments: expected a JSON array "
				 "of strings such as [\"--cache=auto\", \"--xattr\"]");
	cJSON_ArrayForEach(item, json)
	{
		if (!cJSON_IsString(item))
			return error_set(err, -EINVAL,
					 "Error parsing virtiofsd extra arguments: an item of the "
					 "array is no string");
		string_list_add(strings, item->valuestring);
	}
	return 0;
}

/* --- arguments of the virtio-fs daemon -------------------------------------------------------------- */

/* Go: a JSON array. runtime-rs: commas; there too an array is taken, which no argument looks like. */
int annotation_apply_virtiofs_args(const struct annotation_use *use, struct error **err)
{
	_cleanup_string_list_ struct string_list asked = { 0 }, all = { 0 };
	int ret = 0;

	if (is_rs(use) && !slice_starts_with(slice_trim(slice_of(use->value)), "["))
		split(use->value, ',', &asked);
	else
		ret = parse_json_strings(use->value, &asked, err);
	if (ret < 0)
		return ret;
	if (virtiofs_args_check(&asked, err) < 0)
		return error_wrap(err, "annotation %s", use->row->name);
	string_list_add_all(&all, config_list(use->config, use->row->key));
	string_list_add_all(&all, &asked);
	config_set_list(use->config, use->row->key, &all, &use->origin);
	return 0;
}

/* --- kernel modules, experimental features ---------------------------------------------------------- */

/* Go replaces the configured ones, runtime-rs adds to them. */
int annotation_apply_kernel_modules(const struct annotation_use *use, struct error **err)
{
	_cleanup_string_list_ struct string_list asked = { 0 }, all = { 0 };

	(void)err;
	split(use->value, ';', &asked);
	if (is_rs(use))
		string_list_add_all(&all, config_list(use->config, use->row->key));
	for (size_t i = 0; i < asked.count; i++)
		if (slice_trim(slice_of(asked.items[i])).size > 0)
			string_list_add(&all, asked.items[i]);
	config_set_list(use->config, use->row->key, &all, &use->origin);
	return 0;
}

/* Go separates by blanks, replaces, and knows hardly any; runtime-rs separates by commas and adds. */
int annotation_apply_experimental(const struct annotation_use *use, struct error **err)
{
	_cleanup_string_list_ struct string_list features = { 0 };

	if (is_rs(use))
		string_list_add_all(&features, config_list(use->config, use->row->key));
	split(use->value, is_rs(use) ? ',' : ' ', &features);
	for (size_t i = 0; !is_rs(use) && i < features.count; i++)
		if (strcmp(features.items[i], "force_guest_pull") != 0)
			return error_set(err, -EINVAL,
					 "Unsupported experimental feature %s specified in "
					 "annotation %s",
					 features.items[i], use->row->name);
	config_set_list(use->config, use->row->key, &features, &use->origin);
	return 0;
}

/* --- shared mounts ---------------------------------------------------------------------------------- */

#define SHARED_MOUNTS_MAX 1024

/* The members of one mount, by name. All are needed, and there are no others. */
static int parse_mount(const cJSON *json, struct config_shared_mount *mount, struct error **err)
{
	const struct {
		const char *name;
		char **value;
	} members[] = {
		{ "name", &mount->name },	  { "src_ctr", &mount->src_ctr },
		{ "src_path", &mount->src_path }, { "dst_ctr", &mount->dst_ctr },
		{ "dst_path", &mount->dst_path },
	};

	if (!cJSON_IsObject(json) || cJSON_GetArraySize(json) != ARRAY_SIZE(members))
		return error_set(
			err, -EINVAL,
			"a mount has exactly name, src_ctr, src_path, dst_ctr and dst_path");
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const cJSON *member = cJSON_GetObjectItemCaseSensitive(json, members[i].name);

		if (!cJSON_IsString(member))
			return error_set(err, -EINVAL, "a mount has no %s, or it is no string",
					 members[i].name);
		*members[i].value = xstrdup(member->valuestring);
	}
	return 0;
}

/* The new mount is counted before it is whole, so that clearing the list frees all of it. */
static int parse_mounts(const cJSON *json, struct config *config, struct error **err)
{
	const cJSON *item;
	int ret = 0;

	config->shared_mounts =
		xcalloc((size_t)cJSON_GetArraySize(json) + 1, sizeof(*config->shared_mounts));
	cJSON_ArrayForEach(item, json)
	{
		ret = parse_mount(item, &config->shared_mounts[config->shared_mount_count++], err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

int annotation_apply_shared_mounts(const struct annotation_use *use, struct error **err)
{
	_cleanup_(json_free) cJSON *json = parse_json(use->value);
	struct config_value *value = &use->config->values[use->row->key];
	int ret;

	if (!cJSON_IsArray(json) || cJSON_GetArraySize(json) > SHARED_MOUNTS_MAX)
		return error_set(err, -EINVAL,
				 "annotation %s: expected a JSON array of at most %d mounts",
				 use->row->name, SHARED_MOUNTS_MAX);
	config_shared_mounts_clear(use->config);
	ret = parse_mounts(json, use->config, err);
	if (ret < 0) {
		config_shared_mounts_clear(use->config);
		return error_wrap(err, "annotation %s", use->row->name);
	}
	value->origin = use->origin;
	value->is_set = true;
	return 0;
}
