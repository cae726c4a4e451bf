// SPDX-License-Identifier: Apache-2.0
/* Requests to false shims, below a /run of our own. */
#include "fake_server.h"

#include <cjson/cJSON.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include "shim-client/shim_client.h"

#define GO_ID	"0123456789abcdef-go"
#define RUST_ID "fedcba-rust"

static struct {
	char *directory;
	char *scenario;
	char *requests;
	bool own_run; /* may we have a /run of our own? */
	struct fake_server go, rust;
} world;

static bool start_shim(struct fake_server *server, const char *sandbox, const char *scenario)
{
	_cleanup_error_ struct error *err = NULL;
	_cleanup_free_ char *socket = path_join(sandbox, "shim-monitor.sock");

	return directory_make_all(sandbox, 0755, &err) == 0 &&
	       fake_server_start(server, (const char *[]){ FAKE_SERVER_SCRIPT, "--unix", socket,
							   "--scenario", scenario, "--log",
							   world.requests, NULL });
}

static int set_up(void **state)
{
	_cleanup_free_ char *rust_scenario = NULL;

	if (make_directory((void **)&world.directory) < 0)
		return -1;
	*state = world.directory;
	world.scenario = path_join(world.directory, "scenario");
	world.requests = path_join(world.directory, "requests");
	rust_scenario = path_join(world.directory, "rust-scenario");
	world.own_run = enter_own_network() && mount("none", "/run", "tmpfs", 0, NULL) == 0;
	if (!world.own_run)
		return 0;
	return write_text(rust_scenario, "rust-shim") &&
			       start_shim(&world.go, SHIM_GO_DIRECTORY "/" GO_ID, world.scenario) &&
			       start_shim(&world.rust, SHIM_RUST_DIRECTORY "/" RUST_ID,
					  rust_scenario)
		       ? 0
		       : -1;
}

static int tear_down(void **state)
{
	if (world.own_run) {
		fake_server_stop(&world.go);
		fake_server_stop(&world.rust);
	}
	free(world.scenario);
	free(world.requests);
	return remove_directory(state);
}

static void play(const char *scenario)
{
	if (!world.own_run) {
		print_message("no permission to make a mount namespace\n");
		skip();
	}
	assert_true(write_text(world.scenario, scenario));
	unlink(world.requests);
}

static void find(const char *id, struct shim_client *client)
{
	struct error *err = NULL;

	assert_ok(shim_client_find(id, client, &err), err);
}

static void expect_not_found(const char *id, int code, const char *text)
{
	_cleanup_shim_client_ struct shim_client client = { 0 };
	struct error *err = NULL;
	int ret = shim_client_find(id, &client, &err);

	assert_failed(ret, err, code, text);
	assert_null(client.socket);
}

/* Request `index` of those since the last play(); freed by the caller. */
static cJSON *request_at(int index)
{
	_cleanup_free_ char *text = NULL;
	struct error *err = NULL;
	struct slice rest, line = { 0 };
	cJSON *request;

	assert_ok(file_read_all(world.requests, 1 << 20, &text, NULL, &err), err);
	rest = slice_of(text);
	for (int i = 0; i <= index; i++)
		assert_true(slice_next_line(&rest, &line));
	request = cJSON_ParseWithLength(line.data, line.size);
	assert_non_null(request);
	return request;
}

static void expect_request(int index, const char *method, const char *path,
			   const char *content_type, const char *body)
{
	cJSON *request = request_at(index);
	cJSON *headers = cJSON_GetObjectItem(request, "headers");
	const char *type = cJSON_GetStringValue(cJSON_GetObjectItem(headers, "Content-Type"));

	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(request, "method")), method);
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(request, "path")), path);
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(request, "body")), body);
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(headers, "Host")), "shim");
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(headers, "Connection")),
			    "close");
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(headers, "User-Agent")),
			    "Go-http-client/1.1");
	if (content_type)
		assert_string_equal(type, content_type);
	else
		assert_null(type);
	cJSON_Delete(request);
}

/* ---- finding ----------------------------------------------------------------------------------- */

