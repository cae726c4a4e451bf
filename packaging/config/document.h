/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A flavour as the text of its configuration file, every setting with a comment from the key table. */

#include "base/strbuf.h"
#include "flavour.h"

void document_write(struct strbuf *out, const struct flavour *flavour, const char *architecture);
