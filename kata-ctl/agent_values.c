// SPDX-License-Identifier: Apache-2.0
#include "agent_values.h"

#include <stdlib.h>

#include "base/memory.h"

static struct agent_value *find(const struct agent_values *values, struct slice name)
{
	for (size_t i = 0; i < values->count; i++)
		if (slice_is(name, values->items[i].name))
			return &values->items[i];
	return NULL;
}

const char *agent_values_get(const struct agent_values *values, const char *name)
{
	const struct agent_value *found = find(values, slice_of(name));

	return found ? found->value : NULL;
}

void agent_values_set(struct agent_values *values, struct slice name, struct slice value)
{
	struct agent_value *item = find(values, name);

	if (item) {
		free(item->value);
	} else {
		values->items = xgrow(values->items, &values->capacity, values->count + 1,
				      sizeof(*values->items));
		item = &values->items[values->count++];
		item->name = slice_dup(name);
	}
	item->value = slice_dup(value);
}

void agent_values_release(struct agent_values *values)
{
	for (size_t i = 0; i < values->count; i++) {
		free(values->items[i].name);
		free(values->items[i].value);
	}
	free(values->items);
	*values = (struct agent_values){ 0 };
}
