// SPDX-License-Identifier: Apache-2.0
/*
 * UpdateInterface (spec/agent.md 9.1). An interface that changes its name or hardware address has to be down, so it is
 * taken down first and brought up last; whoever has the wanted name stands aside in between.
 */
#include <errno.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "internal.h"

#define DISABLE_IPV6   "/proc/sys/net/ipv6/conf/%s/disable_ipv6"
#define SMALL_BYTES    64
#define TEMPORARY_NAME "%.10s_temp" /* at most IFNAMSIZ - 1 letters */

/* The request, checked. */
struct plan {
	const char *name; /* "": that which it has */
	struct mac_address address;
	struct ip_prefix *ips;
	size_t ip_count;
	uint32_t mtu; /* 0: that which it has */
	unsigned flags;
};

static void plan_release(struct plan *plan)
{
	free(plan->ips);
}

int network_open(struct netlink *netlink, struct rtnetlink_links *links, struct error **err)
{
	int ret = netlink_open(netlink, NETLINK_ROUTE, err);

	if (ret == 0)
		ret = rtnetlink_list_links(netlink, links, err);
	return ret < 0 ? error_wrap(err, "list the links") : 0;
}

const struct rtnetlink_link *network_find_link(const struct rtnetlink_links *links,
					       const char *name, struct error **err)
{
	const struct rtnetlink_link *link = rtnetlink_link_named(links, name);

	if (!link)
		error_set(err, -ENODEV, "Link not found (Name: %s)", name);
	return link;
}

/* ---- checking ---------------------------------------------------------------------------------- */

static int check_address(const Types__IPAddress *wanted, struct ip_prefix *ip, struct error **err)
{
	_cleanup_free_ char *text = xasprintf("%s/%s", wanted->address, wanted->mask);

	return ip_parse(text, ip, err);
}

static int check(const Types__Interface *wanted, struct plan *plan, struct error **err)
{
	int ret = mac_parse(wanted->hwaddr, &plan->address, err);

	if (ret < 0)
		return ret;
	if (wanted->name[0] && !rtnetlink_name_is_valid(wanted->name))
		return error_set(err, -EINVAL, "no interface can be named \"%s\"", wanted->name);
	if (wanted->mtu > UINT32_MAX)
		return error_set(err, -ERANGE, "an MTU of %llu bytes",
				 (unsigned long long)wanted->mtu);
	plan->name = wanted->name;
	plan->mtu = (uint32_t)wanted->mtu;
	plan->flags = IFF_UP | (wanted->raw_flags & IFF_NOARP);
	plan->ips = xcalloc(wanted->n_ipaddresses + 1, sizeof(*plan->ips));
	plan->ip_count = wanted->n_ipaddresses;
	for (size_t i = 0; i < plan->ip_count && ret == 0; i++)
		ret = check_address(wanted->ipaddresses[i], &plan->ips[i], err);
	return ret;
}

/* ---- finding ----------------------------------------------------------------------------------- */

static int set_up_or_down(struct netlink *netlink, int index, bool up, struct error **err)
{
	struct rtnetlink_link_change change = { .flags = up ? IFF_UP : 0, .mask = IFF_UP };

	return rtnetlink_change_link(netlink, index, &change, err);
}

/* For when something has gone wrong already; what goes wrong here is only logged. */
static void set_up_again(struct netlink *netlink, const struct rtnetlink_link *link)
{
	_cleanup_error_ struct error *stays_down = NULL;

	if ((link->flags & IFF_UP) && set_up_or_down(netlink, link->index, true, &stays_down) < 0)
		log_error("an interface stays down", LOG_STR("interface", link->name),
			  LOG_STR("error", error_message(stays_down)));
}

/* It is down then. */
static int set_hardware_address(struct netlink *netlink, const struct rtnetlink_link *link,
				const struct mac_address *address, struct error **err)
{
	struct rtnetlink_link_change change = { .address = address };
	int ret = set_up_or_down(netlink, link->index, false, err);

	if (ret == 0)
		ret = rtnetlink_change_link(netlink, link->index, &change, err);
	if (ret < 0)
		set_up_again(netlink, link);
	return ret;
}

/* Of several with this hardware address (a bond's, say) the one that has the wanted name. */
static const struct rtnetlink_link *find_by_address(const struct rtnetlink_links *links,
						    const struct plan *plan)
{
	const struct rtnetlink_link *first = NULL;

	for (size_t i = 0; i < links->count; i++) {
		const struct rtnetlink_link *link = &links->items[i];

		if ((link->flags & IFF_LOOPBACK) || !mac_equal(&link->address, &plan->address))
			continue;
		if (strcmp(link->name, plan->name) == 0)
			return link;
		first = first ? first : link;
	}
	return first;
}

/* The device is known, so this is its interface, even if it keeps its hardware address. */
static void correct_hardware_address(struct netlink *netlink, const struct rtnetlink_link *link,
				     const struct plan *plan)
{
	_cleanup_error_ struct error *refused = NULL;

	if (mac_equal(&link->address, &plan->address))
		return;
	if (set_hardware_address(netlink, link, &plan->address, &refused) < 0)
		log_warning("an interface keeps its hardware address",
			    LOG_STR("interface", link->name),
			    LOG_STR("error", error_message(refused)));
}

static const struct rtnetlink_link *find_by_address_or_name(struct netlink *netlink,
							    const struct rtnetlink_links *links,
							    const struct plan *plan,
							    struct error **err)
{
	_cleanup_free_ char *address = mac_format(&plan->address);
	const struct rtnetlink_link *link = find_by_address(links, plan);

