// SPDX-License-Identifier: Apache-2.0
#include "gzip.h"

#include <errno.h>
#include <limits.h>
#include <zlib.h>

#include "library.h"
#include "memory.h"

#define STEP_BYTES (32U << 10)
#define GZIP_ONLY  (MAX_WBITS + 16) /* expect gzip's header and trailer, nothing else */

LIBRARY_NOTE("gzip", "unpack initdata of confidential guests", "recommended", "libz.so.1");

struct zlib_functions {
	__typeof__(inflateInit2_) *inflateInit2_;
	__typeof__(inflate) *inflate;
	__typeof__(inflateReset) *inflateReset;
	__typeof__(inflateEnd) *inflateEnd;
};

static const struct library_symbol symbols[] = {
	LIBRARY_SYMBOL(struct zlib_functions, inflateInit2_),
	LIBRARY_SYMBOL(struct zlib_functions, inflate),
	LIBRARY_SYMBOL(struct zlib_functions, inflateReset),
	LIBRARY_SYMBOL(struct zlib_functions, inflateEnd),
	{ 0 },
};

static struct zlib_functions zlib;
static struct library library = {
	.soname = "libz.so.1",
	.package = "zlib1g",
	.symbols = symbols,
	.functions = &zlib,
};

static int out_of_bounds(size_t taken, size_t unpacked, size_t max_bytes, struct error **err)
{
	if (unpacked > max_bytes)
		return error_set(err, -EFBIG, "gzip: unpacks to more than %zu bytes", max_bytes);
	if (unpacked / GZIP_MAX_RATIO > taken)
		return error_set(err, -EFBIG, "gzip: unpacks to more than %d times its size",
				 GZIP_MAX_RATIO);
	return 0;
}

/* zlib's own words are those of a programmer's log; ours are what the existing tools print. */
static int data_error(const z_stream *stream, struct error **err)
{
	static const struct {
		const char *zlib, *ours;
	} words[] = {
		{ "incorrect header check", "gzip: invalid header" },
		{ "unknown compression method", "gzip: invalid header" },
		{ "unknown header flags set", "gzip: invalid header" },
		{ "header crc mismatch", "gzip: invalid header" },
		{ "incorrect data check", "gzip: invalid checksum" },
		{ "incorrect length check", "gzip: invalid checksum" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (stream->msg && strcmp(stream->msg, words[i].zlib) == 0)
			return error_set(err, -EBADMSG, "%s", words[i].ours);
	return error_set(err, -EBADMSG, "gzip: corrupt data");
}

/* One member; the stream stands behind it afterwards. */
static int unpack_member(z_stream *stream, struct slice packed, size_t max_bytes,
			 struct strbuf *out, size_t start, struct error **err)
{
	for (;;) {
		int result, ret;

		stream->next_out = (Bytef *)strbuf_reserve(out, STEP_BYTES);
		stream->avail_out = STEP_BYTES;
		result = zlib.inflate(stream, Z_NO_FLUSH);
		strbuf_commit(out, STEP_BYTES - stream->avail_out);
		ret = out_of_bounds(packed.size - stream->avail_in, out->size - start, max_bytes,
				    err);
		if (ret < 0)
			return ret;
		if (result == Z_STREAM_END)
			return 0;
		if (result == Z_MEM_ERROR)
			return error_set_errno(err, -ENOMEM, "gzip");
		/* No progress is possible: the input is used up. */
		if (result == Z_BUF_ERROR || (result == Z_OK && stream->avail_out != 0))
			return error_set(err, -EBADMSG, "unexpected EOF");
		if (result != Z_OK)
			return data_error(stream, err);
	}
}

int gzip_unpack(struct slice packed, size_t max_bytes, struct strbuf *out, struct error **err)
{
	z_stream stream = { .next_in = (z_const Bytef *)packed.data,
			    .avail_in = (uInt)packed.size };
	size_t start = out->size;
	int ret;

	if (packed.size > UINT_MAX)
		return error_set(err, -EFBIG, "gzip: more than %u bytes", UINT_MAX);
	ret = library_use(&library, err);
	if (ret < 0)
		return ret;
	if (zlib.inflateInit2_(&stream, GZIP_ONLY, ZLIB_VERSION, sizeof(stream)) != Z_OK)
		return error_set_errno(err, -ENOMEM, "gzip");
	do {
		ret = unpack_member(&stream, packed, max_bytes, out, start, err);
	} while (ret == 0 && stream.avail_in > 0 && zlib.inflateReset(&stream) == Z_OK);
	zlib.inflateEnd(&stream);
	return ret;
}
