/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "base/strbuf.h"

/*
 * Append the pattern as PCRE2 (in UTF mode, with PCRE2_DOLLAR_ENDONLY) writes it, so that it matches what Go
 * would match. Error: -EINVAL and why, for what is no pattern in Go.
 */
int re2_translate(struct slice pattern, struct strbuf *out, struct error **err);
