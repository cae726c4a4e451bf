// SPDX-License-Identifier: Apache-2.0
/*
 * Settings that the two dialects call by different names, or count in different units, have one value under
 * both (spec/config.md 8). The name that was written last decides; the other follows.
 */
#include <limits.h>
#include <string.h>

#include "base/memory.h"
#include "internal.h"
#include "model.h"

/* Was `a` written after `b`? Drop-ins are applied in the order of their names. */
static bool is_later(const struct config_origin *a, const struct config_origin *b)
{
	if (a->source != b->source)
		return a->source > b->source;
	return a->source == CONFIG_FROM_DROP_IN && strcmp(a->path, b->path) > 0;
}

static uint64_t multiply_saturating(uint64_t value, uint64_t factor)
{
	uint64_t product;

	return __builtin_mul_overflow(value, factor, &product) ? INT64_MAX : product;
}

/* The number under the other name: times the factor, or divided and rounded up, lest a limit become 0. */
static uint64_t scaled(uint64_t value, unsigned factor, bool up)
{
	return up ? multiply_saturating(value, factor) : value / factor + (value % factor != 0);
}

static uint64_t number_of(const struct config *config, enum config_key key)
{
	if (config_kind(key) == CONFIG_KIND_NATURAL)
		return config_u64(config, key);
	return config_i64(config, key) < 0 ? 0 : (uint64_t)config_i64(config, key);
}

static void copy_number(struct config *config, enum config_key from, enum config_key to,
			const struct config_origin *origin)
{
	const struct config_key_info *info = config_key_info(from);
	bool up = info->twin == to;
	unsigned factor = up ? info->twin_factor : config_key_info(to)->twin_factor;
	uint64_t number = scaled(number_of(config, from), factor, up);

	/* What `to` has may be finer than what `from` can say. */
	if (scaled(number_of(config, to), factor, !up) == number_of(config, from))
		number = number_of(config, to);
	if (config_kind(to) == CONFIG_KIND_NATURAL)
		config_set_u64(config, to, number, origin);
	else
		config_set_i64(config, to, number > INT32_MAX ? INT32_MAX : (int64_t)number,
			       origin);
}

static void copy_value(struct config *config, enum config_key from, enum config_key to)
{
	struct config_origin origin = *config_origin(config, from);
	bool is_set = config_is_set(config, from);

	switch (config_kind(from)) {
	case CONFIG_KIND_BOOL:
		config_set_bool(config, to, config_bool(config, from), &origin);
		break;
	case CONFIG_KIND_TEXT:
		config_set_string(config, to, config_string(config, from), &origin);
		break;
	case CONFIG_KIND_NATURAL:
	case CONFIG_KIND_INTEGER:
		copy_number(config, from, to, &origin);
		break;
	case CONFIG_KIND_NUMBER:
	case CONFIG_KIND_LIST:
	case CONFIG_KIND_TABLES:
		break; /* no such twins */
	}
	config->values[to].is_set = is_set;
}

/* How much to log, as the number of the Go dialect and the word of the other. */
static const char *const log_words[] = { "warn", "info", "debug", "trace" };

static void link_log_levels(struct config *config)
{
	enum config_key number = CONFIG_HYPERVISOR_HYPERVISOR_LOGLEVEL;
	enum config_key word = CONFIG_HYPERVISOR_LOG_LEVEL;
	bool from_word = config->dialect == CONFIG_RS;

	if (is_later(config_origin(config, number), config_origin(config, word)))
		from_word = false;
	else if (is_later(config_origin(config, word), config_origin(config, number)))
		from_word = true;
	if (from_word) {
		for (size_t i = 0; i < ARRAY_SIZE(log_words); i++)
			if (strcmp(log_words[i], config_string(config, word)) == 0)
				config_set_u64(config, number, i, config_origin(config, word));
		config->values[number].is_set = config_is_set(config, word);
	} else if (config_u64(config, number) < ARRAY_SIZE(log_words)) {
		config_set_string(config, word, log_words[config_u64(config, number)],
				  config_origin(config, number));
		config->values[word].is_set = config_is_set(config, number);
	}
}

static void link_guest_pull(struct config *config)
{
	if (string_list_contains(config_list(config, CONFIG_RUNTIME_EXPERIMENTAL),
				 "force_guest_pull"))
		config_set_bool(config, CONFIG_RUNTIME_EXPERIMENTAL_FORCE_GUEST_PULL, true,
				config_origin(config, CONFIG_RUNTIME_EXPERIMENTAL));
}

void config_link_twins(struct config *config)
{
	FOR_EACH_CONFIG_KEY(go_name)
	{
		enum config_key rs_name = config_key_info(go_name)->twin;
		bool to_rs = config->dialect == CONFIG_GO;
		enum config_key own = to_rs ? go_name : rs_name;
		enum config_key foreign = to_rs ? rs_name : go_name;

		if (rs_name == CONFIG_KEY_NONE)
			continue;
		if (is_later(config_origin(config, foreign), config_origin(config, own)))
			copy_value(config, foreign, own);
		else
			copy_value(config, own, foreign);
	}
	link_log_levels(config);
	link_guest_pull(config);
}
