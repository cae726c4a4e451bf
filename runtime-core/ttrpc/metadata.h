/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Key-value pairs that travel with a request. Keys have small letters; a key may occur several times, and
 * the order is kept (spec/shim.md 1.2). Start with a zeroed struct.
 */

#include <stddef.h>

#include "base/cleanup.h"
#include "base/slice.h"

/* More pairs in a request from the wire make it malformed. */
#define TTRPC_MAX_METADATA 128

struct ttrpc_metadata {
	struct ttrpc_pair {
		char *key;
		char *value;
	} * pairs;
	size_t count;
	size_t capacity;
};

#define _cleanup_ttrpc_metadata_ _cleanup_(ttrpc_metadata_release)

/* Add a pair; both are copied, the key with its letters made small. */
void ttrpc_metadata_add(struct ttrpc_metadata *metadata, struct slice key, struct slice value);

/* The first value of a key (which is given in small letters), or NULL. */
const char *ttrpc_metadata_get(const struct ttrpc_metadata *metadata, const char *key);

void ttrpc_metadata_release(struct ttrpc_metadata *metadata);
