/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The dm-verity parameters of a disk image, as one string (spec/config.md 3.10). */

#include "base/error.h"

/*
 * Check a string such as "root_hash=...,salt=...,data_blocks=1,data_block_size=4096,hash_block_size=4096".
 * A blank string means no verity and is fine. Error: -EINVAL, "missing kernel_verity_params salt" and the
 * like.
 */
int verity_params_check(const char *params, struct error **err);
