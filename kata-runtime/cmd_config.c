// SPDX-License-Identifier: Apache-2.0
/*
 * `config`: what the configuration is, where each value comes from, and what is wrong with it. Works on broken
 * configurations; the exit status says whether there are problems.
 */
#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/quote.h"
#include "config/annotations.h"
#include "config/reference.h"
#include "config/show.h"
#include "kata-runtime.h"

/* The configuration has errors; for `config check`, warnings count too. */
#define EXIT_PROBLEMS 3

/* ---- what the commands share ------------------------------------------------------------------- */

/* The file named behind the command, or else what the program would read. */
static struct config *examine(const struct cli_invocation *invocation)
{
	const struct runtime_options *global = invocation->global;
	const char *path = invocation->argument_count ? invocation->arguments[0] : global->config;

	return config_examine(&(struct config_options){ .path = path });
}

static void print(const struct strbuf *text)
{
	fwrite(text->data, 1, text->size, stdout);
}

/* Errors go to stderr, so that stdout stays a document. */
static int report_errors(const struct config *config)
{
	for (size_t i = 0; i < config->problem_count; i++) {
		_cleanup_free_ char *text = NULL;

		if (config->problems[i].severity < CONFIG_ERROR)
			continue;
		text = config_problem_text(&config->problems[i]);
		fprintf(stderr, "%s\n", text);
	}
	return config_problem_count(config, CONFIG_ERROR) ? EXIT_PROBLEMS : 0;
}

/* ---- config show ------------------------------------------------------------------------------- */

/* In the order of the choices of --output. */
enum show_output {
	SHOW_TOML,
	SHOW_JSON,
};

struct show_options {
	unsigned output;
	bool origin;
};

static const struct cli_option show_options[] = {
	{ CLI_BOOL("origin", struct show_options, origin),
	  .help = "say for each value which line of which file it comes from" },
	{ CLI_CHOICE("output, o", struct show_options, output, "toml json"),
	  .help = "how to show the values: 'toml' (default), or 'json'" },
	{ 0 },
};

static int run_show(const struct cli_invocation *invocation, struct error **err)
{
	const struct show_options *given = invocation->options;
	_cleanup_(config_freep) struct config *config = examine(invocation);
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	(void)err;
	/* Where no file could be read, nothing holds. */
	if (!config->is_read)
		return report_errors(config);
	if (given->output == SHOW_JSON)
		config_show_json(config, given->origin, &text);
	else
		config_show_toml(config, given->origin, &text);
	print(&text);
	return report_errors(config);
}

static const struct cli_command cmd_config_show = {
	.name = "show",
	.help = "print the configuration that holds: files, drop-ins, defaults and adjustments "
		"together",
	.arguments = "[FILE]",
	.complete = CLI_FILES,
	.options = show_options,
	.options_size = sizeof(struct show_options),
	.strict = true,
	.max_arguments = 1,
	.run = run_show,
};

/* ---- config check ------------------------------------------------------------------------------ */

enum check_output {
	CHECK_TEXT,
	CHECK_JSON,
};

struct check_options {
	unsigned output;
	bool verbose;
};

static const struct cli_option check_options[] = {
	{ CLI_CHOICE("output, o", struct check_options, output, "text json"),
	  .help = "how to show the problems: 'text' (default), or 'json'" },
	{ CLI_BOOL("verbose, v", struct check_options, verbose),
	  .help = "also note adjusted values, and keys that the hypervisor does not use" },
	{ 0 },
};

static const char check_description[] = "prints everything that is wrong with a configuration and "
					"its drop-ins, each with file, line\n"
					"   and key. The exit status is 0 when there is nothing, "
					"and 3 when there are errors or warnings.";

