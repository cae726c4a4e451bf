/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Automatic release of resources, so that an early return is always safe.
 *
 *	_cleanup_free_ char *text = NULL;
 *	_cleanup_close_ int fd = -1;
 *	_cleanup_(config_freep) struct config *config = NULL;
 *
 * A function that hands its resource to the caller writes *out = steal(config).
 */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(function) __attribute__((cleanup(function)))
#define _cleanup_free_	    _cleanup_(cleanup_freep)
#define _cleanup_close_	    _cleanup_(cleanup_closep)
#define _cleanup_fclose_    _cleanup_(cleanup_fclosep)

/* Take the pointer out of a variable that would otherwise be cleaned up. */
#define steal(pointer)                                   \
	({                                               \
		__typeof__(pointer) stolen_ = (pointer); \
		(pointer) = NULL;                        \
		stolen_;                                 \
	})

/* The same for a file descriptor. */
#define steal_fd(fd)                \
	({                          \
		int stolen_ = (fd); \
		(fd) = -1;          \
		stolen_;            \
	})

/* Define `NAMEp`, the cleanup form of a function that frees a pointer of this type. */
#define DEFINE_CLEANUP(type, name)                \
	static inline void name##p(type *pointer) \
	{                                         \
		name(*pointer);                   \
	}

static inline void cleanup_freep(void *pointer)
{
	free(*(void **)pointer);
}

static inline void cleanup_closep(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_fclosep(FILE **file)
{
	if (*file)
		fclose(*file);
}
