/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Check results as the log records that readers of `check`'s and `env`'s logs know. */

#include "check/check.h"

/* One or two records per result of the group, in order (spec/kata-runtime.md 7.4 and 7.6). */
void check_records_log(const struct check_report *report, enum check_group group);
