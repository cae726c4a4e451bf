// SPDX-License-Identifier: Apache-2.0
/*
 * One table for both forms: a word of the command line is "WORD=VALUE", a file has KEY = VALUE. Options of upstream's that
 * are without effect here stand in the table too, so that their values are checked and what is missing is said.
 */
#include "options.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "toml/toml.h"

#define FILE_MAX_BYTES	 (1u << 20)
#define CONFIG_FILE_WORD "agent.config_file="
#define MEM_AGENT_PREFIX "mem_agent_"
#define WITHOUT_EFFECT	 SIZE_MAX
#define FIELD(name)	 offsetof(struct options, name)

enum kind {
	FLAG, /* the word alone */
	FLAG_OR_BOOL,
	BOOL,	     /* true, or a number that is not 0; all else is false */
	STRICT_BOOL, /* true, false */
	BYTES,	     /* 0 and above */
	PORT,	     /* what is not above 0 is ignored */
	SECONDS,     /* 0 is ignored */
	SMALL,	     /* a number up to 255 */
	NUMBER,
	TEXT,
	URL,
	LEVEL,
	ALL, /* true for the value "all" */
	REST_API,
	PROCESSES,
};

static const struct option {
	const char *word; /* NULL: of a file only */
	const char *key;  /* NULL: of the command line only */
	enum kind kind;
	size_t offset;
	const char *missing; /* what to say to whoever switches it on */
} known[] = {
	{ "agent.debug_console", "debug_console", FLAG, FIELD(debug_console), NULL },
	{ "agent.debug_console_vport", "debug_console_vport", PORT, FIELD(debug_console_vport),
	  NULL },
	{ "agent.log", "log_level", LEVEL, FIELD(log_level), NULL },
	{ "agent.log_vport", "log_vport", PORT, FIELD(log_vport), NULL },
	{ "agent.server_addr", "server_addr", TEXT, FIELD(server_addr), NULL },
	{ "agent.container_pipe_size", "container_pipe_size", BYTES, FIELD(container_pipe_size),
	  NULL },
	{ "agent.hotplug_timeout", "hotplug_timeout", SECONDS, FIELD(hotplug_timeout_s), NULL },
	{ "systemd.unified_cgroup_hierarchy", "unified_cgroup_hierarchy", BOOL,
	  FIELD(unified_cgroup_hierarchy), NULL },
	{ "cgroup_no_v1", NULL, ALL, FIELD(unified_cgroup_hierarchy), NULL },

	{ "agent.devmode", "dev_mode", FLAG, WITHOUT_EFFECT, NULL },
	{ "agent.trace", "tracing", FLAG_OR_BOOL, WITHOUT_EFFECT, "tracing" },
	{ "agent.passfd_listener_port", "passfd_listener_port", PORT, WITHOUT_EFFECT,
	  "passing of descriptors for streams" },
	{ "agent.cdh_api_timeout", "cdh_api_timeout", SECONDS, WITHOUT_EFFECT, NULL },
	{ "agent.image_pull_timeout", "image_pull_timeout", SECONDS, WITHOUT_EFFECT, NULL },
	{ "agent.cdi_timeout", "cdi_timeout", SECONDS, WITHOUT_EFFECT, NULL },
	{ "agent.launch_process_timeout", "launch_process_timeout", SECONDS, WITHOUT_EFFECT, NULL },
	{ "agent.visible_cdi_devices", "visible_cdi_devices", BOOL, WITHOUT_EFFECT, NULL },
	{ "agent.guest_components_rest_api", "guest_components_rest_api", REST_API, WITHOUT_EFFECT,
	  NULL },
	{ "agent.guest_components_procs", "guest_components_procs", PROCESSES, WITHOUT_EFFECT,
	  NULL },
	{ "agent.secure_storage_integrity", "secure_storage_integrity", BOOL, WITHOUT_EFFECT,
	  NULL },
	{ "agent.https_proxy", "https_proxy", URL, WITHOUT_EFFECT, NULL },
	{ "agent.no_proxy", "no_proxy", TEXT, WITHOUT_EFFECT, NULL },
	{ NULL, "policy_file", TEXT, WITHOUT_EFFECT, "policies" },

	{ "agent.mem_agent_enable", "mem_agent_enable", BOOL, FIELD(mem_agent_enable),
	  "mem-agent" },
	{ "agent.mem_agent_memcg_disable", "mem_agent_memcg_disable", STRICT_BOOL, WITHOUT_EFFECT,
	  NULL },
	{ "agent.mem_agent_memcg_swap", "mem_agent_memcg_swap", STRICT_BOOL, WITHOUT_EFFECT, NULL },
	{ "agent.mem_agent_memcg_swappiness_max", "mem_agent_memcg_swappiness_max", SMALL,
	  WITHOUT_EFFECT, NULL },
	{ "agent.mem_agent_memcg_period_secs", "mem_agent_memcg_period_secs", NUMBER,
	  WITHOUT_EFFECT, NULL },
	{ "agent.mem_agent_memcg_period_psi_percent_limit",
	  "mem_agent_memcg_period_psi_percent_limit", SMALL, WITHOUT_EFFECT, NULL },
	{ "agent.mem_agent_memcg_eviction_psi_percent_limit",
	  "mem_agent_memcg_eviction_psi_percent_limit", SMALL, WITHOUT_EFFECT, NULL },
	{ "agent.mem_agent_memcg_eviction_run_aging_count_min",
	  "mem_agent_memcg_eviction_run_aging_count_min", NUMBER, WITHOUT_EFFECT, NULL },
	{ "agent.mem_agent_compact_disable", "mem_agent_compact_disable", STRICT_BOOL,
	  WITHOUT_EFFECT, NULL },
	{ "agent.mem_agent_compact_period_secs", "mem_agent_compact_period_secs", NUMBER,
	  WITHOUT_EFFECT, NULL },
	{ "agent.mem_agent_compact_period_psi_percent_limit",
	  "mem_agent_compact_period_psi_percent_limit", SMALL, WITHOUT_EFFECT, NULL },
	{ "agent.mem_agent_compact_psi_percent_limit", "mem_agent_compact_psi_percent_limit", SMALL,
	  WITHOUT_EFFECT, NULL },
	{ "agent.mem_agent_compact_sec_max", "mem_agent_compact_sec_max", NUMBER, WITHOUT_EFFECT,
	  NULL },
	{ "agent.mem_agent_compact_order", "mem_agent_compact_order", SMALL, WITHOUT_EFFECT, NULL },
	{ "agent.mem_agent_compact_threshold", "mem_agent_compact_threshold", NUMBER,
	  WITHOUT_EFFECT, NULL },
	{ "agent.mem_agent_compact_force_times", "mem_agent_compact_force_times", NUMBER,
	  WITHOUT_EFFECT, NULL },
};

