/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Links, addresses, routes and neighbours of a network namespace, by rtnetlink.
 *
 * Each list is read at once, into a struct that starts zeroed and is released whether or not that went well. What is made or
 * changed is so when the function returns, and takes the place of what was there.
 */

#include <net/if.h>

#include "ip.h"
#include "netlink.h"

/* ---- links ------------------------------------------------------------------------------------- */

/* What has gone through a link since it was made. */
struct rtnetlink_counters {
	uint64_t rx_bytes, rx_packets, rx_errors, rx_dropped;
	uint64_t tx_bytes, tx_packets, tx_errors, tx_dropped;
};

struct rtnetlink_link {
	int index;
	char name[IFNAMSIZ];
	struct mac_address address;
	uint32_t mtu;
	unsigned flags; /* IFF_... */
	struct rtnetlink_counters counters;
};

struct rtnetlink_links {
	struct rtnetlink_link *items;
	size_t count, capacity;
};

/* What is to be different; a flag outside of `mask` and everything that is 0 or NULL stays as it is. */
struct rtnetlink_link_change {
	unsigned flags, mask;
	uint32_t mtu;
	const char *name;
	const struct mac_address *address;
};

/* May a link have this name? The kernel's own rule. */
bool rtnetlink_name_is_valid(const char *name);

int rtnetlink_list_links(struct netlink *netlink, struct rtnetlink_links *links,
			 struct error **err);
void rtnetlink_links_release(struct rtnetlink_links *links);
#define _cleanup_links_ _cleanup_(rtnetlink_links_release)

/* NULL where there is none. */
const struct rtnetlink_link *rtnetlink_link_named(const struct rtnetlink_links *links,
						  const char *name);
const struct rtnetlink_link *rtnetlink_link_at(const struct rtnetlink_links *links, int index);

int rtnetlink_change_link(struct netlink *netlink, int index,
			  const struct rtnetlink_link_change *change, struct error **err);

/* ---- addresses --------------------------------------------------------------------------------- */

struct rtnetlink_address {
	int link;
	struct ip_prefix ip;
};

struct rtnetlink_addresses {
	struct rtnetlink_address *items;
	size_t count, capacity;
};

int rtnetlink_list_addresses(struct netlink *netlink, struct rtnetlink_addresses *addresses,
			     struct error **err);
void rtnetlink_addresses_release(struct rtnetlink_addresses *addresses);
#define _cleanup_addresses_ _cleanup_(rtnetlink_addresses_release)

/*
 * An IPv4 address gets the broadcast address of its network. An IPv6 address can be used at once: whether somebody else
 * has it (RFC 4862, 5.4) is not asked, which takes a second, and until then no route may name it as its source.
 */
int rtnetlink_replace_address(struct netlink *netlink, const struct rtnetlink_address *address,
			      struct error **err);

/* ---- routes ------------------------------------------------------------------------------------ */

/* A unicast route of the main table. */
struct rtnetlink_route {
	struct ip_prefix destination; /* length 0: the default route; the family is the route's */
	struct ip_prefix gateway;     /* this and the next two: family 0 where there is none */
	struct ip_prefix source;      /* only for packets from there; IPv6 alone knows that */
	struct ip_prefix preferred_source; /* what packets of our own come from */
	int link;			   /* 0: none */
	uint8_t scope, protocol;	   /* RT_SCOPE_..., RTPROT_... */
	uint32_t flags;			   /* RTNH_F_... */
	uint32_t mtu;			   /* 0: the link's */
};

struct rtnetlink_routes {
	struct rtnetlink_route *items;
	size_t count, capacity;
};

/* AF_INET or AF_INET6; added behind what is in the list. */
int rtnetlink_list_routes(struct netlink *netlink, int family, struct rtnetlink_routes *routes,
			  struct error **err);
void rtnetlink_routes_release(struct rtnetlink_routes *routes);
#define _cleanup_routes_ _cleanup_(rtnetlink_routes_release)

int rtnetlink_replace_route(struct netlink *netlink, const struct rtnetlink_route *route,
			    struct error **err);

/* ---- neighbours -------------------------------------------------------------------------------- */

struct rtnetlink_neighbour {
	int link;
	struct ip_prefix ip;
	struct mac_address address; /* may be absent */
	uint16_t state;		    /* NUD_... */
	uint8_t flags;		    /* NTF_... */
};

int rtnetlink_replace_neighbour(struct netlink *netlink,
				const struct rtnetlink_neighbour *neighbour, struct error **err);

/* ---- messages ---------------------------------------------------------------------------------- */

/*
 * One message of a list, from foreign bytes: the lists above are made of these. Return 1, 0 for a message of
 * another kind, -EBADMSG for one that is not what its type says.
 */
int rtnetlink_read_link(const struct netlink_message *message, struct rtnetlink_link *link,
			struct error **err);
int rtnetlink_read_address(const struct netlink_message *message, struct rtnetlink_address *address,
			   struct error **err);
int rtnetlink_read_route(const struct netlink_message *message, struct rtnetlink_route *route,
			 struct error **err);
