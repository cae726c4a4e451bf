/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How this program has its host checked, for `check` and `env`. */

#include "check/check.h"
#include "config/config.h"

/*
 * What to check of this machine under this configuration, which may be broken; it is borrowed. The user
 * decides what may be loaded and what counts (getuid, geteuid).
 */
void host_checks_options(const struct config *config, struct check_options *options);

/*
 * The results of a group as the log records that readers of these commands' logs know: one or two for
 * each, in order (spec/kata-runtime.md 7.4 and 7.6).
 */
void host_checks_log(const struct check_report *report, enum check_group group);
