// SPDX-License-Identifier: Apache-2.0
/* Messages as bytes: what is built, and what is made of bytes that are right and wrong. */
#include "unit.h"

#include <errno.h>
#include <limits.h>
#include <linux/rtnetlink.h>

#include "netlink/rtnetlink.h"

/* What has been built so far, with its length in front, as the kernel would send it. */
static struct slice finish(struct strbuf *message)
{
	uint32_t size = (uint32_t)message->size;

	memcpy(message->data, &size, sizeof(size));
	return strbuf_view(message);
}

static void begin_link(struct strbuf *message)
{
	struct ifinfomsg header = { .ifi_index = 7, .ifi_flags = IFF_UP };

	netlink_begin(message, RTM_NEWLINK, 0, &header, sizeof(header));
}

static int read_link(struct strbuf *bytes, struct rtnetlink_link *link, struct error **err)
{
	struct slice rest = finish(bytes);
	struct netlink_message message;

	assert_int_equal(netlink_next(&rest, &message, err), 1);
	return rtnetlink_read_link(&message, link, err);
}

static void test_link(void **state)
{
	_cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT;
	const uint64_t stats[] = {
		1, 2, 3, 4, 5, 6, 7, 8
	}; /* as struct rtnl_link_stats64 begins */
	struct rtnetlink_link link;
	struct error *err = NULL;
	size_t nest;

	(void)state;
	begin_link(&bytes);
	netlink_put(&bytes, IFLA_STATS64, stats, sizeof(stats));
	netlink_put(&bytes, IFLA_ADDRESS, "\x02\x42\xac\x11\x00\x02", 6);
	netlink_put_u32(&bytes, IFLA_MTU, 1400);
	nest = netlink_nest(&bytes, IFLA_LINKINFO);
	netlink_put_string(&bytes, IFLA_INFO_KIND, "veth");
	netlink_nest_end(&bytes, nest);
	netlink_put_string(&bytes, IFLA_IFNAME, "eth0");
	assert_ok(read_link(&bytes, &link, &err), err);
	assert_int_equal(link.index, 7);
	assert_int_equal(link.flags, IFF_UP);
	assert_int_equal(link.mtu, 1400);
	assert_int_equal(link.address.size, 6);
	assert_string_equal(link.name, "eth0");
	assert_int_equal(link.counters.rx_packets, 1);
	assert_int_equal(link.counters.tx_packets, 2);
	assert_int_equal(link.counters.rx_bytes, 3);
	assert_int_equal(link.counters.tx_bytes, 4);
	assert_int_equal(link.counters.rx_errors, 5);
	assert_int_equal(link.counters.tx_errors, 6);
	assert_int_equal(link.counters.rx_dropped, 7);
	assert_int_equal(link.counters.tx_dropped, 8);
}

static void test_hostile_links(void **state)
{
	static const struct {
		uint16_t type;
		size_t size;
		int result;
	} cases[] = {
		{ IFLA_IFNAME, 0, -EBADMSG },
		{ IFLA_IFNAME, IFNAMSIZ - 1, 1 },
		{ IFLA_IFNAME, IFNAMSIZ, -EBADMSG },
		{ IFLA_IFNAME, 5000, -EBADMSG },
		{ IFLA_ADDRESS, MAC_MAX_BYTES, 1 },
		{ IFLA_ADDRESS, MAC_MAX_BYTES + 1, -EBADMSG },
		{ IFLA_MTU, 3, 1 },	 /* is then unknown */
		{ IFLA_STATS64, 63, 1 }, /* likewise */
		{ 0x3fff, 40, 1 },
	};
	static char letters[5000];

	(void)state;
	memset(letters, 'x', sizeof(letters));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT;
		_cleanup_error_ struct error *err = NULL;
		struct rtnetlink_link link;

		begin_link(&bytes);
		netlink_put_string(&bytes, IFLA_IFNAME, "eth0");
		netlink_put(&bytes, cases[i].type, letters, cases[i].size);
		assert_int_equal(read_link(&bytes, &link, &err), cases[i].result);
	}
}

