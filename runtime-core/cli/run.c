// SPDX-License-Identifier: Apache-2.0
/*
 * From words to a running command: the program's own options, then the command's name, in a group the name
 * again, then the command's options. Help, version and completion are answered on the way and need nothing
 * else of the host: no configuration, no log, no privileges.
 *
 * Where a usage error is shown depends on its level, because scripts know these shapes: on stdout "Incorrect
 * Usage" with the help of that level, on stderr the bare error.
 */
#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/path.h"
#include "base/quote.h"
#include "cli.h"
#include "complete.h"
#include "help.h"
#include "parse.h"

#define USAGE_STATUS	    1
#define STRICT_USAGE_STATUS 2

struct run {
	const struct cli_program *program;
	const char *called; /* what the user called the program */
	void *global;	    /* the program's options struct */
	struct cli_invocation invocation;
};

static void report(const struct run *run, const char *message)
{
	if (run->program->report)
		run->program->report(message);
	else
		fprintf(stderr, "%s\n", message);
}

static int fail(const struct run *run, const struct error *err)
{
	report(run, error_message(err));
	return 1;
}

static int start(struct run *run)
{
	_cleanup_error_ struct error *err = NULL;

	if (run->program->start && run->program->start(&run->invocation, &err) < 0)
		return fail(run, err);
	return 0;
}

static int invalid_command(struct run *run, const char *word)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	int status = start(run);

	if (status)
		return status;
	strbuf_puts(&text, "Invalid command ");
	quote_go(&text, slice_of(word));
	report(run, text.data);
	return 1;
}

/* A usage error of a command that runs no further. */
static int command_usage(struct run *run, const char *shown_name, bool show_error,
			 const struct error *err)
{
	const struct cli_command *command = run->invocation.command;
	_cleanup_free_ char *text = NULL;

	if (command->strict) {
		text = xasprintf("%s; see %s --help", error_message(err), shown_name);
		report(run, text);
		return STRICT_USAGE_STATUS;
	}
	if (show_error)
		printf("Incorrect Usage: %s\n\n", error_message(err));
	cli_help_command(stdout, command, shown_name);
	report(run, error_message(err));
	return USAGE_STATUS;
}

static int check_argument_count(const struct cli_invocation *invocation, struct error **err)
{
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;

	if (!invocation->command->strict ||
	    invocation->argument_count <= invocation->command->max_arguments)
		return 0;
	quote_go(&quoted, slice_of(invocation->arguments[invocation->command->max_arguments]));
	return error_set(err, -EINVAL, "one argument too many: %s", quoted.data);
}

static int run_command(struct run *run, const char *shown_name, char *const *words, size_t room)
{
	const struct cli_command *command = run->invocation.command;
	_cleanup_free_ void *options = xcalloc(1, command->options_size + 1);
	_cleanup_free_ char **arguments = xcalloc(room + 1, sizeof(*arguments));
	_cleanup_error_ struct error *err = NULL;
	struct cli_parser parser = { 0 };
	struct cli_builtin builtin = { 0 };
	int ret, status;

	cli_parser_add(&parser, command->options, options);
	cli_parser_add(&parser, cli_help_options, &builtin);
	cli_parser_add_anywhere(&parser, run->program->options, run->global);
	ret = cli_parser_run(&parser, words, command->strict ? CLI_ORDER_STRICT : CLI_ORDER_ANY,
			     arguments, &run->invocation.argument_count, &err);
	if (ret == 0)
		ret = cli_parser_check_forms(&parser, &err);
	if (ret == 0 && builtin.help) {
		cli_help_command(stdout, command, shown_name);
		return 0;
	}
	run->invocation.options = options;
	run->invocation.arguments = arguments;
	status = start(run);
	if (status)
		return status;
	if (ret < 0)
		return command_usage(run, shown_name, true, err);
	if (cli_parser_check_required(&parser, &err) < 0 ||
	    check_argument_count(&run->invocation, &err) < 0)
		return command_usage(run, shown_name, false, err);

	if (run->program->prepare && run->program->prepare(&run->invocation, &err) < 0)
		return fail(run, err);
	ret = command->run(&run->invocation, &err);
	return ret < 0 ? fail(run, err) : ret;
}

/* Upstream answers an unknown word in a group with help and success; that it did nothing is said on stderr. */
static int unknown_in_group(struct run *run, const struct cli_command *group,
			    const char *shown_name, const char *word)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	strbuf_printf(&text, "%s has no command ", shown_name);
	quote_go(&text, slice_of(word));
	if (group->strict) {
		strbuf_printf(&text, "; see %s --help", shown_name);
		report(run, text.data);
		return STRICT_USAGE_STATUS;
	}
	cli_help_group(stdout, group, shown_name);
	fprintf(stderr, "%s: nothing was done\n", text.data);
	return 0;
}

/* The words behind a group's name: a command of its, or help. */
static int run_in_group(struct run *run, const struct cli_command *group, const char *group_name,
			char *const *words, size_t room)
{
	bool help = words[0] && cli_has_name("help, h", words[0]);
	const struct cli_command *command;
	_cleanup_free_ char *name = NULL;

	if (!words[help]) {
		cli_help_group(stdout, group, group_name);
		return 0;
	}
	command = cli_find_command(group->commands, words[help]);
	if (!command)
		return unknown_in_group(run, group, group_name, words[help]);
	name = xasprintf("%s %s", group_name, command->name);
	if (help) {
		cli_help_command(stdout, command, name);
		return 0;
	}
	run->invocation.command = command;
	return run_command(run, name, words + 1, room);
}

