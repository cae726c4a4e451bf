/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which file is read (spec/config.md 1). */

#include "config.h"

/*
 * Choose the file: *requested is its path as given or found, *resolved the one behind all links. Errors:
 * "Cannot find usable config file (...)", "invalid KATA_CONF_FILE ...".
 */
int config_search(const struct config_options *options, char **requested, char **resolved,
		  struct error **err);