static const struct {
	const char *name;
	enum log_level level;
} levels[] = {
	{ "fatal", LOG_LEVEL_FATAL },	 { "panic", LOG_LEVEL_PANIC },
	{ "critical", LOG_LEVEL_FATAL }, { "error", LOG_LEVEL_ERROR },
	{ "warn", LOG_LEVEL_WARNING },	 { "warning", LOG_LEVEL_WARNING },
	{ "info", LOG_LEVEL_INFO },	 { "debug", LOG_LEVEL_DEBUG },
	{ "trace", LOG_LEVEL_TRACE },
};

/* ---- values ------------------------------------------------------------------------------------ */

/* What an option is to become. All of it is 0 where it does not apply. */
struct value {
	bool ignored; /* it makes sense, and changes nothing */
	bool on;
	unsigned number;
	struct slice text;
	enum log_level level;
};

static bool find_level(struct slice word, enum log_level *level)
{
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		if (slice_is(word, levels[i].name)) {
			*level = levels[i].level;
			return true;
		}
	return false;
}

static bool is_url(struct slice text)
{
	size_t scheme = slice_find_string(text, "://");

	return scheme > 0 && scheme + strlen("://") < text.size;
}

/* A number's meaning depends on nothing but the kind, in whichever form it was written. */
static bool take_number(enum kind kind, int64_t number, struct value *value)
{
	switch (kind) {
	case BYTES:
		value->number = (unsigned)number;
		return number >= 0 && number <= INT_MAX;
	case PORT:
	case SECONDS:
		value->ignored = number <= 0;
		value->number = value->ignored ? 0 : (unsigned)number;
		value->on = number > 0;
		return number <= INT_MAX && (kind == PORT || number >= 0);
	case SMALL:
		return number >= 0 && number <= UINT8_MAX;
	default:
		return true;
	}
}

