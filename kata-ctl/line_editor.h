/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Lines from a person at a terminal: editing, history and completion by libedit, which is opened when it is first used.
 * Where it is missing, lines come as the terminal gives them.
 */

#include <stdbool.h>

#include "base/string_list.h"

/* Add what may stand behind `before`, the line up to the word under the cursor. */
typedef void line_candidates(const char *before, struct string_list *names);

struct line_editor;

/* There can be one at a time. `prompt` and `candidates` are borrowed. */
struct line_editor *line_editor_new(const char *prompt, line_candidates *candidates);

/* The next line, perhaps with its end; valid until the next call. NULL at the end of input. */
const char *line_editor_read(struct line_editor *editor);

void line_editor_free(struct line_editor *editor);
DEFINE_CLEANUP(struct line_editor *, line_editor_free)
#define _cleanup_line_editor_ _cleanup_(line_editor_freep)
