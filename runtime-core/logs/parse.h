/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One line of a log into a record: key=value or JSON, the guest agent's record inside it unpacked (spec/log-parser.md 5, 6, 12). */

#include "base/error.h"
#include "record.h"

struct logs_rules {
	bool ignore_missing_fields;
	bool keep_wrappers; /* leave the guest agent's records inside the runtime's */
	/* What is odd ends in an error: values no logger writes, and wrappers that cannot be unpacked. */
	bool strict;
};

/* The key that marks a record whose inner record could not be unpacked. */
#define LOGS_UNPACK_FAILED "kata-log-parser-agent-unpack-failed"

/* One text to read, without its line end. */
struct logs_line {
	struct slice text;
	struct slice file; /* as it is shown; may be empty */
	uint64_t number;
	/* The journal's own time, for a text that has none of its own, or a bad one; or NULL. */
	const struct logs_instant *fallback;
	/* Set by logs_parse: what stands behind the record in the same line and begins another one; else empty. */
	struct slice rest;
};

/*
 * Read the line into a record, which is cleared before. 0, or -EINVAL with the sentence of the existing tool; `line->rest`
 * may hold another record in both cases. Where the inner record of a wrapper cannot be unpacked, the outer one is
 * kept, marked with LOGS_UNPACK_FAILED, and *warning (freed by the caller) says why.
 */
int logs_parse(const struct logs_rules *rules, struct logs_line *line, struct logs_record *record,
	       struct error **warning, struct error **err);

/*
 * The time of a text, without reading all of it where its beginning tells. False for a text that has to be read
 * to know.
 */
bool logs_peek_time(struct slice text, struct logs_instant *instant);
