// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

/* A program with one command of each kind, which notes what it was given. */
struct global {
	const char *config;
	const char *level;
	bool paths;
};

struct volume {
	const char *path;
	uint64_t size;
	bool quick;
	enum { AS_TABLE, AS_JSON, AS_YAML } output;
};

static struct {
	struct global global;
	struct volume volume;
	char arguments[256];
	unsigned started, prepared, runs;
} seen;

static const struct cli_option global_options[] = {
	{ CLI_STRING("config, kata-config", struct global, config), .help = "the file" },
	{ CLI_STRING("level", struct global, level), .help = "how much", .anywhere = true },
	{ CLI_BOOL("paths", struct global, paths), .help = "show paths" },
	{ 0 },
};

static const struct cli_option volume_options[] = {
	{ CLI_STRING("volume-path", struct volume, path), .help = "where", .initial = "/none" },
	{ CLI_UINT64("size", struct volume, size), .help = "how big" },
	{ CLI_BOOL("quick, q", struct volume, quick), .help = "in a hurry" },
	{ CLI_CHOICE("output, o", struct volume, output, "table json yaml"), .help = "the form" },
	{ 0 },
};

static const struct cli_option required_options[] = {
	{ CLI_STRING("volume-path", struct volume, path), .help = "where", .required = true },
	{ 0 },
};

static int run_volume(const struct cli_invocation *invocation, struct error **err)
{
	(void)err;
	seen.runs++;
	seen.global = *(const struct global *)invocation->global;
	seen.volume = *(const struct volume *)invocation->options;
	seen.arguments[0] = '\0';
	assert_null(invocation->arguments[invocation->argument_count]);
	for (size_t i = 0; i < invocation->argument_count; i++)
		snprintf(seen.arguments + strlen(seen.arguments),
			 sizeof(seen.arguments) - strlen(seen.arguments), "[%s]",
			 invocation->arguments[i]);
	return 0;
}

static int run_failing(const struct cli_invocation *invocation, struct error **err)
{
	(void)invocation;
	return error_set(err, -5, "it broke");
}

static int run_status(const struct cli_invocation *invocation, struct error **err)
{
	(void)invocation;
	(void)err;
	return 3;
}

static const struct cli_command volume = {
	.name = "volume",
	.aliases = "kata-volume",
	.help = "handle a volume",
	.options = volume_options,
	.options_size = sizeof(struct volume),
	.run = run_volume,
};
static const struct cli_command needy = {
	.name = "needy",
	.help = "has a required option",
	.options = required_options,
	.options_size = sizeof(struct volume),
	.run = run_volume,
};
static const struct cli_command strict = {
	.name = "strict",
	.help = "refuses what it does not know",
	.options = volume_options,
	.options_size = sizeof(struct volume),
	.strict = true,
	.max_arguments = 1,
	.run = run_volume,
};
static const struct cli_command failing = { .name = "fail", .help = "fails", .run = run_failing };
static const struct cli_command status = { .name = "status", .help = "ends", .run = run_status };
static const struct cli_command *const group_commands[] = { &volume, &needy, NULL };
static const struct cli_command group = {
	.name = "group",
	.help = "a group",
	.commands = group_commands,
};
static const struct cli_command *const commands[] = {
	&volume, &needy, &strict, &failing, &status, &group, NULL,
};

static const char *version(void)
{
	return "test 1";
}

static int start(const struct cli_invocation *invocation, struct error **err)
{
	const struct global *given = invocation->global;

	seen.started++;
	return strcmp(given->level, "bad") == 0 ? error_set(err, -22, "bad level") : 0;
}

static int prepare(const struct cli_invocation *invocation, struct error **err)
{
	(void)invocation;
	(void)err;
	seen.prepared++;
	return 0;
}

static bool answer(const void *global)
{
	if (((const struct global *)global)->paths)
		fputs("the paths\n", stdout);
	return ((const struct global *)global)->paths;
}

static struct {
	char *out;
	char *reported;
	int status;
} result;

static void report(const char *message)
{
	free(result.reported);
	result.reported = xstrdup(message);
}

static const struct cli_program program = {
	.name = "test",
	.help = "a test",
	.version = version,
	.options = global_options,
	.options_size = sizeof(struct global),
	.commands = commands,
	.answer = answer,
	.start = start,
	.prepare = prepare,
	.report = report,
};

