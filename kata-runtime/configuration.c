// SPDX-License-Identifier: Apache-2.0
/*
 * The last step before a command runs: read the configuration, as far as the command has a use for it, and note
 * in the log what was started with which words (spec/kata-runtime.md 4, 7 and 8).
 */
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "build.h"
#include "kata-runtime.h"

/* What the records of the configuration's loader are marked with. */
#define LOADER LOG_STR("source", "katautils")

const struct config *runtime_config(const struct cli_invocation *invocation)
{
	return ((const struct runtime_context *)invocation->context)->config;
}

static void log_problems(const struct config *config)
{
	for (size_t i = 0; i < config->problem_count; i++) {
		_cleanup_free_ char *text = NULL;

		if (config->problems[i].severity != CONFIG_WARNING)
			continue;
		text = config_problem_text(&config->problems[i]);
		log_warning(text, LOADER);
	}
}

/* Debug output is what the configuration asks for, and --log-level what the user asks for now. */
static void obey_debug(const struct cli_invocation *invocation, const struct config *config)
{
	const struct runtime_options *given = invocation->global;

	if (!given->log_level[0] && !(invocation->command->traits & RUNTIME_LOGS_TO_STDERR) &&
	    config_bool(config, CONFIG_RUNTIME_ENABLE_DEBUG))
		log_set_level(LOG_LEVEL_DEBUG);
}

static int read_configuration(const struct cli_invocation *invocation, struct error **err)
{
	const struct runtime_options *given = invocation->global;
	struct runtime_context *context = invocation->context;
	unsigned traits = invocation->command->traits;
	_cleanup_error_ struct error *verdict = NULL;
	int ret;

	context->config = config_examine(&(struct config_options){ .path = given->config });
	ret = config_verdict(context->config, &verdict);
	obey_debug(invocation, context->config);
	if (ret == 0) {
		log_info("loaded configuration", LOG_STR("format", "TOML"),
			 LOG_STR("file", context->config->path), LOADER);
	} else if (traits & RUNTIME_NEEDS_CONFIGURATION) {
		return error_propagate(err, steal(verdict));
	} else if (traits & RUNTIME_WANTS_CONFIGURATION) {
		log_warning("the configuration is not used",
			    LOG_STR("error", error_message(verdict)), LOADER);
	}
	if (!(traits & RUNTIME_LOGS_TO_STDERR))
		log_problems(context->config);
	return 0;
}

static void log_start(const struct cli_invocation *invocation)
{
	_cleanup_strbuf_ struct strbuf words = STRBUF_INIT;

	for (char *const *word = invocation->words; *word; word++)
		strbuf_printf(&words, "%s%s", word == invocation->words ? "\"" : " ", *word);
	strbuf_putc(&words, '"');
	log_info("", LOG_STR("version", KATA_VERSION), LOG_STR("commit", KATA_COMMIT),
		 LOG_STR("arguments", words.data));
}

int runtime_prepare(const struct cli_invocation *invocation, struct error **err)
{
	const unsigned configuration = RUNTIME_NEEDS_CONFIGURATION | RUNTIME_WANTS_CONFIGURATION |
				       RUNTIME_EXAMINES_CONFIGURATION;
	int ret = 0;

	if (invocation->command->traits & configuration)
		ret = read_configuration(invocation, err);
	if (ret == 0)
		log_start(invocation);
	return ret;
}
