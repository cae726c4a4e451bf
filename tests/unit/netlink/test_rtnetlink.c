// SPDX-License-Identifier: Apache-2.0
/* The kernel's side, in a network namespace of our own; what was done is read by iproute2, and the other way round. */
#include "network.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "netlink/rtnetlink.h"

static struct netlink netlink = NETLINK_INIT;

static int set_up(void **state)
{
	struct error *err = NULL;
	int ret = enter_network(state);

	if (ret == 0)
		assert_ok(netlink_open(&netlink, NETLINK_ROUTE, &err), err);
	return ret;
}

static int tear_down(void **state)
{
	(void)state;
	netlink_close(&netlink);
	return 0;
}

static int index_of(const char *name)
{
	_cleanup_links_ struct rtnetlink_links links = { 0 };
	const struct rtnetlink_link *link;
	struct error *err = NULL;

	assert_ok(rtnetlink_list_links(&netlink, &links, &err), err);
	link = rtnetlink_link_named(&links, name);
	assert_non_null(link);
	return link->index;
}

static struct ip_prefix prefix(const char *text)
{
	struct error *err = NULL;
	struct ip_prefix ip;

	assert_ok(ip_parse(text, &ip, &err), err);
	return ip;
}

static void add_address(const char *link, const char *text)
{
	struct rtnetlink_address address = { .link = index_of(link), .ip = prefix(text) };
	struct error *err = NULL;

	assert_ok(rtnetlink_replace_address(&netlink, &address, &err), err);
}

static void test_links(void **state)
{
	_cleanup_links_ struct rtnetlink_links links = { 0 };
	const struct rtnetlink_link *left;
	struct error *err = NULL;

	NEEDS_NETWORK(state);
	ip("link set left address 02:00:00:00:00:01 mtu 1400 up");
	ip("link set right up");
	assert_ok(rtnetlink_list_links(&netlink, &links, &err), err);
	assert_int_equal(links.count, 3); /* with lo */
	left = rtnetlink_link_named(&links, "left");
	assert_non_null(left);
	assert_int_equal(left->mtu, 1400);
	assert_int_equal(left->address.size, 6);
	assert_int_equal(left->address.bytes[5], 1);
	assert_true(left->flags & IFF_UP);
	assert_ptr_equal(rtnetlink_link_at(&links, left->index), left);
	assert_null(rtnetlink_link_named(&links, "nobody"));
	assert_null(rtnetlink_link_at(&links, 12345));
}

static void test_change(void **state)
{
	struct rtnetlink_link_change change = { .flags = IFF_NOARP, .mask = IFF_NOARP | IFF_UP };
	struct mac_address mac;
	struct error *err = NULL;
	int ret;

	NEEDS_NETWORK(state);
	assert_ok(mac_parse("02:00:00:00:00:99", &mac, &err), err);
	change.mtu = 1300;
	change.name = "changed";
	change.address = &mac;
	assert_ok(rtnetlink_change_link(&netlink, index_of("left"), &change, &err), err);
	expect_ip("link show changed", "NOARP");
	expect_ip("link show changed", "mtu 1300");
	expect_ip("link show changed", "state DOWN");
	expect_ip("link show changed", "02:00:00:00:00:99");
	change = (struct rtnetlink_link_change){ .flags = IFF_UP,
						 .mask = IFF_UP | IFF_NOARP,
						 .name = "left" };
	assert_ok(rtnetlink_change_link(&netlink, index_of("changed"), &change, &err), err);
	expect_ip("link show left", ",UP,");
	expect_ip("link show left", "mtu 1300");
	change = (struct rtnetlink_link_change){ .mtu = 1 };
	ret = rtnetlink_change_link(&netlink, index_of("left"), &change, &err);
	assert_failed(ret, err, -EINVAL,
		      "mtu less than device minimum"); /* the kernel's own words */
	ret = rtnetlink_change_link(&netlink, 12345, &change, &err);
	assert_failed(ret, err, -ENODEV, "no such device");
}

static void test_addresses(void **state)
{
	_cleanup_addresses_ struct rtnetlink_addresses addresses = { 0 };
	struct error *err = NULL;
	int left;
	size_t found = 0;

	NEEDS_NETWORK(state);
	add_address("left", "10.1.0.1/16");
	add_address("left", "10.1.0.1/16"); /* again */
	add_address("left", "10.2.0.1/32");
	add_address("left", "fd01::1/64");
	ip("link set left up");
	ip("link set right up");
	expect_ip("-o address show left", "inet 10.1.0.1/16 brd 10.1.255.255");
	expect_ip("-o address show left", "inet 10.2.0.1/32 scope");
	expect_ip("-o -6 address show left -tentative", "inet6 fd01::1/64 scope global nodad");
	ip("address add 10.3.0.1 peer 10.3.0.2/32 dev right");
	left = index_of("left");
	assert_ok(rtnetlink_list_addresses(&netlink, &addresses, &err), err);
	for (size_t i = 0; i < addresses.count; i++) {
		char text[IP_TEXT_SIZE];

		ip_format_prefix(&addresses.items[i].ip, text);
		if (addresses.items[i].link == left)
			found += strcmp(text, "10.1.0.1/16") == 0 ||
				 strcmp(text, "10.2.0.1/32") == 0 ||
				 strcmp(text, "fd01::1/64") == 0;
		else
			found += strcmp(text, "10.3.0.1/32") == 0; /* not the far end's */
	}
	assert_int_equal(found, 4);
	ip("address flush dev left");
	ip("address flush dev right");
}

