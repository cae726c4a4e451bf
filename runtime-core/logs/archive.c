// SPDX-License-Identifier: Apache-2.0
/* Compressed files, by libarchive's filters: the data has no archive around it, which it calls the raw format. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

#include "base/library.h"
#include "base/memory.h"
#include "base/slice.h"
#include "source.h"

#define STEP_BYTES ((size_t)64 << 10)

LIBRARY_NOTE("archive", "read compressed logs", "recommended", "libarchive.so.13");

struct archive_functions {
	__typeof__(archive_read_new) *archive_read_new;
	__typeof__(archive_read_support_filter_gzip) *archive_read_support_filter_gzip;
	__typeof__(archive_read_support_filter_xz) *archive_read_support_filter_xz;
	__typeof__(archive_read_support_filter_zstd) *archive_read_support_filter_zstd;
	__typeof__(archive_read_support_filter_bzip2) *archive_read_support_filter_bzip2;
	__typeof__(archive_read_support_format_raw) *archive_read_support_format_raw;
	__typeof__(archive_read_open) *archive_read_open;
	__typeof__(archive_read_next_header) *archive_read_next_header;
	__typeof__(archive_read_data_block) *archive_read_data_block;
	__typeof__(archive_read_free) *archive_read_free;
	__typeof__(archive_error_string) *archive_error_string;
	__typeof__(archive_errno) *archive_errno;
};

#define SYMBOL(name) LIBRARY_SYMBOL(struct archive_functions, name)
static const struct library_symbol symbols[] = {
	SYMBOL(archive_read_new),
	SYMBOL(archive_read_support_filter_gzip),
	SYMBOL(archive_read_support_filter_xz),
	SYMBOL(archive_read_support_filter_zstd),
	SYMBOL(archive_read_support_filter_bzip2),
	SYMBOL(archive_read_support_format_raw),
	SYMBOL(archive_read_open),
	SYMBOL(archive_read_next_header),
	SYMBOL(archive_read_data_block),
	SYMBOL(archive_read_free),
	SYMBOL(archive_error_string),
	SYMBOL(archive_errno),
	{ 0 },
};

static struct archive_functions functions;
static struct library library = {
	.soname = "libarchive.so.13",
	.package = "libarchive13",
	.symbols = symbols,
	.functions = &functions,
};

struct unpacking {
	struct archive *archive;
	int fd; /* borrowed */
	uint64_t taken;
	bool head_given;
	bool interrupted; /* by a signal that may ask to end: the reader decides */
	char head[8];
	size_t head_size;
	struct slice unpacked; /* libarchive's, and not handed out yet */
	char step[STEP_BYTES];
};

/* libarchive asks for more packed bytes. */
static la_ssize_t give(struct archive *archive, void *context, const void **data)
{
	struct unpacking *unpacking = context;
	ssize_t got;

	(void)archive;
	if (!unpacking->head_given) {
		unpacking->head_given = true;
		*data = unpacking->head;
		return (la_ssize_t)unpacking->head_size;
	}
	got = logs_read_waiting(unpacking->fd, unpacking->step, STEP_BYTES);
	unpacking->interrupted = got == -EINTR;
	if (got > 0)
		unpacking->taken += (uint64_t)got;
	*data = unpacking->step;
	return got < 0 ? ARCHIVE_FATAL : got;
}

static int failure(const struct unpacking *unpacking, struct error **err)
{
	const char *why = functions.archive_error_string(unpacking->archive);

	if (unpacking->interrupted)
		return error_set_errno(err, -EINTR, "unpack");
	return error_set(err, -EBADMSG, "unpack: %s", why ? why : "corrupt data");
}

static void unpacking_close(void *state)
{
	struct unpacking *unpacking = state;

	if (unpacking->archive)
		functions.archive_read_free(unpacking->archive);
	free(unpacking);
}

int logs_archive_open(int fd, const void *head, size_t head_size, void **state, struct error **err)
{
	struct unpacking *unpacking;
	struct archive_entry *entry;
	int ret = library_use(&library, err);

	if (ret < 0)
		return error_wrap(err, "read a compressed log");
	unpacking = xcalloc(1, sizeof(*unpacking));
	unpacking->fd = fd;
	unpacking->head_size = unpacking->taken = head_size;
	memcpy(unpacking->head, head, head_size);
	unpacking->archive = functions.archive_read_new();
	if (!unpacking->archive) {
		free(unpacking);
		return error_set_errno(err, -ENOMEM, "unpack");
	}
	/*
	 * Not all that it knows: what is packed is a log, which somebody else has written. Other filters would take
	 * uuencoded text in it for packing, or start programs to unpack it.
	 */
	functions.archive_read_support_filter_gzip(unpacking->archive);
	functions.archive_read_support_filter_xz(unpacking->archive);
	functions.archive_read_support_filter_zstd(unpacking->archive);
	functions.archive_read_support_filter_bzip2(unpacking->archive);
	functions.archive_read_support_format_raw(unpacking->archive);
	if (functions.archive_read_open(unpacking->archive, unpacking, NULL, give, NULL) !=
		    ARCHIVE_OK ||
	    functions.archive_read_next_header(unpacking->archive, &entry) < ARCHIVE_WARN) {
		ret = failure(unpacking, err);
		unpacking_close(unpacking);
		return ret;
	}
	*state = unpacking;
	return 0;
}

/* By blocks, since archive_read_data() forgets what it has copied already when it meets damage. */
static int next_unpacked(struct unpacking *unpacking, struct error **err)
{
	la_int64_t offset;
	int ret = functions.archive_read_data_block(unpacking->archive,
						    (const void **)&unpacking->unpacked.data,
						    &unpacking->unpacked.size, &offset);

	if (ret >= ARCHIVE_WARN && ret != ARCHIVE_EOF)
		return 0;
	unpacking->unpacked.size = 0;
	return ret == ARCHIVE_EOF ? 0 : failure(unpacking, err);
}

static ssize_t unpacking_read(void *state, char *data, size_t size, struct error **err)
{
	struct unpacking *unpacking = state;
	struct slice *unpacked = &unpacking->unpacked;
	int ret = unpacked->size == 0 ? next_unpacked(unpacking, err) : 0;

	if (ret < 0 || unpacked->size == 0)
		return ret;
	if (size > unpacked->size)
		size = unpacked->size;
	memcpy(data, unpacked->data, size);
	*unpacked = slice_make(unpacked->data + size, unpacked->size - size);
	return (ssize_t)size;
}

uint64_t logs_archive_taken(const void *state)
{
	return ((const struct unpacking *)state)->taken;
}

const struct logs_source_kind logs_archive_kind = { unpacking_read, unpacking_close };
