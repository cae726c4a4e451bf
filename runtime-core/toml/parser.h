/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The reader as the editor uses it. */

#include "document.h"

enum parse_flags {
	PARSE_STRICT = 1,     /* TOML 1.0 to the letter */
	PARSE_STATEMENTS = 2, /* record where each statement stands */
};

int parse_document(struct slice text, const char *name, unsigned flags,
		   struct toml_document **document, struct error **err);

/* A text that is one value and nothing else, which becomes the root. */
int parse_single_value(struct slice text, const char *name, struct toml_document **document,
		       struct error **err);
