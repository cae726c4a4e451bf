/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Arguments that a pod may add to the virtio-fs daemon's. The daemon runs on the host and takes the last of
 * two settings, so that an argument such as `-o source=/` would share the whole host with the guest
 * (spec/reliability.md, advisory 12). Allowed is what tunes the daemon and nothing else.
 */

#include "base/error.h"
#include "base/string_list.h"

/* Error -EACCES: names the first argument that is not allowed, and those that are. */
int virtiofs_args_check(const struct string_list *arguments, struct error **err);
