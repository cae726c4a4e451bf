/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What YAML makes of a text without quotes, and the order of keys. Inside this room only. */

#include "base/slice.h"

/*
 * Does every reader of YAML 1.1 take it for a string? False for what is or looks like null, a boolean, a number (base 60
 * too), a date or time, and for "<<" and "=".
 */
bool yaml_reads_as_string(struct slice text);

/*
 * The order of a map's keys: letters by their number, what is no letter in front of letters, runs of digits as
 * numbers. A total order.
 */
int yaml_compare_keys(struct slice a, struct slice b);
