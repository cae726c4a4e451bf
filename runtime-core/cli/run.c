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
#define NO_TOPIC_STATUS	    3

struct run {
	const struct cli_program *program;
	const char *called; /* what the user called the program */
	void *global;	    /* the program's options struct */
	void *group;	    /* that of the command's group */
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

/* A wrong command line, where that has an exit status of its own. */
static int strict_usage(const struct run *run, const char *shown_name, const char *message)
{
	_cleanup_free_ char *text = xasprintf("%s; see %s --help", message, shown_name);

	report(run, text);
	return STRICT_USAGE_STATUS;
}

static bool is_strict(const struct run *run, const struct cli_command *command)
{
	return run->program->strict || command->strict;
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
	if (run->program->strict)
		return strict_usage(run, run->called, text.data);
	report(run, text.data);
	return 1;
}

/* A usage error of a command that runs no further. */
static int command_usage(struct run *run, const char *shown_name, bool show_error,
			 const struct error *err)
{
	const struct cli_command *command = run->invocation.command;

	if (is_strict(run, command))
		return strict_usage(run, shown_name, error_message(err));
	if (show_error)
		printf("Incorrect Usage: %s\n\n", error_message(err));
	cli_help_command(stdout, command, shown_name);
	report(run, error_message(err));
	return USAGE_STATUS;
}

static int check_argument_count(const struct run *run, struct error **err)
{
	const struct cli_invocation *invocation = &run->invocation;
	const struct cli_command *command = invocation->command;
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;

	if (!is_strict(run, command))
		return 0;
	if (invocation->argument_count < command->min_arguments)
		return error_set(err, -EINVAL, "an argument is missing: %s",
				 command->arguments ? command->arguments : command->name);
	if (invocation->argument_count <= command->max_arguments)
		return 0;
	quote_go(&quoted, slice_of(invocation->arguments[command->max_arguments]));
	return error_set(err, -EINVAL, "one argument too many: %s", quoted.data);
}

static enum cli_order order_of(const struct run *run, const struct cli_command *command)
{
	if (command->options_first)
		return CLI_ORDER_FIRST;
	return is_strict(run, command) ? CLI_ORDER_STRICT : CLI_ORDER_ANY;
}

static int run_command(struct run *run, const struct cli_command *group, const char *shown_name,
		       char *const *words, size_t room)
{
	const struct cli_command *command = run->invocation.command;
	_cleanup_free_ void *options = xcalloc(1, command->options_size + 1);
	_cleanup_free_ char **arguments = xcalloc(room + 1, sizeof(*arguments));
	_cleanup_error_ struct error *err = NULL;
	_cleanup_cli_parser_ struct cli_parser parser = { .bundles = run->program->strict };
	struct cli_builtin builtin = { 0 };
	int ret, status;

	cli_parser_add(&parser, command->options, options);
	cli_parser_add(&parser, cli_help_options, &builtin);
	if (group)
		cli_parser_add_known(&parser, group->options, run->group);
	cli_parser_add_anywhere(&parser, run->program->options, run->global);
	ret = cli_parser_run(&parser, words, order_of(run, command), arguments,
			     &run->invocation.argument_count, &err);
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
	if (cli_parser_check_required(&parser, &err) < 0 || check_argument_count(run, &err) < 0)
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
	if (is_strict(run, group))
		return strict_usage(run, shown_name, text.data);
	cli_help_group(stdout, group, shown_name);
	fprintf(stderr, "%s: nothing was done\n", text.data);
	return 0;
}

/* A group and no command. */
static int run_group_alone(struct run *run, const struct cli_command *group, const char *group_name)
{
	static char *const no_arguments[] = { NULL };
	_cleanup_error_ struct error *err = NULL;
	int ret;

	if (!group->run) {
		cli_help_group(run->program->strict ? stderr : stdout, group, group_name);
		return run->program->strict ? STRICT_USAGE_STATUS : 0;
	}
	run->invocation.command = group;
	run->invocation.arguments = no_arguments;
	ret = start(run);
	if (ret)
		return ret;
	ret = group->run(&run->invocation, &err);
	return ret < 0 ? fail(run, err) : ret;
}

/* The words behind a group's name: a command of its, or help. */
static int run_in_group(struct run *run, const struct cli_command *group, const char *group_name,
			char *const *words, size_t room)
{
	bool help = words[0] && cli_has_name("help, h", words[0]);
	const struct cli_command *command;
	_cleanup_free_ char *name = NULL;

	if (!words[0])
		return run_group_alone(run, group, group_name);
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
	return run_command(run, group, name, words + 1, room);
}

static int group_usage(struct run *run, const struct cli_command *group, const char *group_name,
		       const struct error *err)
{
	int status;

	run->invocation.command = group;
	status = start(run);
	if (status)
		return status;
	if (is_strict(run, group))
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
	_cleanup_free_ void *options = xcalloc(1, group->options_size + 1);
	_cleanup_error_ struct error *err = NULL, *forms = NULL;
	_cleanup_cli_parser_ struct cli_parser parser = { .bundles = run->program->strict };
	struct cli_builtin builtin = { 0 };
	size_t count;
	int ret;

	run->group = options;
	run->invocation.group = options;
	cli_parser_add(&parser, group->options, options);
	cli_parser_add(&parser, cli_help_options, &builtin);
	cli_parser_add_anywhere(&parser, run->program->options, run->global);
	ret = cli_parser_run(&parser, words, CLI_ORDER_FIRST, plain, &count, &err);
	if (cli_parser_check_forms(&parser, &forms) < 0) {
		if (run->program->strict)
			return strict_usage(run, name, error_message(forms));
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

/* A strict program without a command has nothing to do. */
static int missing_command(struct run *run, bool has_options)
{
	if (has_options)
		report(run, "need command");
	cli_help_program(stderr, run->program, run->called);
	return STRICT_USAGE_STATUS;
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

static int run_words(struct run *run, char *const *words, size_t room, bool has_options)
{
	const struct cli_command *command;
	_cleanup_free_ char *name = NULL;

	run->invocation.word = words[0];
	run->invocation.words = words;
	if (!words[0] && run->program->strict)
		return missing_command(run, has_options);
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
	return run_command(run, NULL, name, words + 1, room);
}

/* The program's own options are wrong. */
static int program_usage(struct run *run, const char *incorrect, const struct error *err)
{
	if (run->program->strict)
		return strict_usage(run, run->called, error_message(err));
	printf("%s%s\n%s", incorrect, error_message(err), incorrect[0] ? "\n" : "");
	cli_help_program(stdout, run->program, run->called);
	return fail(run, err);
}

/* The words of a program that does one thing. The help command is there because scripts and habit know it. */
static int run_only(struct run *run, char **words)
{
	const struct cli_command *command = run->program->only;
	_cleanup_error_ struct error *err = NULL;
	int ret;

	if (words[0] && cli_has_name("help, h", words[0])) {
		if (words[1] && !cli_has_name("help, h", words[1])) {
			fprintf(stderr, "No help topic for '%s'\n", words[1]);
			return NO_TOPIC_STATUS;
		}
		cli_help_program(stdout, run->program, run->called);
		return 0;
	}
	run->invocation.command = command;
	run->invocation.word = words[0];
	run->invocation.words = run->invocation.arguments = words;
	while (words[run->invocation.argument_count])
		run->invocation.argument_count++;
	ret = command->run(&run->invocation, &err);
	return ret < 0 ? fail(run, err) : ret;
}

static int run_program(struct run *run, int argc, char **argv)
{
	const struct cli_program *program = run->program;
	_cleanup_free_ void *global = xcalloc(1, program->options_size + 1);
	_cleanup_free_ char **words = xcalloc((size_t)argc + 1, sizeof(*words));
	_cleanup_error_ struct error *err = NULL, *forms = NULL;
	_cleanup_cli_parser_ struct cli_parser parser = { .bundles = program->strict };
	struct cli_builtin builtin = { 0 };
	size_t count;
	int ret;

	cli_parser_add(&parser, program->options, global);
	cli_parser_add(&parser, cli_help_options, &builtin);
	cli_parser_add(&parser, cli_version_options, &builtin);
	ret = cli_parser_run(&parser, argc > 0 ? argv + 1 : argv, CLI_ORDER_FIRST, words, &count,
			     &err);
	if (cli_parser_check_forms(&parser, &forms) < 0)
		return program_usage(run, "", forms);
	if (ret < 0)
		return program_usage(run, "Incorrect Usage. ", err);
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
	if (program->only)
		return run_only(run, words);
	return run_words(run, words, (size_t)argc, argc > 1);
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
