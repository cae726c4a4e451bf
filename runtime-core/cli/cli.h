/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Command lines from tables. A program is a list of commands; a command is a constant beside its function,
 * which says its name, its options, and what it does; parsing, help, shell completion and usage errors
 * follow from it:
 *
 *	struct env_options {
 *		bool json;
 *	};
 *
 *	static const struct cli_option options[] = {
 *		{ CLI_BOOL("json", struct env_options, json), .help = "Format output as JSON" },
 *		{ 0 },
 *	};
 *
 *	static int run(const struct cli_invocation *invocation, struct error **err)
 *	{
 *		const struct env_options *given = invocation->options;
 *		...
 *	}
 *
 *	const struct cli_command cmd_env = {
 *		.name = "env",
 *		.aliases = "kata-env",
 *		.help = "display settings. Default to TOML",
 *		.options = options,
 *		.options_size = sizeof(struct env_options),
 *		.run = run,
 *	};
 *
 * The grammar, the help texts' layout and the usage errors are those of the Go flag package under
 * urfave/cli 1.22, which scripts know (spec/kata-runtime.md 2 and 14): `-x` is `--x`, no bundles, program
 * options before the command word, a command's options anywhere up to `--`, surplus words ignored.
 * Commands of our own are `strict`: surplus words are errors, and usage errors exit with 2. A program that is
 * `strict` is so in all its commands, and takes `-jl debug` and `-ldebug` for `-j -l debug` as well.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

enum cli_type {
	CLI_TYPE_BOOL,
	CLI_TYPE_STRING,
	CLI_TYPE_UINT64,
	CLI_TYPE_CHOICE, /* one word of .complete.text, stored as its number */
	CLI_TYPE_LIST,	 /* a word each time it is given */
};

/* The value of a CLI_TYPE_LIST. */
struct cli_list {
	const char **items;
	size_t count;
};

/* What a shell offers where a value or an argument stands. */
struct cli_completion {
	enum {
		CLI_COMPLETE_NOTHING,
		CLI_COMPLETE_FILES,
		CLI_COMPLETE_DIRECTORIES,
		CLI_COMPLETE_WORDS, /* text: the words, with blanks between */
		CLI_COMPLETE_OUTPUT, /* text: arguments of this program that make it print them, one a line */
	} kind;
	const char *text;
};

/* clang-format off */
#define CLI_FILES              { .kind = CLI_COMPLETE_FILES }
#define CLI_DIRECTORIES        { .kind = CLI_COMPLETE_DIRECTORIES }
#define CLI_WORDS(words)       { CLI_COMPLETE_WORDS, words }
#define CLI_OUTPUT_OF(command) { CLI_COMPLETE_OUTPUT, command }
/* clang-format on */

/* Rows of a table that ends with a zeroed row. Begin a row with one of the macros below. */
struct cli_option {
	const char *names; /* "config, kata-config": one letter means a short option */
	enum cli_type type;
	size_t offset; /* of the value in the command's options struct */
	const char *help;
	const char *
		initial; /* CLI_STRING's value, or CLI_CHOICE's word, when the option is not given */
	struct cli_completion complete;
	bool required;
	bool hidden;
	/* An option of the program that may stand behind the command word as well. */
	bool anywhere;
	/* A CLI_BOOL whose value may be the word behind it, if that is "true" or "false". */
	bool takes_word;
	/* A CLI_LIST that takes all words up to the next option. */
	bool greedy;
};

/*
 * The member's type is checked: bool; const char *, "" when not given; uint64_t; an enum from 0 up; struct
 * cli_list.
 */
#define CLI_BOOL(names_, type_, member) \
	.names = (names_), .type = CLI_TYPE_BOOL, .offset = CLI_OFFSET(type_, member, bool)
#define CLI_STRING(names_, type_, member)           \
	.names = (names_), .type = CLI_TYPE_STRING, \
	.offset = CLI_OFFSET(type_, member, const char *)
#define CLI_UINT64(names_, type_, member) \
	.names = (names_), .type = CLI_TYPE_UINT64, .offset = CLI_OFFSET(type_, member, uint64_t)
#define CLI_LIST(names_, type_, member)           \
	.names = (names_), .type = CLI_TYPE_LIST, \
	.offset = CLI_OFFSET(type_, member, struct cli_list)
