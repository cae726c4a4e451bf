/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/*
 * Remove a directory with all below it, but nothing that is mounted there: what a mount brings in is the
 * host's (spec/agent.md, trap 58). Neither are links followed. A missing directory is fine. Directories that lead to
 * a mount stay, which is no error.
 */
int tree_remove(const char *path, struct error **err);

/* The same for a name in an open directory. */
int tree_remove_at(int directory, const char *name, struct error **err);
