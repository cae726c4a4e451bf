/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "proto/oci.pb-c.h"

/*
 * Hooks that the guest itself brings along (guest_hook_path, spec/agent.md 6.1): in FOLDER/{prestart,poststart,poststop}
 * each regular file that can be executed, in the order of their names; at most GUEST_HOOKS_MAX of a kind. A folder that is
 * missing has none; what else is wrong is logged. To be freed with proto_free(). May block.
 */
#define GUEST_HOOKS_MAX 64
Grpc__Hooks *guest_hooks_find(const char *folder);

/* They run for a container beside its own, after those. `hooks` may be NULL and stays the caller's. */
void guest_hooks_add(Grpc__Spec *spec, const Grpc__Hooks *hooks);
