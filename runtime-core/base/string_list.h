/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A list of owned strings. `items` is NULL-terminated once it holds anything, so that it can serve as an
 * argument vector. Start with a zeroed struct.
 */

#include <stdbool.h>
#include <stddef.h>

#include "cleanup.h"
#include "slice.h"

struct string_list {
	char **items;
	size_t count;
	size_t capacity;
};

#define _cleanup_string_list_ _cleanup_(string_list_release)

void string_list_release(struct string_list *list);

void string_list_add(struct string_list *list, const char *string);
void string_list_add_slice(struct string_list *list, struct slice slice);
/* Takes ownership of the string. */
void string_list_take(struct string_list *list, char *string);
void string_list_add_all(struct string_list *list, const struct string_list *more);

bool string_list_contains(const struct string_list *list, const char *string);
bool string_list_equal(const struct string_list *a, const struct string_list *b);

/* Byte-wise order, as strcmp. */
void string_list_sort(struct string_list *list);

/* All items with `separator` between them; to be freed. */
char *string_list_join(const struct string_list *list, const char *separator);
