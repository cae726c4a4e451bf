// SPDX-License-Identifier: Apache-2.0
/*
 * The calls about the guest's network. The test enters the agent's network namespace, where iproute2 makes links and says
 * what has become of them.
 */
#include "fixture.h"

#include <fcntl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>

#include "netlink/network.h"

#define LEFT_MAC  "02:00:00:00:00:01"
#define RIGHT_MAC "02:00:00:00:00:02"

static int set_up(void **state)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_close_ int network = -1;
	struct agent *agent;
	int ret = has_ip() ? agent_set_up(state) : 0;

	agent = *state;
	if (ret < 0 || !agent)
		return ret;
	path = xasprintf("/proc/%d/ns/net", agent->holder);
	network = open(path, O_RDONLY | O_CLOEXEC);
	if (network < 0 || setns(network, CLONE_NEWNET) < 0)
		return -1;
	return 0;
}

/* Each test has its own pair of links. */
static int make_links(void **state)
{
	if (*state) {
		ip("link add left type veth peer name right");
		ip("link set left address " LEFT_MAC);
		ip("link set right address " RIGHT_MAC);
		ip("link set right up");
	}
	return 0;
}

/* Whatever they are called by now; both go together. */
static int remove_links(void **state)
{
	_cleanup_free_ char *links = *state ? run_ip("-brief link show type veth") : NULL;
	_cleanup_free_ char *delete = NULL;

	if (links) {
		delete = xasprintf("link delete %.*s", (int)strcspn(links, "@ "), links);
		ip(delete);
	}
	return 0;
}

/* ---- UpdateInterface --------------------------------------------------------------------------- */

struct interface_request {
	Grpc__UpdateInterfaceRequest request;
	Types__Interface interface;
	Types__IPAddress ips[4], *ip_list[4];
};

static void fill(struct interface_request *fill, const char *mac, const char *name)
{
	grpc__update_interface_request__init(&fill->request);
	types__interface__init(&fill->interface);
	fill->request.interface = &fill->interface;
	fill->interface.device = fill->interface.name = (char *)name;
	fill->interface.hwaddr = (char *)mac;
	fill->interface.ipaddresses = fill->ip_list;
}

static void add_ip(struct interface_request *fill, const char *address, const char *mask)
{
	Types__IPAddress *ip = &fill->ips[fill->interface.n_ipaddresses];

	types__ipaddress__init(ip);
	ip->family = strchr(address, ':') ? TYPES__IPFAMILY__v6 : TYPES__IPFAMILY__v4;
	ip->address = (char *)address;
	ip->mask = (char *)mask;
	fill->ip_list[fill->interface.n_ipaddresses++] = ip;
}

static void update(struct agent *agent, const struct interface_request *fill)
{
	_cleanup_proto_ Types__Interface *reply =
		agent_call(agent, "UpdateInterface", &fill->request, &types__interface__descriptor);

	assert_string_equal(reply->name, fill->interface.name);
	assert_string_equal(reply->hwaddr, fill->interface.hwaddr);
	assert_int_equal(reply->n_ipaddresses, fill->interface.n_ipaddresses);
}

static void test_interface(void **state)
{
	NEEDS_AGENT(agent);
	struct interface_request eth0;

	fill(&eth0, LEFT_MAC, "eth0");
	eth0.interface.mtu = 1400;
	add_ip(&eth0, "10.1.0.2", "16");
	add_ip(&eth0, "10.9.9.9", "32");
	add_ip(&eth0, "fd01::2", "64");
	update(agent, &eth0);
	expect_ip("link show eth0", "mtu 1400");
	expect_ip("link show eth0", ",UP,LOWER_UP>");
	expect_ip("-4 -o address show eth0", "inet 10.1.0.2/16 brd 10.1.255.255");
	expect_ip("-4 -o address show eth0", "inet 10.9.9.9/32");
	expect_ip("-6 -o address show eth0 -tentative", "inet6 fd01::2/64");
	/* The same once more, with what a running interface may still be told. */
	eth0.interface.raw_flags = IFF_NOARP | IFF_PROMISC;
	eth0.interface.mtu = 0;
	update(agent, &eth0);
	expect_ip("link show eth0", "<BROADCAST,MULTICAST,NOARP,UP,LOWER_UP>");
	expect_ip("link show eth0", "mtu 1400");
	expect_ip("-6 -o address show eth0", "inet6 fd01::2/64");
	eth0.interface.raw_flags = 0;
	eth0.interface.name = eth0.interface.device = (char *)"";
	update(agent, &eth0);
	expect_ip("link show eth0", "<BROADCAST,MULTICAST,UP,LOWER_UP>");
}

