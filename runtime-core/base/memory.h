/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Allocation that cannot fail: when memory is exhausted the process ends with a message. Everything
 * returned here is released with free(). Sizes from foreign bytes are bounded by their reader before
 * they get here.
 */

#include <stdarg.h>
#include <stddef.h>

void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull, alloc_size(1)));
void *xcalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull, alloc_size(1, 2)));
void *xrealloc(void *pointer, size_t size) __attribute__((returns_nonnull, alloc_size(2)));

/* Grow an array to hold at least `needed` elements, doubling its capacity (counted in elements). */
void *xgrow(void *array, size_t *capacity, size_t needed, size_t element_size)
	__attribute__((returns_nonnull));

char *xstrdup(const char *string) __attribute__((malloc, returns_nonnull));
/* Copy exactly `size` bytes and add a NUL; the bytes may contain NULs. */
char *xmemdup0(const void *data, size_t size) __attribute__((malloc, returns_nonnull));
char *xasprintf(const char *format, ...)
	__attribute__((malloc, returns_nonnull, format(printf, 1, 2)));
char *xvasprintf(const char *format, va_list arguments)
	__attribute__((malloc, returns_nonnull, format(printf, 1, 0)));

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* The structure of `type` whose member `member` a pointer points to. */
#define container_of(pointer, type, member) \
	((type *)(void *)((char *)(pointer)-offsetof(type, member)))
