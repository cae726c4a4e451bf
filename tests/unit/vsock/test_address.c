// SPDX-License-Identifier: Apache-2.0
/* Addresses of agents, the request line of a hybrid socket, and the search for a CID. */
#include "unit.h"

#include <errno.h>

#include "vsock/cid.h"
#include "vsock/vsock.h"

static void addresses_are_parsed(void **state)
{
	static const struct {
		const char *url;
		enum vsock_scheme scheme;
		const char *path;
		uint32_t cid, port;
	} cases[] = {
		{ "vsock://3:1024", VSOCK_SCHEME_VSOCK, NULL, 3, 1024 },
		{ "vsock://4294967294:4294967295", VSOCK_SCHEME_VSOCK, NULL, UINT32_MAX - 1,
		  UINT32_MAX },
		{ "hvsock:///run/vc/vm/a/clh.sock:1024", VSOCK_SCHEME_HYBRID,
		  "/run/vc/vm/a/clh.sock", 0, 1024 },
		{ "remote:///run/peerpod/a.sock", VSOCK_SCHEME_REMOTE, "/run/peerpod/a.sock", 0,
		  0 },
		{ "mock:///tmp/a.sock", VSOCK_SCHEME_MOCK, "/tmp/a.sock", 0, 0 },
		{ "unix:///tmp/a:b.sock", VSOCK_SCHEME_UNIX, "/tmp/a:b.sock", 0, 0 },
		{ "unix://@agent/1", VSOCK_SCHEME_UNIX, "@agent/1", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_vsock_address_ struct vsock_address address;
		struct error *err = NULL;

		assert_ok(vsock_address_parse(cases[i].url, true, &address, &err), err);
		assert_int_equal(address.scheme, cases[i].scheme);
		assert_string_equal(address.url, cases[i].url);
		assert_int_equal(address.cid, cases[i].cid);
		assert_int_equal(address.port, cases[i].port);
		if (cases[i].path)
			assert_string_equal(address.path, cases[i].path);
		else
			assert_null(address.path);
	}
}

static void bad_addresses_are_refused_in_known_words(void **state)
{
	static const struct {
		const char *url, *message;
	} cases[] = {
		{ "unix:///tmp/a", "Invalid scheme: unix" },
		{ "tcp://localhost:1", "Invalid scheme: tcp" },
		{ "agent.sock", "Invalid scheme: " },
		{ "", "Invalid scheme: " },
		{ "vsock://3", "Invalid vsock scheme: vsock://3" },
		{ "vsock://:1024", "Invalid vsock scheme: vsock://:1024" },
		{ "vsock:3:1024", "Invalid vsock scheme: vsock:3:1024" },
		{ "vsock://3:1024/x", "Invalid vsock scheme: vsock://3:1024/x" },
		{ "vsock://a:1024", "Invalid vsock cid: vsock://a:1024" },
		{ "vsock://-1:1024", "Invalid vsock cid: vsock://-1:1024" },
		{ "vsock://4294967296:1", "Invalid vsock cid: vsock://4294967296:1" },
		{ "vsock://3:4294967296", "Invalid vsock port: vsock://3:4294967296" },
		{ "hvsock://", "Invalid hybrid vsock scheme: hvsock://" },
		{ "hvsock:///a", "Invalid hybrid vsock scheme: hvsock:///a" },
		{ "hvsock:///a:1:2", "Invalid hybrid vsock scheme: hvsock:///a:1:2" },
		{ "hvsock://host/a:1", "Invalid hybrid vsock scheme: hvsock://host/a:1" },
		{ "hvsock:///a:x", "Invalid hybrid vsock port hvsock:///a:x: strconv.ParseUint: "
				   "parsing \"x\": invalid syntax" },
		{ "hvsock:///a:4294967296",
		  "Invalid hybrid vsock port hvsock:///a:4294967296: strconv.ParseUint: "
		  "parsing \"4294967296\": value out of range" },
		{ "remote://host/a",
		  "Invalid remote sock scheme: host address must be empty: remote://host/a" },
		{ "remote://", "Invalid remote sock scheme: path must not be empty: remote://" },
		{ "mock://", "Invalid mock hybrid vsock scheme: mock://" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vsock_address address;
		_cleanup_error_ struct error *err = NULL;

		assert_int_equal(vsock_address_parse(cases[i].url, false, &address, &err), -EINVAL);
		assert_string_equal(error_message(err), cases[i].message);
		assert_null(address.url);
	}
}

static void request_lines(void **state)
{
	static const struct {
		const char *line;
		int64_t port; /* -1: refused */
	} cases[] = {
		{ "CONNECT 1024", 1024 },
		{ "connect 1024", 1024 },
		{ "CONNECT 4294967295", UINT32_MAX },
		{ "CONNECT 4294967296", -1 },
		{ "CONNECT", -1 },
		{ "CONNECT ", -1 },
		{ "CONNECT -1", -1 },
		{ "CONNECT 1 ", -1 },
		{ "CONNECT  1", -1 },
		{ "LISTEN 1", -1 },
		{ "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t port = 0;
		int ret = vsock_hybrid_parse_request(slice_of(cases[i].line), &port);

		assert_int_equal(ret, cases[i].port < 0 ? -EINVAL : 0);
		if (ret == 0)
			assert_int_equal(port, cases[i].port);
	}
}

/* A driver of which the CIDs below `free_from`, and those above `free_to`, are taken. */
struct driver {
	uint32_t free_from, free_to;
	int asked;
	int answer; /* for the others */
};

static int claim(void *data, uint32_t cid)
{
	struct driver *driver = data;

	assert_in_range(cid, VSOCK_FIRST_CID, VSOCK_LAST_CID);
	driver->asked++;
	return cid >= driver->free_from && cid <= driver->free_to ? driver->answer : -EADDRINUSE;
}

static void a_free_cid_is_found(void **state)
{
	struct driver driver = { .free_from = 1000, .free_to = 1000 };
	uint32_t cid = 0;

	(void)state;
	assert_int_equal(vsock_cid_search(990, claim, &driver, &cid), 0);
	assert_int_equal(cid, 1000);
	assert_int_equal(driver.asked, 11);
}

static void the_search_goes_around_and_ends(void **state)
{
	struct driver low = { .free_from = 4, .free_to = 4 };
	struct driver none = { .free_from = 1, .free_to = 0 };
	struct driver broken = { .free_to = UINT32_MAX, .answer = -ENODEV };
	uint32_t cid = 0;

	(void)state;
	assert_int_equal(vsock_cid_search(UINT32_MAX - 2, claim, &low, &cid), 0);
	assert_int_equal(cid, 4);
	assert_int_equal(vsock_cid_search(0, claim, &none, &cid), -EADDRINUSE);
	assert_int_equal(none.asked, VSOCK_CID_ATTEMPTS);
	assert_int_equal(vsock_cid_search(7, claim, &broken, &cid), -ENODEV);
	assert_int_equal(broken.asked, 1);
}

static void a_missing_driver_is_named(void **state)
{
	struct error *err = NULL;
	uint32_t cid;

	(void)state;
	assert_failed(vsock_cid_allocate("/nowhere/vhost-vsock", &cid, &err), err, -ENOENT,
		      "open /nowhere/vhost-vsock (is the kernel module vhost_vsock loaded?)");
	assert_failed(vsock_cid_allocate("/dev/null", &cid, &err), err, -ENOTTY,
		      "take a vsock CID on /dev/null");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_parsed),
		cmocka_unit_test(bad_addresses_are_refused_in_known_words),
		cmocka_unit_test(request_lines),
		cmocka_unit_test(a_free_cid_is_found),
		cmocka_unit_test(the_search_goes_around_and_ends),
		cmocka_unit_test(a_missing_driver_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