/* In capitals, and an interface that has another hardware address than it should. */
static void test_hardware_address(void **state)
{
	NEEDS_AGENT(agent);
	struct interface_request wanted;

	ip("link set left address 02:00:00:00:00:ab up");
	fill(&wanted, "02:00:00:00:00:AB", "eth0");
	update(agent, &wanted);
	expect_ip("link show eth0", "link/ether 02:00:00:00:00:ab");
	fill(&wanted, "02:00:00:00:00:CD", "eth0");
	update(agent, &wanted);
	expect_ip("link show eth0", "link/ether 02:00:00:00:00:cd");
	expect_ip("link show eth0", ",UP,LOWER_UP>");
}

static void test_name_swap(void **state)
{
	NEEDS_AGENT(agent);
	struct interface_request wanted;

	ip("link set left up");
	fill(&wanted, LEFT_MAC, "right");
	add_ip(&wanted, "10.1.0.2", "16");
	update(agent, &wanted);
	expect_ip("link show right", LEFT_MAC);
	expect_ip("link show left", RIGHT_MAC);
	expect_ip("link show left", ",UP,LOWER_UP>");
	expect_ip("link show right", ",UP,LOWER_UP>");
	/* A name that is too long to have something added to it. */
	ip("link set left name fifteen-letters");
	fill(&wanted, LEFT_MAC, "fifteen-letters");
	update(agent, &wanted);
	expect_ip("link show fifteen-letters", LEFT_MAC);
	expect_ip("link show right", RIGHT_MAC);
}

/* Nothing is left half done: the other has its name back, and both are up. */
static void test_failed_swap(void **state)
{
	NEEDS_AGENT(agent);
	struct interface_request wanted;

	ip("link set left up");
	fill(&wanted, LEFT_MAC, "right");
	wanted.interface.mtu = 20;
	agent_call_fails(agent, "UpdateInterface", &wanted.request, TTRPC_INTERNAL,
			 "update interface: set left up: invalid argument (mtu less than device "
			 "minimum)");
	expect_ip("link show left", LEFT_MAC);
	expect_ip("link show right", RIGHT_MAC);
	expect_ip("link show left", ",UP,LOWER_UP>");
	expect_ip("link show right", ",UP,LOWER_UP>");
}

/* Under any name, hardware address, and by neither. */
static void test_loopback_is_left_alone(void **state)
{
	static const char *const macs[] = { LEFT_MAC, "02:00:00:00:00:99", "00:00:00:00:00:00" };
	NEEDS_AGENT(agent);
	struct interface_request wanted;

	ip("link set lo up");
	ip("link set left up");
	for (size_t i = 0; i < ARRAY_SIZE(macs); i++) {
		fill(&wanted, macs[i], "lo");
		agent_call_fails(agent, "UpdateInterface", &wanted.request, TTRPC_INTERNAL,
				 "lo is the loopback interface");
		expect_ip("link show lo", "<LOOPBACK,UP,LOWER_UP>");
		expect_ip("link show left", ",UP,LOWER_UP>");
	}
	fill(&wanted, "00:00:00:00:00:00", "eth0");
	agent_call_fails(agent, "UpdateInterface", &wanted.request, TTRPC_INTERNAL,
			 "Link not found (Address: 00:00:00:00:00:00)");
}

