// SPDX-License-Identifier: Apache-2.0
/* ListInterfaces and ListRoutes (spec/agent.md 9.4), and the network's part of StatsContainer. */
#include "base/memory.h"
#include "internal.h"
#include "proto/message.h"

static Types__IPFamily family_of(const struct ip_prefix *ip)
{
	return ip->family == AF_INET6 ? TYPES__IPFAMILY__v6 : TYPES__IPFAMILY__v4;
}

/* ---- interfaces -------------------------------------------------------------------------------- */

static Types__IPAddress *ip_message(const struct ip_prefix *ip)
{
	Types__IPAddress *message = xmalloc(sizeof(*message));
	char text[IP_TEXT_SIZE];

	types__ipaddress__init(message);
	message->family = family_of(ip);
	message->address = xstrdup(ip_format(ip, text));
	message->mask = xasprintf("%u", ip->length);
	return message;
}

static Types__Interface *interface_message(const struct rtnetlink_link *link,
					   const struct rtnetlink_addresses *addresses)
{
	Types__Interface *message = xmalloc(sizeof(*message));
	size_t capacity = 0;

	types__interface__init(message);
	message->name = xstrdup(link->name);
	message->hwaddr = mac_format(&link->address);
	message->mtu = link->mtu;
	for (size_t i = 0; i < addresses->count; i++) {
		if (addresses->items[i].link != link->index)
			continue;
		message->ipaddresses =
			xgrow(message->ipaddresses, &capacity, message->n_ipaddresses + 1,
			      sizeof(Types__IPAddress *));
		message->ipaddresses[message->n_ipaddresses++] =
			ip_message(&addresses->items[i].ip);
	}
	return message;
}

int network_list_interfaces(Grpc__Interfaces **interfaces, struct error **err)
{
	_cleanup_netlink_ struct netlink netlink = NETLINK_INIT;
	_cleanup_links_ struct rtnetlink_links links = { 0 };
	_cleanup_addresses_ struct rtnetlink_addresses addresses = { 0 };
	Grpc__Interfaces *list;
	int ret = network_open(&netlink, &links, err);

	if (ret < 0)
		return ret;
	ret = rtnetlink_list_addresses(&netlink, &addresses, err);
	if (ret < 0)
		return error_wrap(err, "list the addresses");
	list = xmalloc(sizeof(*list));
	grpc__interfaces__init(list);
	list->interfaces = xcalloc(links.count + 1, sizeof(Types__Interface *));
	for (; list->n_interfaces < links.count; list->n_interfaces++)
		list->interfaces[list->n_interfaces] =
			interface_message(&links.items[list->n_interfaces], &addresses);
	*interfaces = list;
	return 0;
}

/* ---- statistics -------------------------------------------------------------------------------- */

static Grpc__NetworkStats *statistics_message(const struct rtnetlink_link *link)
{
	Grpc__NetworkStats *message = xmalloc(sizeof(*message));

	grpc__network_stats__init(message);
	message->name = xstrdup(link->name);
	message->rx_bytes = link->counters.rx_bytes;
	message->rx_packets = link->counters.rx_packets;
	message->rx_errors = link->counters.rx_errors;
	message->rx_dropped = link->counters.rx_dropped;
	message->tx_bytes = link->counters.tx_bytes;
	message->tx_packets = link->counters.tx_packets;
	message->tx_errors = link->counters.tx_errors;
	message->tx_dropped = link->counters.tx_dropped;
	return message;
}

int network_add_statistics(Grpc__StatsContainerResponse *response, struct error **err)
{
	_cleanup_netlink_ struct netlink netlink = NETLINK_INIT;
	_cleanup_links_ struct rtnetlink_links links = { 0 };
	int ret = network_open(&netlink, &links, err);

	if (ret < 0)
		return ret;
	response->network_stats = xcalloc(links.count + 1, sizeof(Grpc__NetworkStats *));
	for (size_t i = 0; i < links.count; i++)
		if (!(links.items[i].flags & IFF_LOOPBACK))
			response->network_stats[response->n_network_stats++] =
				statistics_message(&links.items[i]);
	return 0;
}

/* ---- routes ------------------------------------------------------------------------------------ */

/* The default route's is written without a length, as hosts know it. */
static char *destination_text(const struct ip_prefix *destination)
{
	char text[IP_TEXT_SIZE];

	return xstrdup(destination->length == 0 ? ip_format(destination, text)
						: ip_format_prefix(destination, text));
}

static char *source_text(const struct rtnetlink_route *route)
{
	char text[IP_TEXT_SIZE];

	return xstrdup(route->source.family ? ip_format_prefix(&route->source, text)
					    : ip_format(&route->preferred_source, text));
}

static Types__Route *route_message(const struct rtnetlink_route *route,
				   const struct rtnetlink_links *links)
{
	const struct rtnetlink_link *link = rtnetlink_link_at(links, route->link);
	Types__Route *message = xmalloc(sizeof(*message));
	char gateway[IP_TEXT_SIZE];

	types__route__init(message);
	message->dest = destination_text(&route->destination);
	message->gateway = xstrdup(ip_format(&route->gateway, gateway));
	message->device = xstrdup(link ? link->name : "");
	message->source = source_text(route);
	message->scope = route->scope;
	message->family = family_of(&route->destination);
	message->flags = route->flags;
	message->mtu = route->mtu;
	return message;
}

int network_list_routes(Grpc__Routes **routes, struct error **err)
{
	_cleanup_netlink_ struct netlink netlink = NETLINK_INIT;
	_cleanup_links_ struct rtnetlink_links links = { 0 };
	_cleanup_routes_ struct rtnetlink_routes found = { 0 };
	Grpc__Routes *list;
	int ret = network_open(&netlink, &links, err);

	if (ret < 0)
		return ret;
	ret = rtnetlink_list_routes(&netlink, AF_INET, &found, err);
	if (ret == 0)
		ret = rtnetlink_list_routes(&netlink, AF_INET6, &found, err);
	if (ret < 0)
		return error_wrap(err, "list the routes");
	list = xmalloc(sizeof(*list));
	grpc__routes__init(list);
	list->routes = xcalloc(found.count + 1, sizeof(Types__Route *));
	for (; list->n_routes < found.count; list->n_routes++)
		list->routes[list->n_routes] = route_message(&found.items[list->n_routes], &links);
	*routes = list;
	return 0;
}
