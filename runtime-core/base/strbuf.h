/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A growing string. Start with `struct strbuf text = STRBUF_INIT`; `data` is always NUL-terminated and
 * never NULL, `size` does not count the NUL, and the content may hold NULs of its own.
 */

#include <stdarg.h>
#include <stddef.h>

#include "cleanup.h"
#include "slice.h"

struct strbuf {
	char *data;
	size_t size;
	size_t capacity;
};

extern char strbuf_empty[1];
/* clang-format off */
#define STRBUF_INIT { .data = strbuf_empty }
/* clang-format on */
#define _cleanup_strbuf_ _cleanup_(strbuf_release)

/* Free the content; the buffer is empty and usable again. */
void strbuf_release(struct strbuf *buffer);

/* Hand the content to the caller, who frees it. The buffer is empty again. */
char *strbuf_steal(struct strbuf *buffer);

/* Make room for `size` further bytes behind the content and return where they start. */
char *strbuf_reserve(struct strbuf *buffer, size_t size);
/* Count `size` bytes written into the reserved room. */
void strbuf_commit(struct strbuf *buffer, size_t size);
/* Cut the content down to `size` bytes. */
void strbuf_truncate(struct strbuf *buffer, size_t size);

void strbuf_append(struct strbuf *buffer, const void *data, size_t size);
void strbuf_slice(struct strbuf *buffer, struct slice slice);
void strbuf_puts(struct strbuf *buffer, const char *string);
void strbuf_putc(struct strbuf *buffer, char c);
void strbuf_fill(struct strbuf *buffer, char c, size_t count);
void strbuf_printf(struct strbuf *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void strbuf_vprintf(struct strbuf *buffer, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

static inline struct slice strbuf_view(const struct strbuf *buffer)
{
	return slice_make(buffer->data, buffer->size);
}
