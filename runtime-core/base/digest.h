/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * SHA-2 digests, computed by nettle: small, quick to load, and already there wherever QEMU is. It is
 * opened on first use.
 */

#include <stdint.h>

#include "error.h"
#include "slice.h"

#define DIGEST_MAX_BYTES 64

enum digest_algorithm {
	DIGEST_SHA256,
	DIGEST_SHA384,
	DIGEST_SHA512,
};

struct digest {
	uint8_t bytes[DIGEST_MAX_BYTES];
	size_t size;
};

/* "sha256", "sha384", "sha512"; -1 for any other name. */
int digest_algorithm_find(struct slice name);

/* Error: -ELIBACC, with the name of the package to install. */
int digest_of(enum digest_algorithm algorithm, struct slice data, struct digest *digest,
	      struct error **err);

/*
 * The digest of a regular file of at most `max_bytes`, read piece by piece; *size gets its length. Blocks
 * while reading, never on FIFOs or devices, which are refused.
 */
int digest_of_file(enum digest_algorithm algorithm, const char *path, uint64_t max_bytes,
		   struct digest *digest, uint64_t *size, struct error **err);

/* Lower-case hexadecimal, to be freed. */
char *digest_text(const struct digest *digest);
