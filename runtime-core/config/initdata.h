/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Initdata: what a confidential guest is told and measured with (spec/config.md 5.8). A TOML document with
 * `version`, `algorithm` and a table `data` of texts; as an annotation it is base64 of its gzip. It may hold
 * secrets: no message repeats any of it but version and algorithm.
 */

#include "base/digest.h"
#include "base/error.h"
#include "config.h"

#define INITDATA_PACKED_MAX   (16U << 20)
#define INITDATA_UNPACKED_MAX (64U << 20) /* the TOML reader has a bound of its own */
#define INITDATA_DIGEST_MAX   256
#define INITDATA_VERSION      "0.1.0"

/* What measures the guest, and so how long the digest has to be. */
enum initdata_platform {
	INITDATA_UNPROTECTED, /* as long as the algorithm makes it */
	INITDATA_TDX,
	INITDATA_SNP,
	INITDATA_CCA,
	INITDATA_SE,
};

struct initdata {
	enum digest_algorithm algorithm;
	bool known_version; /* it is INITDATA_VERSION */
};

/*
 * The document in an annotation's value, checked; *document is freed by the caller. An empty value is an
 * empty document, for which *initdata is not set. The errors start with the Go tools' words: "initdata create
 * gzip reader error: ", "uncompressing initdata with gzip error: ", "parsing initdata annotation failed: ".
 * The rest of the errors are those of initdata_parse().
 */
int initdata_decode(struct slice value, enum config_dialect dialect, char **document,
		    struct initdata *initdata, struct error **err);

/*
 * Parse a document. Errors: -EBADMSG; -ENOTSUP for an unknown algorithm, and in the runtime-rs dialect for
 * another version.
 */
int initdata_parse(struct slice document, enum config_dialect dialect, struct initdata *initdata,
		   struct error **err);

/*
 * The document's digest by its own algorithm, cut or filled up with zeros to what the platform takes.
 * `digest` has room for INITDATA_DIGEST_MAX bytes.
 */
int initdata_digest(struct slice document, enum initdata_platform platform, uint8_t *digest,
		    size_t *size, struct error **err);
