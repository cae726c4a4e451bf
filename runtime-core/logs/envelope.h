/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What journalctl and syslog put around a record (spec/log-parser.md 10 and "What users ask for"). */

#include "arena.h"
#include "base/slice.h"
#include "timestamp.h"

enum logs_envelope {
	LOGS_ENVELOPE_NONE,
	LOGS_ENVELOPE_SHORT,	 /* "May 01 08:00:00 host kata[42]: ..." */
	LOGS_ENVELOPE_ISO,	 /* "2024-05-01T08:00:00+0200 host kata[42]: ..." */
	LOGS_ENVELOPE_UNIX,	 /* "1714550400.123456 host kata[42]: ..." */
	LOGS_ENVELOPE_MONOTONIC, /* "[   12.345678] host kata[42]: ..." */
	LOGS_ENVELOPE_JSON,	 /* {"MESSAGE":"...","__REALTIME_TIMESTAMP":"..."} */
	LOGS_ENVELOPE_MARKER,	 /* a line of journalctl itself: "-- Boot 0123 --" */
};

/*
 * Which envelope is around a line. *text becomes what is in it and *stamp its time as text, both slices of the line;
 * for LOGS_ENVELOPE_JSON *text stays the whole line.
 */
enum logs_envelope logs_envelope_find(struct slice line, struct slice *text, struct slice *stamp);

/* The time of an envelope. False when it has none. A stamp without a year is of the last twelve months. */
bool logs_envelope_time(enum logs_envelope envelope, struct slice stamp,
			struct logs_instant *instant);

/* Message and time of a journal entry in JSON. -EINVAL when it is none. The message may lie in the arena. */
int logs_envelope_json(struct slice line, struct logs_arena *arena, struct slice *message,
		       bool *dated, struct logs_instant *instant);

/* Microseconds since 1970 in decimal, as the journal writes them. */
bool logs_journal_time(struct slice digits, struct logs_instant *instant);
