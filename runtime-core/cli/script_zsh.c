// SPDX-License-Identifier: Apache-2.0
#include "scripts.h"

#include "base/strbuf.h"

static void put_offer(FILE *out, struct cli_completion completion)
{
	switch (completion.kind) {
	case CLI_COMPLETE_NOTHING:
		break;
	case CLI_COMPLETE_FILES:
		fputs("\t_files\n", out);
		break;
	case CLI_COMPLETE_DIRECTORIES:
		fputs("\t_files -/\n", out);
		break;
	case CLI_COMPLETE_WORDS:
		fprintf(out, "\tcompadd -- %s\n", completion.text);
		break;
	case CLI_COMPLETE_OUTPUT:
		fprintf(out, "\tcompadd -- ${(f)\"$(\"$words[1]\" %s 2>/dev/null)\"}\n",
			completion.text);
		break;
	}
}

/* 'name:meaning', with the colons of the meaning escaped, for _describe. */
static void put_described(FILE *out, struct slice name, const char *dashes, const char *meaning)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	strbuf_printf(&text, "%s%.*s:", dashes, SLICE_ARGS(name));
	for (; *meaning; meaning++) {
		if (*meaning == ':')
			strbuf_putc(&text, '\\');
		strbuf_putc(&text, *meaning);
	}
	fputs("\t\t", out);
	cli_script_quote(out, text.data);
	fputc('\n', out);
}

static void put_walk(const struct cli_script *script)
{
	FILE *out = script->out;

	fputs("for ((i = 2; i < CURRENT; i++)); do\n"
	      "\tcase $place:$words[i] in\n",
	      out);
	cli_script_walk(script, "\t", "((i++))");
	fputs("\tesac\ndone\n", out);
}

static void put_values(const struct cli_script *script)
{
	FILE *out = script->out;

	fputs("case $place:$previous in\n", out);
	for (size_t p = 0; p < script->place_count; p++)
		for (size_t o = 0; o < script->places[p].option_count; o++) {
			const struct cli_option *option = script->places[p].options[o];

			if (option->type == CLI_TYPE_BOOL)
				continue;
			cli_script_patterns(out, &script->places[p], option->names, true, " | ");
			fputs(")\n", out);
			put_offer(out, option->complete);
			fputs("\treturn\n\t;;\n", out);
		}
	fputs("esac\n", out);
}

static void put_places(const struct cli_script *script)
{
	FILE *out = script->out;

	fputs("case $typed:$place in\n", out);
	for (size_t p = 0; p < script->place_count; p++) {
		const struct cli_place *place = &script->places[p];

		fprintf(out, "-*:'%s')\n\toffers=(\n", place->path);
		for (size_t o = 0; o < place->option_count; o++) {
			struct slice rest = slice_of(place->options[o]->names), name;

			while (cli_next_name(&rest, &name))
				put_described(out, name, name.size == 1 ? "-" : "--",
					      place->options[o]->help);
		}
		fprintf(out, "\t)\n\t_describe -o option offers\n\t;;\n*:'%s')\n", place->path);
		if (place->commands) {
			fputs("\toffers=(\n", out);
			for (const struct cli_command *const *c = place->commands; *c; c++)
				if (!(*c)->hidden)
					put_described(out, slice_of((*c)->name), "", (*c)->help);
			put_described(out, slice_of("help"), "", "show help");
			fputs("\t)\n\t_describe command offers\n", out);
		} else {
			put_offer(out, place->complete);
		}
		fputs("\t;;\n", out);
	}
	fputs("esac\n", out);
}

void cli_script_zsh(const struct cli_script *script)
{
	fprintf(script->out, "#compdef %s\n# zsh completion for %s, made from its option tables\n",
		script->program, script->program);
	fputs("local place= previous=$words[CURRENT-1] typed=$words[CURRENT]\n"
	      "local -i i\n"
	      "local -a offers\n"
	      "# --option=value is one word here.\n"
	      "if [[ $typed == --*=* ]]; then\n"
	      "\tprevious=${typed%%=*}\n"
	      "\tcompset -P '*='\n"
	      "fi\n",
	      script->out);
	put_walk(script);
	put_values(script);
	put_places(script);
}
