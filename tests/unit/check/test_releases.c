// SPDX-License-Identifier: Apache-2.0
/* The check for new releases against a false GitHub, in a network where api.github.com is ours. */
#include "fake_server.h"

#include <time.h>

#include "base/log.h"
#include "check/releases.h"

#define URL	   "https://api.github.com/repos/kata-containers/kata-containers/releases"
#define DOWNLOAD   "https://github.com/kata-containers/kata-containers/releases/download/"
#define ASSET(tag) DOWNLOAD tag "/kata-static-" tag "-amd64.tar.zst"

static struct {
	char *directory;
	char *certificate;
	char *scenario;
	char *requests;
	char *records; /* the log of this process */
	bool network;
	struct fake_server github;
} world;

static bool start_github(void)
{
	_cleanup_free_ char *key = path_join(world.directory, "key.pem");

	return make_certificate(world.certificate, key, "DNS:api.github.com") &&
	       replace_system_file(world.directory, "/etc/hosts", "127.0.0.1 api.github.com\n") &&
	       fake_server_start(&world.github,
				 (const char *[]){ FAKE_SERVER_SCRIPT, "--port", "443", "--tls",
						   world.certificate, key, "--scenario",
						   world.scenario, "--log", world.requests, NULL });
}

static int set_up(void **state)
{
	if (make_directory((void **)&world.directory) < 0)
		return -1;
	*state = world.directory;
	world.certificate = path_join(world.directory, "cert.pem");
	world.scenario = path_join(world.directory, "scenario");
	world.requests = path_join(world.directory, "requests");
	world.records = path_join(world.directory, "records");
	world.network = enter_own_network();
	return world.network && !start_github() ? -1 : 0;
}

static int tear_down(void **state)
{
	if (world.network)
		fake_server_stop(&world.github);
	free(world.certificate);
	free(world.scenario);
	free(world.requests);
	free(world.records);
	return remove_directory(state);
}

static int start_clean(void **state)
{
	static const char *const variables[] = {
		"HTTPS_PROXY", "https_proxy",  "NO_PROXY",
		"no_proxy",    "SSL_CERT_DIR", "KATA_RELEASE_URL"
	};
	_cleanup_error_ struct error *err = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
		unsetenv(variables[i]);
	setenv("SSL_CERT_FILE", world.certificate, 1);
	unlink(world.requests);
	unlink(world.records);
	return log_open_file(world.records, LOG_FORMAT_TEXT, &err);
}

static int end_clean(void **state)
{
	(void)state;
	log_close();
	return 0;
}

static void play(const char *scenario)
{
	if (!world.network) {
		print_message("no permission to make a network namespace\n");
		skip();
	}
	assert_true(write_text(world.scenario, scenario));
}

static struct releases_options from_version(const char *current)
{
	return (struct releases_options){ .current_version = current };
}

static void expect_log(const char *text)
{
	_cleanup_free_ char *records = NULL;
	struct error *err = NULL;

	assert_ok(file_read_all(world.records, 1 << 20, &records, NULL, &err), err);
	if (!strstr(records, text))
		fail_msg("\"%s\" is not in the log:\n%s", text, records);
}

static size_t count_requests(void)
{
	_cleanup_free_ char *text = NULL;
	struct error *err = NULL;
	size_t lines = 0;

	assert_ok(file_read_all(world.requests, 1 << 20, &text, NULL, &err), err);
	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	return lines;
}

/* Find releases and compare what kata-runtime would print. */
static void expect_text(const struct releases_options *options, const char *expected)
{
	_cleanup_releases_ struct releases releases = { 0 };
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct error *err = NULL;

	assert_ok(releases_find(options, &releases, &err), err);
	if (options->list_only)
		releases_describe_list(&releases, &text);
	else
		releases_describe(&releases, &text);
	assert_string_equal(text.data, expected);
}

static void expect_failure(const struct releases_options *options, int code, const char *text)
{
	_cleanup_releases_ struct releases releases = { 0 };
	struct error *err = NULL;
	int ret = releases_find(options, &releases, &err);

	assert_failed(ret, err, code, text);
	assert_null(releases.newer);
}

/* ---- answers ----------------------------------------------------------------------------------- */

