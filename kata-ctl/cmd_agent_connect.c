// SPDX-License-Identifier: Apache-2.0
/* `connect`: several commands over one connection, from the command line, a file or a pipe. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent_session.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/path.h"
#include "kata-ctl.h"
#include "line_editor.h"

#define PROMPT "Enter command: "

struct connect_options {
	struct cli_list commands;
	const char *file;
	const char *bundle;
	bool interactive;
	bool ignore_errors;
	bool no_auto_values;
};

static const struct cli_option options[] = {
	{ CLI_LIST("cmd, c", struct connect_options, commands), .greedy = true,
	  .help = "commands to run, each one word of the command line" },
	{ CLI_STRING("file, f", struct connect_options, file),
	  .help = "read commands from this file, one a line; - is standard input",
	  .complete = CLI_FILES },
	{ CLI_BOOL("interactive, i", struct connect_options, interactive), .takes_word = true,
	  .help = "ask for commands, when standard input is a terminal" },
	{ CLI_STRING("bundle-dir", struct connect_options, bundle),
	  .help = "the OCI bundle whose process ExecProcess starts", .complete = CLI_DIRECTORIES },
	{ CLI_BOOL("ignore-errors", struct connect_options, ignore_errors), .takes_word = true,
	  .help = "go on after a failure, and end with success" },
	{ CLI_BOOL("no-auto-values, n", struct connect_options, no_auto_values), .takes_word = true,
	  .help = "send requests as they are given, without filling in ids and the like" },
	{ 0 },
};

static int run_line(struct agent_session *session, const struct connect_options *given,
		    const char *line, struct error **err)
{
	_cleanup_error_ struct error *failure = NULL;

	if (agent_session_run(session, line, &failure) == 0)
		return 0;
	if (!given->ignore_errors)
		return error_propagate(err, steal(failure));
	log_warning("a command has failed", LOG_STR("error", error_message(failure)));
	return 0;
}

static int run_file(struct agent_session *session, const struct connect_options *given,
		    const char *path, struct error **err)
{
	bool standard = strcmp(path, "-") == 0;
	_cleanup_fclose_ FILE *opened = standard ? NULL : fopen(path, "re");
	FILE *file = standard ? stdin : opened;
	_cleanup_free_ char *line = NULL;
	size_t room = 0;
	int ret = 0;

	if (!file)
		return error_set_errno(err, -errno, "open %s", path);
	while (ret == 0 && !session->ended && getline(&line, &room, file) >= 0)
		ret = run_line(session, given, line, err);
	if (ret == 0 && ferror(file))
		return error_set_errno(err, -EIO, "read %s", path);
	return ret;
}

/* Whoever types sees what was wrong, and goes on. */
static int run_prompt(struct agent_session *session)
{
	_cleanup_line_editor_ struct line_editor *editor =
		line_editor_new(PROMPT, agent_add_candidates);
	const char *line;

	while (!session->ended && (line = line_editor_read(editor))) {
		_cleanup_error_ struct error *err = NULL;

		if (agent_session_run(session, line, &err) < 0)
			ctl_print_error(error_message(err));
	}
	return 0;
}

static int run_input(struct agent_session *session, const struct connect_options *given,
		     struct error **err)
{
	if (given->file[0])
		return run_file(session, given, given->file, err);
	if (isatty(STDIN_FILENO))
		return run_prompt(session);
	return run_file(session, given, "-", err);
}

static void use_bundle(struct agent_session *session, const char *directory)
{
	_cleanup_free_ char *config = path_join(directory, "config.json");
	_cleanup_free_ char *url = xasprintf("file://%s", config);

	agent_values_set(&session->values, slice_of("spec"), slice_of(url));
}

static int run(const struct cli_invocation *invocation, struct error **err)
{
	const struct connect_options *given = invocation->options;
	_cleanup_agent_session_ struct agent_session session = { 0 };
	int ret;

	ret = agent_session_open(&session, invocation->group, !given->no_auto_values, err);
	if (ret < 0)
		return ret;
	if (given->bundle[0])
		use_bundle(&session, given->bundle);
	for (size_t i = 0; ret == 0 && !session.ended && i < given->commands.count; i++)
		ret = run_line(&session, given, given->commands.items[i], err);
	if (ret == 0 && !session.ended &&
	    (given->commands.count == 0 || given->file[0] || given->interactive))
		ret = run_input(&session, given, err);
	return ret;
}

const struct cli_command cmd_agent_connect = {
	.name = "connect",
	.help = "run commands over one connection",
	.arguments = "",
	.description = "Commands are the agent's calls, each with a request in JSON or NAME=VALUE "
		       "words, and a few of\n"
		       "   our own; `list` shows them. Without --cmd and --file they are read from "
		       "standard input. The first\n"
		       "   failure ends it, but not where a person types.",
	.options = options,
	.options_size = sizeof(struct connect_options),
	.run = run,
};