static void test_interfaces_that_cannot_be(void **state)
{
	static const struct {
		const char *mac, *name, *address, *mask, *text;
		uint64_t mtu;
	} cases[] = {
		{ "02:00:00:00:00:99", "eth9", "10.1.0.2", "16",
		  "Link not found (Address: 02:00:00:00:00:99)", 1500 },
		{ "", "left", "10.1.0.2", "16", "is no hardware address", 1500 },
		{ "02:00:00:00:00", "left", "10.1.0.2", "16", "is no hardware address", 1500 },
		{ LEFT_MAC, "eth0/../../x", "10.1.0.2", "16", "no interface can be named", 1500 },
		{ LEFT_MAC, "a-name-of-sixteen", "10.1.0.2", "16", "no interface can be named",
		  1500 },
		{ LEFT_MAC, "eth0", "10.1.0", "16", "\"10.1.0\" is no IP address", 1500 },
		{ LEFT_MAC, "eth0", "10.1.0.2", "33", "no number up to 32", 1500 },
		{ LEFT_MAC, "eth0", "10.1.0.2", "", "no number up to 32", 1500 },
		{ LEFT_MAC, "eth0", "10.1.0.2", "255.255.0.0", "no number up to 32", 1500 },
		{ LEFT_MAC, "eth0", "fd01::1", "129", "no number up to 128", 1500 },
		{ LEFT_MAC, "eth0", "", "", "\"\" is no IP address", 1500 },
		{ LEFT_MAC, "eth0", "10.1.0.2", "16", "an MTU of 4294967297 bytes", 4294967297 },
	};
	NEEDS_AGENT(agent);
	Grpc__UpdateInterfaceRequest empty = GRPC__UPDATE_INTERFACE_REQUEST__INIT;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct interface_request wanted;

		fill(&wanted, cases[i].mac, cases[i].name);
		wanted.interface.mtu = cases[i].mtu;
		add_ip(&wanted, cases[i].address, cases[i].mask);
		agent_call_fails(agent, "UpdateInterface", &wanted.request, TTRPC_INTERNAL,
				 cases[i].text);
	}
	agent_call_fails(agent, "UpdateInterface", &empty, TTRPC_INVALID_ARGUMENT,
			 "\"empty update interface request\"");
	expect_ip("link show left", "state DOWN"); /* untouched */
}

static void test_device_path(void **state)
{
	NEEDS_AGENT(agent);
	struct interface_request wanted;

	fill(&wanted, LEFT_MAC, "eth0");
	wanted.interface.devicepath = (char *)"../../etc";
	agent_call_fails(agent, "UpdateInterface", &wanted.request, TTRPC_INTERNAL,
			 "interface not available: ");
}

static void disable_ipv6(const char *value)
{
	static const char *const files[] = { "/proc/sys/net/ipv6/conf/all/disable_ipv6",
					     "/proc/sys/net/ipv6/conf/default/disable_ipv6" };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		_cleanup_close_ int fd = open(files[i], O_WRONLY | O_CLOEXEC);

		assert_int_equal(fd_write_all(fd, value, 1), 0);
	}
}

/* A guest without IPv6 gets the rest. */
static void test_without_ipv6(void **state)
{
	NEEDS_AGENT(agent);
	struct interface_request wanted;

	disable_ipv6("1");
	fill(&wanted, LEFT_MAC, "eth0");
	add_ip(&wanted, "fd01::2", "64");
	add_ip(&wanted, "10.1.0.2", "16");
	update(agent, &wanted);
	disable_ipv6("0");
	expect_ip("-o address show eth0", "inet 10.1.0.2/16");
}

/* ---- routes ------------------------------------------------------------------------------------ */

static void set_up_eth0(struct agent *agent)
{
	struct interface_request wanted;

	fill(&wanted, LEFT_MAC, "eth0");
	add_ip(&wanted, "10.1.0.2", "16");
	add_ip(&wanted, "fd01::2", "64");
	update(agent, &wanted);
}

struct route_text {
	const char *dest, *gateway, *source;
	uint32_t scope, flags, mtu;
	Types__IPFamily family;
};

