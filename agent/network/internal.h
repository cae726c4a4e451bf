/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "netlink/rtnetlink.h"
#include "network.h"

/* A socket, and the links that there are. */
int network_open(struct netlink *netlink, struct rtnetlink_links *links, struct error **err);

/* NULL, and -ENODEV with the text that hosts look for, where there is none. */
const struct rtnetlink_link *network_find_link(const struct rtnetlink_links *links,
					       const char *name, struct error **err);
