/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Numbers and words from foreign text: the whole text must be consumed, and nothing is guessed.
 * All return 0, -EINVAL for a text of another form, -ERANGE for a number that does not fit.
 */

#include <stdbool.h>
#include <stdint.h>

#include "slice.h"

/* Decimal digits only: no sign, no blanks, no base prefix; leading zeros are harmless. */
int number_parse_u64(struct slice text, uint64_t *value);

/* The same with an optional sign, + or -, in front. */
int number_parse_i64(struct slice text, int64_t *value);

/* Go's base-0 syntax: decimal, 0x, 0o or a leading 0 for octal, 0b, and _ between digits. */
int number_parse_u64_go(struct slice text, uint64_t *value);

/*
 * A length of time: numbers with a unit behind each, "1m30s"; units are ns, us, ms, s, m and h. "0" needs none.
 * The result is not negative.
 */
int number_parse_duration(struct slice text, int64_t *duration_ns);

/* Go's boolean words: 1 t T true TRUE True, 0 f F false FALSE False. */
int number_parse_bool_go(struct slice text, bool *value);