#define MAX_ROUTES 8

struct routes_request {
	Grpc__UpdateRoutesRequest request;
	Grpc__Routes routes;
	Types__Route items[MAX_ROUTES], *list[MAX_ROUTES];
};

static void add_route(struct routes_request *fill, const struct route_text *text)
{
	Types__Route *route = &fill->items[fill->routes.n_routes];

	types__route__init(route);
	route->dest = (char *)text->dest;
	route->gateway = (char *)text->gateway;
	route->source = (char *)text->source;
	route->device = (char *)"eth0";
	route->scope = text->scope;
	route->flags = text->flags;
	route->mtu = text->mtu;
	route->family = text->family;
	fill->list[fill->routes.n_routes++] = route;
}

static void begin_routes(struct routes_request *fill)
{
	grpc__update_routes_request__init(&fill->request);
	grpc__routes__init(&fill->routes);
	fill->request.routes = &fill->routes;
	fill->routes.routes = fill->list;
}

static Grpc__Routes *update_routes(struct agent *agent, const struct route_text *texts,
				   size_t count)
{
	struct routes_request fill;

	begin_routes(&fill);
	for (size_t i = 0; i < count; i++)
		add_route(&fill, &texts[i]);
	return agent_call(agent, "UpdateRoutes", &fill.request, &grpc__routes__descriptor);
}

static const Types__Route *find_route(const Grpc__Routes *routes, const char *dest,
				      const char *gateway)
{
	for (size_t i = 0; i < routes->n_routes; i++)
		if (strcmp(routes->routes[i]->dest, dest) == 0 &&
		    strcmp(routes->routes[i]->gateway, gateway) == 0)
			return routes->routes[i];
	fail_msg("no route to %s by %s", dest, gateway);
	return NULL;
}

/* As a host sends them, the gateway in front of the way to it. */
static void test_routes(void **state)
{
	static const struct route_text texts[] = {
		{ .dest = "", .gateway = "192.0.2.1", .source = "10.1.0.2", .mtu = 1380 },
		{ .dest = "192.0.2.0/24",
		  .gateway = "",
		  .source = "10.1.0.2",
		  .scope = RT_SCOPE_LINK,
		  .flags = RTNH_F_LINKDOWN },
		{ .dest = "198.51.100.0/24",
		  .gateway = "203.0.113.1",
		  .source = "",
		  .flags = RTNH_F_ONLINK },
		{ .dest = "",
		  .gateway = "fd01::1",
		  .source = "fd01::2",
		  .family = TYPES__IPFAMILY__v6 },
		{ .dest = "fd02::/64", .gateway = "", .source = "fd01::2/128" },
		{ .dest = "10.77.0.1",
		  .gateway = "",
		  .source = "10.1.0.2/0",
		  .scope = RT_SCOPE_LINK },
	};
	NEEDS_AGENT(agent);
	_cleanup_proto_ Grpc__Routes *routes = NULL;
	const Types__Route *route;

	set_up_eth0(agent);
	routes = update_routes(agent, texts, ARRAY_SIZE(texts));
	expect_ip("route show", "default via 192.0.2.1 dev eth0 src 10.1.0.2 mtu 1380");
	expect_ip("route show", "192.0.2.0/24 dev eth0 scope link src 10.1.0.2");
	expect_ip("route show", "198.51.100.0/24 via 203.0.113.1 dev eth0 onlink");
	expect_ip("route show", "10.77.0.1 dev eth0 scope link src 10.1.0.2");
	expect_ip("-6 route show", "default via fd01::1 dev eth0 src fd01::2");
	expect_ip("-6 route show", "fd02::/64 dev eth0 src fd01::2");

	route = find_route(routes, "0.0.0.0", "192.0.2.1");
	assert_string_equal(route->device, "eth0");
	assert_string_equal(route->source, "10.1.0.2");
	assert_int_equal(route->mtu, 1380);
	assert_int_equal(route->family, TYPES__IPFAMILY__v4);
	assert_int_equal(find_route(routes, "192.0.2.0/24", "")->scope, RT_SCOPE_LINK);
	assert_int_equal(find_route(routes, "198.51.100.0/24", "203.0.113.1")->flags &
				 RTNH_F_ONLINK,
			 RTNH_F_ONLINK);
	assert_int_equal(find_route(routes, "::", "fd01::1")->family, TYPES__IPFAMILY__v6);
	find_route(routes, "10.77.0.1/32", "");
	proto_free(update_routes(agent, texts, ARRAY_SIZE(texts))); /* does no harm */
}

