// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <limits.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/number.h"

enum kind {
	FLAG,	  /* the word alone */
	BOOL,	  /* true, false, or a number */
	NUMBER,	  /* 0 and above */
	POSITIVE, /* 0 is ignored */
	TEXT,
	LEVEL,
	ALL, /* true for the value "all" */
};

static const struct option {
	const char *key;
	enum kind kind;
	size_t offset;
} known[] = {
	{ "agent.debug_console", FLAG, offsetof(struct options, debug_console) },
	{ "agent.debug_console_vport", POSITIVE, offsetof(struct options, debug_console_vport) },
	{ "agent.log", LEVEL, offsetof(struct options, log_level) },
	{ "agent.log_vport", POSITIVE, offsetof(struct options, log_vport) },
	{ "agent.server_addr", TEXT, offsetof(struct options, server_addr) },
	{ "agent.container_pipe_size", NUMBER, offsetof(struct options, container_pipe_size) },
	{ "agent.hotplug_timeout", POSITIVE, offsetof(struct options, hotplug_timeout_s) },
	{ "systemd.unified_cgroup_hierarchy", BOOL,
	  offsetof(struct options, unified_cgroup_hierarchy) },
	{ "cgroup_no_v1", ALL, offsetof(struct options, unified_cgroup_hierarchy) },
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

static bool set_level(struct slice value, enum log_level *level)
{
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		if (slice_is(value, levels[i].name)) {
			*level = levels[i].level;
			return true;
		}
	return false;
}

static bool read_bool(struct slice value)
{
	uint64_t number;

	return slice_is(value, "true") || (number_parse_u64(value, &number) == 0 && number != 0);
}

/* False for a value that makes no sense. */
static bool set(struct options *options, const struct option *option, struct slice value)
{
	char *field = (char *)options + option->offset;
	uint64_t number;

	switch (option->kind) {
	case FLAG:
		return true; /* with a value it is another word, which nobody knows */
	case BOOL:
		*(bool *)field = read_bool(value);
		return true;
	case ALL:
		*(bool *)field |= slice_is(value, "all");
		return true;
	case LEVEL:
		return set_level(value, (enum log_level *)field);
	case TEXT:
		if (value.size == 0)
			return false;
		free(*(char **)field);
		*(char **)field = slice_dup(value);
		return true;
	case NUMBER:
	case POSITIVE:
		if (number_parse_u64(value, &number) < 0 || number > INT_MAX)
			return false;
		if (number > 0 || option->kind == NUMBER)
			*(unsigned *)field = (unsigned)number;
		return true;
	}
	return false;
}

static void read_word(struct options *options, struct slice word)
{
	size_t equals = slice_find(word, '=');
	struct slice key = slice_first(word, equals);

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (!slice_is(key, known[i].key))
			continue;
		if (equals == word.size) {
			if (known[i].kind == FLAG)
				*(bool *)((char *)options + known[i].offset) = true;
		} else if (!set(options, &known[i], slice_from(word, equals + 1))) {
			string_list_add_slice(&options->problems, word);
		}
	}
}

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
}

void options_read_command_line(struct options *options, struct slice text)
{
	struct slice word;

	while (slice_next_word(&text, &word))
		read_word(options, word);
}

void options_read_environment(struct options *options)
{
	const char *address = getenv("KATA_AGENT_SERVER_ADDR");
	const char *level = getenv("KATA_AGENT_LOG_LEVEL");

	if (address && address[0]) {
		free(options->server_addr);
		options->server_addr = xstrdup(address);
	}
	if (level)
		set_level(slice_of(level), &options->log_level);
}
