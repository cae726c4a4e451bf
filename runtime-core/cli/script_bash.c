// SPDX-License-Identifier: Apache-2.0
#include "scripts.h"

/* What fits a completion goes into COMPREPLY, and that is all. */
static void put_offer(FILE *out, struct cli_completion completion)
{
	switch (completion.kind) {
	case CLI_COMPLETE_NOTHING:
		break;
	case CLI_COMPLETE_FILES:
		fputs("\t\tcompopt -o filenames 2>/dev/null\n"
		      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n",
		      out);
		break;
	case CLI_COMPLETE_DIRECTORIES:
		fputs("\t\tcompopt -o filenames 2>/dev/null\n"
		      "\t\tmapfile -t COMPREPLY < <(compgen -d -- \"$cur\")\n",
		      out);
		break;
	case CLI_COMPLETE_WORDS:
		fprintf(out, "\t\tmapfile -t COMPREPLY < <(compgen -W '%s' -- \"$cur\")\n",
			completion.text);
		break;
	case CLI_COMPLETE_OUTPUT:
		fprintf(out,
			"\t\tmapfile -t COMPREPLY < <(compgen -W \"$(\"$1\" %s 2>/dev/null)\" -- "
			"\"$cur\")\n",
			completion.text);
		break;
	}
}

/* Follow the words in front of the cursor: commands lead on, values of options are stepped over. */
static void put_walk(const struct cli_script *script)
{
	FILE *out = script->out;

	fputs("\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	      "\t\tcase $place:${COMP_WORDS[i]} in\n",
	      out);
	cli_script_walk(script, "\t\t", "[[ ${COMP_WORDS[i + 1]} != = ]] || ((i++)); ((i++))");
	fputs("\t\tesac\n\tdone\n", out);
}

/* The word behind an option that takes a value. */
static void put_values(const struct cli_script *script)
{
	FILE *out = script->out;

	fputs("\tcase $place:$prev in\n", out);
	for (size_t p = 0; p < script->place_count; p++)
		for (size_t o = 0; o < script->places[p].option_count; o++) {
			const struct cli_option *option = script->places[p].options[o];

			if (option->type == CLI_TYPE_BOOL)
				continue;
			fputc('\t', out);
			cli_script_patterns(out, &script->places[p], option->names, true, " | ");
			fputs(")\n", out);
			put_offer(out, option->complete);
			fputs("\t\treturn\n\t\t;;\n", out);
		}
	fputs("\tesac\n", out);
}

/* Options where a dash has been typed, else commands or arguments. */
static void put_places(const struct cli_script *script)
{
	FILE *out = script->out;

	fputs("\tcase $cur:$place in\n", out);
	for (size_t p = 0; p < script->place_count; p++) {
		const struct cli_place *place = &script->places[p];

		fprintf(out, "\t-*:'%s')\n\t\tlocal options=(", place->path);
		for (size_t o = 0; o < place->option_count; o++) {
			fputs(o ? " " : "", out);
			cli_script_names(out, place->options[o]->names, true, " ");
		}
		fputs(")\n"
		      "\t\tmapfile -t COMPREPLY < <(compgen -W \"${options[*]}\" -- \"$cur\")\n"
		      "\t\t;;\n",
		      out);
		fprintf(out, "\t*:'%s')\n", place->path);
		if (place->commands) {
			fputs("\t\tlocal commands=(", out);
			for (const struct cli_command *const *c = place->commands; *c; c++)
				if (!(*c)->hidden)
					fprintf(out, "'%s' ", (*c)->name);
			fputs("'help')\n"
			      "\t\tmapfile -t COMPREPLY < <(compgen -W \"${commands[*]}\" -- "
			      "\"$cur\")\n",
			      out);
		} else {
			put_offer(out, place->complete);
		}
		fputs("\t\t;;\n", out);
	}
	fputs("\tesac\n", out);
}

void cli_script_bash(const struct cli_script *script)
{
	fprintf(script->out, "# bash completion for %s, made from its option tables\n_%s()\n{\n",
		script->program, script->function);
	fputs("\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} place= i\n"
	      "\tCOMPREPLY=()\n"
	      "\t# --option=value arrives as three words.\n"
	      "\tif [[ $cur == = ]]; then\n"
	      "\t\tcur=\n"
	      "\telif [[ $prev == = ]]; then\n"
	      "\t\tprev=${COMP_WORDS[COMP_CWORD - 2]}\n"
	      "\tfi\n",
	      script->out);
	put_walk(script);
	put_values(script);
	put_places(script);
	fprintf(script->out, "}\ncomplete -F _%s %s\n", script->function, script->program);
}
