// SPDX-License-Identifier: Apache-2.0
/* Packet filters by the guest's own iptables, and the sandbox's DNS. */
#include "fixture.h"

#define PROGRAM "/usr/sbin/iptables-save"

/* Rules of the agent's network namespace. */
static char *get_tables(struct agent *agent, bool ipv6)
{
	Grpc__GetIPTablesRequest request = GRPC__GET_IPTABLES_REQUEST__INIT;
	_cleanup_proto_ Grpc__GetIPTablesResponse *response = NULL;

	request.is_ipv6 = ipv6;
	response = agent_call(agent, "GetIPTables", &request,
			      &grpc__get_iptables_response__descriptor);
	return xmemdup0(response->data.data ? response->data.data : (const uint8_t *)"",
			response->data.len);
}

static Grpc__SetIPTablesRequest set_request(bool ipv6, const char *rules)
{
	Grpc__SetIPTablesRequest request = GRPC__SET_IPTABLES_REQUEST__INIT;

	request.is_ipv6 = ipv6;
	request.data = (ProtobufCBinaryData){ strlen(rules), (uint8_t *)rules };
	return request;
}

static void set_and_get(struct agent *agent, bool ipv6, const char *rules, const char *expected)
{
	Grpc__SetIPTablesRequest request = set_request(ipv6, rules);
	_cleanup_free_ char *text = NULL;

	proto_free(agent_call(agent, "SetIPTables", &request,
			      &grpc__set_iptables_response__descriptor));
	text = get_tables(agent, ipv6);
	if (!strstr(text, expected))
		fail_msg("no \"%s\" in:\n%s", expected, text);
}

static void test_tables(void **state)
{
	static const char rules[] =
		"*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -s %s -j DROP\nCOMMIT\n";
	static const char nonsense[] = "*filter\nnonsense\nCOMMIT\n";
	NEEDS_AGENT(agent);
	_cleanup_free_ char *v4 = xasprintf(rules, "192.0.2.0/24");
	_cleanup_free_ char *v6 = xasprintf(rules, "fd05::/64");
	Grpc__SetIPTablesRequest request = set_request(false, nonsense);

	if (!path_exists(PROGRAM)) {
		print_message("needs iptables\n");
		skip();
	}
	set_and_get(agent, false, v4, "-A INPUT -s 192.0.2.0/24 -j DROP\n");
	set_and_get(agent, true, v6, "-A INPUT -s fd05::/64 -j DROP\n");
	agent_call_fails(agent, "SetIPTables", &request, TTRPC_INTERNAL,
			 "/usr/sbin/iptables-restore failed: ");
	request.is_ipv6 = true;
	agent_call_fails(agent, "SetIPTables", &request, TTRPC_INTERNAL,
			 "/usr/sbin/ip6tables-restore failed: ");
}

/* The agent waits for all children, but not for these. */
static void test_exit_statuses(void **state)
{
	NEEDS_AGENT(agent);

	if (!path_exists(PROGRAM)) {
		print_message("needs iptables\n");
		skip();
	}
	for (int i = 0; i < 20; i++) {
		_cleanup_free_ char *text = get_tables(agent, i % 2);

		assert_non_null(text);
	}
}

/* ---- DNS --------------------------------------------------------------------------------------- */

static void expect_dns(struct agent *agent, char **lines, size_t count, const char *expected)
{
	Grpc__CreateSandboxRequest request = GRPC__CREATE_SANDBOX_REQUEST__INIT;
	_cleanup_free_ char *path = xasprintf("/proc/%d/root/etc/resolv.conf", agent->holder);
	_cleanup_free_ char *text = NULL;
	struct error *err = NULL;

	request.dns = lines;
	request.n_dns = count;
	agent_call(agent, "CreateSandbox", &request, NULL);
	assert_ok(file_read_all(path, 4096, &text, NULL, &err), err);
	assert_string_equal(text, expected);
}

static void test_dns(void **state)
{
	static char server[] = "nameserver 192.0.2.53", search[] = " search example.org\t";
	static char other[] = "nameserver 192.0.2.54";
	NEEDS_AGENT(agent);
	char *first[] = { server, search }, *second[] = { other };

	if (!path_exists("/etc/resolv.conf")) {
		print_message("needs /etc/resolv.conf\n");
		skip();
	}
	expect_dns(agent, first, 2, "nameserver 192.0.2.53\nsearch example.org\n");
	expect_dns(agent, second, 1, "nameserver 192.0.2.54\n");
	expect_dns(agent, NULL, 0, "nameserver 192.0.2.54\n"); /* as it was */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_exit_statuses),
		cmocka_unit_test(test_dns),
	};

	return cmocka_run_group_tests_name("packet filters and DNS", tests, agent_set_up,
					   agent_tear_down);
}
