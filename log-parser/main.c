// SPDX-License-Identifier: Apache-2.0
/*
 * kata-log-parser: reads the logs of Kata's components, in whatever form they were collected, and writes them as one
 * document in order of time (spec/log-parser.md). This file is the table of options; run.c does the work.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/startup.h"
#include "cli/cli.h"
#include "kata-log-parser.h"

/* The existing tool's options in its order, then ours. */
/* clang-format off */
static const struct cli_option options[] = {
	{ CLI_BOOL("check-only", struct parser_options, check_only),
	  .help = "check log files (all formats), displaying only errors" },
	{ CLI_BOOL("debug", struct parser_options, debug), .help = "display debug information" },
	{ CLI_BOOL("error-if-file-empty", struct parser_options, error_if_file_empty),
	  .help = "error if any specified log file is empty" },
	{ CLI_BOOL("error-if-no-records", struct parser_options, error_if_no_records),
	  .help = "error if there is no log record to process" },
	{ CLI_BOOL("ignore-missing-fields", struct parser_options, ignore_missing_fields),
	  .help = "take records that lack pid, level, source or name" },
	{ CLI_BOOL("list-output-formats", struct parser_options, list_output_formats),
	  .help = "show the available output formats" },
	{ CLI_BOOL("no-agent-unpack", struct parser_options, no_agent_unpack),
	  .help = "leave the agent's records inside the runtime's" },
	{ CLI_BOOL("quiet", struct parser_options, quiet),
	  .help = "suppress warnings, and reports of single lines" },
	{ CLI_BOOL("strict", struct parser_options, strict),
	  .help = "end at the first line that is no record, or wrapper that cannot be unpacked" },
	{ CLI_STRING("output-format", struct parser_options, output_format), .initial = "text",
	  .help = "set the output format: csv, json, text, toml, xml or yaml",
	  .complete = CLI_WORDS("csv json text toml xml yaml") },
	{ CLI_STRING("output-file", struct parser_options, output_file),
	  .help = "write output to the specified file", .complete = CLI_FILES },

	{ CLI_STRING("sandbox", struct parser_options, sandbox),
	  .help = "only records of these sandboxes (ids or their beginnings, with commas between)" },
	{ CLI_STRING("container", struct parser_options, container),
	  .help = "only records of these containers" },
	{ CLI_STRING("level", struct parser_options, level),
	  .help = "only records of this urgency and above",
	  .complete = CLI_WORDS("panic fatal critical error warning info debug trace") },
	{ CLI_STRING("source", struct parser_options, source), .help = "only records of these sources" },
	{ CLI_STRING("subsystem", struct parser_options, subsystem),
	  .help = "only records of these subsystems" },
	{ CLI_STRING("since", struct parser_options, since),
	  .help = "only records from then on: 2024-05-01T08:00:00Z, \"2024-05-01 08:00\", @SECONDS, -15m" },
	{ CLI_STRING("until", struct parser_options, until), .help = "only records up to then" },
	{ CLI_STRING("grep", struct parser_options, grep),
	  .help = "only records with this text in the message or another value" },
	{ CLI_BOOL("summary", struct parser_options, summary),
	  .help = "show counts, errors by message, sandboxes and gaps in place of the records" },
	{ CLI_STRING("timeline", struct parser_options, timeline),
	  .help = "draw the start of a sandbox into this file, .html or .svg, in place of the records",
	  .complete = CLI_FILES },
	{ CLI_BOOL("follow", struct parser_options, follow),
	  .help = "go on with what is appended, until interrupted" },
	{ CLI_BOOL("journal", struct parser_options, journal), .help = "read the system journal" },
	{ CLI_STRING("journal-directory", struct parser_options, journal_directory),
	  .help = "read the journal files of this directory", .complete = CLI_DIRECTORIES },
	{ CLI_STRING("identifier", struct parser_options, identifier), .initial = "kata",
	  .help = "of the journal, take entries with this identifier; \"\" for all" },
	{ CLI_STRING("boot", struct parser_options, boot),
	  .help = "of the journal, take entries of this boot: an id, 0 for this one, -1 for the one before" },
	{ CLI_CHOICE("sort", struct parser_options, sort, "auto window full"),
	  .help = "put records in order as a whole ('full'), as they come, a few thousand at a time "
		  "('window'), or as the input needs it ('auto')" },
	{ CLI_STRING("temporary-directory", struct parser_options, temporary_directory),
	  .help = "where a sort that does not fit into memory keeps its files (default: TMPDIR, or /var/tmp)",
	  .complete = CLI_DIRECTORIES },
	{ CLI_STRING("completion", struct parser_options, completion), .hidden = true,
	  .help = "print a completion script for bash, zsh or fish" },
	{ 0 },
};
/* clang-format on */

static const char description[] =
	"Read log records of Kata Containers, in the forms that loggers, journalctl and the "
	"journal\n"
	"   itself have for them, compressed or not, and write them in order of time.";

static const char notes[] = "NOTES:\n"
			    "   - If file is specified as '-', read from standard input.\n"
			    "   - --debug needs --output-file= (or --check-only), so that nothing "
			    "mixes with the output.\n"
			    "\n";

static const char *version_text(void)
{
	static char text[128];

	snprintf(text, sizeof(text), PARSER_NAME " " PARSER_VERSION " (commit %s)", PARSER_COMMIT);
	return text;
}

static int run(const struct cli_invocation *invocation, struct error **err)
{
	const struct parser_options *given = invocation->global;

	if (given->completion[0])
		return cli_print_completion(invocation->program, given->completion, err);
	return parser_run(given, invocation->arguments, err);
}

static const struct cli_command only = {
	.help = "process log files of Kata Containers",
	.usage = "[options] file ...",
	.description = description,
	.complete = CLI_FILES,
	.run = run,
};

static const struct cli_program program = {
	.name = PARSER_NAME,
	.help = "tool to collate logs from multiple sources",
	.version = version_text,
	.notes = notes,
	.options = options,
	.options_size = sizeof(struct parser_options),
	.only = &only,
	.report = parser_report_error,
};

int main(int argc, char **argv)
{
	int status;

	startup_secure();
	tzset();
	log_set_field("commit", PARSER_COMMIT);
	log_set_field("name", PARSER_NAME);
	log_set_field("source", "log-parser");
	log_set_field("version", PARSER_VERSION);
	log_open_stderr(LOG_FORMAT_TEXT);
	log_set_level(LOG_LEVEL_WARNING);
	status = cli_run(&program, argc, argv);
	log_close();
	return status;
}
