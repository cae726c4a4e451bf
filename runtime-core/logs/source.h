/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where the bytes of a log come from: a file (compressed or not), standard input, or the system journal, which is
 * read as a stream in the journal's export format.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* Which entries of the journal. Texts are "" for all. */
struct logs_journal_query {
	const char *directory; /* instead of the system's */
	const char *identifier;
	const char *
		boot; /* 128-bit id in hexadecimal, "0" for this boot, "-1" for the one before; "" for all */
	bool has_since, has_until;
	uint64_t since_us, until_us; /* since 1970 */
	bool follow;
};

struct logs_source;

/* A way of getting bytes; each kind of source has one. */
struct logs_source_kind {
	/* Up to `size` bytes. 0 at the end, -EAGAIN where more may come later, -EINTR after a signal. */
	ssize_t (*read)(void *state, char *data, size_t size, struct error **err);
	void (*close)(void *state);
};

/*
 * Open a file by its path; "-" is standard input. Compressed data (gzip, xz, zstd, bzip2) is told by its first bytes and
 * unpacked by libarchive; both happen with the first read. With `follow`, the end of a file is -EAGAIN, and a file
 * that was replaced or cut is read from its start. Errors: "open P: permission denied", "read P: is a directory".
 */
int logs_source_open_file(const char *path, bool follow, struct logs_source **source,
			  struct error **err);

/* libsystemd is opened for it. Errors: -ELIBACC without it; "the journal has no boot ..." */
int logs_source_open_journal(const struct logs_journal_query *query, struct logs_source **source,
			     struct error **err);

/* As the kind's read. Blocks. */
ssize_t logs_source_read(struct logs_source *source, char *data, size_t size, struct error **err);

/* Bytes of the file that were read so far, before unpacking, and its size; 0 where there is no size. */
void logs_source_progress(const struct logs_source *source, uint64_t *done, uint64_t *total);

void logs_source_close(struct logs_source *source);
DEFINE_CLEANUP(struct logs_source *, logs_source_close)

/* Inside this room: what a source is made of. */
struct logs_source *logs_source_new(const struct logs_source_kind *kind, void *state);
/* read() that waits for data also where somebody has made the descriptor non-blocking. -EINTR when a signal came. */
ssize_t logs_read_waiting(int fd, char *data, size_t size);
int logs_archive_open(int fd, const void *head, size_t head_size, void **state, struct error **err);
extern const struct logs_source_kind logs_archive_kind;
uint64_t logs_archive_taken(const void *state);
