/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The guest's memory, as the front end shares it: regions of files, mapped here. Everything in it may change at any
 * moment, so nothing is looked at twice; and an address becomes a pointer here and nowhere else.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/error.h"

/* Bounds what a front end can have us map. QEMU has a region for each memory slot, and two for the first. */
#define GUEST_MEMORY_MAX_REGIONS 64

struct guest_region {
	uint64_t guest_address;
	uint64_t size;
	uint64_t
		frontend_address; /* where the front end has mapped it: it names the rings by these */
	uint64_t file_offset;
	unsigned char *bytes; /* the region's first byte */
	void *mapping;	      /* what was mapped, which starts at a page of the file */
	size_t mapping_size;
	bool writable;
};

struct guest_memory {
	struct guest_region regions[GUEST_MEMORY_MAX_REGIONS];
	size_t count;
};

/*
 * Map a region. Of `region` only the first four fields are looked at; the descriptor stays the caller's.
 * Errors: -EINVAL for one that is empty, wraps, overlaps another or is longer than its file; -ENOSPC for too many.
 */
int guest_memory_add(struct guest_memory *memory, const struct guest_region *region, int fd,
		     struct error **err);

/* Unmap the region with these first three fields; -ENOENT. */
int guest_memory_remove(struct guest_memory *memory, const struct guest_region *region,
			struct error **err);

void guest_memory_clear(struct guest_memory *memory);

/*
 * The memory from `address` on, as at most `max` pieces, since neighbouring regions need not be neighbours here.
 * Returns how many; -EFAULT for what is not all there (or not writable, if it has to be); -E2BIG.
 */
int guest_memory_resolve(const struct guest_memory *memory, uint64_t address, uint64_t size,
			 bool writable, struct iovec *pieces, size_t max);

/* Copy out, once: what is in `data` afterwards does not change any more. -EFAULT. */
int guest_memory_read(const struct guest_memory *memory, uint64_t address, void *data, size_t size);

/*
 * An object of the front end's addresses that lies in one writable region; NULL if it does not, or is not aligned.
 * Valid until the memory changes.
 */
void *guest_memory_frontend_object(const struct guest_memory *memory, uint64_t frontend_address,
				   uint64_t size, size_t alignment);