/* `words_` are the choices with blanks between, in the order of the enum; the first is the default. */
#define CLI_CHOICE(names_, type_, member, words_)                                  \
	.names = (names_), .type = CLI_TYPE_CHOICE, .complete = CLI_WORDS(words_), \
	.offset = CLI_OFFSET(type_, member, unsigned)

#define CLI_OFFSET(type, member, expected) \
	_Generic(((type *)0)->member, expected : offsetof(type, member))

struct cli_program;
struct cli_command;

/* One command being run. All is borrowed and lives until the command returns. */
struct cli_invocation {
	const struct cli_program *program;
	const struct cli_command *command; /* NULL in start() when the word names no command */
	const char *word;    /* the first word behind the program's options, as typed */
	char *const *words;  /* all of them, NULL-terminated */
	const void *global;  /* the program's options struct */
	const void *group;   /* the options struct of the command's group; NULL when it has none */
	const void *options; /* the command's options struct; NULL when it has none */
	char *const *arguments; /* what is neither option nor command, NULL-terminated */
	size_t argument_count;
	void *context; /* the program's own, from cli_program */
};

struct cli_command {
	const char *name;
	const char *aliases; /* with ", " between, or NULL */
	const char *help;    /* one line */
	/* The text under DESCRIPTION, its first line without indentation; or NULL. */
	const char *description;
	const char *usage;     /* the whole USAGE line, or NULL for the usual one */
	const char *arguments; /* the end of the usual USAGE line, or NULL for "[arguments...]" */
	struct cli_completion complete; /* the arguments */
	const struct cli_option *options;
	size_t options_size;
	/*
	 * A group: NULL-terminated list of its commands. Its options may stand before and behind the command's word.
	 * Without a word its function runs, if it has one, and its help is shown otherwise.
	 */
	const struct cli_command *const *commands;
	unsigned traits; /* bits whose meaning is the program's */
	bool hidden;
	/* One of ours: unknown options and another number of arguments are errors, exit status 2. */
	bool strict;
	size_t min_arguments, max_arguments;
	bool options_first; /* the first argument ends the options: what follows is another command line */
	/*
	 * 0 when done; a negative errno with *err set: the message goes to stderr, the exit status is 1;
	 * a positive exit status when the command has said all there is to say.
	 */
	int (*run)(const struct cli_invocation *invocation, struct error **err);
};

struct cli_program {
	const char *name;
	const char *help;	      /* what it is; may have several lines */
	const char *(*version)(void); /* the answer to --version, without the last newline */
	const char *notes;	      /* printed at the end of the program's help, or NULL */
	bool strict;		      /* see above */
	const struct cli_option *options;
	size_t options_size;
	const struct cli_command *const *commands; /* NULL-terminated */
	/*
	 * A program that does one thing has no commands but this one, which has neither name nor options: all words
	 * behind the program's options are its arguments, apart from a first word "help" or "h".
	 */
	const struct cli_command *only;
	void *context;
	/*
	 * In this order, each may be NULL. None is called for help, version and completion.
	 * answer: an option that is a job of its own. True: it is done, no command runs.
	 * start:  the options are known, and what will run; whatever fails from here on can be logged.
	 * prepare: nothing is wrong with the command line; the command runs next.
	 * report: tell the user of an error that ends the program; NULL prints it to stderr.
	 */
	bool (*answer)(const void *global);
	int (*start)(const struct cli_invocation *invocation, struct error **err);
	int (*prepare)(const struct cli_invocation *invocation, struct error **err);
	void (*report)(const char *message);
};

/*
 * Parse the command line, do what it says, and return the exit status. What was written to stdout has been
 * flushed; where that fails ("write standard output: no space left on device") the status is 1.
 */
int cli_run(const struct cli_program *program, int argc, char **argv);

/*
 * Print the completion script for bash, zsh or fish, made from the tables. -EINVAL for another shell. For programs with
 * one command only; the others have the following.
 */
int cli_print_completion(const struct cli_program *program, const char *shell, struct error **err);

/*
 * `completion bash|zsh|fish`: prints a completion script made from the tables. Hidden; for a program's
 * list of commands, so that its build can install the scripts.
 */
extern const struct cli_command cli_command_completion;
