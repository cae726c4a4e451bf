/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/*
 * Our own program's file for executing it again as a workload. A container can open the file that one of its
 * processes executes, so it must not be one that can be written to (CVE-2019-5736): this is a read-only,
 * detached mount of it, or a sealed copy in memory where the kernel cannot make such a mount.
 * Returns a descriptor, close-on-exec.
 */
int own_program_open(struct error **err);
