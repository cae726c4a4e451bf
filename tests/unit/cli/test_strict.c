// SPDX-License-Identifier: Apache-2.0
/* Strict programs, options of groups, lists, and command lines inside of command lines. */
#include "unit.h"

#include <string.h>

#include "cli/cli.h"

struct global {
	bool json;
	const char *level;
};

struct group {
	const char *address;
	struct cli_list hosts;
	bool hybrid;
};

struct leaf {
	struct cli_list commands, variables;
	bool quick;
};

/* What the command was given, as one text. */
static char seen[512];
static char *reported;

static void put(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void put(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), format, arguments);
	va_end(arguments);
}

static void put_list(const char *name, const struct cli_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		put(" %s:%s", name, list->items[i]);
}

static int run_leaf(const struct cli_invocation *invocation, struct error **err)
{
	const struct global *global = invocation->global;
	const struct group *group = invocation->group;
	const struct leaf *leaf = invocation->options;

	(void)err;
	put("%s%s", invocation->command->name, global->json ? " json" : "");
	if (global->level[0])
		put(" level:%s", global->level);
	if (group->address[0])
		put(" at:%s", group->address);
	put("%s", group->hybrid ? " hybrid" : "");
	put_list("host", &group->hosts);
	if (leaf) {
		put("%s", leaf->quick ? " quick" : "");
		put_list("cmd", &leaf->commands);
		put_list("var", &leaf->variables);
	}
	for (size_t i = 0; i < invocation->argument_count; i++)
		put(" [%s]", invocation->arguments[i]);
	return 0;
}

static const struct cli_option leaf_options[] = {
	{ CLI_LIST("cmd, c", struct leaf, commands), .help = "commands", .greedy = true },
	{ CLI_LIST("var, v", struct leaf, variables), .help = "a variable" },
	{ CLI_BOOL("quick, q", struct leaf, quick), .help = "in a hurry" },
	{ 0 },
};

static const struct cli_command leaf = {
	.name = "leaf",
	.help = "takes options",
	.options = leaf_options,
	.options_size = sizeof(struct leaf),
	.max_arguments = 2,
	.run = run_leaf,
};
static const struct cli_command exec = {
	.name = "exec",
	.help = "takes a command line",
	.arguments = "ID COMMAND",
	.options = leaf_options,
	.options_size = sizeof(struct leaf),
	.options_first = true,
	.min_arguments = 2,
	.max_arguments = SIZE_MAX,
	.run = run_leaf,
};
static const struct cli_command *const group_commands[] = { &leaf, &exec, NULL };

static const struct cli_option group_options[] = {
	{ CLI_STRING("connect, address", struct group, address), .help = "where" },
	{ CLI_LIST("host", struct group, hosts), .help = "a host" },
	{ CLI_BOOL("hybrid", struct group, hybrid), .help = "how", .takes_word = true },
	{ 0 },
};
static const struct cli_command group = {
	.name = "group",
	.help = "has options",
	.options = group_options,
	.options_size = sizeof(struct group),
	.commands = group_commands,
};
static const struct cli_command active = {
	.name = "active",
	.help = "does something by itself",
	.options = group_options,
	.options_size = sizeof(struct group),
	.commands = group_commands,
	.run = run_leaf,
};
static const struct cli_command *const commands[] = { &group, &active, NULL };

static const struct cli_option global_options[] = {
	{ CLI_BOOL("json, j", struct global, json), .help = "JSON" },
	{ CLI_STRING("level, l", struct global, level), .help = "how much", .anywhere = true },
	{ 0 },
};

static const char *version(void)
{
	return "1";
}

static void report(const char *message)
{
	free(reported);
	reported = xstrdup(message);
}

static const struct cli_program program = {
	.name = "test",
	.help = "a test",
	.version = version,
	.strict = true,
	.options = global_options,
	.options_size = sizeof(struct global),
	.commands = commands,
	.report = report,
};

static char *printed, *complained;

static int run(const char *line)
{
	char words[256], *argv[32] = { "test" };
	FILE *out = stdout, *err = stderr;
	size_t size;
	int argc = 1, status;

	snprintf(words, sizeof(words), "%s", line);
	for (char *rest = words, *word; (word = strsep(&rest, " "));)
		if (word[0])
			argv[argc++] = word;
	free(printed);
	free(complained);
	report("");
	seen[0] = '\0';
	stdout = open_memstream(&printed, &size);
	stderr = open_memstream(&complained, &size);
	status = cli_run(&program, argc, argv);
	fclose(stdout);
	fclose(stderr);
	stdout = out;
	stderr = err;
	return status;
}

