// SPDX-License-Identifier: Apache-2.0
#include "memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Nothing may allocate from here on, so the message goes out with a bare write. */
static _Noreturn void out_of_memory(void)
{
	static const char message[] = "out of memory\n";

	(void)!write(STDERR_FILENO, message, sizeof(message) - 1);
	_exit(EXIT_FAILURE);
}

void *xmalloc(size_t size)
{
	void *pointer = malloc(size ? size : 1);

	if (!pointer)
		out_of_memory();
	return pointer;
}

void *xcalloc(size_t count, size_t size)
{
	void *pointer = calloc(count ? count : 1, size ? size : 1);

	if (!pointer)
		out_of_memory();
	return pointer;
}

void *xrealloc(void *pointer, size_t size)
{
	void *grown = realloc(pointer, size ? size : 1);

	if (!grown)
		out_of_memory();
	return grown;
}

void *xgrow(void *array, size_t *capacity, size_t needed, size_t element_size)
{
	size_t wanted = *capacity ? *capacity : 8;
	size_t bytes;

	if (array && needed <= *capacity)
		return array;
	while (wanted < needed) {
		if (wanted > SIZE_MAX / 2)
			out_of_memory();
		wanted *= 2;
	}
	if (__builtin_mul_overflow(wanted, element_size, &bytes))
		out_of_memory();
	*capacity = wanted;
	return xrealloc(array, bytes);
}

char *xstrdup(const char *string)
{
	return xmemdup0(string, strlen(string));
}

char *xmemdup0(const void *data, size_t size)
{
	char *copy = xmalloc(size + 1);

	if (size)
		memcpy(copy, data, size);
	copy[size] = '\0';
	return copy;
}

char *xvasprintf(const char *format, va_list arguments)
{
	char *text;

	if (vasprintf(&text, format, arguments) < 0)
		out_of_memory();
	return text;
}

char *xasprintf(const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = xvasprintf(format, arguments);
	va_end(arguments);
	return text;
}
