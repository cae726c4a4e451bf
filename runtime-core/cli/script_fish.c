// SPDX-License-Identifier: Apache-2.0
#include "scripts.h"

/* The words a value or argument can be; empty where fish has its own way (files) or nothing is known. */
static void put_words(FILE *out, const struct cli_script *script, struct cli_completion completion)
{
	switch (completion.kind) {
	case CLI_COMPLETE_NOTHING:
		break;
	case CLI_COMPLETE_FILES:
		fputs(" -F", out);
		break;
	case CLI_COMPLETE_DIRECTORIES:
		fputs(" -a '(__fish_complete_directories)'", out);
		break;
	case CLI_COMPLETE_WORDS:
		fprintf(out, " -a '%s'", completion.text);
		break;
	case CLI_COMPLETE_OUTPUT:
		fprintf(out, " -a '(%s %s 2>/dev/null)'", script->program, completion.text);
		break;
	}
}

/* A function that follows the words in front of the cursor and prints the place. */
static void put_walk(const struct cli_script *script)
{
	FILE *out = script->out;

	fprintf(out,
		"function __%s_place\n"
		"\tset -l place ''\n"
		"\tset -l skip 0\n"
		"\tfor word in (commandline -opc)[2..-1]\n"
		"\t\tif test $skip = 1\n"
		"\t\t\tset skip 0\n"
		"\t\t\tcontinue\n"
		"\t\tend\n"
		"\t\tswitch $place:$word\n",
		script->function);
	for (size_t p = 0; p < script->place_count; p++) {
		const struct cli_place *place = &script->places[p];

		for (const struct cli_command *const *c = place->commands; c && *c; c++) {
			if ((*c)->hidden)
				continue;
			fputs("\t\t\tcase ", out);
			cli_script_patterns(out, place, (*c)->name, false, " ");
			if ((*c)->aliases) {
				fputc(' ', out);
				cli_script_patterns(out, place, (*c)->aliases, false, " ");
			}
			fprintf(out, "\n\t\t\t\tset place '%s%s%s'\n", place->path,
				place->path[0] ? " " : "", (*c)->name);
		}
		for (size_t o = 0; o < place->option_count; o++) {
			if (place->options[o]->type == CLI_TYPE_BOOL)
				continue;
			fputs("\t\t\tcase ", out);
			cli_script_patterns(out, place, place->options[o]->names, true, " ");
			fputs("\n\t\t\t\tset skip 1\n", out);
		}
	}
	fprintf(out,
		"\t\tend\n"
		"\tend\n"
		"\techo $place\n"
		"end\n"
		"function __%s_at\n"
		"\ttest (__%s_place) = \"$argv[1]\"\n"
		"end\n",
		script->function, script->function);
}

static void put_start(const struct cli_script *script, const struct cli_place *place)
{
	fprintf(script->out, "complete -c %s -n '__%s_at \"%s\"'", script->program,
		script->function, place->path);
}

static void put_option(const struct cli_script *script, const struct cli_place *place,
		       const struct cli_option *option)
{
	struct slice rest = slice_of(option->names), name;

	put_start(script, place);
	while (cli_next_name(&rest, &name))
		fprintf(script->out, " -%c %.*s", name.size == 1 ? 's' : 'l', SLICE_ARGS(name));
	if (option->type != CLI_TYPE_BOOL) {
		fputs(option->complete.kind == CLI_COMPLETE_FILES ? " -r" : " -x", script->out);
		put_words(script->out, script, option->complete);
	}
	fputs(" -d ", script->out);
	cli_script_quote(script->out, option->help);
	fputc('\n', script->out);
}

static void put_command(const struct cli_script *script, const struct cli_place *place,
			const char *name, const char *help)
{
	put_start(script, place);
	fprintf(script->out, " -a %s -d ", name);
	cli_script_quote(script->out, help);
	fputc('\n', script->out);
}

void cli_script_fish(const struct cli_script *script)
{
	fprintf(script->out, "# fish completion for %s, made from its option tables\n",
		script->program);
	put_walk(script);
	fprintf(script->out, "complete -c %s -f\n", script->program);
	for (size_t p = 0; p < script->place_count; p++) {
		const struct cli_place *place = &script->places[p];

		for (const struct cli_command *const *c = place->commands; c && *c; c++)
			if (!(*c)->hidden)
				put_command(script, place, (*c)->name, (*c)->help);
		if (place->commands) {
			put_command(script, place, "help", "show help");
		} else if (place->complete.kind != CLI_COMPLETE_NOTHING) {
			put_start(script, place);
			put_words(script->out, script, place->complete);
			fputc('\n', script->out);
		}
		for (size_t o = 0; o < place->option_count; o++)
			put_option(script, place, place->options[o]);
	}
}
