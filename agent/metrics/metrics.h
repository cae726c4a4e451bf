/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What GetMetrics answers: figures of the agent and of the guest in Prometheus' text format (spec/agent.md 14). For jobs:
 * looking at a file system blocks as long as that does.
 */

#include <stdint.h>

#include "base/strbuf.h"

/*
 * Append all families, in the order of their names; one of which the kernel says nothing is left out. `root`
 * stands in front of "/proc", and is "" but in tests; `scrapes` is how often they have been asked for, this
 * time included.
 */
void metrics_collect(const char *root, uint64_t scrapes, struct strbuf *out);
