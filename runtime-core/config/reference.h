/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a configuration is compared with when nobody says with what. */

#include "config.h"

/*
 * The shipped configuration that this one probably started from: in `directory` (NULL: the installation's)
 * the file of the same name, or the plain one of its hypervisor, without drop-ins. For a shipped file itself
 * that is the file without its drop-ins. When none is installed: the built-in defaults, with a NULL path.
 * Never NULL.
 */
struct config *config_reference(const struct config *config, const char *directory);
