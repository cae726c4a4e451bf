/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Text into quotes, in the three dialects the tools speak. All append to a buffer, quotes included.
 */

#include "strbuf.h"

/* Go's %q: \" \\ \a \b \f \n \r \t \v, \xNN for broken UTF-8, \uNNNN for what is not printable. */
void quote_go(struct strbuf *out, struct slice text);

/*
 * JSON as Go writes it: also < > & and U+2028/2029 as \uNNNN; broken UTF-8 becomes U+FFFD. Other than Go's, it has every
 * character as \uNNNN that may not reach a terminal: people look at JSON that has words of a guest.
 */
void quote_json(struct strbuf *out, struct slice text);

/* A TOML basic string. Broken UTF-8 becomes U+FFFD, since TOML has no way to say it. */
void quote_toml(struct strbuf *out, struct slice text);

/*
 * Text for a human's terminal, without quotes: control characters and broken UTF-8 become \xNN, so
 * that foreign bytes cannot move the cursor.
 */
void quote_terminal(struct strbuf *out, struct slice text);

/* The same for a text of several lines: LF and TAB stay, and a backslash is not doubled. */
void quote_terminal_lines(struct strbuf *out, struct slice text);
