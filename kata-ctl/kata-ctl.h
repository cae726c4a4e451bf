/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of this program share: its options and its commands. */

#include <stdbool.h>

#include "cli/cli.h"

#define CTL_NAME "kata-ctl"

/* The options in front of the command word (spec/kata-ctl.md 1.2). */
struct ctl_options {
	unsigned log_level; /* number of a word of CTL_LOG_LEVELS */
	bool json_logging;
	bool show_default_config_paths;
};

#define CTL_LOG_LEVELS "trace debug info warning error critical warn"

/* One constant per cmd_NAME.c; main.c lists them. */
extern const struct cli_command cmd_agent;
extern const struct cli_command cmd_version;

/* Tell the user of an error on standard error: "ERROR: MESSAGE". */
void ctl_print_error(const char *message);

/* The answer to `version`; static. */
const char *ctl_version_text(void);
