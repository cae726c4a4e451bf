/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Texts by name, for @name@ in the descriptions of flavours: directories, and facts of an architecture. */

#include "base/error.h"
#include "base/slice.h"
#include "base/strbuf.h"
#include "base/string_list.h"

struct variables {
	struct string_list names, texts; /* side by side */
};

#define _cleanup_variables_ _cleanup_(variables_release)
void variables_release(struct variables *variables);

void variables_add(struct variables *variables, struct slice name, struct slice text);

/*
 * Append `text` with every @name@ replaced. Errors: -EINVAL, with file and line, for a name that is not
 * there and for an @ without its partner on the same line.
 */
int variables_expand(const struct variables *variables, struct slice text, const char *file,
		     struct strbuf *out, struct error **err);
