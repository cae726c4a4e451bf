// SPDX-License-Identifier: Apache-2.0
#include "metadata.h"

#include <string.h>

#include "base/memory.h"

/* ASCII only, whatever the locale. */
static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

void ttrpc_metadata_add(struct ttrpc_metadata *metadata, struct slice key, struct slice value)
{
	struct ttrpc_pair *pair;

	metadata->pairs = xgrow(metadata->pairs, &metadata->capacity, metadata->count + 1,
				sizeof(*metadata->pairs));
	pair = &metadata->pairs[metadata->count++];
	pair->key = slice_dup(key);
	pair->value = slice_dup(value);
	for (char *c = pair->key; *c; c++)
		*c = lower(*c);
}

const char *ttrpc_metadata_get(const struct ttrpc_metadata *metadata, const char *key)
{
	for (size_t i = 0; i < metadata->count; i++)
		if (strcmp(metadata->pairs[i].key, key) == 0)
			return metadata->pairs[i].value;
	return NULL;
}

void ttrpc_metadata_release(struct ttrpc_metadata *metadata)
{
	for (size_t i = 0; i < metadata->count; i++) {
		free(metadata->pairs[i].key);
		free(metadata->pairs[i].value);
	}
	free(metadata->pairs);
	*metadata = (struct ttrpc_metadata){ 0 };
}
