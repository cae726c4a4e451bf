/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What commands that talk to a running sandbox do alike (spec/kata-runtime.md 9 and 10). */

#include "base/error.h"
#include "base/strbuf.h"

/* Print what a sandbox has answered, with a newline behind it. */
void sandbox_print_answer(const struct strbuf *answer);

/*
 * Read the file that a `set` command was given, to be freed; "-" is stdin, NULL an error. `what` is "iptables" or
 * "policy" and names the file in errors.
 */
int sandbox_read_file(const char *what, const char *file, char **text, size_t *size,
		      struct error **err);

/* Put the words in front of an error that say which request of which file it ended. */
int sandbox_wrap_set_error(struct error **err, const char *what, const char *file);
