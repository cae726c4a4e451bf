/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/*
 * Load a kernel module, by its name or another one of modules.alias, with those it depends on, in order, by the
 * guest's own modules.dep. What is loaded or built in already is fine. `parameters` as on insmod's command line. Blocks.
 * -EINVAL for a name that cannot be one, -ENOENT for a module that the guest does not have.
 */
int modules_load(const char *name, const char *parameters, struct error **err);

/*
 * Load what a file lists, a name a line, "#" for comments. A module that cannot be loaded is a warning: which devices a
 * guest has differs.
 */
void modules_load_listed(const char *path);
