/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An OCI bundle's configuration as the agent takes it: the field names of the agent's protocol (spec/agent.md 3.6), and without
 * what has no meaning in a guest (spec/agent.md 4.4): hooks, paths of namespaces, the network, labels.
 */

#include <cjson/cJSON.h>

#include "base/error.h"

/* Read config.json, or another file of that form; *spec is freed with cJSON_Delete(). */
int bundle_read(const char *path, cJSON **spec, struct error **err);

/* The configuration of a plain container: own namespaces, the usual mounts, few capabilities; no root, no command. */
cJSON *bundle_plain(void);