static int group_usage(struct run *run, const struct cli_command *group, const char *group_name,
		       const struct error *err)
{
	int status;

	run->invocation.command = group;
	status = start(run);
	if (status)
		return status;
	if (group->strict)
		return command_usage(run, group_name, false, err);
	printf("Incorrect Usage. %s\n\n", error_message(err));
	cli_help_group(stdout, group, group_name);
	return fail(run, err);
}

static int run_group(struct run *run, const struct cli_command *group, char *const *words,
		     size_t room)
{
	_cleanup_free_ char *name = xasprintf("%s %s", run->program->name, group->name);
	_cleanup_free_ char **plain = xcalloc(room + 1, sizeof(*plain));
	_cleanup_error_ struct error *err = NULL, *forms = NULL;
	struct cli_parser parser = { 0 };
	struct cli_builtin builtin = { 0 };
	size_t count;
	int ret;

	cli_parser_add(&parser, cli_help_options, &builtin);
	cli_parser_add_anywhere(&parser, run->program->options, run->global);
	ret = cli_parser_run(&parser, words, CLI_ORDER_FIRST, plain, &count, &err);
	if (cli_parser_check_forms(&parser, &forms) < 0) {
		printf("%s\n\n", error_message(forms));
		cli_help_group(stdout, group, name);
		return fail(run, forms);
	}
	if (ret < 0)
		return group_usage(run, group, name, err);
	if (builtin.help) {
		cli_help_group(stdout, group, name);
		return 0;
	}
	return run_in_group(run, group, name, plain, room);
}

/* `help` alone, or `help COMMAND`. */
static int run_help(struct run *run, const char *word)
{
	const struct cli_command *command = cli_find_command(run->program->commands, word);
	_cleanup_free_ char *name = NULL;

	if (!word) {
		cli_help_program(stdout, run->program, run->called);
		return 0;
	}
	if (!command)
		return invalid_command(run, word);
	name = xasprintf("%s %s", run->called, command->name);
	cli_help_command(stdout, command, name);
	return 0;
}

static int run_words(struct run *run, char *const *words, size_t room)
{
	const struct cli_command *command;
	_cleanup_free_ char *name = NULL;

	run->invocation.word = words[0];
	run->invocation.words = words;
	/* An empty word is no command, and no error either. */
	if (!words[0] || !words[0][0])
		return run_help(run, NULL);
	if (cli_has_name("help, h", words[0]))
		return run_help(run, words[1]);
	command = cli_find_command(run->program->commands, words[0]);
	if (!command)
		return invalid_command(run, words[0]);
	if (command->commands)
		return run_group(run, command, words + 1, room);
	run->invocation.command = command;
	name = xasprintf("%s %s", run->called, command->name);
	return run_command(run, name, words + 1, room);
}

static int run_program(struct run *run, int argc, char **argv)
{
	const struct cli_program *program = run->program;
	_cleanup_free_ void *global = xcalloc(1, program->options_size + 1);
	_cleanup_free_ char **words = xcalloc((size_t)argc + 1, sizeof(*words));
	_cleanup_error_ struct error *err = NULL, *forms = NULL;
	struct cli_parser parser = { 0 };
	struct cli_builtin builtin = { 0 };
	size_t count;
	int ret;

	cli_parser_add(&parser, program->options, global);
	cli_parser_add(&parser, cli_help_options, &builtin);
	cli_parser_add(&parser, cli_version_options, &builtin);
	ret = cli_parser_run(&parser, argc > 0 ? argv + 1 : argv, CLI_ORDER_FIRST, words, &count,
			     &err);
	if (cli_parser_check_forms(&parser, &forms) < 0) {
		printf("%s\n", error_message(forms));
		cli_help_program(stdout, program, run->called);
		return fail(run, forms);
	}
	if (ret < 0) {
		printf("Incorrect Usage. %s\n\n", error_message(err));
		cli_help_program(stdout, program, run->called);
		return fail(run, err);
	}
	if (builtin.help)
		return run_help(run, NULL);
	if (builtin.version) {
		printf("%s\n", program->version());
		return 0;
	}
	if (program->answer && program->answer(global))
		return 0;

	run->global = global;
	run->invocation.global = global;
	return run_words(run, words, (size_t)argc);
}

/*
 * What stdio has kept so far meets the disk, the pipe or the terminal here. Of an earlier failure stdio does not
 * remember the reason: another write shall tell, since the output is spoilt anyway.
 */
static int flush_output(int status)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	if (!errno && write(STDOUT_FILENO, "\n", 1) == 1)
		errno = EIO;
	fprintf(stderr, "write standard output: %s\n", errno_text(errno));
	return status ? status : 1;
}

int cli_run(const struct cli_program *program, int argc, char **argv)
{
	struct run run = {
		.program = program,
		.called = argc > 0 ? path_name(argv[0]) : program->name,
		.invocation = { .program = program, .context = program->context },
	};
	int status = 0;

	if (cli_complete_is_wanted(argc, argv))
		cli_complete(stdout, program, argc, argv);
	else
		status = run_program(&run, argc, argv);
	return flush_output(status);
}
