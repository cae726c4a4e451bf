/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* JSON objects from people: checked, bounded, and with numbers of all 64 bits. */

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/slice.h"

/*
 * An object of the text, to be freed with cJSON_Delete(); integers that are no doubles are strings of their digits in
 * it. Errors begin with `name`: those of json_check(), and -EINVAL for a value that is no object.
 */
int json_input_parse(struct slice text, const char *name, cJSON **object, struct error **err);

/* The same of a file; "-" is standard input. */
int json_input_read(const char *path, cJSON **object, struct error **err);