static void test_ids(void **state)
{
	static const char *const good[] = { "ab", "A0", "0a.b_c-d", "sandbox-1", "a--" };
	static const char *const bad[] = { "a",	  "-a",	  ".a",	       "..",	"_ab", "a/b",
					   "a b", "a\nb", "a\xc3\xa9", "../ab", "a*" };
	struct error *err = NULL;
	int ret;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_ok(shim_check_sandbox_id(good[i], &err), err);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		ret = shim_check_sandbox_id(bad[i], &err);
		assert_failed(ret, err, -EINVAL,
			      "invalid container/sandbox ID (should match "
			      "\"^[a-zA-Z0-9][a-zA-Z0-9_.-]+$\")");
		expect_not_found(bad[i], -EINVAL, "invalid container/sandbox ID");
	}
	ret = shim_check_sandbox_id("", &err);
	assert_failed(ret, err, -EINVAL, "ID cannot be blank");
}

static void test_both_runtimes_are_found(void **state)
{
	_cleanup_shim_client_ struct shim_client go = { 0 }, rust = { 0 };

	(void)state;
	play("shim");
	find(GO_ID, &go);
	assert_string_equal(go.socket, "/run/vc/sbs/" GO_ID "/shim-monitor.sock");
	assert_string_equal(go.sandbox_id, GO_ID);
	find(RUST_ID, &rust);
	assert_string_equal(rust.socket, "/run/kata/" RUST_ID "/shim-monitor.sock");
}

static void test_go_comes_first(void **state)
{
	_cleanup_shim_client_ struct shim_client client = { 0 };

	(void)state;
	play("shim");
	assert_int_equal(mkdir("/run/kata/" GO_ID, 0755), 0);
	assert_true(write_text("/run/kata/" GO_ID "/shim-monitor.sock", ""));
	find(GO_ID, &client);
	assert_string_equal(client.socket, "/run/vc/sbs/" GO_ID "/shim-monitor.sock");
	shim_client_release(&client);
	/* In both places it is still one sandbox. */
	find("0123", &client);
	assert_string_equal(client.socket, "/run/vc/sbs/" GO_ID "/shim-monitor.sock");
	assert_int_equal(unlink("/run/kata/" GO_ID "/shim-monitor.sock"), 0);
	assert_int_equal(rmdir("/run/kata/" GO_ID), 0);
}

static void test_beginnings(void **state)
{
	_cleanup_shim_client_ struct shim_client client = { 0 };

	(void)state;
	play("shim");
	find("fed", &client);
	assert_string_equal(client.sandbox_id, RUST_ID);
	shim_client_release(&client);

	/* A directory without a socket is no sandbox. */
	assert_int_equal(mkdir("/run/vc/sbs/fedora", 0755), 0);
	find("fed", &client);
	assert_string_equal(client.sandbox_id, RUST_ID);
	assert_true(write_text("/run/vc/sbs/fedora/shim-monitor.sock", ""));
	expect_not_found("fed", -ENOTUNIQ,
			 "more than one sandbox exists with the provided prefix \"fed\", please "
			 "provide a unique prefix");
	shim_client_release(&client);

	/* The whole id is never ambiguous. */
	assert_int_equal(mkdir("/run/kata/fe", 0755), 0);
	assert_true(write_text("/run/kata/fe/shim-monitor.sock", ""));
	find("fe", &client);
	assert_string_equal(client.socket, "/run/kata/fe/shim-monitor.sock");
	unlink("/run/kata/fe/shim-monitor.sock");
	rmdir("/run/kata/fe");
	unlink("/run/vc/sbs/fedora/shim-monitor.sock");
	rmdir("/run/vc/sbs/fedora");
}

static void test_all_sandboxes(void **state)
{
	_cleanup_string_list_ struct string_list ids = { 0 };

	(void)state;
	play("shim");
	assert_int_equal(mkdir("/run/vc/sbs/no-socket", 0755), 0);
	shim_client_list(&ids);
	assert_int_equal(ids.count, 2);
	assert_string_equal(ids.items[0], GO_ID);
	assert_string_equal(ids.items[1], RUST_ID);
	assert_int_equal(rmdir("/run/vc/sbs/no-socket"), 0);
}