static void test_newer_releases(void **state)
{
	static const struct {
		const char *scenario, *current;
		bool prereleases;
		const char *expected;
	} cases[] = {
		{ "normal", "4.1.0", false,
		  "Newer minor release available: 4.2.1 (url: " ASSET(
			  "4.2.1") ", date: 2026-04-04T00:00:00Z)\n" },
		{ "normal", "4.1.0", true,
		  "Newer minor pre-release release available: 4.3.0-rc0 (url: " ASSET(
			  "4.3.0-rc0") ", date: 2026-05-05T00:00:00Z)\n" },
		{ "normal", "3.9.0", false,
		  "Newer major release available: 4.2.1 (url: " ASSET(
			  "4.2.1") ", date: 2026-04-04T00:00:00Z)\n" },
		{ "normal", "3.9.0", true,
		  "Newer major pre-release release available: 4.3.0-rc0 (url: " ASSET(
			  "4.3.0-rc0") ", date: 2026-05-05T00:00:00Z)\n" },
		{ "normal", "4.2.0", false,
		  "Newer patch release available: 4.2.1 (url: " ASSET(
			  "4.2.1") ", date: 2026-04-04T00:00:00Z)\n" },
		{ "normal", "4.3.0-alpha", true,
		  "Newer pre-release release available: 4.3.0-rc0 (url: " ASSET(
			  "4.3.0-rc0") ", date: 2026-05-05T00:00:00Z)\n" },
		{ "normal", "4.2.1-rc0", false,
		  "Newer major release available: 4.2.1 (url: " ASSET(
			  "4.2.1") ", date: 2026-04-04T00:00:00Z)\n" },
		{ "normal", "4.2.1", false, "No newer release available\n" },
		{ "normal", "4.2.1+c.12", false, "No newer release available\n" },
		{ "normal", "99.0.0", true, "No newer release available\n" },
		{ "gzip", "4.2.0", false,
		  "Newer patch release available: 4.2.1 (url: " ASSET(
			  "4.2.1") ", date: 2026-04-04T00:00:00Z)\n" },
		{ "prerelease-only", "4.1.0", false, "No newer release available\n" },
		{ "prerelease-only", "4.1.0", true,
		  "Newer minor pre-release release available: 4.2.0-rc1 (url: " ASSET(
			  "4.2.0-rc1") ", date: 2026-01-02T00:00:00Z)\n" },
		{ "same", "4.1.0", false, "No newer release available\n" },
		{ "only-older", "4.1.0", false, "No newer release available\n" },
		{ "empty", "4.1.0", false, "No releases available\n" },
		{ "unusable", "4.1.0", true, "No releases available\n" },
		{ "redirect-releases", "4.2.0", false,
		  "Newer patch release available: 4.2.1 (url: " ASSET(
			  "4.2.1") ", date: 2026-04-04T00:00:00Z)\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct releases_options options = from_version(cases[i].current);

		play(cases[i].scenario);
		options.include_prereleases = cases[i].prereleases;
		expect_text(&options, cases[i].expected);
	}
	expect_log("level=info msg=\"Looking for releases\" ");
	expect_log("url=\"" URL "\"");
}

static void test_list(void **state)
{
	struct releases_options options = from_version("4.1.0");

	(void)state;
	play("normal");
	options.list_only = true;
	expect_text(
		&options,
		"3.9.0;2026-04-01T00:00:00Z;" ASSET(
			"3.9.0") "\n"
				 "4.0.0;2026-01-02T00:00:00Z;" ASSET(
					 "4.0.0") "\n"
						  "4.1.0;2026-01-01T00:00:00Z;" ASSET(
							  "4.1.0") "\n"
								   "4.2.0;2026-03-03T00:00:"
								   "00Z;" ASSET(
									   "4.2.0") "\n"
										    "4.2.1;2026-04-"
										    "04T00:00:"
										    "00Z;" ASSET(
											    "4.2.1") "\n");
	play("prerelease-only");
	expect_text(&options, "4.1.0;2026-01-02T00:00:00Z;" ASSET("4.1.0") "\n");
	options.include_prereleases = true;
	expect_text(
		&options,
		"4.1.0;2026-01-02T00:00:00Z;" ASSET(
			"4.1.0") "\n"
				 "4.2.0-alpha0;2026-01-02T00:00:00Z;" ASSET(
					 "4.2.0-alpha0") "\n"
							 "4.2.0-rc1;2026-01-02T00:00:00Z;" ASSET(
								 "4.2.0-rc1") "\n");
	play("empty");
	expect_text(&options, "");
}

static void test_request(void **state)
{
	struct releases_options options = from_version("4.1.0");
	_cleanup_free_ char *text = NULL;
	struct error *err = NULL;

	(void)state;
	play("same");
	expect_text(&options, "No newer release available\n");
	assert_ok(file_read_all(world.requests, 1 << 20, &text, NULL, &err), err);
	assert_non_null(
		strstr(text, "\"path\": \"/repos/kata-containers/kata-containers/releases\""));
	assert_non_null(strstr(text, "\"Host\": \"api.github.com\""));
	assert_non_null(strstr(text, "\"User-Agent\": \"kata-containers/"));
	assert_null(strstr(text, "Authorization"));
}

/* ---- pages ------------------------------------------------------------------------------------- */

static void test_pages(void **state)
{
	struct releases_options options = from_version("4.1.0");

	(void)state;
	play("pages");
	expect_text(&options, "Newer minor release available: 4.4.0 (url: " ASSET(
				      "4.4.0") ", date: 2026-01-02T00:00:00Z)\n");
	assert_int_equal(count_requests(), 3);

	/* A page that reaches back to our own version is the last one that matters. */
	unlink(world.requests);
	options.current_version = "4.2.1";
	expect_text(&options, "Newer minor release available: 4.3.0 (url: " ASSET(
				      "4.3.0") ", date: 2026-01-02T00:00:00Z)\n");
	assert_int_equal(count_requests(), 1);

	/* The list is about all of them. */
	unlink(world.requests);
	options.list_only = true;
	expect_text(
		&options,
		"4.1.0;2026-01-02T00:00:00Z;" ASSET(
			"4.1.0") "\n"
				 "4.2.0;2026-01-02T00:00:00Z;" ASSET(
					 "4.2.0") "\n"
						  "4.2.1;2026-01-02T00:00:00Z;" ASSET(
							  "4.2.1") "\n"
								   "4.2.2;2026-01-02T00:00:"
								   "00Z;" ASSET(
									   "4.2.2") "\n"
										    "4.3.0;2026-01-"
										    "02T00:00:"
										    "00Z;" ASSET(
											    "4.3.0") "\n"
												     "4.4.0;2026-01-02T00:00:00Z;" ASSET(
													     "4.4.0") "\n");
	assert_int_equal(count_requests(), 3);
}

static void test_pages_are_bounded(void **state)
{
	_cleanup_releases_ struct releases releases = { 0 };
	struct releases_options options = from_version("4.1.0");
	struct error *err = NULL;

	(void)state;
	play("pages-endless");
	assert_ok(releases_find(&options, &releases, &err), err);
	assert_int_equal(releases.list.count, 10);
	assert_int_equal(count_requests(), 10);
	assert_true(releases.incomplete);
	assert_string_equal(releases.newer->version, "5.10.0");
	expect_log("level=warning msg=\"the list of releases is incomplete\"");
}

static void test_later_pages_may_fail(void **state)
{
	static const char *const scenarios[] = { "pages-limited", "pages-foreign" };
	struct releases_options options = from_version("4.1.0");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++) {
		play(scenarios[i]);
		expect_text(&options, "Newer minor release available: 4.2.0 (url: " ASSET(
					      "4.2.0") ", date: 2026-01-02T00:00:00Z)\n");
	}
	expect_log("API rate limit exceeded");
	expect_log("reason=\"not GitHub's API\"");
}

