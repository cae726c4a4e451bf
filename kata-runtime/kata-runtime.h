/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of this program share: its options, its commands' needs, its constants. */

#include <stdbool.h>

#include "cli/cli.h"
#include "config/config.h"

#define RUNTIME_NAME	    "kata-runtime"
#define RUNTIME_PROJECT_URL "https://github.com/kata-containers"
#define RUNTIME_OCI_VERSION "1.2.1"
#define RUNTIME_UNKNOWN	    "<<unknown>>"

/* The options in front of the command word (spec/kata-runtime.md 3). */
struct runtime_options {
	const char *config;
	const char *log;
	const char *log_format;
	const char *log_level;
	const char *root;
	const char *rootless;
	bool show_default_config_paths;
	bool systemd_cgroup;
};

/* cli_invocation.context points to one of these. */
struct runtime_context {
	/* As config_examine() returns it; NULL for a command with none of the configuration traits. */
	struct config *config;
};

/* Traits of a command, for cli_command.traits. */
enum runtime_trait {
	/* Log warnings to stderr, and neither to the log file nor to syslog, whatever the options say. */
	RUNTIME_LOGS_TO_STDERR = 1 << 0,
	/* Never log to syslog when the command stands alone, without further words. */
	RUNTIME_NO_SYSLOG_ALONE = 1 << 1,
	/* Needs nothing of the host: no log is opened, so that a bad --log does not matter. */
	RUNTIME_NEEDS_NOTHING = 1 << 2,
	/* Cannot run without a configuration that loads. */
	RUNTIME_NEEDS_CONFIGURATION = 1 << 3,
	/* Obeys [runtime] enable_debug where there is a configuration; a broken one is a warning in the log. */
	RUNTIME_WANTS_CONFIGURATION = 1 << 4,
	/* Is given the configuration whatever is wrong with it, and tells the user itself. */
	RUNTIME_EXAMINES_CONFIGURATION = 1 << 5,
};

/* One constant per cmd_NAME.c; main.c lists them. */
extern const struct cli_command cmd_check;
extern const struct cli_command cmd_config;
extern const struct cli_command cmd_direct_volume;
extern const struct cli_command cmd_env;
extern const struct cli_command cmd_exec;
extern const struct cli_command cmd_factory;
extern const struct cli_command cmd_iptables;
extern const struct cli_command cmd_metrics;
extern const struct cli_command cmd_policy;
extern const struct cli_command cmd_sandbox_ids;
extern const struct cli_command cmd_version;

/* What completes a sandbox id. */
#define RUNTIME_SANDBOX_IDS CLI_OUTPUT_OF("sandbox-ids")

/* The three lines of --version; static. */
const char *runtime_version_text(void);

/* The configuration of a command with one of the configuration traits. */
const struct config *runtime_config(const struct cli_invocation *invocation);

/* Hooks of the program (cli/cli.h): logging.c, configuration.c. */
int runtime_start_logging(const struct cli_invocation *invocation, struct error **err);
int runtime_prepare(const struct cli_invocation *invocation, struct error **err);
void runtime_report(const char *message);
