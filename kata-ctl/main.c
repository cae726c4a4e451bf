// SPDX-License-Identifier: Apache-2.0
/*
 * kata-ctl: debugging of live sandboxes and their agents (spec/kata-ctl.md). This file is the table of options and
 * commands; each command is in its own cmd_NAME.c.
 *
 * Called as kata-agent-ctl it is `kata-ctl agent`, so that scripts for that tool go on working.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/quote.h"
#include "base/startup.h"
#include "config/config.h"
#include "kata-ctl.h"

#define AGENT_CTL_NAME "kata-agent-ctl"

static const struct cli_option options[] = {
	{ CLI_CHOICE("log-level, l", struct ctl_options, log_level, CTL_LOG_LEVELS),
	  .help = "log records of this urgency and above", .initial = "info", .anywhere = true },
	{ CLI_BOOL("json-logging, j", struct ctl_options, json_logging),
	  .help = "log as JSON, to standard output" },
	{ CLI_BOOL("show-default-config-paths", struct ctl_options, show_default_config_paths),
	  .help = "show config file paths that will be checked for (in order)" },
	{ 0 },
};

/* In the order in which help shows them. */
static const struct cli_command *const commands[] = {
	&cmd_agent,
	&cmd_version,
	/* Hidden. */
	&cli_command_completion,
	NULL,
};

static bool show_default_config_paths(const void *global)
{
	const struct ctl_options *given = global;
	_cleanup_string_list_ struct string_list paths = { 0 };

	if (!given->show_default_config_paths)
		return false;
	config_default_paths(&paths);
	for (size_t i = CONFIG_GO_PATHS; i < paths.count; i++)
		puts(paths.items[i]);
	return true;
}

/* By number of the word in CTL_LOG_LEVELS. */
static const enum log_level levels[] = {
	LOG_LEVEL_TRACE, LOG_LEVEL_DEBUG, LOG_LEVEL_INFO,    LOG_LEVEL_WARNING,
	LOG_LEVEL_ERROR, LOG_LEVEL_FATAL, LOG_LEVEL_WARNING,
};

static bool json_logging;

static int start_logging(const struct cli_invocation *invocation, struct error **err)
{
	const struct ctl_options *given = invocation->global;

	(void)err;
	log_set_level(levels[given->log_level]);
	json_logging = given->json_logging;
	if (json_logging)
		log_open_descriptor(STDOUT_FILENO, LOG_FORMAT_JSON);
	else
		log_open_stderr(LOG_FORMAT_TEXT);
	return 0;
}

/* Part of a message may come from a guest: it gets no command of the user's terminal. Lines stay lines. */
void ctl_print_error(const char *message)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct slice rest = slice_of(message), line;

	while (slice_next_line(&rest, &line)) {
		strbuf_puts(&text, text.size ? "\n" : "ERROR: ");
		quote_terminal(&text, line);
	}
	fprintf(stderr, "%s\n", text.data);
}

/* An error that ends the program is a log record, and for people a line. */
static void report(const char *message)
{
	if (json_logging)
		log_error(message);
	else if (log_get_level() >= LOG_LEVEL_ERROR)
		ctl_print_error(message);
}

static const struct cli_program program = {
	.name = CTL_NAME,
	.help = "debug Kata Containers' sandboxes and their agents",
	.version = ctl_version_text,
	.strict = true,
	.options = options,
	.options_size = sizeof(struct ctl_options),
	.commands = commands,
	.answer = show_default_config_paths,
	.start = start_logging,
	.report = report,
};

/* `kata-agent-ctl WORDS` is `kata-ctl agent WORDS`, but for the version. */
static int run_as_agent_ctl(int argc, char **argv)
{
	static char name[] = CTL_NAME, agent[] = "agent", version[] = "version";
	static char *ask_version[] = { name, version, NULL };
	_cleanup_free_ char **words = NULL;

	if (argc == 2 && (strcmp(argv[1], "-V") == 0 || strcmp(argv[1], "--version") == 0))
		return cli_run(&program, 2, ask_version);
	words = xcalloc((size_t)argc + 2, sizeof(*words));
	words[0] = name;
	words[1] = agent;
	memcpy(words + 2, argv + 1, (size_t)(argc - 1) * sizeof(*words));
	return cli_run(&program, argc + 1, words);
}

int main(int argc, char **argv)
{
	int status;

	startup_secure();
	log_set_field("name", CTL_NAME);
	log_set_field("source", CTL_NAME);
	if (argc > 0 && strcmp(path_name(argv[0]), AGENT_CTL_NAME) == 0)
		status = run_as_agent_ctl(argc, argv);
	else
		status = cli_run(&program, argc, argv);
	log_close();
	return status;
}