static void test_routes(void **state)
{
	_cleanup_routes_ struct rtnetlink_routes routes = { 0 };
	struct rtnetlink_route route = { .protocol = RTPROT_BOOT };
	struct error *err = NULL;
	int ret;

	NEEDS_NETWORK(state);
	add_address("left", "10.1.0.1/16");
	add_address("left", "fd01::1/64");
	ip("link set left up");
	ip("link set right up");
	route.link = index_of("left");
	route.destination = prefix("0.0.0.0/0");
	route.gateway = prefix("10.1.0.254");
	route.preferred_source = prefix("10.1.0.1");
	route.mtu = 1280;
	assert_ok(rtnetlink_replace_route(&netlink, &route, &err), err);
	expect_ip("route show default", "via 10.1.0.254 dev left src 10.1.0.1 mtu 1280");
	route.destination = prefix("::/0");
	route.gateway = prefix("fd01::fe");
	route.preferred_source = prefix("fd01::1");
	assert_ok(rtnetlink_replace_route(&netlink, &route, &err), err);
	expect_ip("-6 route show default", "via fd01::fe dev left src fd01::1");
	route.destination = prefix("172.16.0.0/12");
	route.gateway = prefix("192.0.2.1");
	route.preferred_source = (struct ip_prefix){ 0 };
	ret = rtnetlink_replace_route(&netlink, &route, &err);
	assert_failed(ret, err, -ENETUNREACH, "network is unreachable");
	route.flags = RTNH_F_ONLINK;
	assert_ok(rtnetlink_replace_route(&netlink, &route, &err), err);
	expect_ip("route show 172.16.0.0/12", "via 192.0.2.1 dev left onlink mtu 1280");

	assert_ok(rtnetlink_list_routes(&netlink, AF_INET, &routes, &err), err);
	assert_int_equal(routes.count, 3); /* with that of the address */
	assert_int_equal(routes.items[0].destination.length, 0);
	assert_int_equal(routes.items[0].mtu, 1280);
	assert_int_equal(routes.items[0].gateway.bytes[3], 254);
	assert_int_equal(routes.items[0].preferred_source.bytes[3], 1);
	assert_int_equal(routes.items[0].link, index_of("left"));
	assert_int_equal(routes.items[0].protocol, RTPROT_BOOT);
	assert_ok(rtnetlink_list_routes(&netlink, AF_INET6, &routes, &err), err);
	assert_true(routes.count > 4);
	for (size_t i = 0; i < routes.count; i++)
		assert_int_equal(routes.items[i].destination.family, i < 3 ? AF_INET : AF_INET6);
}

static void test_neighbours(void **state)
{
	struct rtnetlink_neighbour neighbour = { .state = NUD_PERMANENT };
	struct error *err = NULL;

	NEEDS_NETWORK(state);
	ip("link set left up");
	neighbour.link = index_of("left");
	neighbour.ip = prefix("10.1.0.9");
	assert_ok(mac_parse("02:00:00:00:00:09", &neighbour.address, &err), err);
	assert_ok(rtnetlink_replace_neighbour(&netlink, &neighbour, &err), err);
	neighbour.ip = prefix("fd01::9");
	neighbour.flags = NTF_ROUTER;
	assert_ok(rtnetlink_replace_neighbour(&netlink, &neighbour, &err), err);
	expect_ip("neighbour show", "10.1.0.9 dev left lladdr 02:00:00:00:00:09 PERMANENT");
	expect_ip("neighbour show", "fd01::9 dev left lladdr 02:00:00:00:00:09 router PERMANENT");
}

/* More than one datagram holds. */
static void test_long_list(void **state)
{
	_cleanup_routes_ struct rtnetlink_routes routes = { 0 };
	struct rtnetlink_route route = { .protocol = RTPROT_BOOT };
	struct error *err = NULL;
	size_t before;

	NEEDS_NETWORK(state);
	ip("link set left up");
	route.link = index_of("left");
	route.destination = prefix("10.200.0.0/24");
	route.scope = RT_SCOPE_LINK;
	assert_ok(rtnetlink_list_routes(&netlink, AF_INET, &routes, &err), err);
	before = routes.count;
	for (unsigned i = 0; i < 2000; i++) {
		route.destination.bytes[1] = (uint8_t)(200 + i / 256);
		route.destination.bytes[2] = (uint8_t)i;
		assert_ok(rtnetlink_replace_route(&netlink, &route, &err), err);
	}
	rtnetlink_routes_release(&routes);
	assert_ok(rtnetlink_list_routes(&netlink, AF_INET, &routes, &err), err);
	assert_int_equal(routes.count, before + 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_links),	   cmocka_unit_test(test_change),
		cmocka_unit_test(test_addresses),  cmocka_unit_test(test_routes),
		cmocka_unit_test(test_neighbours), cmocka_unit_test(test_long_list),
	};

	return cmocka_run_group_tests_name("rtnetlink", tests, set_up, tear_down);
}