static void words_become_values(void **state)
{
	static const struct {
		const char *words, *seen;
	} cases[] = {
		{ "group leaf", "leaf" },
		{ "-j group leaf", "leaf json" },
		{ "-jl debug group leaf", "leaf json level:debug" },
		{ "-jldebug group leaf", "leaf json level:debug" },
		{ "-l=debug group leaf", "leaf level:debug" },
		{ "-ldebug -j=false group leaf", "leaf level:debug" },
		{ "group leaf -qldebug", "leaf level:debug quick" },
		{ "group --connect a leaf", "leaf at:a" },
		{ "group leaf --address=b", "leaf at:b" },
		{ "group --connect a leaf --connect b", "leaf at:b" },
		{ "group --hybrid leaf", "leaf hybrid" },
		{ "group --hybrid true leaf", "leaf hybrid" },
		{ "group --hybrid false leaf", "leaf" },
		{ "group leaf --hybrid true", "leaf hybrid" },
		{ "group leaf --hybrid yes", "leaf hybrid [yes]" },
		{ "group --host a leaf --host b", "leaf host:a host:b" },
		{ "group --host a --host=b leaf x --host c", "leaf host:a host:b host:c [x]" },
		{ "group leaf -c a b c", "leaf cmd:a cmd:b cmd:c" },
		{ "group leaf -c a b -q -c c", "leaf quick cmd:a cmd:b cmd:c" },
		{ "group leaf x -c a -- y", "leaf cmd:a [x] [y]" },
		{ "group leaf -v a=1 x -v b", "leaf var:a=1 var:b [x]" },
		{ "group leaf -va=1 -qvb", "leaf quick var:a=1 var:b" },
		{ "group exec -q id ls -l --bogus", "exec quick [id] [ls] [-l] [--bogus]" },
		{ "group exec id -- -q", "exec [id] [--] [-q]" },
		{ "group exec -- id -q", "exec [id] [-q]" },
		{ "active --connect a", "active at:a" },
		{ "active --connect a leaf", "leaf at:a" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int status = run(cases[i].words);

		if (status != 0)
			fail_msg("%s: %s", cases[i].words, reported);
		assert_string_equal(seen, cases[i].seen);
		assert_string_equal(printed, "");
		assert_string_equal(complained, "");
	}
}

static void wrong_lines_end_with_two(void **state)
{
	static const struct {
		const char *words, *reported;
	} cases[] = {
		{ "-x", "flag provided but not defined: -x; see test --help" },
		{ "-jx", "flag provided but not defined: -x; see test --help" },
		{ "-j=maybe group leaf",
		  "invalid boolean value \"maybe\" for -j: parse error; see test --help" },
		{ "-jl", "flag needs an argument: -l; see test --help" },
		{ "bogus", "Invalid command \"bogus\"; see test --help" },
		{ "help bogus", "Invalid command \"bogus\"; see test --help" },
		{ "group bogus", "test group has no command \"bogus\"; see test group --help" },
		{ "group --bogus", "flag provided but not defined: -bogus; see test group --help" },
		{ "group leaf --bogus",
		  "flag provided but not defined: -bogus; see test group leaf --help" },
		{ "group leaf a b c", "one argument too many: \"c\"; see test group leaf --help" },
		{ "group exec a",
		  "an argument is missing: ID COMMAND; see test group exec --help" },
		{ "group leaf -c", "flag needs an argument: -c; see test group leaf --help" },
		{ "group -j leaf", "flag provided but not defined: -j; see test group --help" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(run(cases[i].words), 2);
		assert_string_equal(reported, cases[i].reported);
		assert_string_equal(printed, "");
		assert_string_equal(seen, "");
	}
}

static void help_goes_where_it_was_asked(void **state)
{
	static const char *const asked[] = { "--help", "help", "group --help", "group help leaf",
					     "group leaf -h" };
	static const char *const unasked[] = { "", "-j", "group", "group --connect a" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		assert_int_equal(run(asked[i]), 0);
		assert_memory_equal(printed, "NAME:\n", 6);
		assert_string_equal(complained, "");
	}
	for (size_t i = 0; i < ARRAY_SIZE(unasked); i++) {
		assert_int_equal(run(unasked[i]), 2);
		assert_memory_equal(complained, "NAME:\n", 6);
		assert_string_equal(printed, "");
	}
	run("group leaf --help");
	assert_non_null(strstr(printed, "--cmd value..., -c value..."));
	run("group --help");
	assert_non_null(strstr(printed, "--connect value, --address value"));
}

static void completion_knows_options_of_groups(void **state)
{
	(void)state;
	run("group --con --generate-bash-completion");
	assert_string_equal(printed, "--connect\n");
	run("group --connect leaf --generate-bash-completion");
	assert_non_null(strstr(printed, "exec\n"));
	run("group leaf --addr --generate-bash-completion");
	assert_string_equal(printed, "--address\n");
}

static int forget(void **state)
{
	(void)state;
	free(printed);
	free(complained);
	free(reported);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_become_values),
		cmocka_unit_test(wrong_lines_end_with_two),
		cmocka_unit_test(help_goes_where_it_was_asked),
		cmocka_unit_test(completion_knows_options_of_groups),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
