// SPDX-License-Identifier: Apache-2.0
#include "help.h"

#include <string.h>

#include "base/memory.h"
#include "base/strbuf.h"
#include "parse.h"

#define INDENT	   "   "
#define COLUMN_GAP 2

const struct cli_option cli_help_options[] = {
	{ CLI_BOOL("help, h", struct cli_builtin, help), .help = "show help" },
	{ 0 },
};

const struct cli_option cli_version_options[] = {
	{ CLI_BOOL("version, v", struct cli_builtin, version), .help = "print the version" },
	{ 0 },
};

/* Two columns: a label, and what it means. The second begins behind the longest label. */
struct table {
	struct row {
		char *label;
		char *meaning;
	} * rows;
	size_t count;
	size_t capacity;
};

static void table_release(struct table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		free(table->rows[i].label);
		free(table->rows[i].meaning);
	}
	free(table->rows);
}
#define _cleanup_table_ _cleanup_(table_release)

static void table_add(struct table *table, struct strbuf *label, struct strbuf *meaning)
{
	table->rows = xgrow(table->rows, &table->capacity, table->count + 1, sizeof(*table->rows));
	table->rows[table->count++] = (struct row){ strbuf_steal(label), strbuf_steal(meaning) };
}

static void table_print(FILE *out, const struct table *table)
{
	size_t width = 0;

	for (size_t i = 0; i < table->count; i++)
		if (strlen(table->rows[i].label) > width)
			width = strlen(table->rows[i].label);
	for (size_t i = 0; i < table->count; i++)
		fprintf(out, INDENT "%-*s%s\n", (int)width + COLUMN_GAP, table->rows[i].label,
			table->rows[i].meaning);
}

static void put_default(struct strbuf *meaning, const struct cli_option *option)
{
	struct slice words, first;

	switch (option->type) {
	case CLI_TYPE_BOOL:
		return;
	case CLI_TYPE_LIST:
		return;
	case CLI_TYPE_UINT64:
		strbuf_puts(meaning, " (default: 0)");
		return;
	case CLI_TYPE_STRING:
		if (option->initial && option->initial[0])
			strbuf_printf(meaning, " (default: \"%s\")", option->initial);
		return;
	case CLI_TYPE_CHOICE:
		words = slice_of(option->complete.text);
		if (option->initial)
			first = slice_of(option->initial);
		else if (!slice_next_word(&words, &first))
			return;
		strbuf_printf(meaning, " (default: %.*s)", SLICE_ARGS(first));
		return;
	}
}

static const char *value_of(const struct cli_option *option)
{
	if (option->type == CLI_TYPE_BOOL)
		return "";
	return option->greedy ? " value..." : " value";
}

static void add_options(struct table *table, const struct cli_option *options)
{
	for (const struct cli_option *option = options; option && option->names; option++) {
		struct slice rest = slice_of(option->names), name;
		struct strbuf label = STRBUF_INIT, meaning = STRBUF_INIT;

		if (option->hidden)
			continue;
		while (cli_next_name(&rest, &name))
			strbuf_printf(&label, "%s%s%.*s%s", label.size ? ", " : "",
				      name.size == 1 ? "-" : "--", SLICE_ARGS(name),
				      value_of(option));
		strbuf_puts(&meaning, option->help);
		put_default(&meaning, option);
		table_add(table, &label, &meaning);
	}
}

static void add_commands(struct table *table, const struct cli_command *const *commands)
{
	for (; *commands; commands++) {
		struct strbuf label = STRBUF_INIT, meaning = STRBUF_INIT;

		if ((*commands)->hidden)
			continue;
		strbuf_puts(&label, (*commands)->name);
		if ((*commands)->aliases)
			strbuf_printf(&label, ", %s", (*commands)->aliases);
		strbuf_puts(&meaning, (*commands)->help);
		table_add(table, &label, &meaning);
	}
}

static void add_help_command(struct table *table)
{
	struct strbuf label = STRBUF_INIT, meaning = STRBUF_INIT;

	strbuf_puts(&label, "help, h");
	strbuf_puts(&meaning, "Shows a list of commands or help for one command");
	table_add(table, &label, &meaning);
}

void cli_help_program(FILE *out, const struct cli_program *program, const char *called)
{
	_cleanup_table_ struct table commands = { 0 }, options = { 0 };

	fprintf(out, "NAME:\n" INDENT "%s - %s\n\n", program->name, program->help);
	fprintf(out, "USAGE:\n" INDENT "%s %s\n\n", called,
		program->only ? program->only->usage
			      : "[global options] command [command options] [arguments...]");
	fprintf(out, "VERSION:\n" INDENT "%s\n\n", program->version());
	if (program->only)
		fprintf(out, "DESCRIPTION:\n" INDENT "%s\n\n", program->only->description);
	fputs("COMMANDS:\n", out);
	if (program->commands)
		add_commands(&commands, program->commands);
	add_help_command(&commands);
	table_print(out, &commands);
	fputs("\nGLOBAL OPTIONS:\n", out);
	add_options(&options, program->options);
	add_options(&options, cli_help_options);
	add_options(&options, cli_version_options);
	table_print(out, &options);
	if (program->notes)
		fprintf(out, "\n%s", program->notes);
}

static void print_name(FILE *out, const struct cli_command *command, const char *shown_name)
{
	fprintf(out, "NAME:\n" INDENT "%s - %s\n\nUSAGE:\n" INDENT, shown_name, command->help);
}

static const char *arguments_of(const struct cli_command *command)
{
	return command->arguments ? command->arguments : "[arguments...]";
}

void cli_help_command(FILE *out, const struct cli_command *command, const char *shown_name)
{
	_cleanup_table_ struct table options = { 0 };

	add_options(&options, command->options);
	print_name(out, command, shown_name);
	if (command->usage)
		fprintf(out, "%s\n", command->usage);
	else
		fprintf(out, "%s%s %s\n", shown_name, options.count ? " [command options]" : "",
			arguments_of(command));
	if (command->description)
		fprintf(out, "\nDESCRIPTION:\n" INDENT "%s\n", command->description);
	if (options.count) {
		fputs("\nOPTIONS:\n", out);
		table_print(out, &options);
		fputs(INDENT "\n", out);
	}
}

void cli_help_group(FILE *out, const struct cli_command *group, const char *shown_name)
{
	_cleanup_table_ struct table commands = { 0 }, options = { 0 };

	print_name(out, group, shown_name);
	fprintf(out, "%s command [command options] %s\n\nCOMMANDS:\n", shown_name,
		arguments_of(group));
	add_commands(&commands, group->commands);
	table_print(out, &commands);
	if (group->description)
		fprintf(out, "\nDESCRIPTION:\n" INDENT "%s\n", group->description);
	fputs("\nOPTIONS:\n", out);
	add_options(&options, group->options);
	add_options(&options, cli_help_options);
	table_print(out, &options);
	fputs(INDENT "\n", out);
}
