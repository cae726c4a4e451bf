/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Help texts in the layout of urfave/cli 1.22 (spec/kata-runtime.md 14). */

#include "cli.h"

/* What every level understands, and what only a program does; the values are in a struct cli_builtin. */
struct cli_builtin {
	bool help;
	bool version;
};
extern const struct cli_option cli_help_options[];
extern const struct cli_option cli_version_options[];

/* `called` is what the user called the program: the last component of its argv[0]. */
void cli_help_program(FILE *out, const struct cli_program *program, const char *called);

/* A command under the name it is shown by ("kata-runtime env"); of a group only its name and usage. */
void cli_help_command(FILE *out, const struct cli_command *command, const char *shown_name);

/* A group with its list of commands. */
void cli_help_group(FILE *out, const struct cli_command *group, const char *shown_name);
