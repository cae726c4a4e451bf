// SPDX-License-Identifier: Apache-2.0
/* Any command line, its words being separated by newlines, for a program with a command of each kind. */
#include <stdint.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/slice.h"
#include "cli/cli.h"

#define MAX_WORDS 64

struct values {
	const char *text;
	uint64_t number;
	bool truth;
	unsigned choice;
};

static const struct cli_option options[] = {
	{ CLI_STRING("text, other-text", struct values, text), .help = "a text", .anywhere = true },
	{ CLI_UINT64("number", struct values, number), .help = "a number" },
	{ CLI_BOOL("truth, t", struct values, truth), .help = "a truth" },
	{ CLI_CHOICE("choice, c", struct values, choice, "one two"), .help = "a choice" },
	{ 0 },
};

static int run(const struct cli_invocation *invocation, struct error **err)
{
	const struct values *given = invocation->options;

	(void)err;
	if (!given->text || given->choice > 1 || invocation->arguments[invocation->argument_count])
		abort();
	return 0;
}

static const struct cli_command easy = {
	.name = "easy",
	.aliases = "e",
	.help = "takes anything",
	.options = options,
	.options_size = sizeof(struct values),
	.run = run,
};
static const struct cli_command strict = {
	.name = "strict",
	.help = "takes little",
	.options = options,
	.options_size = sizeof(struct values),
	.strict = true,
	.max_arguments = 1,
	.run = run,
};
static const struct cli_command *const group_commands[] = { &easy, &strict, NULL };
static const struct cli_command group = {
	.name = "group",
	.help = "has commands",
	.commands = group_commands,
};
static const struct cli_command *const commands[] = { &easy, &strict, &group, NULL };

static const char *version(void)
{
	return "1";
}

static void report(const char *message)
{
	if (!message[0])
		abort();
}

static const struct cli_program program = {
	.name = "program",
	.help = "a program",
	.version = version,
	.options = options,
	.options_size = sizeof(struct values),
	.commands = commands,
	.report = report,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *nowhere;
	struct slice rest = slice_make((const char *)data, size), word;
	char *argv[MAX_WORDS + 1] = { "program" };
	int argc = 1, status;

	if (!nowhere) {
		nowhere = fopen("/dev/null", "w");
		stdout = nowhere;
	}
	while (argc < MAX_WORDS && slice_next_line(&rest, &word))
		argv[argc++] = slice_dup(word);
	status = cli_run(&program, argc, argv);
	if (status < 0 || status > 2)
		abort();
	while (argc > 1)
		free(argv[--argc]);
	return 0;
}