static int run_check(const struct cli_invocation *invocation, struct error **err)
{
	const struct check_options *given = invocation->options;
	enum config_severity least = given->verbose ? CONFIG_NOTE : CONFIG_WARNING;
	_cleanup_(config_freep) struct config *config = examine(invocation);
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	(void)err;
	config_check_annotation_lists(config);
	if (given->output == CHECK_JSON)
		config_show_problems_json(config, least, &text);
	else
		config_show_problems(config, least, &text);
	print(&text);
	return config_problem_count(config, CONFIG_WARNING) ? EXIT_PROBLEMS : 0;
}

static const struct cli_command cmd_config_check = {
	.name = "check",
	.help = "print all problems of the configuration; exit status 3 when there are any",
	.description = check_description,
	.arguments = "[FILE]",
	.complete = CLI_FILES,
	.options = check_options,
	.options_size = sizeof(struct check_options),
	.strict = true,
	.max_arguments = 1,
	.run = run_check,
};

/* ---- config diff ------------------------------------------------------------------------------- */

struct diff_options {
	const char *against;
};

static const struct cli_option diff_options[] = {
	{ CLI_STRING("against", struct diff_options, against),
	  .help = "the configuration to compare with, in place of the shipped one",
	  .complete = CLI_FILES },
	{ 0 },
};

static struct config *find_reference(const char *against, const struct config *config)
{
	if (*against)
		return config_examine(
			&(struct config_options){ .path = against, .ignore_drop_ins = true });
	return config_reference(config, NULL);
}

static int run_diff(const struct cli_invocation *invocation, struct error **err)
{
	const struct diff_options *given = invocation->options;
	_cleanup_(config_freep) struct config *config = examine(invocation);
	_cleanup_(config_freep) struct config *reference = find_reference(given->against, config);
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	if (*given->against && !reference->path)
		return config_verdict(reference, err);
	if (config->is_read && config_show_difference(reference, config, &text)) {
		printf("--- %s\n", reference->path ? reference->path : "the built-in defaults");
		printf("+++ %s\n", config->path);
		print(&text);
	}
	return report_errors(config);
}

static const struct cli_command cmd_config_diff = {
	.name = "diff",
	.help = "print what differs from the shipped configuration, and which line changed it",
	.arguments = "[FILE]",
	.complete = CLI_FILES,
	.options = diff_options,
	.options_size = sizeof(struct diff_options),
	.strict = true,
	.max_arguments = 1,
	.run = run_diff,
};

/* ---- config keys ------------------------------------------------------------------------------- */

struct keys_options {
	unsigned output;
};

static const struct cli_option keys_options[] = {
	{ CLI_CHOICE("output, o", struct keys_options, output, "text json"),
	  .help = "how to show the keys: 'text' (default), or 'json'" },
	{ 0 },
};

static int run_keys(const struct cli_invocation *invocation, struct error **err)
{
	const struct keys_options *given = invocation->options;
	const char *word = invocation->argument_count ? invocation->arguments[0] : "";
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;
	size_t count;

	count = given->output == CHECK_JSON ? config_show_keys_json(word, &text)
					    : config_show_keys(word, &text);
	if (count == 0) {
		quote_go(&quoted, slice_of(word));
		return error_set(err, -ENOENT,
				 "no key has %s in its name; without a word, all keys are printed",
				 quoted.data);
	}
	print(&text);
	return 0;
}

static const struct cli_command cmd_config_keys = {
	.name = "keys",
	.help = "print every key (whose name contains WORD) with its type, default and meaning",
	.arguments = "[WORD]",
	.options = keys_options,
	.options_size = sizeof(struct keys_options),
	.traits = RUNTIME_NEEDS_NOTHING,
	.strict = true,
	.max_arguments = 1,
	.run = run_keys,
};

/* ---- the group --------------------------------------------------------------------------------- */

static const struct cli_command *const commands[] = {
	&cmd_config_show, &cmd_config_check, &cmd_config_diff, &cmd_config_keys, NULL,
};

const struct cli_command cmd_config = {
	.name = "config",
	.help = "show, check and explain the configuration",
	.strict = true,
	.commands = commands,
};
