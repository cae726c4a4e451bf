/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Completion scripts for the shells, made from a program's tables. Inside this room only. */

#include "parse.h"

/* A point on the command line that completion can stand at: behind the program, a group, or a command. */
struct cli_place {
	char *path;				   /* "", "factory", "factory init" */
	const struct cli_command *const *commands; /* the names that can come next, or NULL */
	struct cli_completion complete;		   /* the arguments that can come next */
	const struct cli_option *options[CLI_MAX_OPTIONS];
	size_t option_count;
};

struct cli_script {
	FILE *out;
	const char *program;
	char *function; /* the program's name as part of a shell function's */
	struct cli_place *places;
	size_t place_count;
};

void cli_script_bash(const struct cli_script *script);
void cli_script_zsh(const struct cli_script *script);
void cli_script_fish(const struct cli_script *script);

/* Every name of a list, with its dashes if it is an option's, in quotes. */
void cli_script_names(FILE *out, const char *names, bool dashes, const char *separator);

/* The same behind the place's path and a colon: 'factory init:--size' is an option of that place only. */
void cli_script_patterns(FILE *out, const struct cli_place *place, const char *names, bool dashes,
			 const char *separator);

/*
 * For bash and zsh, the arms of a case over "$place:word": a command's name leads to its place, and the value of an
 * option is stepped over by the shell command `step`.
 */
void cli_script_walk(const struct cli_script *script, const char *indent, const char *step);

/* Text in single quotes, as bash and zsh read them, and fish where there is no backslash in it. */
void cli_script_quote(FILE *out, const char *text);
