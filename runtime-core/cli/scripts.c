// SPDX-License-Identifier: Apache-2.0
/*
 * A completion script walks along the words of the command line to find the place it stands at, and then
 * offers what can come next there. The places are the same for every shell and are collected here; each
 * shell's file writes them down in its language.
 */
#include "scripts.h"

#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/quote.h"
#include "help.h"

void cli_script_quote(FILE *out, const char *text)
{
	fputc('\'', out);
	for (; *text; text++)
		if (*text == '\'')
			fputs("'\\''", out);
		else
			fputc(*text, out);
	fputc('\'', out);
}

static void put_names(FILE *out, const char *path, const char *colon, const char *names,
		      bool dashes, const char *separator)
{
	struct slice rest = slice_of(names), name;
	const char *between = "";

	while (cli_next_name(&rest, &name)) {
		const char *dash = name.size == 1 ? "-" : "--";

		fprintf(out, "%s'%s%s%s%.*s'", between, path, colon, dashes ? dash : "",
			SLICE_ARGS(name));
		between = separator;
	}
}

void cli_script_names(FILE *out, const char *names, bool dashes, const char *separator)
{
	put_names(out, "", "", names, dashes, separator);
}

void cli_script_patterns(FILE *out, const struct cli_place *place, const char *names, bool dashes,
			 const char *separator)
{
	put_names(out, place->path, ":", names, dashes, separator);
}

void cli_script_walk(const struct cli_script *script, const char *indent, const char *step)
{
	FILE *out = script->out;

	for (size_t p = 0; p < script->place_count; p++) {
		const struct cli_place *place = &script->places[p];

		for (const struct cli_command *const *c = place->commands; c && *c; c++) {
			if ((*c)->hidden)
				continue;
			fputs(indent, out);
			cli_script_patterns(out, place, (*c)->name, false, " | ");
			if ((*c)->aliases) {
				fputs(" | ", out);
				cli_script_patterns(out, place, (*c)->aliases, false, " | ");
			}
			fprintf(out, ") place='%s%s%s' ;;\n", place->path,
				place->path[0] ? " " : "", (*c)->name);
		}
		for (size_t o = 0; o < place->option_count; o++) {
			if (place->options[o]->type == CLI_TYPE_BOOL)
				continue;
			fputs(indent, out);
			cli_script_patterns(out, place, place->options[o]->names, true, " | ");
			fprintf(out, ") %s ;;\n", step);
		}
	}
}

static void add_options(struct cli_place *place, const struct cli_option *options,
			bool only_anywhere)
{
	for (; options && options->names; options++)
		if (!options->hidden && (!only_anywhere || options->anywhere) &&
		    place->option_count < CLI_MAX_OPTIONS)
			place->options[place->option_count++] = options;
}

static void add_place(struct cli_script *script, size_t *capacity, char *path,
		      const struct cli_program *program, const struct cli_command *group,
		      const struct cli_command *command)
{
	struct cli_place *place;

	script->places =
		xgrow(script->places, capacity, script->place_count + 1, sizeof(*script->places));
	place = &script->places[script->place_count++];
	*place = (struct cli_place){ .path = path };
	if (command) {
		place->commands = command->commands;
		place->complete = command->complete;
		add_options(place, command->options, false);
	} else {
		place->commands = program->commands;
		if (program->only)
			place->complete = program->only->complete;
	}
	if (group)
		add_options(place, group->options, false);
	add_options(place, program->options, command != NULL);
	add_options(place, cli_help_options, false);
	if (!command)
		add_options(place, cli_version_options, false);
}

/* The program's place, and those of its commands, groups' commands behind their group. */
static void collect(struct cli_script *script, const struct cli_program *program)
{
	size_t capacity = 0;

	add_place(script, &capacity, xstrdup(""), program, NULL, NULL);
	for (const struct cli_command *const *c = program->commands; c && *c; c++) {
		if ((*c)->hidden)
			continue;
		add_place(script, &capacity, xstrdup((*c)->name), program, NULL, *c);
		for (const struct cli_command *const *s = (*c)->commands; s && *s; s++)
			if (!(*s)->hidden)
				add_place(script, &capacity,
					  xasprintf("%s %s", (*c)->name, (*s)->name), program, *c,
					  *s);
	}
}

static const struct {
	const char *name;
	void (*write)(const struct cli_script *script);
} shells[] = {
	{ "bash", cli_script_bash },
	{ "zsh", cli_script_zsh },
	{ "fish", cli_script_fish },
};

static void write_script(const struct cli_program *program,
			 void (*write)(const struct cli_script *script))
{
	struct cli_script script = {
		.out = stdout,
		.program = program->name,
		.function = xstrdup(program->name),
	};

	for (char *c = script.function; *c; c++)
		if (*c == '-')
			*c = '_';
	collect(&script, program);
	write(&script);
	for (size_t i = 0; i < script.place_count; i++)
		free(script.places[i].path);
	free(script.places);
	free(script.function);
}

int cli_print_completion(const struct cli_program *program, const char *shell, struct error **err)
{
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(shells); i++)
		if (strcmp(shells[i].name, shell) == 0) {
			write_script(program, shells[i].write);
			return 0;
		}
	quote_go(&quoted, slice_of(shell));
	return error_set(err, -EINVAL,
			 "no completion script for the shell %s: choose bash, zsh or fish",
			 quoted.data);
}

static int run(const struct cli_invocation *invocation, struct error **err)
{
	return cli_print_completion(invocation->program,
				    invocation->argument_count ? invocation->arguments[0] : "",
				    err);
}

const struct cli_command cli_command_completion = {
	.name = "completion",
	.help = "print a completion script for a shell",
	.arguments = "bash|zsh|fish",
	.complete = CLI_WORDS("bash zsh fish"),
	.hidden = true,
	.strict = true,
	.max_arguments = 1,
	.run = run,
};
