// SPDX-License-Identifier: Apache-2.0
#include "string_list.h"

#include <string.h>

#include "memory.h"
#include "strbuf.h"

void string_list_release(struct string_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct string_list){ 0 };
}

void string_list_take(struct string_list *list, char *string)
{
	list->items = xgrow(list->items, &list->capacity, list->count + 2, sizeof(*list->items));
	list->items[list->count++] = string;
	list->items[list->count] = NULL;
}

void string_list_add(struct string_list *list, const char *string)
{
	string_list_take(list, xstrdup(string));
}

void string_list_add_slice(struct string_list *list, struct slice slice)
{
	string_list_take(list, slice_dup(slice));
}

void string_list_add_all(struct string_list *list, const struct string_list *more)
{
	for (size_t i = 0; i < more->count; i++)
		string_list_add(list, more->items[i]);
}

bool string_list_contains(const struct string_list *list, const char *string)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], string) == 0)
			return true;
	return false;
}

bool string_list_equal(const struct string_list *a, const struct string_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void string_list_sort(struct string_list *list)
{
	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), compare_strings);
}

char *string_list_join(const struct string_list *list, const char *separator)
{
	struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < list->count; i++) {
		if (i)
			strbuf_puts(&text, separator);
		strbuf_puts(&text, list->items[i]);
	}
	return strbuf_steal(&text);
}
