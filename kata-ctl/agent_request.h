/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A request of what stands behind a command: one JSON object, or `name=value` words (spec/kata-ctl.md 2.3). JSON is
 * json://{...}, {...}, file://PATH, @PATH, or - for standard input.
 */

#include <cjson/cJSON.h>

#include "agent_commands.h"
#include "agent_values.h"

/*
 * Make the request; *request is freed with cJSON_Delete(). A value named as a field of the request is for this
 * request only; others are kept in `values`. Fields of the command's row that the JSON does not have get their
 * value, and with `automatic` their initial one where there is none. -EINVAL and the errors of reading files.
 */
int agent_request_make(const struct agent_command *command, char *const *arguments, bool automatic,
		       struct agent_values *values, cJSON **request, struct error **err);

/* 64 random hexadecimal digits. */
void agent_random_id(char id[65]);
