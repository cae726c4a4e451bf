// SPDX-License-Identifier: Apache-2.0
/*
 * Errors on the command line do not matter here: it is unfinished. The words in front of the last one are
 * followed down the tables as far as they lead, and what can come next is printed.
 */
#include "complete.h"

#include <string.h>

#include "base/memory.h"
#include "help.h"
#include "parse.h"

static const char wanted[] = "--generate-bash-completion";

bool cli_complete_is_wanted(int argc, char **argv)
{
	return argc > 1 && strcmp(argv[argc - 1], wanted) == 0;
}

static bool is_given(char *const *words, const char *names)
{
	for (; *words; words++)
		if ((*words)[0] == '-' && cli_has_name(names, *words + strspn(*words, "-")))
			return true;
	return false;
}

/* The options that begin like `typed` and are not there yet. */
static void print_options(FILE *out, const struct cli_option *options, const char *typed,
			  char *const *words)
{
	bool long_only = typed[1] == '-';
	const char *start = typed + (long_only ? 2 : 1);

	for (const struct cli_option *option = options; option && option->names; option++) {
		struct slice rest = slice_of(option->names), name;

		if (option->hidden || is_given(words, option->names))
			continue;
		while (cli_next_name(&rest, &name))
			if ((name.size > 1 || !long_only) && slice_starts_with(name, start))
				fprintf(out, "%s%.*s\n", name.size > 1 ? "--" : "-",
					SLICE_ARGS(name));
	}
}

/* zsh's old completion script asks for the meanings too. */
static void print_names(FILE *out, const char *names, const char *help)
{
	const char *zsh = getenv("_CLI_ZSH_AUTOCOMPLETE_HACK");
	struct slice rest = slice_of(names), name;

	while (cli_next_name(&rest, &name)) {
		fprintf(out, "%.*s", SLICE_ARGS(name));
		if (zsh && strcmp(zsh, "1") == 0)
			fprintf(out, ":%s", help);
		fputc('\n', out);
	}
}

static void print_commands(FILE *out, const struct cli_command *const *commands)
{
	for (; commands && *commands; commands++) {
		if ((*commands)->hidden)
			continue;
		print_names(out, (*commands)->name, (*commands)->help);
		if ((*commands)->aliases)
			print_names(out, (*commands)->aliases, (*commands)->help);
	}
	print_names(out, "help, h", "Shows a list of commands or help for one command");
}

/* The plain words behind the options at the start of `words`. */
static char *const *skip_options(const struct cli_option *options, size_t options_size,
				 char *const *words, char **plain)
{
	_cleanup_free_ void *values = xcalloc(1, options_size + 1);
	_cleanup_error_ struct error *ignored = NULL; /* an unfinished line */
	_cleanup_cli_parser_ struct cli_parser parser = { 0 };
	struct cli_builtin builtin;
	size_t count = 0;

	plain[0] = NULL;
	cli_parser_add(&parser, options, values);
	cli_parser_add(&parser, cli_help_options, &builtin);
	cli_parser_add(&parser, cli_version_options, &builtin);
	if (cli_parser_run(&parser, words, CLI_ORDER_FIRST, plain, &count, &ignored) < 0)
		plain[0] = NULL;
	return plain;
}

void cli_complete(FILE *out, const struct cli_program *program, int argc, char **argv)
{
	_cleanup_free_ char **words = xcalloc((size_t)argc, sizeof(*words));
	_cleanup_free_ char **top = xcalloc((size_t)argc, sizeof(*top));
	_cleanup_free_ char **inner = xcalloc((size_t)argc, sizeof(*inner));
	const struct cli_command *command, *leaf;
	const char *typed = argc > 2 ? argv[argc - 2] : "";
	bool option = typed[0] == '-';

	/* Without the word being typed: it would count as given. */
	memcpy(words, argv + 1, (size_t)(argc - (option ? 3 : 2)) * sizeof(*words));
	skip_options(program->options, program->options_size, words, top);
	command = leaf = cli_find_command(program->commands, top[0]);
	if (command && command->commands) {
		skip_options(command->options, command->options_size, top + 1, inner);
		leaf = cli_find_command(command->commands, inner[0]);
	}

	if (option && (!command || !command->commands)) {
		print_options(out, program->options, typed, words);
		print_options(out, cli_help_options, typed, words);
		print_options(out, cli_version_options, typed, words);
	}
	if (option && command) {
		print_options(out, leaf ? leaf->options : NULL, typed, words);
		if (command->commands)
			print_options(out, command->options, typed, words);
		print_options(out, command->commands ? cli_help_options : NULL, typed, words);
	} else if (!option && !command) {
		print_commands(out, program->commands);
	} else if (!option && command->commands && !leaf) {
		print_commands(out, command->commands);
	}
}
