// SPDX-License-Identifier: Apache-2.0
/* The client against a server that misbehaves: over a unix socket, TCP, TLS and through a proxy. */
#include "fake_server.h"

#include <cjson/cJSON.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <time.h>

#include "http/http.h"

#define PLAIN "http://127.0.0.1:8080"
#define TLS   "https://localhost:8443"

static struct {
	char *directory;
	char *certificate;
	char *log;
	char *socket;
	bool network; /* may we have a network of our own? */
	struct fake_server plain, tls, proxy, unix_socket;
} world;

static char *in_directory(const char *name)
{
	return path_join(world.directory, name);
}

static int set_up(void **state)
{
	char *key, *other, *other_key;

	if (make_directory((void **)&world.directory) < 0)
		return -1;
	*state = world.directory;
	world.certificate = in_directory("cert.pem");
	world.log = in_directory("log");
	world.socket = in_directory("shim.sock");
	key = in_directory("key.pem");
	other = in_directory("other.pem");
	other_key = in_directory("other-key.pem");
	world.network = enter_own_network();
	if (!make_certificate(world.certificate, key, "DNS:localhost,DNS:api.github.com") ||
	    !make_certificate(other, other_key, "DNS:localhost"))
		return -1;
	if (!fake_server_start(&world.unix_socket,
			       (const char *[]){ FAKE_SERVER_SCRIPT, "--unix", world.socket,
						 "--log", world.log, NULL }))
		return -1;
	if (world.network &&
	    (!fake_server_start(&world.plain,
				(const char *[]){ FAKE_SERVER_SCRIPT, "--port", "8080", "--log",
						  world.log, NULL }) ||
	     !fake_server_start(&world.tls,
				(const char *[]){ FAKE_SERVER_SCRIPT, "--port", "8443", "--tls",
						  world.certificate, key, NULL }) ||
	     !fake_server_start(&world.proxy,
				(const char *[]){ FAKE_SERVER_SCRIPT, "--port", "3128", "--log",
						  world.log, NULL })))
		return -1;
	free(key);
	free(other);
	free(other_key);
	return 0;
}

static int tear_down(void **state)
{
	fake_server_stop(&world.unix_socket);
	if (world.network) {
		fake_server_stop(&world.plain);
		fake_server_stop(&world.tls);
		fake_server_stop(&world.proxy);
	}
	free(world.certificate);
	free(world.log);
	free(world.socket);
	return remove_directory(state);
}

