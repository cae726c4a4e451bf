/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Whole files: bounded reads, and replacement that is never seen half done. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "error.h"

/*
 * Read a regular file of at most `max_bytes`. *text is NUL-terminated and freed by the caller; *size
 * (may be NULL) does not count the NUL. Never blocks: FIFOs, sockets and devices are refused.
 * Errors: "open P: permission denied", "read P: is a directory", -EFBIG for a file over the bound.
 */
int file_read_all(const char *path, size_t max_bytes, char **text, size_t *size,
		  struct error **err);

/*
 * Read an open descriptor to its end, at most `max_bytes`; blocks as long as a pipe's other end is open.
 * *text as above; `name` is what errors call it.
 */
int fd_read_all(int fd, const char *name, size_t max_bytes, char **text, size_t *size,
		struct error **err);

/*
 * Replace (or create) a file atomically: a temporary file in the same directory is written, given
 * `mode`, flushed to disk and renamed, and the directory is flushed. On failure the old file is as it
 * was and the temporary file is gone; only where flushing the directory fails the new file is there, which
 * the error says. A symbolic link at `path` is replaced, not followed.
 */
int file_replace(const char *path, const void *data, size_t size, mode_t mode, struct error **err);

/* Make a directory and its missing parents; an existing directory is left as it is. */
int directory_make_all(const char *path, mode_t mode, struct error **err);

/* Remove a file, or a directory with all below it, without following links. A missing path is fine. */
int path_remove_all(const char *path, struct error **err);

bool path_exists(const char *path);

/* Write everything, going on after interrupts and short writes. Returns 0 or a negative errno. */
int fd_write_all(int fd, const void *data, size_t size);