/* What ListRoutes gives can be given to UpdateRoutes. */
static void test_routes_come_back(void **state)
{
	static const struct route_text texts[] = {
		{ .dest = "", .gateway = "10.1.0.1", .source = "" },
		{ .dest = "", .gateway = "fd01::1", .source = "" },
	};
	NEEDS_AGENT(agent);
	_cleanup_proto_ Grpc__Routes *routes = NULL, *listed = NULL;
	Grpc__UpdateRoutesRequest request = GRPC__UPDATE_ROUTES_REQUEST__INIT;
	Grpc__ListRoutesRequest list = GRPC__LIST_ROUTES_REQUEST__INIT;

	set_up_eth0(agent);
	routes = update_routes(agent, texts, ARRAY_SIZE(texts));
	ip("route flush via 10.1.0.1");
	listed = agent_call(agent, "ListRoutes", &list, &grpc__routes__descriptor);
	for (size_t i = 0; i < listed->n_routes; i++)
		assert_string_not_equal(listed->routes[i]->gateway, "10.1.0.1");
	request.routes = routes;
	proto_free(agent_call(agent, "UpdateRoutes", &request, &grpc__routes__descriptor));
	expect_ip("route show", "default via 10.1.0.1 dev eth0");
	expect_ip("-6 route show", "default via fd01::1 dev eth0");
}

static void test_routes_that_cannot_be(void **state)
{
	static const struct {
		struct route_text route;
		const char *text;
	} cases[] = {
		{ { .dest = "10.0.0.0/8", .gateway = "9.9.9.9", .source = "" },
		  "Failed to update routes: Failed to add IP v4 route (src: , dst: 10.0.0.0/8, "
		  "gtw: 9.9.9.9,Err: network is unreachable" },
		{ { .dest = "10.0.0.0/33", .gateway = "", .source = "" }, "no number up to 32" },
		{ { .dest = "nonsense", .gateway = "", .source = "" },
		  "destination: \"nonsense\" is no IP address" },
		{ { .dest = "10.0.0.0/8", .gateway = "fd01::1", .source = "" },
		  "gateway: fd01::1 is of another family" },
		{ { .dest = "fd03::/64", .gateway = "", .source = "10.1.0.2" },
		  "Failed to add IP v6 route (src: 10.1.0.2, dst: fd03::/64, gtw: ,Err: source: "
		  "10.1.0.2 is of another family" },
		{ { .dest = "", .gateway = "10.1.0.0/16", .source = "" }, "is a network" },
		{ { .dest = "10.0.0.0/8", .gateway = "", .source = "", .scope = 256 },
		  "scope: 256 is over 255" },
	};
	NEEDS_AGENT(agent);
	Grpc__UpdateRoutesRequest empty = GRPC__UPDATE_ROUTES_REQUEST__INIT;
	const struct route_text good = { .dest = "10.50.0.0/16", .gateway = "", .source = "" };
	struct routes_request fill;

	set_up_eth0(agent);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *now = NULL;

		begin_routes(&fill);
		add_route(&fill, &good);
		add_route(&fill, &cases[i].route);
		agent_call_fails(agent, "UpdateRoutes", &fill.request, TTRPC_INTERNAL,
				 cases[i].text);
		now = run_ip("route show 10.50.0.0/16");
		/* What the kernel refuses comes too late, everything else before anything is done. */
		assert_int_equal(now[0] != '\0', i == 0);
		if (i == 0)
			ip("route delete 10.50.0.0/16");
	}
	begin_routes(&fill);
	add_route(&fill, &good);
	fill.items[0].device = (char *)"eth7";
	agent_call_fails(agent, "UpdateRoutes", &fill.request, TTRPC_INTERNAL,
			 "Link not found (Name: eth7)");
	agent_call_fails(agent, "UpdateRoutes", &empty, TTRPC_INVALID_ARGUMENT,
			 "\"empty update routes request\"");
}

