/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "slice.h"
#include "strbuf.h"

/*
 * Decode the character at the start of a non-empty slice. Returns its length in bytes (1 to 4), or 0
 * for a byte that starts no valid UTF-8 (overlong forms and surrogates included).
 */
size_t utf8_decode(struct slice text, uint32_t *codepoint);

/* Write a character, at most 4 bytes; what is none, surrogates included, becomes U+FFFD. Returns the length. */
size_t utf8_encode(uint32_t codepoint, char *out);

/* Offset of the first byte that is not valid UTF-8, or the slice's size. */
size_t utf8_find_invalid(struct slice text);

/* Append the text with U+FFFD for every byte that is not valid UTF-8. */
void utf8_append_valid(struct strbuf *out, struct slice text);
