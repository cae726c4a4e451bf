/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The open calls of a connection by stream id. Ids only grow, so that the table is sorted by construction.
 * Start with a zeroed struct; the values are the caller's.
 */

#include <stddef.h>
#include <stdint.h>

struct ttrpc_open_calls {
	struct ttrpc_open_call {
		uint32_t stream;
		void *value;
	} * entries;
	size_t count;
	size_t capacity;
};

/* `stream` is greater than every id added before. */
void ttrpc_open_calls_add(struct ttrpc_open_calls *calls, uint32_t stream, void *value);

/* NULL when it is not there. */
void *ttrpc_open_calls_find(const struct ttrpc_open_calls *calls, uint32_t stream);
void *ttrpc_open_calls_remove(struct ttrpc_open_calls *calls, uint32_t stream);

void ttrpc_open_calls_release(struct ttrpc_open_calls *calls);