/* ---- lists ------------------------------------------------------------------------------------- */

static void test_list_interfaces(void **state)
{
	NEEDS_AGENT(agent);
	Grpc__ListInterfacesRequest list = GRPC__LIST_INTERFACES_REQUEST__INIT;
	_cleanup_proto_ Grpc__Interfaces *reply = NULL;
	const Types__Interface *eth0 = NULL;

	set_up_eth0(agent);
	reply = agent_call(agent, "ListInterfaces", &list, &grpc__interfaces__descriptor);
	assert_int_equal(reply->n_interfaces, 3);
	for (size_t i = 0; i < reply->n_interfaces; i++)
		if (strcmp(reply->interfaces[i]->name, "eth0") == 0)
			eth0 = reply->interfaces[i];
	assert_non_null(eth0);
	assert_string_equal(eth0->hwaddr, LEFT_MAC);
	assert_int_equal(eth0->mtu, 1500);
	assert_true(eth0->n_ipaddresses >= 2); /* one of the link may follow */
	assert_int_equal(eth0->ipaddresses[0]->family, TYPES__IPFAMILY__v4);
	assert_string_equal(eth0->ipaddresses[0]->address, "10.1.0.2");
	assert_string_equal(eth0->ipaddresses[0]->mask, "16");
	assert_int_equal(eth0->ipaddresses[1]->family, TYPES__IPFAMILY__v6);
	assert_string_equal(eth0->ipaddresses[1]->address, "fd01::2");
	assert_string_equal(eth0->ipaddresses[1]->mask, "64");
}

/* Those of the guest's interfaces, which its containers share. */
static void test_statistics(void **state)
{
	static char id[] = "kata-test-counted";
	NEEDS_AGENT(agent);
	Grpc__CreateSandboxRequest sandbox = GRPC__CREATE_SANDBOX_REQUEST__INIT;
	Grpc__StatsContainerRequest stats = GRPC__STATS_CONTAINER_REQUEST__INIT;
	_cleanup_proto_ Grpc__StatsContainerResponse *response = NULL;

	agent_call(agent, "CreateSandbox", &sandbox, NULL);
	create_container(agent, id, shell_spec(agent, "sleep 1000"));
	start_container(agent, id);
	stats.container_id = id;
	response = agent_call(agent, "StatsContainer", &stats,
			      &grpc__stats_container_response__descriptor);
	assert_non_null(response->cgroup_stats);
	assert_int_equal(response->n_network_stats, 2); /* without lo */
	for (size_t i = 0; i < 2; i++)
		assert_non_null(strstr("left right", response->network_stats[i]->name));
	remove_container(agent, id);
}

/* ---- AddARPNeighbors --------------------------------------------------------------------------- */

struct neighbour_request {
	Grpc__AddARPNeighborsRequest request;
	Grpc__ARPNeighbors neighbours;
	Types__ARPNeighbor item, *list;
	Types__IPAddress ip;
};

static void fill_neighbour(struct neighbour_request *fill, const char *address, const char *mac)
{
	grpc__add_arpneighbors_request__init(&fill->request);
	grpc__arpneighbors__init(&fill->neighbours);
	types__arpneighbor__init(&fill->item);
	types__ipaddress__init(&fill->ip);
	fill->request.neighbors = &fill->neighbours;
	fill->neighbours.arpneighbors = &fill->list;
	fill->neighbours.n_arpneighbors = 1;
	fill->list = &fill->item;
	fill->item.toipaddress = &fill->ip;
	fill->item.device = (char *)"eth0";
	fill->item.lladdr = (char *)mac;
	fill->ip.address = (char *)address;
}

