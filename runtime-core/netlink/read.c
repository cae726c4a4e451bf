// SPDX-License-Identifier: Apache-2.0
/* From a message of rtnetlink to what it says. Nothing here needs a socket. */
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/memory.h"
#include "rtnetlink.h"

/* The address of an attribute, or none; -EBADMSG where its size is not the family's. */
static int read_ip(struct slice attribute, int family, unsigned length, struct ip_prefix *ip,
		   struct error **err)
{
	*ip = (struct ip_prefix){ 0 };
	if (!attribute.data)
		return 0;
	if (attribute.size != ip_size(family) || length > attribute.size * 8)
		return error_set(err, -EBADMSG, "an address of %zu bytes and %u bits",
				 attribute.size, length);
	memcpy(ip->bytes, attribute.data, attribute.size);
	ip->family = family;
	ip->length = length;
	return 0;
}

static unsigned all_bits(int family)
{
	return (unsigned)ip_size(family) * 8;
}

static bool is_internet(int family)
{
	return ip_size(family) > 0;
}

/* The fixed struct and the attributes of a message. */
static int open_message(const struct netlink_message *message, void *header, size_t header_size,
			struct slice *found, size_t count, struct error **err)
{
	struct slice payload = message->payload;
	int ret = netlink_take(&payload, header, header_size, err);

	return ret < 0 ? ret : netlink_find(payload, found, count, err);
}

/* The kernel's struct grows at its end; a shorter one says nothing. */
static struct rtnetlink_counters read_counters(struct slice attribute)
{
	struct rtnl_link_stats64 stats = { 0 };

	if (attribute.size < offsetof(struct rtnl_link_stats64, multicast))
		return (struct rtnetlink_counters){ 0 };
	memcpy(&stats, attribute.data, offsetof(struct rtnl_link_stats64, multicast));
	return (struct rtnetlink_counters){
		.rx_bytes = stats.rx_bytes,
		.rx_packets = stats.rx_packets,
		.rx_errors = stats.rx_errors,
		.rx_dropped = stats.rx_dropped,
		.tx_bytes = stats.tx_bytes,
		.tx_packets = stats.tx_packets,
		.tx_errors = stats.tx_errors,
		.tx_dropped = stats.tx_dropped,
	};
}

int rtnetlink_read_link(const struct netlink_message *message, struct rtnetlink_link *link,
			struct error **err)
{
	struct slice found[IFLA_STATS64 + 1], name, address;
	struct ifinfomsg header;
	int ret;

	*link = (struct rtnetlink_link){ 0 };
	if (message->type != RTM_NEWLINK)
		return 0;
	ret = open_message(message, &header, sizeof(header), found, ARRAY_SIZE(found), err);
	if (ret < 0)
		return ret;
	if (!found[IFLA_IFNAME].data)
		return 0;
	name = slice_first(found[IFLA_IFNAME], slice_find(found[IFLA_IFNAME], '\0'));
	address = found[IFLA_ADDRESS];
	if (name.size == 0 || name.size >= sizeof(link->name) ||
	    address.size > sizeof(link->address.bytes))
		return error_set(err, -EBADMSG,
				 "a link with a name of %zu and an address of %zu bytes", name.size,
				 address.size);
	link->index = header.ifi_index;
	link->flags = header.ifi_flags;
	link->mtu = netlink_u32(found[IFLA_MTU], 0);
	link->counters = read_counters(found[IFLA_STATS64]);
	memcpy(link->name, name.data, name.size);
	if (address.size > 0)
		memcpy(link->address.bytes, address.data, address.size);
	link->address.size = address.size;
	return 1;
}

int rtnetlink_read_address(const struct netlink_message *message, struct rtnetlink_address *address,
			   struct error **err)
{
	struct slice found[IFA_LOCAL + 1];
	struct ifaddrmsg header;
	int ret;

	*address = (struct rtnetlink_address){ 0 };
	if (message->type != RTM_NEWADDR)
		return 0;
	ret = open_message(message, &header, sizeof(header), found, ARRAY_SIZE(found), err);
	if (ret < 0)
		return ret;
	if (!is_internet(header.ifa_family))
		return 0;
	address->link = (int)header.ifa_index;
	/* On a point-to-point link the other one is the far end's. */
	ret = read_ip(found[IFA_LOCAL].data ? found[IFA_LOCAL] : found[IFA_ADDRESS],
		      header.ifa_family, header.ifa_prefixlen, &address->ip, err);
	return ret < 0 ? ret : address->ip.family != 0;
}

static int read_metrics(struct slice metrics, uint32_t *mtu, struct error **err)
{
	struct slice found[RTAX_MTU + 1];
	int ret = netlink_find(metrics, found, ARRAY_SIZE(found), err);

	*mtu = ret < 0 ? 0 : netlink_u32(found[RTAX_MTU], 0);
	return ret;
}

int rtnetlink_read_route(const struct netlink_message *message, struct rtnetlink_route *route,
			 struct error **err)
{
	struct slice found[RTA_TABLE + 1];
	struct rtmsg header;
	int ret, family;

	*route = (struct rtnetlink_route){ 0 };
	if (message->type != RTM_NEWROUTE)
		return 0;
	ret = open_message(message, &header, sizeof(header), found, ARRAY_SIZE(found), err);
	if (ret < 0)
		return ret;
	family = header.rtm_family;
	if (!is_internet(family) || header.rtm_type != RTN_UNICAST ||
	    (header.rtm_flags & RTM_F_CLONED) ||
	    netlink_u32(found[RTA_TABLE], header.rtm_table) != RT_TABLE_MAIN)
		return 0;
	route->link = (int)netlink_u32(found[RTA_OIF], 0);
	route->scope = header.rtm_scope;
	route->protocol = header.rtm_protocol;
	route->flags = header.rtm_flags;
	ret = read_ip(found[RTA_DST], family, header.rtm_dst_len, &route->destination, err);
	if (ret == 0)
		ret = read_ip(found[RTA_GATEWAY], family, all_bits(family), &route->gateway, err);
	if (ret == 0)
		ret = read_ip(found[RTA_SRC], family, header.rtm_src_len, &route->source, err);
	if (ret == 0)
		ret = read_ip(found[RTA_PREFSRC], family, all_bits(family),
			      &route->preferred_source, err);
	if (ret == 0)
		ret = read_metrics(found[RTA_METRICS], &route->mtu, err);
	route->destination.family = family;
	return ret < 0 ? ret : 1;
}