static bool take_text(enum kind kind, struct slice text, struct value *value)
{
	static const char *const rest_api[] = { "all", "attestation", "resource", NULL };
	static const char *const processes[] = { "none", "attestation-agent",
						 "confidential-data-hub", "api-server-rest", NULL };

	value->text = text;
	value->on = true;
	switch (kind) {
	case LEVEL:
		return find_level(text, &value->level);
	case URL:
		return is_url(text);
	case REST_API:
		return slice_is_one_of(text, rest_api);
	case PROCESSES:
		return slice_is_one_of(text, processes);
	default:
		return text.size > 0;
	}
}

/* ---- setting ----------------------------------------------------------------------------------- */

static void set(struct options *options, const struct option *option, const struct value *value)
{
	void *field = (char *)options + option->offset;

	if (value->on && option->missing)
		string_list_add(&options->missing, option->missing);
	if (option->offset == WITHOUT_EFFECT || value->ignored)
		return;
	switch (option->kind) {
	case ALL:
		*(bool *)field |= value->on;
		break;
	case LEVEL:
		*(enum log_level *)field = value->level;
		break;
	case TEXT:
		free(*(char **)field);
		*(char **)field = slice_dup(value->text);
		break;
	case BYTES:
	case PORT:
	case SECONDS:
		*(unsigned *)field = value->number;
		break;
	default:
		*(bool *)field = value->on;
		break;
	}
}

/* ---- the command line -------------------------------------------------------------------------- */

static bool read_lenient_bool(struct slice text)
{
	uint64_t number;

	return slice_is(text, "true") || (number_parse_u64(text, &number) == 0 && number != 0);
}

/* False for a text that makes no sense. */
static bool read_text(enum kind kind, struct slice text, struct value *value)
{
	int64_t number = 0;
	uint64_t positive;

	switch (kind) {
	case FLAG_OR_BOOL:
	case BOOL:
		value->on = read_lenient_bool(text);
		return true;
	case STRICT_BOOL:
		return slice_is(text, "true") || slice_is(text, "false");
	case ALL:
		value->on = slice_is(text, "all");
		return true;
	case NUMBER:
		return number_parse_u64(text, &positive) == 0 ||
		       number_parse_i64(text, &number) == 0;
	case BYTES:
	case PORT:
	case SECONDS:
	case SMALL:
		return number_parse_i64(text, &number) == 0 && take_number(kind, number, value);
	default:
		return take_text(kind, text, value);
	}
}

/* mem-agent's settings are nobody's without it. */
static bool is_looked_at(const struct options *options, const char *key)
{
	return options->mem_agent_enable || !key || strcmp(key, "mem_agent_enable") == 0 ||
	       !slice_starts_with(slice_of(key), MEM_AGENT_PREFIX);
}

static void read_word(struct options *options, struct slice word)
{
	size_t equals = slice_find(word, '=');
	struct slice name = slice_first(word, equals);

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		const struct option *option = &known[i];
		struct value value = { 0 };

		if (!option->word || !slice_is(name, option->word) ||
		    !is_looked_at(options, option->key))
			continue;
		if (equals == word.size) {
			value.on = option->kind == FLAG || option->kind == FLAG_OR_BOOL;
			if (value.on)
				set(options, option, &value);
		} else if (option->kind == FLAG) {
			continue; /* with a value it is another word, which nobody knows */
		} else if (read_text(option->kind, slice_from(word, equals + 1), &value)) {
			set(options, option, &value);
		} else {
			string_list_add_slice(&options->problems, word);
		}
	}
}

/* The file's path, or an empty slice. */
static struct slice find_file(struct slice text)
{
	struct slice word;

	while (slice_next_word(&text, &word))
		if (slice_starts_with(word, CONFIG_FILE_WORD))
			return slice_from(word, strlen(CONFIG_FILE_WORD));
	return slice_make(text.data, 0);
}

void options_read_command_line(struct options *options, struct slice text)
{
	struct slice file = find_file(text), word;

	if (file.size > 0) {
		_cleanup_error_ struct error *err = NULL;
		_cleanup_free_ char *path = slice_dup(file);

		options->complete = true;
		if (options_read_file(options, path, &err) == 0)
			return;
		string_list_add(&options->problems, error_message(err));
		return;
	}
	while (slice_next_word(&text, &word))
		read_word(options, word);
}