/* Each test starts with an empty log and without the variables that steer the client. */
static int clean(void **state)
{
	static const char *const variables[] = { "HTTPS_PROXY", "https_proxy", "HTTP_PROXY",
						 "http_proxy",	"NO_PROXY",    "no_proxy",
						 "ALL_PROXY",	"all_proxy",   "SSL_CERT_FILE",
						 "SSL_CERT_DIR" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
		unsetenv(variables[i]);
	unlink(world.log);
	return 0;
}

static void need_network(void)
{
	if (!world.network) {
		print_message("no permission to make a network namespace\n");
		skip();
	}
}

static struct http_request request_of(const char *url)
{
	return (struct http_request){ .url = url,
				      .timeout_ms = 5000,
				      .max_response_bytes = 1 << 20 };
}

static struct http_request unix_request(const char *url)
{
	struct http_request request = request_of(url);

	request.unix_socket = world.socket;
	return request;
}

/* The whole of the last request that a server saw, as JSON; freed by the caller. */
static cJSON *last_request(void)
{
	_cleanup_free_ char *text = NULL;
	struct error *err = NULL;
	char *start, *end;
	cJSON *request;

	assert_ok(file_read_all(world.log, 1 << 24, &text, NULL, &err), err);
	end = strrchr(text, '\n');
	assert_non_null(end);
	*end = '\0';
	start = strrchr(text, '\n');
	request = cJSON_Parse(start ? start + 1 : text);
	assert_non_null(request);
	return request;
}

static const char *text_of(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static void expect_body(const struct http_request *request, int status, const char *body)
{
	_cleanup_http_response_ struct http_response response = HTTP_RESPONSE_INIT;
	struct error *err = NULL;

	assert_ok(http_perform(request, &response, &err), err);
	assert_int_equal(response.status, status);
	assert_slice_equal(strbuf_view(&response.body), body);
}

static void expect_failure(const struct http_request *request, int code, const char *text)
{
	_cleanup_http_response_ struct http_response response = HTTP_RESPONSE_INIT;
	struct error *err = NULL;
	int ret = http_perform(request, &response, &err);

	assert_failed(ret, err, code, text);
}

/* ---- what is sent ------------------------------------------------------------------------------ */

static void test_get_over_a_unix_socket(void **state)
{
	struct http_request request = unix_request("http://shim/metrics/ok?x=%2Fa%20b");
	cJSON *seen, *headers;

	(void)state;
	request.user_agent = "Go-http-client/1.1";
	expect_body(&request, 200, "fine");
	seen = last_request();
	assert_string_equal(text_of(seen, "method"), "GET");
	assert_string_equal(text_of(seen, "path"), "/metrics/ok?x=%2Fa%20b");
	headers = cJSON_GetObjectItem(seen, "headers");
	assert_string_equal(text_of(headers, "Host"), "shim");
	assert_string_equal(text_of(headers, "Connection"), "close");
	assert_string_equal(text_of(headers, "User-Agent"), "Go-http-client/1.1");
	assert_string_equal(text_of(headers, "Accept-Encoding"), "gzip");
	assert_int_equal(cJSON_GetArraySize(headers), 4);
	cJSON_Delete(seen);
}

static void send_body(const char *method, const char *content_type, struct slice body)
{
	struct http_request request = unix_request("http://shim/ok");
	cJSON *seen, *headers;

	request.method = method;
	request.content_type = content_type;
	request.body = body;
	expect_body(&request, 200, "fine");
	seen = last_request();
	assert_string_equal(text_of(seen, "method"), method);
	headers = cJSON_GetObjectItem(seen, "headers");
	if (content_type)
		assert_string_equal(text_of(headers, "Content-Type"), content_type);
	else
		assert_null(text_of(headers, "Content-Type"));
	assert_null(text_of(headers, "Expect"));
	assert_slice_equal(body, text_of(seen, "body"));
	cJSON_Delete(seen);
}

static void test_bodies_are_sent_as_they_are(void **state)
{
	_cleanup_strbuf_ struct strbuf large = STRBUF_INIT;

	(void)state;
	send_body("PUT", "application/octet-stream", slice_of("*filter\nCOMMIT\n@file\n"));
	send_body("POST", "application/json", slice_of("{\"Size\":1}"));
	send_body("PUT", NULL, slice_of("x"));
	send_body("PUT", "text/plain", slice_of(""));
	/* Beyond the size at which libcurl would ask with Expect: 100-continue first. */
	strbuf_fill(&large, 'x', 2 << 20);
	send_body("PUT", "text/plain", strbuf_view(&large));
}

static void test_user_agent_is_ours(void **state)
{
	struct http_request request = unix_request("http://shim/ok");
	cJSON *seen;

	(void)state;
	expect_body(&request, 200, "fine");
	seen = last_request();
	assert_int_equal(strncmp(text_of(cJSON_GetObjectItem(seen, "headers"), "User-Agent"),
				 "kata-containers/", 16),
			 0);
	cJSON_Delete(seen);
}

/* ---- what comes back --------------------------------------------------------------------------- */

static void test_answers(void **state)
{
	static const struct {
		const char *url;
		int status;
		const char *body;
	} cases[] = {
		{ "http://shim/boom", 500, "boom" },
		{ "http://shim/url-not-found", 404, "URL NOT FOUND" },
		{ "http://shim/nothing", 204, "" },
		{ "http://shim/chunked", 200, "hello world" },
		{ "http://shim/until-close", 200, "up to the end" },
		{ "http://shim/redirect", 302, "elsewhere" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct http_request request = unix_request(cases[i].url);

		expect_body(&request, cases[i].status, cases[i].body);
	}
}

static void test_headers(void **state)
{
	_cleanup_http_response_ struct http_response response = HTTP_RESPONSE_INIT;
	struct http_request request = unix_request("http://shim/ok");
	struct error *err = NULL;

	(void)state;
	assert_ok(http_perform(&request, &response, &err), err);
	assert_slice_equal(http_response_header(&response, "x-name"), "a value");
	assert_slice_equal(http_response_header(&response, "Content-Type"), "text/plain");
	assert_slice_equal(http_response_header(&response, "X-Nam"), "");
	assert_slice_equal(http_response_header(&response, "Link"), "");
}

static void test_compressed_answers_are_unpacked(void **state)
{
	_cleanup_http_response_ struct http_response response = HTTP_RESPONSE_INIT;
	struct http_request request = unix_request("http://shim/gzip");
	struct error *err = NULL;

	(void)state;
	assert_ok(http_perform(&request, &response, &err), err);
	assert_int_equal(response.body.data[0], '[');
}

static void test_answers_are_bounded(void **state)
{
	static const char *const urls[] = { "http://shim/huge", "http://shim/bomb" };
	struct http_request request;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		request = unix_request(urls[i]);
		expect_failure(&request, -EFBIG, "the answer larger than the limit");
	}
	request = unix_request("http://shim/many-headers");
	expect_failure(&request, -EFBIG, "headers of the answer larger than the limit");

	/* The bound itself is still accepted. */
	request = unix_request("http://shim/ok");
	request.max_response_bytes = 4;
	expect_body(&request, 200, "fine");
	request.max_response_bytes = 3;
	expect_failure(&request, -EFBIG, "limit");
}

static void test_broken_answers(void **state)
{
	static const struct {
		const char *url;
		int code;
		const char *text;
	} cases[] = {
		{ "http://shim/truncated", -ECONNRESET,
		  "Get \"http://shim/truncated\": unexpected EOF" },
		{ "http://shim/truncated-chunk", -ECONNRESET, "unexpected EOF" },
		{ "http://shim/close", -ECONNRESET, "Get \"http://shim/close\": EOF" },
		{ "http://shim/garbage", -EPROTO, "Get \"http://shim/garbage\": " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct http_request request = unix_request(cases[i].url);

		expect_failure(&request, cases[i].code, cases[i].text);
	}
}

static void test_status_is_known_when_the_body_breaks(void **state)
{
	_cleanup_http_response_ struct http_response response = HTTP_RESPONSE_INIT;
	struct http_request request = unix_request("http://shim/truncated");
	struct error *err = NULL;
	int ret = http_perform(&request, &response, &err);

	(void)state;
	assert_int_equal(response.status, 200);
	assert_failed(ret, err, -ECONNRESET, "unexpected EOF");
	request = unix_request("http://shim/close");
	ret = http_perform(&request, &response, &err);
	assert_int_equal(response.status, 0);
	assert_failed(ret, err, -ECONNRESET, "EOF");
}

static void test_time_is_bounded(void **state)
{
	static const struct {
		const char *url;
		const char *text;
	} cases[] = {
		{ "http://shim/hang", "Get \"http://shim/hang\": context deadline exceeded "
				      "(Client.Timeout exceeded while "
				      "awaiting headers): no answer within 0.4 s" },
		{ "http://shim/drip-headers", "(Client.Timeout exceeded while awaiting headers)" },
		{ "http://shim/drip",
		  "(Client.Timeout or context cancellation while reading body)" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct http_request request = unix_request(cases[i].url);
		time_t start = time(NULL);

		request.timeout_ms = 400;
		expect_failure(&request, -ETIMEDOUT, cases[i].text);
		assert_true(time(NULL) - start <= 3);
	}
}

static void test_unix_sockets_that_do_not_answer(void **state)
{
	_cleanup_free_ char *missing = in_directory("missing.sock");
	_cleanup_free_ char *expected = xasprintf(
		"Get \"http://shim/x\": dial unix %s: connect: no such file or directory", missing);
	_cleanup_free_ char *long_path = xmalloc(201);
	struct http_request request = unix_request("http://shim/x");

	(void)state;
	request.unix_socket = missing;
	expect_failure(&request, -ENOENT, expected);
	request.method = "PUT";
	expect_failure(&request, -ENOENT, "Put \"http://shim/x\": dial unix ");
	request.unix_socket = world.certificate; /* a file, but no socket */
	expect_failure(&request, -ECONNREFUSED, "connect: connection refused");
	memset(long_path, 'x', 200);
	long_path[0] = '/';
	long_path[200] = '\0';
	request.unix_socket = long_path;
	expect_failure(&request, -ENAMETOOLONG, "file name too long");
}

static void test_urls_that_are_refused(void **state)
{
	static const struct {
		const char *url;
		const char *text;
	} cases[] = {
		{ "ftp://host/x", "Get \"ftp://host/x\": unsupported protocol scheme \"ftp\"" },
		{ "file:///etc/passwd", "unsupported protocol scheme \"file\"" },
		{ "gopher://host/", "unsupported protocol scheme" },
		{ "https://", "Get \"https://\": " },
		{ "", "Get \"\": " },
		{ "https://host:99999/", "Get \"https://host:99999/\": " },
		{ "http://a b/", "Get \"http://a b/\": " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct http_request request = request_of(cases[i].url);

		expect_failure(&request, -EINVAL, cases[i].text);
	}
}

/* ---- TCP, TLS ---------------------------------------------------------------------------------- */

static void test_tcp(void **state)
{
	struct http_request request = request_of(PLAIN "/ok");

	(void)state;
	need_network();
	expect_body(&request, 200, "fine");
	request = request_of("http://127.0.0.1:1/");
	expect_failure(
		&request, -ECONNREFUSED,
		"Get \"http://127.0.0.1:1/\": dial tcp 127.0.0.1:1: connect: connection refused");
	request = request_of("http://[::1]:1/");
	expect_failure(&request, -ECONNREFUSED, "dial tcp [::1]:1: connect: connection refused");
	request = request_of("http://192.0.2.1/");
	expect_failure(&request, -ENETUNREACH,
		       "dial tcp 192.0.2.1:80: connect: network is unreachable");
	request = request_of(PLAIN "/reset");
	expect_failure(&request, -ECONNRESET, "reset");
}

static void test_names(void **state)
{
	struct http_request request = request_of("http://no-such-host.example/");

	(void)state;
	need_network();
	if (!replace_system_file(world.directory, "/etc/resolv.conf", "nameserver 192.0.2.1\n"))
		skip();
	expect_failure(&request, -EHOSTUNREACH,
		       "dial tcp: lookup no-such-host.example: no such host");
}

/* A name server that takes questions and never answers them. */
static void test_silent_name_server(void **state)
{
	struct http_request request = request_of("http://no-such-host.example/");
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(53) };
	time_t start = time(NULL);
	int fd;

	(void)state;
	need_network();
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	if (!replace_system_file(world.directory, "/etc/resolv.conf", "nameserver 127.0.0.1\n"))
		skip();
	request.timeout_ms = 300;
	expect_failure(&request, -ETIMEDOUT, "no address for no-such-host.example within 0.3 s");
	assert_true(time(NULL) - start <= 2);
	close(fd);
}

/* A listener whose queue is full: connecting hangs. */
static void test_connecting_is_bounded(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(9) };
	struct http_request request = request_of("http://127.0.0.1:9/");
	int listener, clients[3];

	(void)state;
	need_network();
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 0), 0);
	for (size_t i = 0; i < ARRAY_SIZE(clients); i++) {
		clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		connect(clients[i], (const struct sockaddr *)&address, sizeof(address));
	}
	request.timeout_ms = 300;
	expect_failure(&request, -ETIMEDOUT, "no connection to 127.0.0.1:9 within 0.3 s");
	for (size_t i = 0; i < ARRAY_SIZE(clients); i++)
		close(clients[i]);
	close(listener);
}

static void test_tls(void **state)
{
	_cleanup_free_ char *other = in_directory("other.pem");
	struct http_request request = request_of(TLS "/ok");

	(void)state;
	need_network();
	expect_failure(&request, -EKEYREJECTED,
		       "Get \"https://localhost:8443/ok\": tls: failed to verify certificate: ");
	setenv("SSL_CERT_FILE", world.certificate, 1);
	expect_body(&request, 200, "fine");
	setenv("SSL_CERT_FILE", other, 1);
	expect_failure(&request, -EKEYREJECTED, "tls: failed to verify certificate: ");
	setenv("SSL_CERT_FILE", "/nonexistent/cert.pem", 1);
	expect_failure(&request, -EKEYREJECTED, "/nonexistent/cert.pem");
	setenv("SSL_CERT_FILE", world.certificate, 1);
	request = request_of("https://127.0.0.1:8443/ok"); /* a name that is not in it */
	expect_failure(&request, -EKEYREJECTED, "tls: failed to verify certificate: ");
	request = request_of("https://127.0.0.1:8080/ok"); /* a server without TLS */
	expect_failure(&request, -EPROTO, "tls: ");
}

static void test_certificate_directory(void **state)
{
	_cleanup_free_ char *directory = in_directory("certs");
	_cleanup_free_ char *copy = in_directory("certs/cert.pem");
	_cleanup_free_ char *list = NULL;
	const char *argv[] = { "openssl", "rehash", directory, NULL };
	struct subprocess process = { .argv = argv, .timeout_ms = 20000 };
	struct http_request request = request_of(TLS "/ok");
	struct error *err = NULL;

	(void)state;
	need_network();
	assert_int_equal(mkdir(directory, 0755), 0);
	assert_int_equal(link(world.certificate, copy), 0);
	assert_ok(subprocess_run(&process, &err), err);
	subprocess_release(&process);
	setenv("SSL_CERT_DIR", directory, 1);
	expect_body(&request, 200, "fine");
	list = xasprintf("/nonexistent:%s", directory);
	setenv("SSL_CERT_DIR", list, 1);
	expect_body(&request, 200, "fine");
}

/* ---- redirects --------------------------------------------------------------------------------- */

static void test_redirects(void **state)
{
	struct http_request request = request_of(PLAIN "/redirect-307");

	(void)state;
	need_network();
	expect_body(&request, 307, "elsewhere");
	request.max_redirects = 10;
	expect_body(&request, 200, "fine");
	request.method = "PUT";
	expect_body(&request, 307, "elsewhere");
	request = request_of(PLAIN "/redirect-forever");
	request.max_redirects = 3;
	expect_failure(&request, -ELOOP, "stopped after 3 redirects");
	request = request_of(PLAIN "/redirect-file");
	request.max_redirects = 3;
	expect_failure(&request, -EINVAL,
		       "Get \"file:///etc/passwd\": unsupported protocol scheme");
}

static void test_redirects_do_not_leave_https(void **state)
{
	struct http_request request = request_of(TLS "/redirect-http");

	(void)state;
	need_network();
	setenv("SSL_CERT_FILE", world.certificate, 1);
	request.max_redirects = 3;
	expect_failure(&request, -ELOOP, "redirect from https to \"http://127.0.0.1:1/x\" refused");
}

/* ---- proxies ----------------------------------------------------------------------------------- */

/* localhost is never proxied, so the name must be another one. */
static void name_the_server(void)
{
	need_network();
	if (!replace_system_file(world.directory, "/etc/hosts",
				 "127.0.0.1 localhost api.github.com\n"))
		skip();
	setenv("SSL_CERT_FILE", world.certificate, 1);
}

static void test_proxy_is_used(void **state)
{
	struct http_request request = request_of("https://api.github.com:8443/ok");
	cJSON *seen;

	(void)state;
	name_the_server();
	setenv("HTTPS_PROXY", "http://127.0.0.1:3128", 1);
	expect_body(&request, 200, "fine");
	seen = last_request();
	assert_string_equal(text_of(seen, "method"), "CONNECT");
	assert_string_equal(text_of(seen, "path"), "api.github.com:8443");
	cJSON_Delete(seen);
}

static void test_no_proxy(void **state)
{
	struct http_request request = request_of("https://api.github.com:8443/ok");

	(void)state;
	name_the_server();
	setenv("HTTPS_PROXY", "http://127.0.0.1:1", 1);
	expect_failure(
		&request, -ECONNREFUSED,
		"Get \"https://api.github.com:8443/ok\": proxyconnect tcp: dial tcp 127.0.0.1:1: "
		"connect: connection refused");
	setenv("NO_PROXY", "example.org, .github.com", 1);
	expect_body(&request, 200, "fine");
}

static void test_proxy_that_refuses(void **state)
{
	_cleanup_http_response_ struct http_response response = HTTP_RESPONSE_INIT;
	_cleanup_free_ char *scenario = in_directory("scenario");
	struct http_request request = request_of("https://api.github.com:8443/ok");
	struct error *err = NULL;
	struct fake_server refusing;
	int ret;

	(void)state;
	name_the_server();
	assert_true(write_text(scenario, "refuse-proxy"));
	assert_true(
		fake_server_start(&refusing, (const char *[]){ FAKE_SERVER_SCRIPT, "--port", "3129",
							       "--scenario", scenario, NULL }));
	setenv("https_proxy", "127.0.0.1:3129", 1);
	ret = http_perform(&request, &response, &err);
	fake_server_stop(&refusing);
	assert_int_equal(response.status, 0);
	assert_failed(ret, err, -ECONNRESET, "407");
}

static void test_proxy_that_does_not_resolve(void **state)
{
	struct http_request request = request_of("https://api.github.com:8443/ok");

	(void)state;
	name_the_server();
	if (!replace_system_file(world.directory, "/etc/resolv.conf", "nameserver 192.0.2.1\n"))
		skip();
	setenv("HTTPS_PROXY", "http://proxy.example:3128", 1);
	expect_failure(&request, -EHOSTUNREACH, "proxyconnect tcp: dial tcp: lookup");
}

static void test_unix_sockets_need_no_proxy(void **state)
{
	struct http_request request = unix_request("http://shim/ok");

	(void)state;
	setenv("HTTP_PROXY", "http://127.0.0.1:1", 1);
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	expect_body(&request, 200, "fine");
}

/* ---- good manners ------------------------------------------------------------------------------ */

static void test_no_signal_and_no_descriptor_is_left(void **state)
{
	_cleanup_strbuf_ struct strbuf large = STRBUF_INIT;
	struct http_request request = unix_request("http://shim/ok");
	int first, last;

	(void)state;
	expect_body(&request, 200, "fine");
	first = open("/dev/null", O_RDONLY | O_CLOEXEC);
	close(first);
	strbuf_fill(&large, 'x', 1 << 20);
	for (int i = 0; i < 20; i++) {
		_cleanup_http_response_ struct http_response response = HTTP_RESPONSE_INIT;
		_cleanup_error_ struct error *err = NULL;

		/* The server goes away before the body is sent: SIGPIPE would end us here. */
		request = unix_request("http://shim/close");
		request.method = "PUT";
		request.body = strbuf_view(&large);
		assert_true(http_perform(&request, &response, &err) < 0);
	}
	last = open("/dev/null", O_RDONLY | O_CLOEXEC);
	close(last);
	assert_int_equal(first, last);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_get_over_a_unix_socket, clean),
		cmocka_unit_test_setup(test_bodies_are_sent_as_they_are, clean),
		cmocka_unit_test_setup(test_user_agent_is_ours, clean),
		cmocka_unit_test_setup(test_answers, clean),
		cmocka_unit_test_setup(test_headers, clean),
		cmocka_unit_test_setup(test_compressed_answers_are_unpacked, clean),
		cmocka_unit_test_setup(test_answers_are_bounded, clean),
		cmocka_unit_test_setup(test_broken_answers, clean),
		cmocka_unit_test_setup(test_status_is_known_when_the_body_breaks, clean),
		cmocka_unit_test_setup(test_time_is_bounded, clean),
		cmocka_unit_test_setup(test_unix_sockets_that_do_not_answer, clean),
		cmocka_unit_test_setup(test_urls_that_are_refused, clean),
		cmocka_unit_test_setup(test_tcp, clean),
		cmocka_unit_test_setup(test_names, clean),
		cmocka_unit_test_setup(test_silent_name_server, clean),
		cmocka_unit_test_setup(test_connecting_is_bounded, clean),
		cmocka_unit_test_setup(test_tls, clean),
		cmocka_unit_test_setup(test_certificate_directory, clean),
		cmocka_unit_test_setup(test_redirects, clean),
		cmocka_unit_test_setup(test_redirects_do_not_leave_https, clean),
		cmocka_unit_test_setup(test_proxy_is_used, clean),
		cmocka_unit_test_setup(test_no_proxy, clean),
		cmocka_unit_test_setup(test_proxy_that_refuses, clean),
		cmocka_unit_test_setup(test_proxy_that_does_not_resolve, clean),
		cmocka_unit_test_setup(test_unix_sockets_need_no_proxy, clean),
		cmocka_unit_test_setup(test_no_signal_and_no_descriptor_is_left, clean),
	};

	return cmocka_run_group_tests_name("http", tests, set_up, tear_down);
}