/* ---- refusals ---------------------------------------------------------------------------------- */

static void test_rate_limit_is_no_error(void **state)
{
	static const char *const scenarios[] = { "limit", "limit-secondary", "limit-429" };
	struct releases_options options = from_version("4.1.0");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++) {
		_cleanup_releases_ struct releases releases = { 0 };
		_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
		struct error *err = NULL;

		play(scenarios[i]);
		assert_ok(releases_find(&options, &releases, &err), err);
		assert_true(releases.rate_limited);
		releases_describe(&releases, &text);
		assert_string_equal(text.data, "No releases available\n");
		releases_describe_list(&releases, &text);
		assert_string_equal(text.data, "No releases available\n");
	}
	expect_log(
		"level=warning msg=\"API rate limit exceeded. Try again later. Read https://docs."
		"github.com/apps/building-github-apps/understanding-rate-limits-for-github-apps "
		"for more information\"");
	expect_log("url=\"" URL "\"");
}

static void test_bad_answers(void **state)
{
	static const struct {
		const char *scenario;
		int code;
		const char *text;
	} cases[] = {
		{ "forbidden", -EREMOTEIO,
		  "Get \"" URL
		  "\": HTTP status 403 Forbidden: Repository access \\x1b[31mblocked" },
		{ "missing", -EREMOTEIO, "Get \"" URL "\": HTTP status 404 Not Found: Not Found" },
		{ "boom", -EREMOTEIO, "Get \"" URL "\": HTTP status 500 Internal Server Error" },
		{ "unavailable", -EREMOTEIO, "HTTP status 503 Service Unavailable" },
		{ "nothing", -EREMOTEIO, "HTTP status 204 No Content" },
		{ "no-body", -EBADMSG,
		  "failed to unpack release details: unexpected end of JSON input" },
		{ "object", -EBADMSG,
		  "failed to unpack release details: an object instead of an array of releases" },
		{ "objects-inside", -EBADMSG, "release 2 is a string instead of an object" },
		{ "html", -EBADMSG,
		  "failed to unpack release details: invalid character '<' looking for beginning "
		  "of value" },
		{ "broken-json", -EBADMSG,
		  "failed to unpack release details: invalid JSON at byte " },
		{ "two-documents", -EBADMSG, "failed to unpack release details: more behind" },
		{ "truncated", -ECONNRESET,
		  "failed to read release details: Get \"" URL "\": unexpected EOF" },
		{ "huge", -EFBIG,
		  "failed to read release details: Get \"" URL "\": the answer larger" },
		{ "bomb", -EFBIG, "the answer larger than the limit" },
		{ "many-headers", -EFBIG, "headers of the answer larger than the limit" },
		{ "close", -ECONNRESET, "Get \"" URL "\": EOF" },
		{ "garbage", -EPROTO, "Get \"" URL "\": " },
		{ "redirect-forever", -ELOOP, "stopped after 10 redirects" },
		{ "redirect-http", -ELOOP,
		  "redirect from https to \"http://127.0.0.1:1/x\" refused" },
		{ "redirect-file", -ELOOP,
		  "redirect from https to \"file:///etc/passwd\" refused" },
	};
	struct releases_options options = from_version("4.1.0");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		play(cases[i].scenario);
		expect_failure(&options, cases[i].code, cases[i].text);
	}
}

