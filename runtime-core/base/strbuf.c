// SPDX-License-Identifier: Apache-2.0
#include "strbuf.h"

#include <stdio.h>
#include <string.h>

#include "memory.h"

char strbuf_empty[1];

void strbuf_release(struct strbuf *buffer)
{
	if (buffer->capacity)
		free(buffer->data);
	*buffer = (struct strbuf)STRBUF_INIT;
}

char *strbuf_steal(struct strbuf *buffer)
{
	char *data = buffer->capacity ? buffer->data : xstrdup("");

	*buffer = (struct strbuf)STRBUF_INIT;
	return data;
}

char *strbuf_reserve(struct strbuf *buffer, size_t size)
{
	if (!buffer->capacity)
		buffer->data = NULL;
	buffer->data = xgrow(buffer->data, &buffer->capacity, buffer->size + size + 1, 1);
	buffer->data[buffer->size] = '\0';
	return buffer->data + buffer->size;
}

void strbuf_commit(struct strbuf *buffer, size_t size)
{
	buffer->size += size;
	buffer->data[buffer->size] = '\0';
}

void strbuf_truncate(struct strbuf *buffer, size_t size)
{
	if (size >= buffer->size)
		return;
	buffer->size = size;
	buffer->data[size] = '\0';
}

void strbuf_append(struct strbuf *buffer, const void *data, size_t size)
{
	if (size == 0)
		return;
	memcpy(strbuf_reserve(buffer, size), data, size);
	strbuf_commit(buffer, size);
}

void strbuf_slice(struct strbuf *buffer, struct slice slice)
{
	strbuf_append(buffer, slice.data, slice.size);
}

void strbuf_puts(struct strbuf *buffer, const char *string)
{
	strbuf_append(buffer, string, strlen(string));
}

void strbuf_putc(struct strbuf *buffer, char c)
{
	strbuf_append(buffer, &c, 1);
}

void strbuf_fill(struct strbuf *buffer, char c, size_t count)
{
	memset(strbuf_reserve(buffer, count), c, count);
	strbuf_commit(buffer, count);
}

void strbuf_vprintf(struct strbuf *buffer, const char *format, va_list arguments)
{
	va_list measured;
	int size;

	va_copy(measured, arguments);
	size = vsnprintf(NULL, 0, format, measured);
	va_end(measured);
	if (size <= 0)
		return;
	vsnprintf(strbuf_reserve(buffer, (size_t)size), (size_t)size + 1, format, arguments);
	strbuf_commit(buffer, (size_t)size);
}

void strbuf_printf(struct strbuf *buffer, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	strbuf_vprintf(buffer, format, arguments);
	va_end(arguments);
}
