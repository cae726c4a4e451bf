/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Unpacking gzip data from foreign sources; zlib is opened on first use. */

#include "error.h"
#include "strbuf.h"

/* No honest text packs better; deflate itself ends at some 1,030 to 1. */
#define GZIP_MAX_RATIO 1000

/*
 * Append what the gzip data (one member or several, as RFC 1952 allows) unpacks to. Errors: -EBADMSG
 * "gzip: invalid header", "gzip: invalid checksum", "gzip: corrupt data", "unexpected EOF"; -EFBIG for
 * more than `max_bytes` or a ratio above GZIP_MAX_RATIO; -ELIBACC without zlib.
 */
int gzip_unpack(struct slice packed, size_t max_bytes, struct strbuf *out, struct error **err);