static void test_slow_servers(void **state)
{
	static const struct {
		const char *scenario, *text;
	} cases[] = {
		{ "hang",
		  "Get \"" URL "\": context deadline exceeded (Client.Timeout exceeded while "
		  "awaiting headers): no answer within " },
		{ "drip-headers", "(Client.Timeout exceeded while awaiting headers)" },
		{ "drip",
		  "failed to read release details: Get \"" URL "\": context deadline exceeded" },
	};
	struct releases_options options = from_version("4.1.0");

	(void)state;
	options.timeout_ms = 500;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		time_t start = time(NULL);

		play(cases[i].scenario);
		expect_failure(&options, -ETIMEDOUT, cases[i].text);
		assert_true(time(NULL) - start <= 3);
	}
}

/* ---- no connection ----------------------------------------------------------------------------- */

static void test_tls(void **state)
{
	struct releases_options options = from_version("4.1.0");

	(void)state;
	play("normal");
	unsetenv("SSL_CERT_FILE");
	expect_failure(&options, -EKEYREJECTED,
		       "Get \"" URL "\": tls: failed to verify certificate: ");
}

static void test_proxy(void **state)
{
	struct releases_options options = from_version("4.1.0");

	(void)state;
	play("normal");
	setenv("HTTPS_PROXY", "http://127.0.0.1:1", 1);
	expect_failure(&options, -ECONNREFUSED,
		       "Get \"" URL
		       "\": proxyconnect tcp: dial tcp 127.0.0.1:1: connect: connection refused");
	setenv("NO_PROXY", "github.com", 1);
	expect_text(&options, "Newer minor release available: 4.2.1 (url: " ASSET(
				      "4.2.1") ", date: 2026-04-04T00:00:00Z)\n");
}