static void test_neighbours(void **state)
{
	NEEDS_AGENT(agent);
	Grpc__AddARPNeighborsRequest empty = GRPC__ADD_ARPNEIGHBORS_REQUEST__INIT;
	struct neighbour_request fill;

	set_up_eth0(agent);
	fill_neighbour(&fill, "10.1.0.1", "02:00:00:00:00:EE");
	agent_call(agent, "AddARPNeighbors", &fill.request, NULL);
	expect_ip("neighbour show", "10.1.0.1 dev eth0 lladdr 02:00:00:00:00:ee PERMANENT");
	fill.item.lladdr = (char *)"02:00:00:00:00:ff"; /* in its place */
	agent_call(agent, "AddARPNeighbors", &fill.request, NULL);
	expect_ip("neighbour show", "10.1.0.1 dev eth0 lladdr 02:00:00:00:00:ff PERMANENT");
	fill_neighbour(&fill, "fd01::1", "02:00:00:00:00:ee");
	fill.item.state = NUD_REACHABLE;
	fill.item.flags = NTF_ROUTER;
	agent_call(agent, "AddARPNeighbors", &fill.request, NULL);
	expect_ip("neighbour show", "fd01::1 dev eth0 lladdr 02:00:00:00:00:ee router REACHABLE");

	fill_neighbour(&fill, "", "02:00:00:00:00:ee");
	agent_call_fails(agent, "AddARPNeighbors", &fill.request, TTRPC_INTERNAL,
			 "a neighbour has no IP address");
	fill.item.toipaddress = NULL;
	agent_call_fails(agent, "AddARPNeighbors", &fill.request, TTRPC_INTERNAL,
			 "a neighbour has no IP address");
	fill_neighbour(&fill, "10.1.0.3", "zz");
	agent_call_fails(agent, "AddARPNeighbors", &fill.request, TTRPC_INTERNAL,
			 "neighbour 10.1.0.3: \"zz\" is no hardware address");
	fill_neighbour(&fill, "10.1.0.3", "02:00:00:00:00:ee");
	fill.item.state = 65536;
	agent_call_fails(agent, "AddARPNeighbors", &fill.request, TTRPC_INTERNAL,
			 "has state 65536");
	fill.item.state = 0;
	fill.item.device = (char *)"eth7";
	agent_call_fails(agent, "AddARPNeighbors", &fill.request, TTRPC_INTERNAL,
			 "Link not found (Name: eth7)");
	agent_call_fails(agent, "AddARPNeighbors", &empty, TTRPC_INVALID_ARGUMENT,
			 "\"empty add arp neighbours request\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_interface, make_links, remove_links),
		cmocka_unit_test_setup_teardown(test_hardware_address, make_links, remove_links),
		cmocka_unit_test_setup_teardown(test_name_swap, make_links, remove_links),
		cmocka_unit_test_setup_teardown(test_failed_swap, make_links, remove_links),
		cmocka_unit_test_setup_teardown(test_loopback_is_left_alone, make_links,
						remove_links),
		cmocka_unit_test_setup_teardown(test_interfaces_that_cannot_be, make_links,
						remove_links),
		cmocka_unit_test(test_device_path),
		cmocka_unit_test_setup_teardown(test_without_ipv6, make_links, remove_links),
		cmocka_unit_test_setup_teardown(test_routes, make_links, remove_links),
		cmocka_unit_test_setup_teardown(test_routes_come_back, make_links, remove_links),
		cmocka_unit_test_setup_teardown(test_routes_that_cannot_be, make_links,
						remove_links),
		cmocka_unit_test_setup_teardown(test_list_interfaces, make_links, remove_links),
		cmocka_unit_test_setup_teardown(test_statistics, make_links, remove_links),
		cmocka_unit_test_setup_teardown(test_neighbours, make_links, remove_links),
	};

	return cmocka_run_group_tests_name("network", tests, set_up, agent_tear_down);
}
