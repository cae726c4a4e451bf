/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Semantic versions, semver.org 2.0.0, strictly: "4.1.0-rc.1+build.5". No leading "v", always three
 * numbers. Numbers are kept as digits, since the standard bounds them nowhere.
 */

#include <stdbool.h>

#include "error.h"
#include "slice.h"

#define SEMVER_MAX_BYTES 256

/* Views into the text that was parsed, which must live as long. Empty where the version has no such part. */
struct semver {
	struct slice major;
	struct slice minor;
	struct slice patch;
	struct slice prerelease;
	struct slice build;
};

/*
 * Error -EINVAL; the message says why and does not repeat the text: "no major, minor and patch number
 * with dots between", "major number \"v4\" has other characters than digits", ...
 */
int semver_parse(struct slice text, struct semver *version, struct error **err);

/* Precedence as semver.org 11 has it: negative, 0 or positive. Build metadata does not count. */
int semver_compare(const struct semver *a, const struct semver *b);

/* The order of two of the numbers above: negative, 0 or positive. */
int semver_compare_number(struct slice a, struct slice b);

static inline bool semver_is_prerelease(const struct semver *version)
{
	return version->prerelease.size > 0;
}
