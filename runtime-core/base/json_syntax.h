/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Is a text JSON? With the verdicts of Go's encoding/json, because scripts and people know its words:
 * "unexpected end of JSON input", "invalid character 'b' looking for beginning of object key string".
 * A text that passes can go to a parser that says nothing about what is wrong.
 */

#include "error.h"
#include "slice.h"

#define JSON_MAX_DEPTH 256

/* One value, with white space around it. Error -EINVAL. */
int json_check(struct slice text, struct error **err);