static void test_missing_sandbox(void **state)
{
	(void)state;
	play("shim");
	expect_not_found("no-such", -ENOENT,
			 "it fails to stat both /run/vc/sbs/no-such/shim-monitor.sock and "
			 "/run/kata/no-such/shim-monitor.sock with error stat "
			 "/run/kata/no-such/shim-monitor.sock: no such file or directory; no such "
			 "sandbox runs on this host");
}

/* ---- requests ---------------------------------------------------------------------------------- */

static void test_agent_url(void **state)
{
	_cleanup_shim_client_ struct shim_client client = { 0 };
	_cleanup_free_ char *url = NULL;
	struct error *err = NULL;
	int ret;

	(void)state;
	play("shim");
	find(GO_ID, &client);
	assert_ok(shim_get_agent_url(&client, &url, &err), err);
	assert_string_equal(url, "vsock://3:1024");
	expect_request(0, "GET", "/agent-url", NULL, "");
	play("boom");
	ret = shim_get_agent_url(&client, &url, &err);
	assert_failed(ret, err, -EREMOTEIO, "Failure from " GO_ID " shim-monitor: 500");
}

static void test_gets(void **state)
{
	_cleanup_shim_client_ struct shim_client client = { 0 };
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct error *err = NULL;
	int ret;

	(void)state;
	play("shim");
	find(GO_ID, &client);
	assert_ok(shim_get_metrics(&client, &out, &err), err);
	assert_true(slice_ends_with(strbuf_view(&out), "\nkata_shim_threads 12\n"));
	strbuf_truncate(&out, 0);
	assert_ok(shim_get_iptables(&client, false, &out, &err), err);
	assert_string_equal(out.data, "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n");
	strbuf_truncate(&out, 0);
	assert_ok(shim_get_iptables(&client, true, &out, &err), err);
	assert_string_equal(out.data, "*filter\n:INPUT6 ACCEPT [0:0]\nCOMMIT\n");
	expect_request(0, "GET", "/metrics", NULL, "");
	expect_request(1, "GET", "/iptables", NULL, "");
	expect_request(2, "GET", "/ip6tables", NULL, "");

	play("boom");
	strbuf_truncate(&out, 0);
	ret = shim_get_metrics(&client, &out, &err);
	assert_failed(ret, err, -EREMOTEIO,
		      "error sending get: url: /metrics, status code: 500, response data: boom");
	assert_int_equal(out.size, 0);
}

static void test_puts(void **state)
{
	_cleanup_shim_client_ struct shim_client client = { 0 };
	struct error *err = NULL;
	int ret;

	(void)state;
	play("shim");
	find(GO_ID, &client);
	assert_ok(shim_set_iptables(&client, false, slice_of("four\n"), &err), err);
	assert_ok(shim_set_iptables(&client, true, slice_of("six\n"), &err), err);
	assert_ok(shim_set_policy(&client, slice_of("package agent_policy\n"), &err), err);
	assert_ok(shim_set_policy(&client, slice_of(""), &err), err);
	expect_request(0, "PUT", "/iptables", "application/octet-stream", "four\n");
	expect_request(1, "PUT", "/ip6tables", "application/octet-stream", "six\n");
	expect_request(2, "PUT", "/policy", "application/octet-stream", "package agent_policy\n");
	expect_request(3, "PUT", "/policy", "application/octet-stream", "");

	play("boom");
	ret = shim_set_iptables(&client, false, slice_of("x"), &err);
	assert_failed(ret, err, -EREMOTEIO,
		      "error sending put: url: /iptables, status code: 500, response data: boom");
	ret = shim_resize_volume(&client, "/dev/sda", 1, &err);
	assert_failed(ret, err, -EREMOTEIO,
		      "error sending post: url: /direct-volume/resize, status code: 500, response "
		      "data: boom");
}

