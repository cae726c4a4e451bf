// SPDX-License-Identifier: Apache-2.0
/*
 * From what is written to what holds: keys that the hypervisor drops, values it has anyway, defaults in place
 * of zeros, bounds, and the words of the other dialect. Each change leaves a note at the value's origin. What
 * only one dialect does is in adjust_go.c and adjust_rs.c.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "internal.h"
#include "model.h"

static bool in_hypervisor_table(enum config_key key)
{
	enum config_section section = config_key_info(key)->section;

	return section == CONFIG_SECTION_HYPERVISOR || section == CONFIG_SECTION_ROOTLESS_USER ||
	       section == CONFIG_SECTION_TEMPLATE;
}

/* Without any hypervisor table the compiled-in values hold as they are (spec/config.md 3.9). */
static bool is_adjustable(const struct config *config, enum config_key key)
{
	return config->has_hypervisor_table || !in_hypervisor_table(key);
}

/* Empty a value that the hypervisor never gets to see. Lists become empty, the rest "", 0 or false. */
static void drop_value(struct config *config, enum config_key key)
{
	struct config_value *value = &config->values[key];
	struct config_value empty = { .is_set = value->is_set, .origin = value->origin };
	const char *name = config_hypervisor_name(config->hypervisor);

	if (value->is_set && !config_value_is_zero(config, key))
		config_problem_at(config, CONFIG_NOTE, "unused-key", key, -EINVAL,
				  "%s does not use this key", name);
	config_value_from_text(&empty, key, "");
	empty.origin.note = config_keep_format(config, "%s does not use this key", name);
	config_value_release(value, key);
	*value = empty;
}

static void apply_hypervisor(struct config *config)
{
	const char *name = config_hypervisor_name(config->hypervisor);
	_cleanup_free_ char *why = xasprintf("%s always has this value", name);

	FOR_EACH_CONFIG_KEY(key)
	{
		const char *forced = config_key_forced(key, config->dialect, config->hypervisor);

		if (!is_adjustable(config, key))
			continue;
		if (forced)
			config_adjust(config, key, forced, why);
		else if (!config_key_used_by(key, config->dialect, config->hypervisor))
			drop_value(config, key);
	}
}

/* The two dialects call the same devices differently. */
static const struct driver_name {
	const char *go, *rs;
} driver_names[] = {
	{ "virtio-blk", "virtio-blk-pci" },
	{ "virtio-mmio", "virtio-blk-mmio" },
	{ "nvdimm", "virtio-pmem" },
};

static void translate_driver(struct config *config, enum config_key key)
{
	for (size_t i = 0; i < ARRAY_SIZE(driver_names); i++) {
		const struct driver_name *name = &driver_names[i];
		bool go = config->dialect == CONFIG_GO;

		if (strcmp(config_string(config, key), go ? name->rs : name->go) == 0)
			config_adjust(config, key, go ? name->go : name->rs,
				      "the same driver by its name in this dialect");
	}
}

/* In runtime-rs no shared_fs at all means none, and an empty one the usual kind. */
static void translate_empty_share(struct config *config)
{
	if (config->dialect == CONFIG_RS && config_is_set(config, CONFIG_HYPERVISOR_SHARED_FS) &&
	    *config_string(config, CONFIG_HYPERVISOR_SHARED_FS) == '\0')
		config_adjust(config, CONFIG_HYPERVISOR_SHARED_FS, "virtio-fs",
			      "what an empty name means");
}

/* A written zero means the default, but for keys where it is a value of its own. */
static void apply_defaults(struct config *config)
{
	FOR_EACH_CONFIG_KEY(key)
	{
		const struct config_key_info *info = config_key_info(key);
		const char *text = config_key_default(key, config->dialect, config->hypervisor);
		bool zero_counts = info->zero_counts && config->dialect == CONFIG_RS;

		if (!is_adjustable(config, key) || zero_counts || *text == '\0' ||
		    config_kind(key) == CONFIG_KIND_BOOL || !config_value_is_zero(config, key) ||
		    !config_key_used_by(key, config->dialect, config->hypervisor))
			continue;
		config_adjust(config, key, text, "means the default");
	}
}

void config_limit(struct config *config, enum config_key key, uint64_t value, const char *why)
{
	_cleanup_free_ char *old = config_value_text(config, key);
	_cleanup_free_ char *text = xasprintf("%" PRIu64, value);

	if (config_is_set(config, key))
		config_problem_at(config, CONFIG_NOTE, "adjusted", key, -ERANGE,
				  "%s is adjusted to %s: %s", old, text, why);
	config_adjust(config, key, text, why);
}

static void apply_bounds(struct config *config)
{
	FOR_EACH_CONFIG_KEY(key)
	{
		const struct config_key_info *info = config_key_info(key);

		if (info->max == 0 || !is_adjustable(config, key))
			continue;
		if (config_u64(config, key) > info->max)
			config_limit(config, key, info->max, "the most there can be");
		else if (config_u64(config, key) < info->min)
			config_limit(config, key, info->min, "the least there can be");
	}
}

/* A limit below zero has always meant none. */
static void lift_negative_limits(struct config *config)
{
	FOR_EACH_CONFIG_KEY(key)
	if (in_hypervisor_table(key) && config_key_info(key)->type == CONFIG_TYPE_I64 &&
	    config_i64(config, key) < 0)
		config_limit(config, key, 0, "a negative limit means none");
}

void config_adjust_all(struct config *config)
{
	translate_driver(config, CONFIG_HYPERVISOR_BLOCK_DEVICE_DRIVER);
	translate_empty_share(config);
	apply_hypervisor(config);
	apply_defaults(config);
	apply_bounds(config);
	lift_negative_limits(config);
	if (config->dialect == CONFIG_GO)
		config_adjust_go(config);
	else
		config_adjust_rs(config);
}