	if (link)
		return link;
	link = rtnetlink_link_named(links, plan->name);
	if (link && (link->flags & IFF_LOOPBACK)) {
		error_set(err, -EBUSY, "%s is the loopback interface", link->name);
		return NULL;
	}
	if (!link) {
		error_set(err, -ENODEV, "Link not found (Address: %s)", address);
		return NULL;
	}
	if (set_hardware_address(netlink, link, &plan->address, err) < 0) {
		error_wrap(err, "give %s the hardware address %s", plan->name, address);
		return NULL;
	}
	return link;
}

/* NULL with an error where there is none. */
static const struct rtnetlink_link *find(struct netlink *netlink,
					 const struct rtnetlink_links *links,
					 const struct plan *plan, const char *found,
					 struct error **err)
{
	const struct rtnetlink_link *link;

	if (!found)
		return find_by_address_or_name(netlink, links, plan, err);
	link = network_find_link(links, found, err);
	if (link)
		correct_hardware_address(netlink, link, plan);
	return link;
}

/* ---- changing ---------------------------------------------------------------------------------- */

/* A kernel without IPv6 has no such file. */
static bool ipv6_is_disabled(const char *which)
{
	_cleanup_error_ struct error *absent = NULL;
	_cleanup_free_ char *path = xasprintf(DISABLE_IPV6, which), *text = NULL;

	return file_read_all(path, SMALL_BYTES, &text, NULL, &absent) < 0 ||
	       !slice_is(slice_trim(slice_of(text)), "0");
}

static int add_addresses(struct netlink *netlink, int index, const struct plan *plan,
			 struct error **err)
{
	bool no_ipv6 = ipv6_is_disabled("all") && ipv6_is_disabled("default");
	char text[IP_TEXT_SIZE];

	for (size_t i = 0; i < plan->ip_count; i++) {
		struct rtnetlink_address address = { .link = index, .ip = plan->ips[i] };

		if (address.ip.family == AF_INET6 && no_ipv6)
			continue;
		if (rtnetlink_replace_address(netlink, &address, err) < 0)
			return error_wrap(err, "add address %s",
					  ip_format_prefix(&address.ip, text));
	}
	return 0;
}

/* Rename somebody else's interface, which is down for that, and comes back up where it is in use. */
static int rename_other(struct netlink *netlink, const struct rtnetlink_link *other,
			const char *name, bool up, struct error **err)
{
	struct rtnetlink_link_change change = { .flags = up ? IFF_UP : 0,
						.mask = IFF_UP,
						.name = name };
	int ret = rtnetlink_change_link(netlink, other->index, &change, err);

	return ret < 0 ? error_wrap(err, "rename %s to %s", other->name, name) : 0;
}

/* Take the name away from who has it. */
static int step_aside(struct netlink *netlink, const struct rtnetlink_link *other,
		      struct error **err)
{
	char temporary[IFNAMSIZ];
	int ret = set_up_or_down(netlink, other->index, false, err);

	snprintf(temporary, sizeof(temporary), TEMPORARY_NAME, other->name);
	return ret < 0 ? ret : rename_other(netlink, other, temporary, false, err);
}

static int set_link(struct netlink *netlink, const struct rtnetlink_link *link,
		    const struct plan *plan, struct error **err)
{
	struct rtnetlink_link_change change = {
		.flags = plan->flags,
		.mask = IFF_UP | IFF_NOARP,
		.mtu = plan->mtu,
		.name = plan->name[0] ? plan->name : NULL,
	};
	int ret = rtnetlink_change_link(netlink, link->index, &change, err);

	return ret < 0 ? error_wrap(err, "set %s up", link->name) : 0;
}

static int set_name_and_link(struct netlink *netlink, const struct rtnetlink_links *links,
			     const struct rtnetlink_link *link, const struct plan *plan,
			     struct error **err)
{
	const struct rtnetlink_link *other = rtnetlink_link_named(links, plan->name);
	_cleanup_error_ struct error *stuck = NULL;
	int ret;

	if (!other || other->index == link->index)
		return set_link(netlink, link, plan, err);
	if (other->flags & IFF_LOOPBACK)
		return error_set(err, -EBUSY, "%s is the loopback interface", other->name);
	ret = step_aside(netlink, other, err);
	if (ret == 0)
		ret = set_link(netlink, link, plan, err);
	if (ret == 0)
		return rename_other(netlink, other, link->name, true, err);
	if (rename_other(netlink, other, other->name, other->flags & IFF_UP, &stuck) < 0)
		log_error("an interface does not get its name back",
			  LOG_STR("interface", other->name),
			  LOG_STR("error", error_message(stuck)));
	return ret;
}

static int change(struct netlink *netlink, const struct rtnetlink_links *links,
		  const struct rtnetlink_link *link, const struct plan *plan, struct error **err)
{
	int ret = set_up_or_down(netlink, link->index, false, err);

	if (ret < 0)
		return error_wrap(err, "set %s down", link->name);
	ret = add_addresses(netlink, link->index, plan, err);
	if (ret == 0)
		ret = set_name_and_link(netlink, links, link, plan, err);
	if (ret < 0)
		set_up_again(netlink, link);
	return ret;
}

int network_update_interface(const Types__Interface *wanted, const char *found, struct error **err)
{
	_cleanup_netlink_ struct netlink netlink = NETLINK_INIT;
	_cleanup_links_ struct rtnetlink_links links = { 0 };
	_cleanup_(plan_release) struct plan plan = { 0 };
	const struct rtnetlink_link *link;
	int ret = check(wanted, &plan, err);

	if (ret == 0)
		ret = network_open(&netlink, &links, err);
	if (ret < 0)
		return ret;
	link = find(&netlink, &links, &plan, found, err);
	return link ? change(&netlink, &links, link, &plan, err) : error_code(*err);
}