static void test_volumes(void **state)
{
	_cleanup_shim_client_ struct shim_client client = { 0 };
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct error *err = NULL;

	(void)state;
	play("shim");
	find(GO_ID, &client);
	assert_ok(shim_get_volume_stats(&client, "/dev/sd b/c?d", &out, &err), err);
	assert_non_null(strstr(out.data, "\"total\": 100"));
	expect_request(0, "GET", "/direct-volume/stats?path=%2Fdev%2Fsd%20b%2Fc%3Fd", NULL, "");
	assert_ok(shim_get_volume_stats(&client, "a+b%41", &out, &err), err);
	expect_request(1, "GET", "/direct-volume/stats?path=a%2Bb%252541", NULL, "");
	assert_ok(shim_resize_volume(&client, "/dev/\"x\"", UINT64_MAX, &err), err);
	expect_request(2, "POST", "/direct-volume/resize", "application/json",
		       "{\"VolumePath\":\"/dev/\\\"x\\\"\",\"Size\":18446744073709551615,"
		       "\"volume_guest_path\":\"/dev/\\\"x\\\"\",\"size\":18446744073709551615}");
}

static void test_stats_of_a_rust_shim(void **state)
{
	_cleanup_shim_client_ struct shim_client client = { 0 };
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct error *err = NULL;

	(void)state;
	play("shim");
	find(RUST_ID, &client);
	assert_ok(shim_get_volume_stats(&client, "/dev/sda", &out, &err), err);
	assert_int_equal(out.data[0], '{');
	expect_request(0, "GET", "/direct-volume/stats?path=%2Fdev%2Fsda", NULL, "");
	expect_request(1, "POST", "/direct-volume/stats?path=%2Fdev%2Fsda", NULL, "");
}

/* ---- shims that misbehave ---------------------------------------------------------------------- */

static void test_silent_shim(void **state)
{
	_cleanup_shim_client_ struct shim_client client = { 0 };
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct error *err = NULL;
	time_t start = time(NULL);
	int ret;

	(void)state;
	play("hang");
	find(GO_ID, &client);
	ret = shim_get_metrics(&client, &out, &err);
	assert_failed(
		ret, err, -ETIMEDOUT,
		"Get \"http://shim/metrics\": context deadline exceeded (Client.Timeout exceeded "
		"while awaiting headers)");
	assert_true(time(NULL) - start <= 5);
}

static void test_dead_shim(void **state)
{
	_cleanup_shim_client_ struct shim_client client = { 0 };
	const struct sockaddr_un address = { AF_UNIX, "/run/kata/dead-1/shim-monitor.sock" };
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct error *err = NULL;
	int fd, ret;

	(void)state;
	play("shim");
	assert_int_equal(mkdir("/run/kata/dead-1", 0755), 0);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	find("dead-1", &client);
	ret = shim_get_metrics(&client, &out, &err);
	assert_failed(
		ret, err, -ECONNREFUSED,
		"the shim of sandbox dead-1 does not listen any more: Get "
		"\"http://shim/metrics\": dial unix /run/kata/dead-1/shim-monitor.sock: connect: "
		"connection refused");
	unlink(address.sun_path);
	rmdir("/run/kata/dead-1");
}

static void test_huge_and_hostile_answers(void **state)
{
	_cleanup_shim_client_ struct shim_client client = { 0 };
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct error *err = NULL;
	int ret;

	(void)state;
	play("huge");
	find(GO_ID, &client);
	ret = shim_get_metrics(&client, &out, &err);
	assert_failed(ret, err, -EFBIG, "Get \"http://shim/metrics\": the answer larger");
	play("forbidden");
	ret = shim_get_metrics(&client, &out, &err);
	assert_failed(ret, err, -EREMOTEIO, "status code: 403");
	assert_int_equal(out.size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_both_runtimes_are_found),
		cmocka_unit_test(test_go_comes_first),
		cmocka_unit_test(test_beginnings),
		cmocka_unit_test(test_all_sandboxes),
		cmocka_unit_test(test_missing_sandbox),
		cmocka_unit_test(test_agent_url),
		cmocka_unit_test(test_gets),
		cmocka_unit_test(test_puts),
		cmocka_unit_test(test_volumes),
		cmocka_unit_test(test_stats_of_a_rust_shim),
		cmocka_unit_test(test_silent_shim),
		cmocka_unit_test(test_dead_shim),
		cmocka_unit_test(test_huge_and_hostile_answers),
	};

	return cmocka_run_group_tests_name("shim_client", tests, set_up, tear_down);
}
