/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A copy of a small directory that is kept up to date, so that who reads it never sees it half done. The kubelet updates a
 * volume by writing a new directory and turning the link "..data" to it, and so does the copy: directories and files first,
 * then the links, each replaced at once, and what is gone at last. Links are turned only when the source has
 * looked the same before and after its files were read.
 */

#include <stddef.h>

#include "base/error.h"

/* More than this is not for copying. */
#define MIRROR_MAX_ENTRIES 16
#define MIRROR_MAX_BYTES   (1u << 20)

/*
 * Bring the directory `target` up to what `source` holds; descriptors of directories that can be read. New
 * content is prepared in `scratch`, a directory of the target's file system, as `scratch_name`.
 * -E2BIG when there is more than the above; -EAGAIN when the source does not hold still.
 */
int mirror_directory(int source, int target, int scratch, const char *scratch_name,
		     struct error **err);

/* The same for one file, which keeps its inode, as a container has it mounted. `target` can be written to. */
int mirror_file(int source, int target, struct error **err);
