/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Lists of path patterns, such as valid_hypervisor_paths: which of the operator's files may a pod choose?
 * The patterns are Go's (path/filepath.Glob), each standing for the files that it finds (spec/config.md 5.1).
 */

#include <stdbool.h>

#include "base/string_list.h"

/* More than PATH_MAX; longer patterns and paths never match. */
#define PATH_PATTERN_MAX 4096

/*
 * Is the path, as text, one of those that the patterns find now? So it must exist (a dangling link does),
 * and nothing like `..` can be smuggled in. Looks at the file system, along the path only.
 */
bool path_patterns_allow(const struct string_list *patterns, const char *path);

/* False for a pattern that can never match, such as "/usr/bin/[qemu". */
bool path_pattern_is_valid(const char *pattern);
