/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The table of checks, for the engine. */

#include "check.h"

extern const struct check checks[];
extern const size_t check_count;
