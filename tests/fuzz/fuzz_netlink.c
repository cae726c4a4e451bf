// SPDX-License-Identifier: Apache-2.0
/* Any bytes as messages of the kernel: links, addresses, routes, and refusals. */
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "netlink/rtnetlink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_ip(const struct ip_prefix *ip)
{
	must(ip->length <= ip_size(ip->family) * 8);
}

static void read_link(const struct netlink_message *message)
{
	_cleanup_error_ struct error *err = NULL;
	struct rtnetlink_link link;

	if (rtnetlink_read_link(message, &link, &err) <= 0)
		return;
	must(link.name[0] && strlen(link.name) < IFNAMSIZ);
	must(link.address.size <= MAC_MAX_BYTES);
	free(mac_format(&link.address));
}

static void read_address(const struct netlink_message *message)
{
	_cleanup_error_ struct error *err = NULL;
	struct rtnetlink_address address;

	if (rtnetlink_read_address(message, &address, &err) <= 0)
		return;
	must(address.ip.family != 0);
	check_ip(&address.ip);
}

static void read_route(const struct netlink_message *message)
{
	_cleanup_error_ struct error *err = NULL;
	struct rtnetlink_route route;

	if (rtnetlink_read_route(message, &route, &err) <= 0)
		return;
	must(route.destination.family != 0);
	check_ip(&route.destination);
	check_ip(&route.gateway);
	check_ip(&route.source);
	check_ip(&route.preferred_source);
}

static void read_answer(const struct netlink_message *message)
{
	_cleanup_error_ struct error *err = NULL;

	must((netlink_answer(message, &err) < 0) == (err != NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_error_ struct error *err = NULL;
	struct slice rest = slice_make((const char *)data, size);
	struct netlink_message message;

	while (netlink_next(&rest, &message, &err) > 0) {
		read_link(&message);
		read_address(&message);
		read_route(&message);
		read_answer(&message);
	}
	return 0;
}
