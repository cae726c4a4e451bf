/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* JSON for readers whose numbers are doubles. */

#include "base/slice.h"
#include "base/strbuf.h"

/*
 * Append the text, which is JSON (base/json_syntax.h), with quotes around integers of more than 15 digits: such a number
 * would lose its last digits, and as a string it keeps them (proto/json.h takes both).
 */
void quote_big_numbers(struct slice json, struct strbuf *out);
