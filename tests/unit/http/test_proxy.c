// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <string.h>

#include "http/proxy.h"

static void expect(const struct proxy_environment *environment, const char *scheme,
		   const char *host, unsigned port, const char *expected)
{
	_cleanup_free_ char *proxy = proxy_choose(environment, scheme, host, port);

	if (!proxy != !expected || (proxy && strcmp(proxy, expected) != 0))
		fail_msg("%s://%s:%u with NO_PROXY=%s: %s instead of %s", scheme, host, port,
			 environment->no_proxy ? environment->no_proxy : "",
			 proxy ? proxy : "direct", expected ? expected : "direct");
}

static void test_scheme_chooses(void **state)
{
	const struct proxy_environment both = { .https_proxy = "http://s:1",
						.http_proxy = "http://p:2" };
	const struct proxy_environment empty = { .https_proxy = "" };

	(void)state;
	expect(&both, "https", "example.org", 443, "http://s:1");
	expect(&both, "http", "example.org", 80, "http://p:2");
	expect(&empty, "https", "example.org", 443, NULL);
	expect(&empty, "http", "example.org", 80, NULL);
}

static void test_url_is_completed(void **state)
{
	static const struct {
		const char *given, *completed;
	} cases[] = {
		{ "proxy:3128", "http://proxy:3128" },
		{ " proxy ", "http://proxy" },
		{ "http://u:p@proxy:3128/", "http://u:p@proxy:3128" },
		{ "https://proxy", "https://proxy" },
		{ "socks5://proxy:9", "socks5://proxy:9" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct proxy_environment one = { .https_proxy = cases[i].given };

		expect(&one, "https", "example.org", 443, cases[i].completed);
	}
	assert_int_equal(proxy_default_port("http://proxy"), 80);
	assert_int_equal(proxy_default_port("HTTPS://proxy"), 443);
	assert_int_equal(proxy_default_port("socks5h://proxy"), 1080);
}

static void test_no_proxy(void **state)
{
	static const struct {
		const char *no_proxy, *host;
		unsigned port;
		bool direct;
	} cases[] = {
		{ "", "example.org", 443, false },
		{ NULL, "localhost", 443, true },
		{ NULL, "LocalHost", 443, true },
		{ NULL, "127.0.0.1", 443, true },
		{ NULL, "127.9.9.9", 443, true },
		{ NULL, "::1", 443, true },
		{ NULL, "128.0.0.1", 443, false },
		{ "*", "example.org", 443, true },
		{ "a, *", "example.org", 443, true },
		{ "*x", "example.org", 443, false },
		{ "example.org", "example.org", 443, true },
		{ "Example.ORG", "example.org", 443, true },
		{ "example.org", "EXAMPLE.org", 443, true },
		{ "example.org", "api.example.org", 443, true },
		{ "example.org", "anexample.org", 443, false },
		{ "example.org", "example.org.evil", 443, false },
		{ ".example.org", "example.org", 443, false },
		{ ".example.org", "api.example.org", 443, true },
		{ "*.example.org", "api.example.org", 443, true },
		{ "*.example.org", "example.org", 443, false },
		{ "a.b ,, example.org ", "example.org", 443, true },
		{ "example.org:443", "example.org", 443, true },
		{ "example.org:80", "example.org", 443, false },
		{ "192.0.2.1", "192.0.2.1", 443, true },
		{ "192.0.2.1", "192.0.2.10", 443, false },
		{ "192.0.2.1:443", "192.0.2.1", 443, true },
		{ "192.0.2.1:80", "192.0.2.1", 443, false },
		{ "192.0.2.0/24", "192.0.2.200", 443, true },
		{ "192.0.2.0/24", "192.0.3.1", 443, false },
		{ "192.0.2.128/25", "192.0.2.127", 443, false },
		{ "192.0.2.128/25", "192.0.2.129", 443, true },
		{ "0.0.0.0/0", "192.0.2.1", 443, true },
		{ "0.0.0.0/0", "2001:db8::1", 443, false },
		{ "192.0.2.0/33", "192.0.2.1", 443, false },
		{ "192.0.2.0/", "192.0.2.1", 443, false },
		{ "/24", "192.0.2.1", 443, false },
		{ "2001:db8::/32", "2001:db8::1", 443, true },
		{ "2001:db8::/32", "2001:db9::1", 443, false },
		{ "2001:db8::1", "2001:db8::1", 443, true },
		{ "2001:db8::1", "2001:DB8:0::1", 443, true },
		{ "[2001:db8::1]:443", "2001:db8::1", 443, true },
		{ "[2001:db8::1]:80", "2001:db8::1", 443, false },
		{ "[2001:db8::1]", "2001:db8::1", 443, true },
		{ "[", "2001:db8::1", 443, false },
		{ "[]", "2001:db8::1", 443, false },
		{ ":", "example.org", 443, false },
		{ ":443", "example.org", 443, false },
		{ "10.0.0.0/8", "example.org", 443, false },
		{ "1.2.3", "1.2.3.4", 443, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct proxy_environment one = { .https_proxy = "http://proxy:1",
						       .no_proxy = cases[i].no_proxy };

		expect(&one, "https", cases[i].host, cases[i].port,
		       cases[i].direct ? NULL : "http://proxy:1");
	}
}

static void test_environment(void **state)
{
	struct proxy_environment environment;

	(void)state;
	setenv("HTTPS_PROXY", "", 1);
	setenv("https_proxy", "lower", 1);
	setenv("HTTP_PROXY", "upper", 1);
	setenv("http_proxy", "lower", 1);
	unsetenv("NO_PROXY");
	unsetenv("no_proxy");
	environment = proxy_environment_get();
	assert_string_equal(environment.https_proxy, "lower");
	assert_string_equal(environment.http_proxy, "upper");
	assert_null(environment.no_proxy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scheme_chooses),
		cmocka_unit_test(test_url_is_completed),
		cmocka_unit_test(test_no_proxy),
		cmocka_unit_test(test_environment),
	};

	return cmocka_run_group_tests_name("proxy", tests, NULL, NULL);
}
