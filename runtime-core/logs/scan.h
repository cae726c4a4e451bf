/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Looking for the few bytes that matter in text that mostly does not: 16 bytes at a time with the compiler's vector
 * types, which every architecture has in some form. Inside the log rooms only.
 *
 * Each function returns where the first such byte is, or `end`.
 */

#include <stdint.h>
#include <string.h>

typedef unsigned char scan_vector __attribute__((vector_size(16)));

static inline unsigned scan_first_set(uint64_t mask)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (unsigned)__builtin_ctzll(mask) / 8;
#else
	return (unsigned)__builtin_clzll(mask) / 8;
#endif
}

/* `vector_test` says in terms of v which bytes of a vector are wanted, `byte_test` the same for one byte c. */
#define SCAN_FUNCTION(name, vector_test, byte_test)                        \
	static inline const char *name(const char *at, const char *end)    \
	{                                                                  \
		while (end - at >= 16) {                                   \
			scan_vector v;                                     \
			uint64_t halves[2];                                \
			memcpy(&v, at, sizeof(v));                         \
			v = (scan_vector)(vector_test);                    \
			memcpy(halves, &v, sizeof(halves));                \
			if (halves[0])                                     \
				return at + scan_first_set(halves[0]);     \
			if (halves[1])                                     \
				return at + 8 + scan_first_set(halves[1]); \
			at += 16;                                          \
		}                                                          \
		for (; at < end; at++) {                                   \
			unsigned char c = (unsigned char)*at;              \
			if (byte_test)                                     \
				return at;                                 \
		}                                                          \
		return end;                                                \
	}

/* A quote or a backslash. */
SCAN_FUNCTION(scan_quote, (v == '"') | (v == '\\'), c == '"' || c == '\\')

/* What a JSON string does not hold as it is, when Go writes it; and every byte of a non-ASCII character. */
SCAN_FUNCTION(scan_json,
	      (v < 0x20) | (v >= 0x80) | (v == '"') | (v == '\\') | (v == '<') | (v == '>') |
		      (v == '&'),
	      c < 0x20 || c >= 0x80 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&')

/* What ends or spoils a string when JSON is read: quote, backslash, control and non-ASCII bytes. */
SCAN_FUNCTION(scan_json_end, (v < 0x20) | (v >= 0x80) | (v == '"') | (v == '\\'),
	      c < 0x20 || c >= 0x80 || c == '"' || c == '\\')

/* What a TOML basic string does not hold as it is; and every byte of a non-ASCII character. */
SCAN_FUNCTION(scan_toml, (v < 0x20) | (v >= 0x7F) | (v == '"') | (v == '\\'),
	      c < 0x20 || c >= 0x7F || c == '"' || c == '\\')

/* What XML text does not hold as it is; and every byte of a non-ASCII character. */
SCAN_FUNCTION(scan_xml,
	      (v < 0x20) | (v >= 0x80) | (v == '"') | (v == '\'') | (v == '&') | (v == '<') |
		      (v == '>'),
	      c < 0x20 || c >= 0x80 || c == '"' || c == '\'' || c == '&' || c == '<' || c == '>')

/* What makes a CSV field need quotes, wherever it stands. */
SCAN_FUNCTION(scan_csv, (v == ',') | (v == '"') | (v == '\n') | (v == '\r'),
	      c == ',' || c == '"' || c == '\n' || c == '\r')

/* A byte that ends a bare value or a key. */
SCAN_FUNCTION(scan_bare, (v <= ' ') | (v == '=') | (v == '"'), c <= ' ' || c == '=' || c == '"')

/* What a terminal may act on: control bytes but LF and TAB, and every byte of a non-ASCII character. */
SCAN_FUNCTION(scan_control, ((v < 0x20) & (v != '\n') & (v != '\t')) | (v >= 0x7F),
	      (c < 0x20 && c != '\n' && c != '\t') || c >= 0x7F)
