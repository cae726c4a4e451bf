/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the first process of a guest does before it is the agent (spec/agent.md 5.2). Nothing here is a
 * reason to stop: a guest without one of its mounts still answers, and says what is missing.
 */

#include <stdbool.h>

#include "base/error.h"

/* The mounts without which there is neither a command line nor a log, in their order. */
void boot_mount_basics(void);

/* The control groups: v2, or v1 with each controller that the kernel has. */
void boot_mount_cgroups(bool unified);

/* Session and terminal, /dev/ptmx, PATH, host name, kernel modules of /etc/modules, loopback. */
void boot_set_up(void);

/* Write everything to disk and switch off. Returns only on failure. */
void boot_power_off(void);

/* Bring up "lo" in our network namespace. */
int boot_loopback_up(struct error **err);
