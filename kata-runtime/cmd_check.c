// SPDX-License-Identifier: Apache-2.0
/*
 * `check`: can this host run Kata Containers, and is there a newer release? Everything is checked whatever
 * fails first: the configuration, the host, and last of all the network, which can only add a warning.
 *
 * Scripts read the sentences on stdout and the exit status; those are the existing tool's. What helps a
 * person (what was looked for, what was found, what to do) goes to stderr; `-o json` prints all of it as data.
 */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "build.h"
#include "check/report.h"
#include "host_checks.h"
#include "kata-runtime.h"

#define CAPABLE	    "System is capable of running Kata Containers"
#define CAN_CREATE  "System can currently create Kata Containers"
#define NOT_AS_ROOT "Not running network checks as super user"

/* In the order of the choices of --output. */
enum output {
	OUTPUT_TABLE,
	OUTPUT_JSON,
};

struct check_command_options {
	bool check_version_only;
	bool include_all_releases;
	bool list;
	bool no_network_checks;
	bool only_list_releases;
	unsigned output;
	bool strict;
	bool verbose;
};

static const struct cli_option options[] = {
	{ CLI_BOOL("check-version-only", struct check_command_options, check_version_only),
	  .help = "Only compare the current and latest available versions (requires network, "
		  "non-root only)" },
	{ CLI_BOOL("include-all-releases", struct check_command_options, include_all_releases),
	  .help = "Don't filter out pre-release release versions" },
	{ CLI_BOOL("list", struct check_command_options, list),
	  .help = "print the identifier and title of each check for this host, and run none" },
	{ CLI_BOOL("no-network-checks, n", struct check_command_options, no_network_checks),
	  .help = "Do not run any checks using the network" },
	{ CLI_BOOL("only-list-releases", struct check_command_options, only_list_releases),
	  .help = "Only list newer available releases (non-root only)" },
	{ CLI_CHOICE("output, o", struct check_command_options, output, "table json"),
	  .help = "how to show the results: 'table' (default), or 'json'" },
	{ CLI_BOOL("strict, s", struct check_command_options, strict),
	  .help = "fail on warnings, too, and when the network cannot be reached" },
	{ CLI_BOOL("verbose, v", struct check_command_options, verbose),
	  .help = "show every check, not only those that do not pass" },
	{ 0 },
};

static const char description[] =
	"tests if system can run Kata Containers and version is current.\n"
	"\n"
	"ENVIRONMENT VARIABLES:\n"
	"\n"
	"- KATA_CHECK_NO_NETWORK: If set to any value, act as if \"--no-network-checks\" was "
	"specified.\n"
	"\n"
	"EXAMPLES:\n"
	"\n"
	"- Perform basic checks:\n"
	"\n"
	"  $ kata-runtime check\n"
	"\n"
	"- Local basic checks only:\n"
	"\n"
	"  $ kata-runtime check --no-network-checks\n"
	"\n"
	"- Perform further checks:\n"
	"\n"
	"  $ sudo kata-runtime check\n"
	"\n"
	"- Just check if a newer version is available:\n"
	"\n"
	"  $ kata-runtime check --check-version-only\n"
	"\n"
	"- List available releases (shows output in format \"version;release-date;url\"):\n"
	"\n"
	"  $ kata-runtime check --only-list-releases\n"
	"\n"
	"- List all available releases (includes pre-release versions):\n"
	"\n"
	"  $ kata-runtime check --only-list-releases --include-all-releases\n"
	"\n"
	"- The whole result as data:\n"
	"\n"
	"  $ sudo kata-runtime check -o json\n";

/* ---- printing ---------------------------------------------------------------------------------- */

static bool stderr_has_colour(void)
{
	const char *no_colour = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return isatty(STDERR_FILENO) && !(no_colour && no_colour[0]) &&
	       !(terminal && strcmp(terminal, "dumb") == 0);
}

/* What a person wants to know of the checks so far. */
static void print_report(const struct check_report *report, bool verbose)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	check_report_text(report, verbose ? CHECK_DETAIL_ALL : CHECK_DETAIL_TROUBLE,
			  stderr_has_colour(), &text);
	fputs(text.data, stderr);
}

static void print_result(const struct check_result *result)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	check_result_text(result, stderr_has_colour(), &text);
	fputs(text.data, stderr);
}

static void print_json(const struct check_report *report)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	check_report_json(report, &host_here, &text);
	fputs(text.data, stdout);
}