/* Run with words given as one text ('' is an empty word); `result` is then what a user would have seen. */
static void run(const char *line)
{
	char words[512], *argv[32] = { "/usr/bin/renamed" };
	FILE *saved = stdout;
	size_t size;
	int argc = 1;

	snprintf(words, sizeof(words), "%s", line);
	for (char *rest = words, *word; (word = strsep(&rest, " "));)
		if (word[0])
			argv[argc++] = strcmp(word, "''") == 0 ? "" : word;
	free(result.out);
	free(result.reported);
	memset(&result, 0, sizeof(result));
	memset(&seen, 0, sizeof(seen));
	stdout = open_memstream(&result.out, &size);
	assert_non_null(stdout);
	result.status = cli_run(&program, argc, argv);
	fclose(stdout);
	stdout = saved;
}

/* What the grammar makes of words: the values stored and the arguments left. */
static void grammar(void **state)
{
	static const struct {
		const char *words;
		const char *path, *arguments;
		uint64_t size;
		bool quick;
		unsigned output;
	} cases[] = {
		{ "volume", "/none", "", 0, false, AS_TABLE },
		{ "kata-volume -volume-path /a --size=1_0", "/a", "", 10, false, AS_TABLE },
		{ "volume x --size 0x10 y -q", "/none", "[x][y]", 16, true, AS_TABLE },
		{ "volume --q x", "/none", "[x]", 0, true, AS_TABLE },
		{ "volume x -q y --size 0o7", "/none", "[x][y]", 7, true, AS_TABLE },
		{ "volume -q=F --size 07", "/none", "", 7, false, AS_TABLE },
		{ "volume --quick=t --size=0b11", "/none", "", 3, true, AS_TABLE },
		{ "volume --volume-path --size", "--size", "", 0, false, AS_TABLE },
		{ "volume --volume-path=--size=3", "--size=3", "", 0, false, AS_TABLE },
		{ "volume --volume-path= -o json", "", "", 0, false, AS_JSON },
		{ "volume --volume-path ''", "", "", 0, false, AS_TABLE },
		{ "volume -- --size 3", "/none", "[--size][3]", 0, false, AS_TABLE },
		{ "volume - --output yaml", "/none", "[-]", 0, false, AS_YAML },
		{ "volume x --bogus --size 3", "/none", "[x][--bogus]", 3, false, AS_TABLE },
		{ "volume --volume-path a --volume-path b", "b", "", 0, false, AS_TABLE },
		{ "group volume --size 3 x", "/none", "[x]", 3, false, AS_TABLE },
		{ "group -- volume x", "/none", "[x]", 0, false, AS_TABLE },
		{ "-- volume x", "/none", "[x]", 0, false, AS_TABLE },
		{ "strict x --size 3", "/none", "[x]", 3, false, AS_TABLE },
		{ "needy x --volume-path ''", "", "[x]", 0, false, AS_TABLE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		run(cases[i].words);
		if (result.status != 0)
			fail_msg("%s: %s", cases[i].words, result.reported);
		assert_string_equal(seen.volume.path, cases[i].path);
		assert_string_equal(seen.arguments, cases[i].arguments);
		assert_int_equal(seen.volume.size, cases[i].size);
		assert_int_equal(seen.volume.quick, cases[i].quick);
		assert_int_equal(seen.volume.output, cases[i].output);
		assert_int_equal(seen.started, 1);
		assert_int_equal(seen.prepared, 1);
		assert_string_equal(result.out, "");
	}
}

static void program_options(void **state)
{
	(void)state;
	run("--kata-config=/c -level=3 volume");
	assert_string_equal(seen.global.config, "/c");
	assert_string_equal(seen.global.level, "3");
	run("--level 3 volume --level 4");
	assert_string_equal(seen.global.config, "");
	assert_string_equal(seen.global.level, "4");
	run("group --level 5 volume");
	assert_string_equal(seen.global.level, "5");
}

/* Wrong command lines: what is printed on stdout first, what is reported, the status. */
static void usage_errors(void **state)
{
	static const struct {
		const char *words;
		const char *out;
		const char *reported;
		int status;
	} cases[] = {
		{ "--bogus volume",
		  "Incorrect Usage. flag provided but not defined: -bogus\n\nNAME:\n   test - a "
		  "test\n",
		  "flag provided but not defined: -bogus", 1 },
		{ "volume --bogus",
		  "Incorrect Usage: flag provided but not defined: -bogus\n\nNAME:\n"
		  "   renamed volume - handle a volume\n",
		  "flag provided but not defined: -bogus", 1 },
		{ "volume --config x", "Incorrect Usage: flag provided but not defined: -config\n",
		  "flag provided but not defined: -config", 1 },
		{ "volume --size 1G",
		  "Incorrect Usage: ", "invalid value \"1G\" for flag -size: parse error", 1 },
		{ "volume -size=-1",
		  "Incorrect Usage: ", "invalid value \"-1\" for flag -size: parse error", 1 },
		{ "volume --size 18446744073709551616", "Incorrect Usage: ",
		  "invalid value \"18446744073709551616\" for flag -size: value out of range", 1 },
		{ "volume --quick=maybe", "Incorrect Usage: ",
		  "invalid boolean value \"maybe\" for -quick: parse error", 1 },
		{ "volume --volume-path",
		  "Incorrect Usage: ", "flag needs an argument: -volume-path", 1 },
		{ "volume -o xml", "Incorrect Usage: ",
		  "invalid value \"xml\" for flag -o: choose one of: table json yaml", 1 },
		{ "volume ---size", "Incorrect Usage: ", "bad flag syntax: ---size", 1 },
		{ "volume --=3", "Incorrect Usage: ", "bad flag syntax: --=3", 1 },
		{ "volume -qo", "Incorrect Usage: ", "flag provided but not defined: -qo", 1 },
		{ "--config", "Incorrect Usage. ", "flag needs an argument: -config", 1 },
		{ "--kata-config b --config a volume",
		  "Cannot use two forms of the same flag: kata-config config\nNAME:\n   test - a",
		  "Cannot use two forms of the same flag: kata-config config", 1 },
		{ "volume -q --quick", "Incorrect Usage: Cannot use two forms of the same flag: q",
		  "Cannot use two forms of the same flag: q quick", 1 },
		{ "needy x", "NAME:\n   renamed needy - has",
		  "Required flag \"volume-path\" not set", 1 },
		{ "group needy x", "NAME:\n   test group needy - has",
		  "Required flag \"volume-path\" not set", 1 },
		{ "group --bogus volume",
		  "Incorrect Usage. flag provided but not defined: -bogus\n\nNAME:\n   test group "
		  "- a",
		  "flag provided but not defined: -bogus", 1 },
		{ "bogus", "", "Invalid command \"bogus\"", 1 },
		{ "help bogus", "", "Invalid command \"bogus\"", 1 },
		{ "strict --bogus", "",
		  "flag provided but not defined: -bogus; see renamed strict --help", 2 },
		{ "strict a b", "", "one argument too many: \"b\"; see renamed strict --help", 2 },
		{ "strict a --bogus", "",
		  "flag provided but not defined: -bogus; see renamed strict --help", 2 },
		{ "--level bad volume", "", "bad level", 1 },
		{ "volume --level bad", "", "bad level", 1 },
		{ "fail", "", "it broke", 1 },
		{ "status", "", NULL, 3 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		run(cases[i].words);
		if (result.status != cases[i].status)
			fail_msg("%s: status %d", cases[i].words, result.status);
		if (strncmp(result.out, cases[i].out, strlen(cases[i].out)) != 0 ||
		    (!cases[i].out[0] && result.out[0]))
			fail_msg("%s: printed %s", cases[i].words, result.out);
		if (cases[i].reported)
			assert_string_equal(result.reported ? result.reported : "",
					    cases[i].reported);
		else
			assert_null(result.reported);
		assert_int_equal(seen.runs, 0);
	}
}

/* Answers that need nothing: no hook runs. */
static void answers(void **state)
{
	static const struct {
		const char *words;
		const char *out;
	} cases[] = {
		{ "", "NAME:\n   test - a test\n" },
		{ "''", "NAME:\n   test - a test\n" },
		{ "-h", "NAME:\n   test - a test\n" },
		{ "help", "NAME:\n   test - a test\n" },
		{ "--paths --help", "NAME:\n   test - a test\n" },
		{ "--version volume", "test 1\n" },
		{ "--paths volume --bogus", "the paths\n" },
		{ "volume -h", "NAME:\n   renamed volume - handle a volume\n" },
		{ "kata-volume x --help", "NAME:\n   renamed volume - handle a volume\n" },
		{ "help kata-volume", "NAME:\n   renamed volume - handle a volume\n" },
		{ "help group", "NAME:\n   renamed group - a group\n\nUSAGE:\n   renamed group "
				"[arguments...]\n" },
		{ "group", "NAME:\n   test group - a group\n\n"
			   "USAGE:\n   test group command [command options] [arguments...]\n" },
		{ "group h", "NAME:\n   test group - a group\n" },
		{ "group --help volume", "NAME:\n   test group - a group\n" },
		{ "group help volume", "NAME:\n   test group volume - handle a volume\n" },
		{ "group volume --help", "NAME:\n   test group volume - handle a volume\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		run(cases[i].words);
		assert_int_equal(result.status, 0);
		if (strncmp(result.out, cases[i].out, strlen(cases[i].out)) != 0)
			fail_msg("%s: printed %s", cases[i].words, result.out);
		assert_null(result.reported);
		assert_int_equal(seen.started + seen.prepared + seen.runs, 0);
	}
}

static void help_layout(void **state)
{
	(void)state;
	run("volume --help");
	assert_string_equal(result.out, "NAME:\n"
					"   renamed volume - handle a volume\n"
					"\n"
					"USAGE:\n"
					"   renamed volume [command options] [arguments...]\n"
					"\n"
					"OPTIONS:\n"
					"   --volume-path value       where (default: \"/none\")\n"
					"   --size value              how big (default: 0)\n"
					"   --quick, -q               in a hurry\n"
					"   --output value, -o value  the form (default: table)\n"
					"   \n");
	run("group --help");
	assert_string_equal(result.out, "NAME:\n"
					"   test group - a group\n"
					"\n"
					"USAGE:\n"
					"   test group command [command options] [arguments...]\n"
					"\n"
					"COMMANDS:\n"
					"   volume, kata-volume  handle a volume\n"
					"   needy                has a required option\n"
					"\n"
					"OPTIONS:\n"
					"   --help, -h  show help\n"
					"   \n");
}

static void completion(void **state)
{
	static const struct {
		const char *words;
		const char *out;
	} cases[] = {
		{ "", "volume\nkata-volume\nneedy\nstrict\nfail\nstatus\ngroup\nhelp\nh\n" },
		{ "vol", "volume\nkata-volume\nneedy\nstrict\nfail\nstatus\ngroup\nhelp\nh\n" },
		{ "group", "volume\nkata-volume\nneedy\nhelp\nh\n" },
		{ "--config x group", "volume\nkata-volume\nneedy\nhelp\nh\n" },
		{ "volume", "" },
		{ "--ver", "--version\n" },
		{ "--conf", "--config\n" },
		{ "volume --v", "--version\n--volume-path\n" },
		{ "volume -q", "--quick\n-q\n" },
		{ "group volume --s", "--size\n" },
		{ "group -", "--help\n-h\n" },
		{ "volume --size 3 --s", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char line[256];

		snprintf(line, sizeof(line), "%s --generate-bash-completion", cases[i].words);
		run(line);
		assert_int_equal(result.status, 0);
		if (strcmp(result.out, cases[i].out) != 0)
			fail_msg("%s: %s", cases[i].words, result.out);
	}
	setenv("_CLI_ZSH_AUTOCOMPLETE_HACK", "1", 1);
	run("group --generate-bash-completion");
	unsetenv("_CLI_ZSH_AUTOCOMPLETE_HACK");
	assert_string_equal(result.out, "volume:handle a volume\nkata-volume:handle a volume\n"
					"needy:has a required option\n"
					"help:Shows a list of commands or help for one command\n"
					"h:Shows a list of commands or help for one command\n");
}

static int release(void **state)
{
	(void)state;
	free(result.out);
	free(result.reported);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grammar),	cmocka_unit_test(program_options),
		cmocka_unit_test(usage_errors), cmocka_unit_test(answers),
		cmocka_unit_test(help_layout),	cmocka_unit_test(completion),
	};

	return cmocka_run_group_tests_name("cli", tests, NULL, release);
}
