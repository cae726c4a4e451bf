// SPDX-License-Identifier: Apache-2.0
/* UpdateRoutes (spec/agent.md 9.2), and AddARPNeighbors (9.3). */
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "internal.h"

/* Others tell of the state of the host's device, and the kernel refuses them. */
#define ROUTE_FLAGS (RTNH_F_ONLINK | RTNH_F_PERVASIVE)

/* ---- routes ------------------------------------------------------------------------------------ */

/* An optional address of the same family as those before it. */
static int check_ip(const char *what, const char *text, int *family, struct ip_prefix *ip,
		    struct error **err)
{
	int ret;

	*ip = (struct ip_prefix){ 0 };
	if (!text[0])
		return 0;
	ret = ip_parse(text, ip, err);
	if (ret < 0)
		return error_wrap(err, "%s", what);
	if (*family && *family != ip->family)
		return error_set(err, -EINVAL, "%s: %s is of another family than the rest", what,
				 text);
	*family = ip->family;
	return 0;
}

/*
 * Where our own packets come from: a single address. A network means packets that come from there, and are
 * passed on (spec/agent.md 9.2); so does an address with a length of 0 mean the address.
 */
static void place_source(const struct ip_prefix *source, struct rtnetlink_route *route)
{
	if (source->length > 0 && !ip_is_whole(source))
		route->source = *source;
	else
		route->preferred_source = *source;
}

/* "0.0.0.0" and "::" without a length are how the default route is listed. */
static void open_default(struct ip_prefix *destination)
{
	static const struct ip_prefix none;

	if (ip_is_whole(destination) &&
	    memcmp(destination->bytes, none.bytes, sizeof(none.bytes)) == 0)
		destination->length = 0;
}

static int check_route(const Types__Route *wanted, const struct rtnetlink_links *links,
		       struct rtnetlink_route *route, struct error **err)
{
	const struct rtnetlink_link *link = network_find_link(links, wanted->device, err);
	struct ip_prefix source = { 0 };
	int family = 0, ret;

	*route = (struct rtnetlink_route){ .protocol = RTPROT_BOOT };
	if (!link)
		return error_code(*err);
	ret = check_ip("destination", wanted->dest, &family, &route->destination, err);
	if (ret == 0)
		ret = check_ip("gateway", wanted->gateway, &family, &route->gateway, err);
	if (ret == 0)
		ret = check_ip("source", wanted->source, &family, &source, err);
	if (ret < 0)
		return ret;
	if (route->gateway.family && !ip_is_whole(&route->gateway))
		return error_set(err, -EINVAL, "gateway: %s is a network", wanted->gateway);
	if (wanted->scope > UINT8_MAX)
		return error_set(err, -ERANGE, "scope: %u is over 255", wanted->scope);
	if (!family)
		family = wanted->family == TYPES__IPFAMILY__v6 ? AF_INET6 : AF_INET;
	open_default(&route->destination);
	place_source(&source, route);
	route->destination.family = family;
	route->link = link->index;
	route->scope = (uint8_t)wanted->scope;
	route->flags = wanted->flags & ROUTE_FLAGS;
	route->mtu = wanted->mtu;
	return 0;
}

/* The text is upstream's. */
static int wrap_route(const Types__Route *wanted, struct error **err)
{
	_cleanup_error_ struct error *why = *err;
	bool is_v6 = strchr(wanted->dest, ':') || strchr(wanted->gateway, ':') ||
		     wanted->family == TYPES__IPFAMILY__v6;

	*err = NULL;
	return error_set(err, error_code(why),
			 "Failed to add IP %s route (src: %s, dst: %s, gtw: %s,Err: %s)",
			 is_v6 ? "v6" : "v4", wanted->source, wanted->dest, wanted->gateway,
			 error_message(why));
}

enum pass { CHECK, WITHOUT_GATEWAY, WITH_GATEWAY, PASSES };

/* A gateway can be named once there is a way to it. */
static int do_route(struct netlink *netlink, const struct rtnetlink_links *links, enum pass pass,
		    const Types__Route *wanted, struct error **err)
{
	struct rtnetlink_route route;
	int ret = check_route(wanted, links, &route, err);

	if (ret < 0 || pass == CHECK || (pass == WITH_GATEWAY) != (route.gateway.family != 0))
		return ret;
	ret = rtnetlink_replace_route(netlink, &route, err);
	if (ret != -EEXIST)
		return ret;
	error_free(*err);
	*err = NULL;
	return 0;
}

int network_update_routes(const Grpc__Routes *routes, struct error **err)
{
	_cleanup_netlink_ struct netlink netlink = NETLINK_INIT;
	_cleanup_links_ struct rtnetlink_links links = { 0 };
	int ret = network_open(&netlink, &links, err);

	if (ret < 0)
		return ret;
	for (enum pass pass = CHECK; pass < PASSES; pass++)
		for (size_t i = 0; i < routes->n_routes; i++)
			if (do_route(&netlink, &links, pass, routes->routes[i], err) < 0)
				return wrap_route(routes->routes[i], err);
	return 0;
}

/* ---- neighbours -------------------------------------------------------------------------------- */

static int check_neighbour(const Types__ARPNeighbor *wanted, const struct rtnetlink_links *links,
			   struct rtnetlink_neighbour *neighbour, struct error **err)
{
	const struct rtnetlink_link *link = network_find_link(links, wanted->device, err);
	int ret;

	*neighbour = (struct rtnetlink_neighbour){ 0 };
	if (!link)
		return error_code(*err);
	if (!wanted->toipaddress || !wanted->toipaddress->address[0])
		return error_set(err, -EINVAL, "a neighbour has no IP address");
	ret = ip_parse(wanted->toipaddress->address, &neighbour->ip, err);
	if (ret == 0 && wanted->lladdr[0])
		ret = mac_parse(wanted->lladdr, &neighbour->address, err);
	if (ret < 0)
		return ret;
	if (wanted->state < 0 || wanted->state > UINT16_MAX || wanted->flags < 0 ||
	    wanted->flags > UINT8_MAX)
		return error_set(err, -ERANGE, "no neighbour has state %d and flags %d",
				 wanted->state, wanted->flags);
	neighbour->link = link->index;
	neighbour->state = wanted->state ? (uint16_t)wanted->state : NUD_PERMANENT;
	neighbour->flags = (uint8_t)wanted->flags;
	return 0;
}

static int do_neighbour(struct netlink *netlink, const struct rtnetlink_links *links,
			bool only_check, const Types__ARPNeighbor *wanted, struct error **err)
{
	struct rtnetlink_neighbour neighbour;
	int ret = check_neighbour(wanted, links, &neighbour, err);

	if (ret == 0 && !only_check)
		ret = rtnetlink_replace_neighbour(netlink, &neighbour, err);
	if (ret < 0 && wanted->toipaddress)
		return error_wrap(err, "neighbour %s", wanted->toipaddress->address);
	return ret;
}

int network_add_neighbours(const Grpc__ARPNeighbors *neighbours, struct error **err)
{
	_cleanup_netlink_ struct netlink netlink = NETLINK_INIT;
	_cleanup_links_ struct rtnetlink_links links = { 0 };
	int ret = network_open(&netlink, &links, err);
	size_t count = neighbours->n_arpneighbors;

	for (size_t i = 0; i < count && ret == 0; i++)
		ret = do_neighbour(&netlink, &links, true, neighbours->arpneighbors[i], err);
	for (size_t i = 0; i < count && ret == 0; i++)
		ret = do_neighbour(&netlink, &links, false, neighbours->arpneighbors[i], err);
	return ret;
}
