/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Lines of key=value pairs, as Go's loggers write them (spec/log-parser.md 5):
 *
 *	struct logfmt_line line = { .text = text, .arena = &arena };
 *
 *	while ((ret = logfmt_next(&line, &key, &value)) > 0)
 *		...
 *
 * All escapes of Go's %q are understood; \xNN stays the four characters it is, as with the existing tool.
 */

#include "arena.h"
#include "base/slice.h"

struct logfmt_line {
	struct slice text;
	size_t at;		  /* the next byte to read */
	struct logs_arena *arena; /* for values with escapes */
	const char *problem;	  /* after a failure: what is wrong at byte `at` */
};

/*
 * The next pair. 1, or 0 at the end, or -EINVAL. A key without "=" has an empty value. Key and value are slices of
 * the line or of its arena.
 */
int logfmt_next(struct logfmt_line *line, struct slice *key, struct slice *value);
