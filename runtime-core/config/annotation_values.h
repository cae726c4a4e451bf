/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The grammar of annotation values (spec/config.md 5.2): that of the configuration's dialect, where the
 * runtime-rs one also takes the words of Go. Nothing is ever cut to fit: a number beyond its key's type is
 * an error in both.
 */

#include "annotation_rows.h"

/* A text of the table with its places filled; to be freed. */
char *annotation_text(const struct annotation_use *use, const char *text);

/* Fail with the row's text for this dialect; `code` is the negative errno. */
int annotation_refuse(const struct annotation_use *use, int code, struct error **err);

/* Errors: -EINVAL, -ERANGE, with the dialect's words. */
int annotation_bool(const struct annotation_use *use, bool *value, struct error **err);
int annotation_number(const struct annotation_use *use, uint64_t *value, struct error **err);
/* Never NaN or infinite; below zero only in the runtime-rs dialect. */
int annotation_float(const struct annotation_use *use, float *value, struct error **err);

/*
 * MiB, as a plain number or with a unit (2 GiB, 1.5g, 512MB). 0, -EINVAL for another form, -ERANGE. Without
 * message: callers differ in what they make of it.
 */
int annotation_memory(struct slice text, uint64_t *mib);
