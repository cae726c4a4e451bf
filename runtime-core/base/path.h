/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Paths as text, and their resolution. Everything returned is freed by the caller. */

#include "error.h"

/* Directory and name with exactly one slash between; an absolute name keeps its text below directory. */
char *path_join(const char *directory, const char *name);

/* All but the last component ("." for a bare name, "/" for the root). */
char *path_directory(const char *path);

/* The last component; points into `path`. */
const char *path_name(const char *path);

/*
 * Simplify as text, without looking at the file system: no empty, "." or inner ".." components, no
 * trailing slash; "" becomes ".". So link/../x becomes x even where link is a symbolic link, as the
 * existing tools do it (spec/config.md, corrections to 1.5).
 */
char *path_clean(const char *path);

/* Clean, made absolute against the current directory. */
int path_absolute(const char *path, char **absolute, struct error **err);

/*
 * The absolute path behind all symbolic links. Errors: -EINVAL for an empty path ("path must be
 * specified"), -ENOENT ("file ABSOLUTE does not exist"), else the system's ("lstat ABSOLUTE: permission
 * denied", "EvalSymlinks: too many links"). Source: spec/config.md 1.5.
 */
int path_resolve(const char *path, char **resolved, struct error **err);
