/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The commands that stand for RPCs: every method of the schema, under its own name. A row of the table is needed
 * only where a command has another name, fields that are filled from `name=value` words, or a form of its own
 * (spec/kata-ctl.md 2.4).
 */

#include <cjson/cJSON.h>

#include "agent-client/agent_client.h"

/* A field of the request that is filled from a value when the JSON does not have it. */
struct agent_field {
	const char *field;
	const char *value; /* the value's name */
	const char
		*initial; /* the value when nobody has said one; NULL leaves the field as it is */
	enum {
		AGENT_FIELD_PLAIN,	 /* as agent_request_set() takes it */
		AGENT_FIELD_CONTAINER,	 /* initially a random id, the same for the whole run */
		AGENT_FIELD_PROCESS,	 /* initially the container's id: its first process */
		AGENT_FIELD_SIGNAL,	 /* a number or a name */
		AGENT_FIELD_HEXADECIMAL, /* numbers with commas between */
		AGENT_FIELD_SPEC,	 /* the process of a bundle's config.json */
	} kind;
};

struct agent_command {
	const char *name; /* NULL: as the method */
	const char *method;
	const struct agent_field *fields; /* ends with a zeroed row; or NULL */
	/* Last changes of the request, from what people write to what the protocol has. NULL: none. */
	int (*prepare)(cJSON *request, struct error **err);
	/* In place of the one call, each within `timeout_ns`: 1, or 0 for a request that shall be sent as it is. */
	int (*run)(struct agent_client *client, const cJSON *request, int64_t timeout_ns,
		   struct error **err);
};

/* The command of a word: its row, or one made of the method in *made. NULL when there is none. */
const struct agent_command *agent_command_find(const char *word, struct agent_command *made);

/* The number of a signal: 0 to 255, or a name with or without SIG, in any case. -EINVAL. */
int agent_signal_parse(const char *text, unsigned *number);
