/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Errors as values.
 *
 * A function that can fail takes `struct error **err` last and returns 0 (or a positive result) on
 * success, a negative errno on failure; on failure it has set *err exactly once. Callers may wrap the
 * error with one more sentence of context. The message reads outermost first: "start sandbox: open
 * /dev/kvm: permission denied".
 *
 * `err` is never NULL: the code travels in the error, so that `return error_wrap(err, ...)` can never
 * turn a failure into a success. Who does not care for the text writes `_cleanup_error_ struct error
 * *ignored = NULL` and says why.
 */

#include "cleanup.h"

struct error;

/* Set *err and return `code`, a negative errno. The message is not terminated by a newline. */
int error_set(struct error **err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same, with ": " and the text of the errno behind the message. */
int error_set_errno(struct error **err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Put a sentence of context in front of *err; returns the code that *err carries. */
int error_wrap(struct error **err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Put advice behind the message, after "; ": where the first words are what scripts match on, and the
 * reader can do something. Returns the code that *err carries.
 */
int error_advise(struct error **err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Hand an error to the caller's variable; returns its code. */
int error_propagate(struct error **err, struct error *error);

/* The negative errno, 0 for NULL. */
int error_code(const struct error *error);

/* The whole message; valid as long as the error. "" for NULL. */
const char *error_message(const struct error *error);

void error_free(struct error *error);
DEFINE_CLEANUP(struct error *, error_free)
#define _cleanup_error_ _cleanup_(error_freep)

/*
 * The text of an errno (positive or negative) the way the Go tools print it: as strerror, with a small
 * first letter ("no such file or directory"). Valid until the thread's next call.
 */
const char *errno_text(int code);
