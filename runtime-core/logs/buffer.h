/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Text on its way out. Like a strbuf, but without a NUL at its end, and written to by inline functions, because
 * every byte of gigabytes goes through here.
 */

#include <stdint.h>

#include "base/cleanup.h"
#include "base/slice.h"

struct logs_buffer {
	char *data;
	size_t size;
	size_t capacity;
};

/* Make room for `size` bytes behind the content. */
void logs_buffer_grow(struct logs_buffer *buffer, size_t size);
void logs_buffer_release(struct logs_buffer *buffer);
#define _cleanup_logs_buffer_ _cleanup_(logs_buffer_release)

/* Where the next `size` bytes go; count them with `buffer->size +=`. */
static inline char *logs_reserve(struct logs_buffer *buffer, size_t size)
{
	if (buffer->capacity - buffer->size < size)
		logs_buffer_grow(buffer, size);
	return buffer->data + buffer->size;
}

static inline void logs_put(struct logs_buffer *buffer, const char *data, size_t size)
{
	char *out = logs_reserve(buffer, size);

	if (size)
		memcpy(out, data, size);
	buffer->size += size;
}

static inline void logs_put_slice(struct logs_buffer *buffer, struct slice text)
{
	logs_put(buffer, text.data, text.size);
}

static inline void logs_put_char(struct logs_buffer *buffer, char c)
{
	*logs_reserve(buffer, 1) = c;
	buffer->size++;
}

/* A string literal. */
#define logs_put_literal(buffer, literal) logs_put(buffer, "" literal, sizeof(literal) - 1)

static inline struct slice logs_buffer_view(const struct logs_buffer *buffer)
{
	return slice_make(buffer->data, buffer->size);
}

/* Decimal numbers. */
void logs_put_u64(struct logs_buffer *buffer, uint64_t value);
void logs_put_i64(struct logs_buffer *buffer, int64_t value);

struct logs_record;

/* A record's pairs as Go prints a map: "map[a:1 b:2]". */
void logs_put_map(struct logs_buffer *buffer, const struct logs_record *record);

/* A record as Go prints a struct: "{Data:map[] Time:... Pid:7}", the text format's line and the errors' (entry: ...). */
void logs_put_record(struct logs_buffer *buffer, const struct logs_record *record);

/* The same without the fields' names. */
void logs_put_record_values(struct logs_buffer *buffer, const struct logs_record *record);
