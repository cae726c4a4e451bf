// SPDX-License-Identifier: Apache-2.0
/* Requests, and lists of what read.c makes of the kernel's messages. */
#include "rtnetlink.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/memory.h"

#define POINT_TO_POINT_LENGTH 31 /* from here on a network has no broadcast address (RFC 3021) */

static int ask(struct netlink *netlink, uint16_t type, int family, struct strbuf *messages,
	       struct error **err)
{
	_cleanup_strbuf_ struct strbuf request = STRBUF_INIT;
	struct rtgenmsg header = { .rtgen_family = (unsigned char)family };

	netlink_begin(&request, type, 0, &header, sizeof(header));
	return netlink_dump(netlink, &request, messages, err);
}

static void put_ip(struct strbuf *request, uint16_t type, const struct ip_prefix *ip)
{
	if (ip->family)
		netlink_put(request, type, ip->bytes, ip_size(ip->family));
}

/* ---- links ------------------------------------------------------------------------------------- */

bool rtnetlink_name_is_valid(const char *name)
{
	size_t size = strlen(name);

	return size > 0 && size < IFNAMSIZ && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	       !name[strcspn(name, "/: \t\n\v\f\r")];
}

int rtnetlink_list_links(struct netlink *netlink, struct rtnetlink_links *links, struct error **err)
{
	_cleanup_strbuf_ struct strbuf messages = STRBUF_INIT;
	struct netlink_message message;
	struct slice rest;
	int ret = ask(netlink, RTM_GETLINK, AF_UNSPEC, &messages, err);

	rest = strbuf_view(&messages);
	while (ret >= 0 && (ret = netlink_next(&rest, &message, err)) > 0) {
		links->items = xgrow(links->items, &links->capacity, links->count + 1,
				     sizeof(*links->items));
		ret = rtnetlink_read_link(&message, &links->items[links->count], err);
		if (ret > 0)
			links->count++;
	}
	return ret;
}

void rtnetlink_links_release(struct rtnetlink_links *links)
{
	free(links->items);
	*links = (struct rtnetlink_links){ 0 };
}

const struct rtnetlink_link *rtnetlink_link_named(const struct rtnetlink_links *links,
						  const char *name)
{
	for (size_t i = 0; i < links->count; i++)
		if (strcmp(links->items[i].name, name) == 0)
			return &links->items[i];
	return NULL;
}

const struct rtnetlink_link *rtnetlink_link_at(const struct rtnetlink_links *links, int index)
{
	for (size_t i = 0; i < links->count; i++)
		if (links->items[i].index == index)
			return &links->items[i];
	return NULL;
}

int rtnetlink_change_link(struct netlink *netlink, int index,
			  const struct rtnetlink_link_change *change, struct error **err)
{
	_cleanup_strbuf_ struct strbuf request = STRBUF_INIT;
	struct ifinfomsg header = {
		.ifi_index = index,
		.ifi_flags = change->flags,
		.ifi_change = change->mask,
	};

	netlink_begin(&request, RTM_SETLINK, 0, &header, sizeof(header));
	if (change->address)
		netlink_put(&request, IFLA_ADDRESS, change->address->bytes, change->address->size);
	if (change->mtu)
		netlink_put_u32(&request, IFLA_MTU, change->mtu);
	if (change->name)
		netlink_put_string(&request, IFLA_IFNAME, change->name);
	return netlink_call(netlink, &request, err);
}

/* ---- addresses --------------------------------------------------------------------------------- */

int rtnetlink_list_addresses(struct netlink *netlink, struct rtnetlink_addresses *addresses,
			     struct error **err)
{
	_cleanup_strbuf_ struct strbuf messages = STRBUF_INIT;
	struct netlink_message message;
	struct slice rest;
	int ret = ask(netlink, RTM_GETADDR, AF_UNSPEC, &messages, err);

	rest = strbuf_view(&messages);
	while (ret >= 0 && (ret = netlink_next(&rest, &message, err)) > 0) {
		addresses->items = xgrow(addresses->items, &addresses->capacity,
					 addresses->count + 1, sizeof(*addresses->items));
		ret = rtnetlink_read_address(&message, &addresses->items[addresses->count], err);
		if (ret > 0)
			addresses->count++;
	}
	return ret;
}

void rtnetlink_addresses_release(struct rtnetlink_addresses *addresses)
{
	free(addresses->items);
	*addresses = (struct rtnetlink_addresses){ 0 };
}

