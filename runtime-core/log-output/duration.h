/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Durations for people. Inside this room only. */

#include <stdint.h>

#include "base/strbuf.h"

/* "830 us", "12.5 ms", "3.071 s", "2 min 5 s", "3 h 12 min", with a minus sign where there is one. */
void logs_put_duration(struct strbuf *out, int64_t ns);
