/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Base64: the standard form, RFC 4648 section 4, and the one for file names, section 5. */

#include "error.h"
#include "strbuf.h"

/*
 * Append the decoded bytes to `out`. Padding must be there, line ends are skipped, as Go's decoder does it.
 * Error: -EINVAL "illegal base64 data at input byte N"; `out` then holds what came before.
 */
int base64_decode(struct slice text, struct strbuf *out, struct error **err);

/* Append the bytes in base64, with padding. */
void base64_encode(struct slice bytes, struct strbuf *out);

/* The same in the alphabet without a slash, with padding. */
void base64url_encode(struct slice bytes, struct strbuf *out);
