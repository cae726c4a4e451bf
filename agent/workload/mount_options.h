/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The words of a mount's options (spec/agent.md 7.1, 11.3), for mounts that are made detached. */

#include <stdbool.h>
#include <stdint.h>

#include "base/string_list.h"

struct mount_options {
	uint64_t set, clear;  /* MOUNT_ATTR_... */
	uint64_t propagation; /* MS_PRIVATE ..., 0 for none */
	bool propagation_recursive;
	bool bind, recursive;
	bool readonly;
	struct string_list data; /* what the file system gets, "size=64k" */
};

void mount_options_parse(char *const *words, size_t count, struct mount_options *options);
void mount_options_release(struct mount_options *options);
#define _cleanup_mount_options_ _cleanup_(mount_options_release)
