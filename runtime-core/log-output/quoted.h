/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Text between double quotes, as JSON and TOML both have it. Inside this room only. */

#include "logs/buffer.h"

/* A backslash and a letter, or \uNNNN for an ASCII character that has none. */
void logs_put_escape(struct logs_buffer *out, unsigned char c);

/*
 * `scan` finds the first byte that may not stand as it is; what is not ASCII goes through `put_wide`, which returns where
 * the character ends, and the rest is escaped. Both are constants of the caller's, which the compiler puts in.
 */
static inline __attribute__((always_inline)) void
logs_put_quoted(struct logs_buffer *out, struct slice text,
		const char *(*scan)(const char *at, const char *end),
		const char *(*put_wide)(struct logs_buffer *out, const char *at, const char *end))
{
	const char *at = text.data, *end = text.data + text.size;

	logs_put_char(out, '"');
	while (at < end) {
		const char *plain = at;

		at = scan(at, end);
		logs_put(out, plain, (size_t)(at - plain));
		if (at == end)
			break;
		if ((unsigned char)*at >= 0x80)
			at = put_wide(out, at, end);
		else
			logs_put_escape(out, (unsigned char)*at++);
	}
	logs_put_char(out, '"');
}