static void test_address(void **state)
{
	struct releases_options options = from_version("4.1.0");
	bool replaced;

	(void)state;
	play("normal");
	replaced = replace_system_file(world.directory, "/etc/hosts", "127.0.0.2 api.github.com\n");
	assert_true(replaced);
	expect_failure(&options, -ECONNREFUSED,
		       "Get \"" URL "\": dial tcp 127.0.0.2:443: connect: connection refused");
	replaced =
		replace_system_file(world.directory, "/etc/hosts", "127.0.0.1 localhost\n") &&
		replace_system_file(world.directory, "/etc/resolv.conf", "nameserver 192.0.2.1\n");
	assert_true(replaced);
	expect_failure(&options, -EHOSTUNREACH,
		       "Get \"" URL "\": dial tcp: lookup api.github.com: no such host");
	replaced = replace_system_file(world.directory, "/etc/hosts", "127.0.0.1 api.github.com\n");
	assert_true(replaced);
}

/* ---- options ----------------------------------------------------------------------------------- */

static void test_current_version(void **state)
{
	static const struct {
		const char *current, *text;
	} cases[] = {
		{ "0.9.0", "invalid current version: 0.9.0" },
		{ "four", "BUG: Current version of kata-runtime (four) has invalid SemVer version: "
			  "no major" },
		{ "", "BUG: Current version of kata-runtime () has invalid SemVer version: version "
		      "is empty" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct releases_options options = from_version(cases[i].current);

		expect_failure(&options, -EINVAL, cases[i].text);
	}
}

static void test_url(void **state)
{
	struct releases_options options = from_version("4.1.0");

	(void)state;
	options.url = "https://example.org/releases";
	expect_failure(&options, -ENOTSUP,
		       "Release URL \"https://example.org/releases\" is not valid");
	options.url = URL "/";
	expect_failure(&options, -ENOTSUP, "is not valid");
	options.url = "  ";
	expect_failure(&options, -ENOTSUP, "URL cannot be blank");
	play("same");
	options.url = URL;
	expect_text(&options, "No newer release available\n");
	options.url = "";
	expect_text(&options, "No newer release available\n");
}

static void expect_path(const char *current, const char *url, const char *path)
{
	_cleanup_releases_ struct releases releases = { 0 };
	struct releases_options options = from_version(current);
	_cleanup_free_ char *text = NULL;
	struct error *err = NULL;

	unlink(world.requests);
	options.url = url;
	assert_ok(releases_find(&options, &releases, &err), err);
	assert_ok(file_read_all(world.requests, 1 << 20, &text, NULL, &err), err);
	assert_non_null(strstr(text, path));
}

static void test_major_version_chooses_the_place(void **state)
{
	(void)state;
	play("same");
	expect_path("1.12.0", NULL, "\"/repos/kata-containers/runtime/releases\"");
	expect_path("2.0.0", NULL, "\"/repos/kata-containers/kata-containers/releases\"");
	expect_path("10.0.0", NULL, "\"/repos/kata-containers/kata-containers/releases\"");
	expect_path("4.1.0", "https://api.github.com/repos/kata-containers/runtime/releases",
		    "\"/repos/kata-containers/runtime/releases\"");
}

static void test_every_failure_has_a_remedy(void **state)
{
	(void)state;
	assert_non_null(strstr(releases_remedy(-ELIBACC), "libcurl4"));
	assert_non_null(strstr(releases_remedy(-ENOTSUP), "KATA_RELEASE_URL"));
	assert_non_null(strstr(releases_remedy(-EKEYREJECTED), "SSL_CERT_FILE"));
	assert_non_null(strstr(releases_remedy(-EHOSTUNREACH), "HTTPS_PROXY"));
	assert_non_null(strstr(releases_remedy(-ETIMEDOUT), "--no-network-checks"));
	assert_non_null(strstr(releases_remedy(-EREMOTEIO), "try again later"));
}

#define network_test(function) cmocka_unit_test_setup_teardown(function, start_clean, end_clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		network_test(test_newer_releases),
		network_test(test_list),
		network_test(test_request),
		network_test(test_pages),
		network_test(test_pages_are_bounded),
		network_test(test_later_pages_may_fail),
		network_test(test_rate_limit_is_no_error),
		network_test(test_bad_answers),
		network_test(test_slow_servers),
		network_test(test_tls),
		network_test(test_proxy),
		network_test(test_address),
		network_test(test_current_version),
		network_test(test_url),
		network_test(test_major_version_chooses_the_place),
		network_test(test_every_failure_has_a_remedy),
	};

	return cmocka_run_group_tests_name("releases", tests, set_up, tear_down);
}
