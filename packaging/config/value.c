// SPDX-License-Identifier: Apache-2.0
/* Does a value suit its key? Stricter than the loader, which adjusts what it can. */
#include <inttypes.h>

#include "base/memory.h"
#include "flavour.h"

static const struct range {
	int64_t min, max;
} ranges[] = {
	[CONFIG_TYPE_U8] = { 0, UINT8_MAX },	      [CONFIG_TYPE_U32] = { 0, UINT32_MAX },
	[CONFIG_TYPE_U64] = { 0, INT64_MAX },	      [CONFIG_TYPE_I32] = { INT32_MIN, INT32_MAX },
	[CONFIG_TYPE_I64] = { INT64_MIN, INT64_MAX },
};

static bool is_array_of(const struct toml_value *value, enum toml_type type)
{
	if (value->type != TOML_ARRAY)
		return false;
	for (size_t i = 0; i < value->array.count; i++)
		if (value->array.items[i]->type != type)
			return false;
	return true;
}

static bool has_type(const struct toml_value *value, enum config_type type)
{
	switch (type) {
	case CONFIG_TYPE_BOOL:
		return value->type == TOML_BOOLEAN;
	case CONFIG_TYPE_U8:
	case CONFIG_TYPE_U32:
	case CONFIG_TYPE_U64:
	case CONFIG_TYPE_I32:
	case CONFIG_TYPE_I64:
		return value->type == TOML_INTEGER && value->integer >= ranges[type].min &&
		       value->integer <= ranges[type].max;
	case CONFIG_TYPE_FLOAT:
		return value->type == TOML_INTEGER || value->type == TOML_FLOAT;
	case CONFIG_TYPE_STRING:
	case CONFIG_TYPE_WORD:
	case CONFIG_TYPE_PATH:
		return value->type == TOML_STRING;
	case CONFIG_TYPE_STRINGS:
		return is_array_of(value, TOML_STRING);
	case CONFIG_TYPE_NUMBERS:
		return is_array_of(value, TOML_INTEGER);
	case CONFIG_TYPE_IMAGES:
	case CONFIG_TYPE_MOUNTS:
		return is_array_of(value, TOML_TABLE);
	}
	return false;
}

char *flavour_value_complaint(enum config_key key, enum config_dialect dialect,
			      const struct toml_value *value)
{
	const struct config_key_info *info = config_key_info(key);
	const char *const *words = dialect == CONFIG_GO ? info->go_words : info->rs_words;

	if (!(info->dialects & dialect))
		return xasprintf("not a key of this dialect");
	if (!has_type(value, info->type))
		return xasprintf("must be of type %s", config_type_name(info->type));
	if (value->type == TOML_STRING && value->string.size > 0 && words &&
	    !slice_is_one_of(value->string, words))
		return xasprintf("must be one of the words that keys.def lists");
	if (value->type == TOML_INTEGER && info->max > 0 &&
	    ((uint64_t)value->integer < info->min || (uint64_t)value->integer > info->max))
		return xasprintf("must be from %" PRIu64 " to %" PRIu64, info->min, info->max);
	return NULL;
}
