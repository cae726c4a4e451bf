/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Calls with JSON in and out (proto/json.h). Apart, so that who does without needs no JSON library. */

#include <cjson/cJSON.h>

#include "agent_client.h"

/*
 * Make the method's message of a JSON object, call, wait, and make JSON of the answer; *reply is freed with
 * cJSON_Delete(). `request` may be NULL for an empty message. `*called` tells whether an error comes from
 * the call, and not from the request's making. Errors: those of proto_from_json() and agent_client_call().
 */
int agent_client_call_json(struct agent_client *client, const char *method, const cJSON *request,
			   int64_t timeout_ns, cJSON **reply, bool *called, struct error **err);
