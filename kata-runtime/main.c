// SPDX-License-Identifier: Apache-2.0
/*
 * kata-runtime: checks a host, shows its settings, and talks to running sandboxes. This file is the table of
 * options and commands; each command is in its own cmd_NAME.c (spec/kata-runtime.md).
 */
#include <stdio.h>

#include "base/log.h"
#include "base/startup.h"
#include "build.h"
#include "host/arch.h"
#include "kata-runtime.h"

#define RUNTIME_ROOT KATA_LOCALSTATEDIR "/run/kata-containers"

static const struct cli_option options[] = {
	{ CLI_STRING("config, kata-config", struct runtime_options, config),
	  .help = "Kata Containers config file path", .complete = CLI_FILES },
	{ CLI_STRING("log", struct runtime_options, log),
	  .help = "set the log file path where internal debug information is written",
	  .initial = "/dev/null", .complete = CLI_FILES },
	{ CLI_STRING("log-format", struct runtime_options, log_format),
	  .help = "set the format used by logs ('text' (default), or 'json')", .initial = "text",
	  .complete = CLI_WORDS("text json") },
	{ CLI_STRING("log-level", struct runtime_options, log_level),
	  .help = "log records of this urgency and above; also behind the command word",
	  .complete = CLI_WORDS("panic fatal error warning info debug trace"), .anywhere = true },
	{ CLI_STRING("root", struct runtime_options, root),
	  .help = "root directory for storage of container state (this should be located in tmpfs)",
	  .initial = RUNTIME_ROOT, .complete = CLI_DIRECTORIES },
	{ CLI_STRING("rootless", struct runtime_options, rootless),
	  .help = "ignore cgroup permission errors ('true', 'false', or 'auto')", .initial = "auto",
	  .complete = CLI_WORDS("true false auto") },
	{ CLI_BOOL("show-default-config-paths, kata-show-default-config-paths",
		   struct runtime_options, show_default_config_paths),
	  .help = "show config file paths that will be checked for (in order)" },
	{ CLI_BOOL("systemd-cgroup", struct runtime_options, systemd_cgroup),
	  .help = "enable systemd cgroup support, expects cgroupsPath to be of form "
		  "\"slice:prefix:name\" for e.g. \"system.slice:runc:434234\"" },
	{ 0 },
};

/* In the order in which help shows them. */
static const struct cli_command *const commands[] = {
	&cmd_version,
	&cmd_check,
	&cmd_env,
	&cmd_config,
	&cmd_exec,
	&cmd_metrics,
	&cmd_factory,
	&cmd_direct_volume,
	&cmd_iptables,
	&cmd_policy,
	/* Hidden ones. */
	&cmd_sandbox_ids,
	&cli_command_completion,
	NULL,
};

static const char help[] =
	"kata-runtime runtime\n"
	"\n"
	"kata-runtime is a command line program for running applications packaged\n"
	"according to the Open Container Initiative (OCI).";

static const char notes[] = "NOTES:\n"
			    "\n"
			    "- Commands starting \"kata-\" and options starting \"--kata-\" are "
			    "Kata Containers extensions.\n"
			    "\n"
			    "URL:\n"
			    "\n"
			    "  The canonical URL for this project is: " RUNTIME_PROJECT_URL "\n"
			    "\n";

static bool show_default_config_paths(const void *global)
{
	const struct runtime_options *given = global;
	_cleanup_string_list_ struct string_list paths = { 0 };

	if (!given->show_default_config_paths)
		return false;
	config_default_paths(&paths);
	for (size_t i = 0; i < CONFIG_GO_PATHS; i++)
		puts(paths.items[i]);
	return true;
}

static struct runtime_context context;

static const struct cli_program program = {
	.name = RUNTIME_NAME,
	.help = help,
	.version = runtime_version_text,
	.notes = notes,
	.options = options,
	.options_size = sizeof(struct runtime_options),
	.commands = commands,
	.context = &context,
	.answer = show_default_config_paths,
	.start = runtime_start_logging,
	.prepare = runtime_prepare,
	.report = runtime_report,
};

int main(int argc, char **argv)
{
	int status;

	startup_secure();
	log_set_field("arch", host_arch_name(HOST_ARCH_COMPILED));
	log_set_field("name", RUNTIME_NAME);
	log_set_field("source", "runtime");
	log_open_stderr(LOG_FORMAT_TEXT);
	status = cli_run(&program, argc, argv);
	config_free(context.config);
	log_close();
	return status;
}
