/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Paths below a root that somebody hostile has filled. A path is resolved by the kernel as in a chroot: links lead
 * to what they name below the root and never out of it, and those of /proc are not followed at all. What
 * comes back is a descriptor, and whoever has it uses it and not the path (spec/reliability.md 8.4).
 */

#include <fcntl.h>
#include <sys/types.h>

#include "base/error.h"

/* Open `path` below `root`. `flags` as for open(); close-on-exec is added. */
int inside_open(int root, const char *path, int flags, struct error **err);

/* Open a directory (O_PATH), making what is missing of it with `mode`. */
int inside_make_directory(int root, const char *path, mode_t mode, struct error **err);

/* Open a file of any kind (O_PATH), making an empty regular one, and its parents, if there is none. */
int inside_make_file(int root, const char *path, struct error **err);

/* Attach a detached mount to what `target` is. */
int mount_attach(int mount, int target, const char *name, struct error **err);
