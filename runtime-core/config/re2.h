/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Regular expressions as Go's regexp package knows them (RE2's syntax), which is what enable_annotations
 * holds (spec/config.md 5.1). The search is unanchored. PCRE2 does the matching and is opened when the
 * first pattern that is not plain text comes along.
 */

#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"

#define RE2_MAX_PATTERN 1024
#define RE2_MAX_DEPTH	100

struct re2;

/*
 * Errors: -EINVAL for what Go does not accept, back references and look-around included; the message says
 * why. -ELIBACC without PCRE2, with the package to install.
 */
int re2_compile(struct slice pattern, struct re2 **re2, struct error **err);

/* Does the pattern match somewhere in the text? Not if finding out would take unreasonably long. */
bool re2_search(const struct re2 *re2, struct slice text);

void re2_free(struct re2 *re2);
DEFINE_CLEANUP(struct re2 *, re2_free)
