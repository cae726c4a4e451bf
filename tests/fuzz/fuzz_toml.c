// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as a TOML document: both readers, the writer, and the editor at the first places of the document,
 * with the properties that the unit tests try on documents written by hand.
 */
#include <stdint.h>

#define violated(...)                         \
	do {                                  \
		fprintf(stderr, __VA_ARGS__); \
		abort();                      \
	} while (0)
#include "toml/properties.h"

/* Each place costs several parses of the whole. */
#define PLACES 12

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_properties(slice_make((const char *)data, size), PLACES);
	return 0;
}