/* Whatever the length of a message or attribute says. */
static void test_lengths(void **state)
{
	static const uint16_t wrong[] = { 0, 1, 3, 13, 1000, UINT16_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		_cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT;
		struct error *err = NULL;
		struct rtnetlink_link link;
		struct netlink_message message;
		uint32_t size = wrong[i];
		struct slice rest;
		int ret;

		begin_link(&bytes);
		netlink_put_string(&bytes, IFLA_IFNAME, "eth0");
		memcpy(bytes.data + sizeof(struct nlmsghdr) + sizeof(struct ifinfomsg), &wrong[i],
		       sizeof(wrong[i]));
		ret = read_link(&bytes, &link, &err);
		assert_failed(ret, err, -EBADMSG, "a netlink attribute claims to have");
		memcpy(bytes.data, &size, sizeof(size));
		rest = strbuf_view(&bytes);
		ret = netlink_next(&rest, &message, &err);
		assert_failed(ret, err, -EBADMSG, "a netlink message of 44 bytes claims to have");
	}
}

static void test_short_messages(void **state)
{
	_cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT;
	struct rtnetlink_address address;
	struct rtnetlink_route route;
	struct netlink_message message;
	struct error *err = NULL;
	struct slice rest;
	int ret;

	(void)state;
	rest = slice_make("short", 5);
	ret = netlink_next(&rest, &message, &err);
	assert_failed(ret, err, -EBADMSG, "a netlink message of 5 bytes");
	netlink_begin(&bytes, RTM_NEWADDR, 0, "1234", 4);
	rest = finish(&bytes);
	assert_int_equal(netlink_next(&rest, &message, &err), 1);
	assert_int_equal(netlink_next(&rest, &message, &err), 0);
	ret = rtnetlink_read_address(&message, &address, &err);
	assert_failed(ret, err, -EBADMSG, "4 bytes in a netlink message instead of 8");
	assert_int_equal(rtnetlink_read_route(&message, &route, &err), 0);
	message.type = RTM_NEWROUTE;
	ret = rtnetlink_read_route(&message, &route, &err);
	assert_failed(ret, err, -EBADMSG, "4 bytes in a netlink message instead of 12");
}

struct route_case {
	uint8_t family, table, type, destination_length;
	uint16_t attribute;
	size_t size;
	int result;
};

static int read_route(const struct route_case *test, struct rtnetlink_route *route,
		      struct error **err)
{
	_cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT;
	struct rtmsg header = {
		.rtm_family = test->family,
		.rtm_table = test->table,
		.rtm_type = test->type,
		.rtm_dst_len = test->destination_length,
	};
	struct netlink_message message;
	struct slice rest;

	netlink_begin(&bytes, RTM_NEWROUTE, 0, &header, sizeof(header));
	if (test->attribute)
		netlink_put(&bytes, test->attribute, "\x0a\0\0\1aaaabbbbccccdddd", test->size);
	rest = finish(&bytes);
	assert_int_equal(netlink_next(&rest, &message, err), 1);
	return rtnetlink_read_route(&message, route, err);
}