/* ---- the file ---------------------------------------------------------------------------------- */

/* { secs = 3, nanos = 0 }, or the seconds alone. */
static bool read_seconds(const struct toml_value *toml, struct value *value)
{
	const struct toml_value *seconds = toml->type == TOML_TABLE ? toml_get(toml, "secs") : toml;

	return seconds && seconds->type == TOML_INTEGER &&
	       take_number(SECONDS, seconds->integer, value);
}

static bool read_toml(enum kind kind, const struct toml_value *toml, struct value *value)
{
	switch (kind) {
	case FLAG:
	case FLAG_OR_BOOL:
	case BOOL:
	case STRICT_BOOL:
		value->on = toml->type == TOML_BOOLEAN && toml->boolean;
		return toml->type == TOML_BOOLEAN;
	case SECONDS:
		return read_seconds(toml, value);
	case BYTES:
	case PORT:
	case SMALL:
	case NUMBER:
		return toml->type == TOML_INTEGER && take_number(kind, toml->integer, value);
	default:
		return toml->type == TOML_STRING && take_text(kind, toml->string, value);
	}
}

int options_read_file(struct options *options, const char *path, struct error **err)
{
	_cleanup_(toml_document_freep) struct toml_document *document = NULL;
	_cleanup_free_ char *text = NULL;
	size_t size;
	int ret = file_read_all(path, FILE_MAX_BYTES, &text, &size, err);

	if (ret == 0)
		ret = toml_parse(slice_make(text, size), path, &document, err);
	if (ret < 0)
		return ret;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		const struct toml_value *toml =
			known[i].key ? toml_get(toml_root(document), known[i].key) : NULL;
		struct value value = { 0 };

		if (!toml)
			continue;
		if (read_toml(known[i].kind, toml, &value))
			set(options, &known[i], &value);
		else
			string_list_take(&options->problems,
					 xasprintf("%s, line %u: %s", path, toml->position.line,
						   known[i].key));
	}
	return 0;
}

/* ---- the environment --------------------------------------------------------------------------- */

void options_read_environment(struct options *options)
{
	static const struct {
		const char *variable, *key;
	} variables[] = {
		{ "KATA_AGENT_SERVER_ADDR", "server_addr" },
		{ "KATA_AGENT_LOG_LEVEL", "log_level" },
		{ "KATA_AGENT_TRACING", "tracing" },
		{ "KATA_AGENT_POLICY_FILE", "policy_file" },
	};

	if (options->complete)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
		const char *text = getenv(variables[i].variable);
		const struct option *option = known;
		struct value value = { 0 };

		if (!text)
			continue;
		while (!option->key || strcmp(option->key, variables[i].key) != 0)
			option++;
		if (read_text(option->kind, slice_of(text), &value))
			set(options, option, &value);
		else if (option->kind != LEVEL)
			string_list_add(&options->problems, variables[i].variable);
	}
}

/* ---- a life ------------------------------------------------------------------------------------ */

void options_init(struct options *options)
{
	*options = (struct options){
		.server_addr = xstrdup("vsock://-1:1024"),
		.log_level = LOG_LEVEL_INFO,
		.hotplug_timeout_s = 3,
	};
}

void options_release(struct options *options)
{
	free(options->server_addr);
	string_list_release(&options->problems);
	string_list_release(&options->missing);
}

void options_describe(const struct options *options, struct strbuf *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		const void *field = (const char *)options + known[i].offset;

		if (known[i].offset == WITHOUT_EFFECT || !known[i].key)
			continue;
		strbuf_printf(out, "%s%s: ", out->size > 0 ? ", " : "", known[i].key);
		switch (known[i].kind) {
		case LEVEL:
			strbuf_puts(out, log_level_name(*(const enum log_level *)field));
			break;
		case TEXT:
			strbuf_puts(out, *(char *const *)field);
			break;
		case BYTES:
		case PORT:
		case SECONDS:
			strbuf_printf(out, "%u", *(const unsigned *)field);
			break;
		default:
			strbuf_puts(out, *(const bool *)field ? "true" : "false");
			break;
		}
	}
}
