// SPDX-License-Identifier: Apache-2.0
#include "buffer.h"

#include "base/memory.h"
#include "record.h"

#define FIRST_CAPACITY ((size_t)4 << 10)
#define MAX_DIGITS     20

void logs_buffer_grow(struct logs_buffer *buffer, size_t size)
{
	size_t needed = buffer->size + size;

	if (needed < FIRST_CAPACITY)
		needed = FIRST_CAPACITY;
	buffer->data = xgrow(buffer->data, &buffer->capacity, needed, 1);
}

void logs_buffer_release(struct logs_buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct logs_buffer){ 0 };
}

void logs_put_u64(struct logs_buffer *buffer, uint64_t value)
{
	char digits[MAX_DIGITS];
	size_t at = MAX_DIGITS;

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	logs_put(buffer, digits + at, MAX_DIGITS - at);
}

void logs_put_i64(struct logs_buffer *buffer, int64_t value)
{
	if (value < 0)
		logs_put_char(buffer, '-');
	logs_put_u64(buffer, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void logs_put_map(struct logs_buffer *buffer, const struct logs_record *record)
{
	logs_put_literal(buffer, "map[");
	for (size_t i = 0; i < record->data_count; i++) {
		if (i > 0)
			logs_put_char(buffer, ' ');
		logs_put_slice(buffer, record->data[i].key);
		logs_put_char(buffer, ':');
		logs_put_slice(buffer, record->data[i].value);
	}
	logs_put_char(buffer, ']');
}

static void put_time(struct logs_buffer *buffer, const struct logs_record *record)
{
	if (record->has_time)
		buffer->size += logs_time_go_string(&record->time,
						    logs_reserve(buffer, LOGS_TIME_MAX_TEXT));
	else
		logs_put_literal(buffer, "0001-01-01 00:00:00 +0000 UTC");
}

void logs_put_record(struct logs_buffer *buffer, const struct logs_record *record)
{
	logs_put_literal(buffer, "{Data:");
	logs_put_map(buffer, record);
	logs_put_literal(buffer, " Time:");
	put_time(buffer, record);
	logs_put_literal(buffer, " Filename:");
	logs_put_slice(buffer, record->file);
	logs_put_literal(buffer, " Level:");
	logs_put_slice(buffer, record->level);
	logs_put_literal(buffer, " Msg:");
	logs_put_slice(buffer, record->message);
	logs_put_literal(buffer, " Source:");
	logs_put_slice(buffer, record->source);
	logs_put_literal(buffer, " Name:");
	logs_put_slice(buffer, record->name);
	logs_put_literal(buffer, " Container:");
	logs_put_slice(buffer, record->container);
	logs_put_literal(buffer, " Sandbox:");
	logs_put_slice(buffer, record->sandbox);
	logs_put_literal(buffer, " Line:");
	logs_put_u64(buffer, record->line);
	logs_put_literal(buffer, " Count:");
	logs_put_u64(buffer, record->count);
	logs_put_literal(buffer, " TimeDelta:");
	logs_put_i64(buffer, record->delta_ns);
	logs_put_literal(buffer, " Pid:");
	logs_put_i64(buffer, record->pid);
	logs_put_char(buffer, '}');
}

void logs_put_record_values(struct logs_buffer *buffer, const struct logs_record *record)
{
	const struct slice texts[] = { record->file,   record->level, record->message,
				       record->source, record->name,  record->container,
				       record->sandbox };

	logs_put_char(buffer, '{');
	logs_put_map(buffer, record);
	logs_put_char(buffer, ' ');
	put_time(buffer, record);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		logs_put_char(buffer, ' ');
		logs_put_slice(buffer, texts[i]);
	}
	logs_put_char(buffer, ' ');
	logs_put_u64(buffer, record->line);
	logs_put_char(buffer, ' ');
	logs_put_u64(buffer, record->count);
	logs_put_char(buffer, ' ');
	logs_put_i64(buffer, record->delta_ns);
	logs_put_char(buffer, ' ');
	logs_put_i64(buffer, record->pid);
	logs_put_char(buffer, '}');
}
