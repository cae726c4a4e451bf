/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A process as the command line describes it, in the agent's form (spec/agent.md 3.6, Process). */

#include <cjson/cJSON.h>

#include "cli/cli.h"

struct process_options {
	bool terminal;
	struct cli_list environment;
	const char *directory;
	const char *user;
};

/* Rows of an option table whose struct has these as a member. */
/* clang-format off */
#define PROCESS_OPTIONS(type, member)                                                  \
	{ CLI_LIST("env, e", type, member.environment),                                \
	  .help = "set an environment variable: NAME=VALUE" },                         \
	{ CLI_STRING("cwd", type, member.directory), .complete = CLI_DIRECTORIES,      \
	  .help = "its working directory" },                                           \
	{ CLI_STRING("user, u", type, member.user),                                    \
	  .help = "its user and group, as numbers: UID or UID:GID" }
/* clang-format on */

/*
 * Change a process to what the options say, and to the command if there is one (NULL-terminated). What neither they nor the
 * process say gets its usual value: PATH, the directory /, user 0, and with a terminal TERM. -EINVAL for a user
 * or a variable of another form.
 */
int process_spec_apply(const struct process_options *given, char *const *command, cJSON *process,
		       struct error **err);

/* What we exit with for a process that has: what the guest says is not trusted to be from 0 to 255. */
int process_exit_status(int status);