static int print_list(void)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	check_list_text(&host_here, &text);
	fputs(text.data, stdout);
	return 0;
}

/* ---- the host ---------------------------------------------------------------------------------- */

static void check_this_host(const struct cli_invocation *invocation, struct check_report *report)
{
	const struct check_command_options *given = invocation->options;
	const struct config *config = runtime_config(invocation);
	struct check_options host_options;

	check_configuration(config, report);
	host_checks_options(config, &host_options);
	check_host(&host_options, report);
	host_checks_log(report, CHECK_CAPABILITY);
	host_checks_log(report, CHECK_CREATION);
	if (given->output == OUTPUT_JSON)
		return;
	print_report(report, given->verbose);
	if (check_report_group_passed(report, CHECK_CAPABILITY)) {
		puts(CAPABLE);
		if (host_options.root && check_report_group_passed(report, CHECK_CREATION) &&
		    check_report_group_passed(report, CHECK_CONFIGURATION))
			puts(CAN_CREATE);
	}
	/* The network may take a while. */
	fflush(stdout);
}

/* ---- the network ------------------------------------------------------------------------------- */

static bool network_is_wanted(const struct check_command_options *given)
{
	const char *no_network = getenv("KATA_CHECK_NO_NETWORK");

	return !given->no_network_checks && !(no_network && no_network[0]);
}

static int find_releases(const struct check_command_options *given, struct releases *releases,
			 struct check_report *report, struct error **err)
{
	const struct releases_options release_options = {
		.current_version = KATA_VERSION,
		.include_prereleases = given->include_all_releases,
		.list_only = given->only_list_releases,
		.url = getenv("KATA_RELEASE_URL"),
	};

	return check_releases(&release_options, releases, report, err);
}

static void print_releases(const struct check_command_options *given,
			   const struct releases *releases)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	if (given->only_list_releases)
		releases_describe_list(releases, &text);
	else
		releases_describe(releases, &text);
	fputs(text.data, stdout);
}

/* Ask, and show the answer; a failure becomes *err, which the caller may take as a warning. */
static int check_network(const struct check_command_options *given, struct check_report *report,
			 struct error **err)
{
	_cleanup_releases_ struct releases releases = { 0 };
	int ret;

	if (!network_is_wanted(given)) {
		check_releases_skip("switched off", report);
		return 0;
	}
	if (geteuid() == 0) {
		log_warning(NOT_AS_ROOT);
		check_releases_skip(NOT_AS_ROOT, report);
		return 0;
	}
	ret = find_releases(given, &releases, report, err);
	if (given->output == OUTPUT_JSON)
		return ret;
	if (ret == 0)
		print_releases(given, &releases);
	else
		print_result(check_report_find(report, "network.release"));
	return ret;
}

/* ---- the verdict ------------------------------------------------------------------------------- */

static int conclude(const struct check_command_options *given, const struct check_report *report,
		    struct error **err)
{
	const char *failure = check_report_failure(report);
	size_t warnings = check_report_count(report, CHECK_WARN);

	if (given->output == OUTPUT_JSON)
		print_json(report);
	if (failure)
		return error_set(err, -ENOTSUP, "%s", failure);
	if (given->strict && warnings)
		return error_set(err, -ENOTSUP, "--strict: %zu warning%s", warnings,
				 warnings == 1 ? "" : "s");
	return 0;
}

static int run(const struct cli_invocation *invocation, struct error **err)
{
	const struct check_command_options *given = invocation->options;
	_cleanup_check_report_ struct check_report report = { 0 };
	_cleanup_error_ struct error *no_network = NULL;
	bool only_network = given->check_version_only || given->only_list_releases;

	if (given->list)
		return print_list();
	if (given->verbose && log_get_level() < LOG_LEVEL_INFO)
		log_set_level(LOG_LEVEL_INFO);
	if (!only_network)
		check_this_host(invocation, &report);
	if (check_network(given, &report, &no_network) < 0 && only_network) {
		if (given->output == OUTPUT_JSON)
			print_json(&report);
		return error_propagate(err, steal(no_network));
	}
	return conclude(given, &report, err);
}

const struct cli_command cmd_check = {
	.name = "check",
	.aliases = "kata-check",
	.help = "tests if system can run Kata Containers",
	.description = description,
	.options = options,
	.options_size = sizeof(struct check_command_options),
	.traits = RUNTIME_LOGS_TO_STDERR | RUNTIME_EXAMINES_CONFIGURATION,
	.run = run,
};
