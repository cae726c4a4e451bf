/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * OCI hooks (spec/agent.md 11.4). A hook's failure is logged and never anybody else's: the guest is there to
 * run the container.
 */

#include <stdbool.h>
#include <stdint.h>

#include "proto/oci.pb-c.h"

/*
 * Run them one after another, each with the state (JSON) on its stdin and at most its time-out (10 s by default).
 * The caller sees to it that nobody else waits for our children. Blocks.
 */
void hooks_run(const char *kind, Grpc__Hook *const *hooks, size_t count, const char *state);

/* OCI's state; to be freed. */
char *hooks_state(const Grpc__Spec *spec, const char *id, const char *status, uint64_t pid,
		  const char *bundle);
