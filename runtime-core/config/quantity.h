/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/slice.h"

enum quantity_format {
	QUANTITY_DECIMAL, /* no suffix; n u m k M G T P E; or an exponent */
	QUANTITY_BINARY,  /* Ki Mi Gi Ti Pi Ei */
};

/*
 * A quantity as Kubernetes writes it. *value is rounded up to a whole number, and set for binary ones only.
 * 0, -EINVAL for another form, -ERANGE for a binary one below zero or beyond INT64_MAX.
 */
int quantity_parse(struct slice text, enum quantity_format *format, uint64_t *value);