static void put_broadcast(struct strbuf *request, const struct ip_prefix *ip)
{
	uint32_t network, broadcast;

	if (ip->length >= POINT_TO_POINT_LENGTH)
		return;
	memcpy(&network, ip->bytes, sizeof(network));
	broadcast = network | htonl(UINT32_MAX >> ip->length);
	netlink_put(request, IFA_BROADCAST, &broadcast, sizeof(broadcast));
}

int rtnetlink_replace_address(struct netlink *netlink, const struct rtnetlink_address *address,
			      struct error **err)
{
	_cleanup_strbuf_ struct strbuf request = STRBUF_INIT;
	const struct ip_prefix *ip = &address->ip;
	struct ifaddrmsg header = {
		.ifa_family = (uint8_t)ip->family,
		.ifa_prefixlen = (uint8_t)ip->length,
		.ifa_flags = ip->family == AF_INET6 ? IFA_F_NODAD : 0,
		.ifa_index = (uint32_t)address->link,
	};

	netlink_begin(&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &header, sizeof(header));
	put_ip(&request, IFA_LOCAL, ip);
	put_ip(&request, IFA_ADDRESS, ip);
	if (ip->family == AF_INET)
		put_broadcast(&request, ip);
	return netlink_call(netlink, &request, err);
}

/* ---- routes ------------------------------------------------------------------------------------ */

int rtnetlink_list_routes(struct netlink *netlink, int family, struct rtnetlink_routes *routes,
			  struct error **err)
{
	_cleanup_strbuf_ struct strbuf messages = STRBUF_INIT;
	struct netlink_message message;
	struct slice rest;
	int ret = ask(netlink, RTM_GETROUTE, family, &messages, err);

	rest = strbuf_view(&messages);
	while (ret >= 0 && (ret = netlink_next(&rest, &message, err)) > 0) {
		routes->items = xgrow(routes->items, &routes->capacity, routes->count + 1,
				      sizeof(*routes->items));
		ret = rtnetlink_read_route(&message, &routes->items[routes->count], err);
		if (ret > 0)
			routes->count++;
	}
	return ret;
}

void rtnetlink_routes_release(struct rtnetlink_routes *routes)
{
	free(routes->items);
	*routes = (struct rtnetlink_routes){ 0 };
}

int rtnetlink_replace_route(struct netlink *netlink, const struct rtnetlink_route *route,
			    struct error **err)
{
	_cleanup_strbuf_ struct strbuf request = STRBUF_INIT;
	struct rtmsg header = {
		.rtm_family = (uint8_t)route->destination.family,
		.rtm_dst_len = (uint8_t)route->destination.length,
		.rtm_src_len = (uint8_t)route->source.length,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = route->protocol,
		.rtm_scope = route->scope,
		.rtm_type = RTN_UNICAST,
		.rtm_flags = route->flags,
	};

	netlink_begin(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, &header,
		      sizeof(header));
	if (route->destination.length > 0)
		put_ip(&request, RTA_DST, &route->destination);
	put_ip(&request, RTA_GATEWAY, &route->gateway);
	put_ip(&request, RTA_SRC, &route->source);
	put_ip(&request, RTA_PREFSRC, &route->preferred_source);
	if (route->link)
		netlink_put_u32(&request, RTA_OIF, (uint32_t)route->link);
	if (route->mtu) {
		size_t metrics = netlink_nest(&request, RTA_METRICS);

		netlink_put_u32(&request, RTAX_MTU, route->mtu);
		netlink_nest_end(&request, metrics);
	}
	return netlink_call(netlink, &request, err);
}

/* ---- neighbours -------------------------------------------------------------------------------- */

int rtnetlink_replace_neighbour(struct netlink *netlink,
				const struct rtnetlink_neighbour *neighbour, struct error **err)
{
	_cleanup_strbuf_ struct strbuf request = STRBUF_INIT;
	struct ndmsg header = {
		.ndm_family = (uint8_t)neighbour->ip.family,
		.ndm_ifindex = neighbour->link,
		.ndm_state = neighbour->state,
		.ndm_flags = neighbour->flags,
	};

	netlink_begin(&request, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &header,
		      sizeof(header));
	put_ip(&request, NDA_DST, &neighbour->ip);
	if (neighbour->address.size > 0)
		netlink_put(&request, NDA_LLADDR, neighbour->address.bytes,
			    neighbour->address.size);
	return netlink_call(netlink, &request, err);
}
