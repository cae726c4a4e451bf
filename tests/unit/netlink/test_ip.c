// SPDX-License-Identifier: Apache-2.0
/* Addresses as text. */
#include "unit.h"

#include <errno.h>

#include "netlink/ip.h"

static void test_addresses(void **state)
{
	static const struct {
		const char *text, *address, *prefix;
	} cases[] = {
		{ "10.0.0.1/24", "10.0.0.1", "10.0.0.1/24" },
		{ "10.0.0.1", "10.0.0.1", "10.0.0.1/32" },
		{ "0.0.0.0/0", "0.0.0.0", "0.0.0.0/0" },
		{ "FD00::1/64", "fd00::1", "fd00::1/64" },
		{ "::", "::", "::/128" },
		{ "::ffff:10.0.0.1", "::ffff:10.0.0.1", "::ffff:10.0.0.1/128" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0/128",
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0",
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0/128" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error *err = NULL;
		struct ip_prefix ip;
		char text[IP_TEXT_SIZE];

		assert_ok(ip_parse(cases[i].text, &ip, &err), err);
		assert_string_equal(ip_format(&ip, text), cases[i].address);
		assert_string_equal(ip_format_prefix(&ip, text), cases[i].prefix);
		assert_int_equal(ip_is_whole(&ip), strstr(cases[i].prefix, "/32") != NULL ||
							   strstr(cases[i].prefix, "/128") != NULL);
	}
}

static void test_what_is_no_address(void **state)
{
	static const char *const texts[] = {
		"",
		"/",
		"/24",
		"10.0.0",
		"10.0.0.256",
		"10.0.0.1 ",
		"010.0.0.1x",
		"10.0.0.1/",
		"10.0.0.1/33",
		"10.0.0.1/-1",
		"10.0.0.1/24/24",
		"10.0.0.1/255.255.255.0",
		"fd00::1/129",
		"fd00::1%eth0",
		":",
		"fd00::1::2",
		"localhost",
		"10.0.0.1/99999999999999999999",
		"1111111111111111111111111111111111111111111111111111111111111111111111111111",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct error *err = NULL;
		struct ip_prefix ip;
		int ret = ip_parse(texts[i], &ip, &err);

		if (ret != -EINVAL)
			fail_msg("\"%s\" is taken", texts[i]);
		error_free(err);
	}
}

static void test_no_address(void **state)
{
	struct ip_prefix none = { 0 };
	char text[IP_TEXT_SIZE];

	(void)state;
	assert_string_equal(ip_format(&none, text), "");
	assert_string_equal(ip_format_prefix(&none, text), "");
}

static void test_hardware_addresses(void **state)
{
	static const char infiniband[] =
		"80:00:02:08:FE:80:00:00:00:00:00:00:F4:52:14:03:00:7B:CB:A1";
	_cleanup_free_ char *text = NULL, *long_text = NULL;
	struct mac_address lower, upper;
	struct error *err = NULL;

	(void)state;
	assert_ok(mac_parse("02:42:ac:11:00:0f", &lower, &err), err);
	assert_ok(mac_parse("02:42:AC:11:00:0F", &upper, &err), err);
	assert_int_equal(lower.size, 6);
	assert_true(mac_equal(&lower, &upper));
	text = mac_format(&lower);
	assert_string_equal(text, "02:42:AC:11:00:0F");
	assert_ok(mac_parse(infiniband, &lower, &err), err);
	long_text = mac_format(&lower);
	assert_string_equal(long_text, infiniband);
	assert_false(mac_equal(&lower, &upper));
}

static void test_what_is_no_hardware_address(void **state)
{
	static const char *const texts[] = {
		"",
		"02:42:ac:11:00",
		"02:42:ac:11:00:",
		":02:42:ac:11:00:02",
		"02:42:ac:11:00:0g",
		"02:42:ac:11:00:002",
		"2:42:ac:11:00:02",
		"02-42-ac-11-00-02",
		"02:42:ac:11:00:02 ",
		"00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
		"00:"
		"00:00:00:00:00",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct error *err = NULL;
		struct mac_address mac;
		int ret = mac_parse(texts[i], &mac, &err);

		assert_failed(ret, err, -EINVAL, "is no hardware address");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_what_is_no_address),
		cmocka_unit_test(test_no_address),
		cmocka_unit_test(test_hardware_addresses),
		cmocka_unit_test(test_what_is_no_hardware_address),
	};

	return cmocka_run_group_tests_name("addresses", tests, NULL, NULL);
}
