/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The hidden --generate-bash-completion, which installed completion scripts call (spec/kata-runtime.md 14). */

#include "cli.h"

/* Is it the last word of the command line? */
bool cli_complete_is_wanted(int argc, char **argv);

/* Print what may stand in the place of that last word, one a line. */
void cli_complete(FILE *out, const struct cli_program *program, int argc, char **argv);