static void test_routes(void **state)
{
	enum { MAIN = RT_TABLE_MAIN, LOCAL = RT_TABLE_LOCAL };
	static const struct route_case cases[] = {
		{ AF_INET, MAIN, RTN_UNICAST, 0, 0, 0, 1 },
		{ AF_INET, LOCAL, RTN_UNICAST, 0, 0, 0, 0 },
		{ AF_INET, MAIN, RTN_BLACKHOLE, 0, 0, 0, 0 },
		{ AF_UNIX, MAIN, RTN_UNICAST, 0, 0, 0, 0 },
		{ AF_INET, MAIN, RTN_UNICAST, 0, RTA_TABLE, 4,
		  0 }, /* which replaces the header's */
		{ AF_INET, MAIN, RTN_UNICAST, 8, RTA_DST, 4, 1 },
		{ AF_INET, MAIN, RTN_UNICAST, 33, RTA_DST, 4, -EBADMSG },
		{ AF_INET, MAIN, RTN_UNICAST, 0, RTA_GATEWAY, 16, -EBADMSG },
		{ AF_INET6, MAIN, RTN_UNICAST, 0, RTA_GATEWAY, 16, 1 },
		{ AF_INET6, MAIN, RTN_UNICAST, 0, RTA_PREFSRC, 4, -EBADMSG },
		{ AF_INET6, MAIN, RTN_UNICAST, 0, RTA_SRC, 0, -EBADMSG },
		{ AF_INET6, MAIN, RTN_UNICAST, 0, RTA_METRICS, 8, -EBADMSG },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_error_ struct error *err = NULL;
		struct rtnetlink_route route;
		int ret = read_route(&cases[i], &route, &err);

		if (ret != cases[i].result)
			fail_msg("case %zu: %d", i, ret);
		if (ret > 0)
			assert_int_equal(route.destination.family, cases[i].family);
	}
}

/* ---- what the kernel refuses, and how it says so ------------------------------------------------ */

static struct netlink_message answer(struct strbuf *bytes, int code, uint16_t flags,
				     const struct nlmsghdr *request, const char *text)
{
	struct netlink_message message = { .type = NLMSG_ERROR, .flags = flags };

	strbuf_append(bytes, &code, sizeof(code));
	strbuf_append(bytes, request, sizeof(*request));
	if (!(flags & NLM_F_CAPPED))
		strbuf_fill(bytes, 'x', 20); /* the rest of the request */
	netlink_put_string(bytes, NLMSGERR_ATTR_MSG, text);
	message.payload = strbuf_view(bytes);
	return message;
}

static void test_refusals(void **state)
{
	static const struct {
		int code;
		uint16_t flags;
		uint32_t request_size;
		int result;
		const char *text;
	} cases[] = {
		{ -EINVAL, NLM_F_ACK_TLVS | NLM_F_CAPPED, 36, -EINVAL, "invalid argument (why)" },
		{ -EINVAL, NLM_F_ACK_TLVS, 36, -EINVAL, "invalid argument (why)" },
		{ -EINVAL, 0, 36, -EINVAL, "invalid argument" },
		{ -EINVAL, NLM_F_ACK_TLVS, UINT32_MAX, -EINVAL, "invalid argument" },
		{ -EINVAL, NLM_F_ACK_TLVS, 0, -EINVAL, "invalid argument" },
		{ 5, 0, 36, -EBADMSG, "the kernel answers 5" },
		{ INT_MIN, 0, 36, -EBADMSG, "which is no errno" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT;
		struct nlmsghdr request = { .nlmsg_len = cases[i].request_size };
		struct netlink_message message =
			answer(&bytes, cases[i].code, cases[i].flags, &request, "why");
		struct error *err = NULL;
		int ret = netlink_answer(&message, &err);

		assert_failed(ret, err, cases[i].result, cases[i].text);
	}
}

static void test_acknowledgement(void **state)
{
	_cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT;
	struct nlmsghdr request = { 0 };
	struct netlink_message message = answer(&bytes, 0, 0, &request, "");
	struct error *err = NULL;
	int ret;

	(void)state;
	assert_ok(netlink_answer(&message, &err), err);
	message.payload.size = 3;
	ret = netlink_answer(&message, &err);
	assert_failed(ret, err, -EBADMSG, "3 bytes in a netlink message instead of 4");
}

static void test_names(void **state)
{
	static const char *const good[] = { "eth0", "a", "net.1@x", "fifteen-letters" };
	static const char *const bad[] = { "",	  ".",	 "..",	"a/b",
					   "a b", "a:b", "a\n", "sixteen-letters!" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(rtnetlink_name_is_valid(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(rtnetlink_name_is_valid(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_hostile_links),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_short_messages),
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_acknowledgement),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("netlink messages", tests, NULL, NULL);
}
