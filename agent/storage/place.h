/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where a request may have something mounted: below the agent's base directory, in the parts that the host and the
 * agent have agreed on, and in the container's own (spec/agent.md 1). A container can write to much of what
 * lies there, so no link on the way is followed, and what is used is a descriptor, not the path.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct place {
	char *path;	      /* whole and clean */
	size_t root;	      /* that much of it is the base directory, which is the agent's own */
	const char *relative; /* the rest, in `path` */
};

/*
 * Check a path of a request. `container_id` is NULL for the sandbox's. Errors: -EINVAL. The place is
 * released with place_release() in every case.
 */
int place_check(const char *base, const char *container_id, const char *path, struct place *place,
		struct error **err);
void place_release(struct place *place);

/* Does the path, however it is written, lead through the base directory? That of a rootless VMM is one too. */
bool place_may_be_below(const char *base, const char *path);
#define _cleanup_place_ _cleanup_(place_release)

/* Open the directory (O_PATH), making what is missing of it. */
int place_make_directory(const struct place *place, struct error **err);

/* Open the file (O_PATH), whatever its kind but a link, making an empty one when there is none. */
int place_make_file(const struct place *place, struct error **err);

/* Open what is there: for the top of a file system after it was mounted. `flags` as for open(). */
int place_open(const struct place *place, int flags, struct error **err);

/*
 * Unmount what is mounted there, and remove the directory or the empty file below it. Missing ones are
 * fine. -ENOTEMPTY when files are left in the directory.
 */
int place_clean_up(const struct place *place, struct error **err);

/* Only the first of these. */
int place_unmount(const struct place *place, struct error **err);

/* Is `fd` the top of a mount? */
bool is_mount_top(int fd);

/* The path by which the kernel finds what is open; to be freed. */
char *descriptor_path(int fd);
