/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the configuration contributes to the guest's kernel command line (spec/config.md 4). */

#include "base/string_list.h"
#include "config.h"

/*
 * The parameters in order, each "key=value" or "key": those of image and block driver, of the agent, and
 * the user's last. Error: -EINVAL "Empty kernel parameter".
 */
int config_kernel_params(const struct config *config, struct string_list *params,
			 struct error **err);

/* Split a kernel_params value into parameters the way the configuration's dialect does. */
void config_split_kernel_params(const struct config *config, const char *text,
				struct string_list *params);
