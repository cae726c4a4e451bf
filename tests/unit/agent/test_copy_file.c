// SPDX-License-Identifier: Apache-2.0
/* CopyFile: what arrives, and what does not get out of the shared directory. */
#include "fixture.h"

#include <sys/stat.h>

#include "base/path.h"

#define SHARED "/run/kata-containers/shared/containers/"

static Grpc__CopyFileRequest file_request(const char *path, const char *data)
{
	Grpc__CopyFileRequest request = GRPC__COPY_FILE_REQUEST__INIT;

	request.path = (char *)path;
	request.file_size = (int64_t)strlen(data);
	request.file_mode = S_IFREG | 0640;
	request.dir_mode = 0750;
	request.uid = 1000;
	request.gid = 1001;
	request.data = (ProtobufCBinaryData){ strlen(data), (uint8_t *)data };
	return request;
}

static void expect_file(const struct agent *agent, const char *path, const char *content)
{
	_cleanup_free_ char *where = agent_guest_path(agent, path), *text = NULL;
	struct error *err = NULL;
	struct stat status;

	assert_ok(file_read_all(where, 4096, &text, NULL, &err), err);
	assert_string_equal(text, content);
	assert_int_equal(stat(where, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	assert_int_equal(status.st_uid, 1000);
	assert_int_equal(status.st_gid, 1001);
}

static void test_pieces(void **state)
{
	NEEDS_AGENT(agent);
	Grpc__CopyFileRequest request = file_request(SHARED "deep/er/hosts", "127.0.0.1");
	_cleanup_free_ char *where = agent_guest_path(agent, SHARED "deep/er/hosts");
	static char rest[] = " localhost";

	request.file_size = 19;
	agent_call(agent, "CopyFile", &request, NULL);
	assert_false(path_exists(where)); /* not before it is complete */
	request.offset = 9;
	request.data = (ProtobufCBinaryData){ strlen(rest), (uint8_t *)rest };
	agent_call(agent, "CopyFile", &request, NULL);
	expect_file(agent, SHARED "deep/er/hosts", "127.0.0.1 localhost");
	/* Once more, shorter. */
	request = file_request(SHARED "deep/er/hosts", "x");
	agent_call(agent, "CopyFile", &request, NULL);
	expect_file(agent, SHARED "deep/er/hosts", "x");
}

static void test_kinds(void **state)
{
	NEEDS_AGENT(agent);
	Grpc__CopyFileRequest request = file_request(SHARED "dir", "");
	_cleanup_free_ char *directory = agent_guest_path(agent, SHARED "dir");
	_cleanup_free_ char *link = agent_guest_path(agent, SHARED "link");
	struct stat status;
	char target[16] = "";

	request.file_mode = S_IFDIR | 01777;
	agent_call(agent, "CopyFile", &request, NULL);
	assert_int_equal(stat(directory, &status), 0);
	assert_int_equal(status.st_mode, S_IFDIR | 01777);
	request = file_request(SHARED "link", "..data");
	request.file_mode = S_IFLNK | 0777;
	agent_call(agent, "CopyFile", &request, NULL);
	assert_int_equal(readlink(link, target, sizeof(target) - 1), 6);
	assert_string_equal(target, "..data");
}

static void test_escapes(void **state)
{
	static const char *const paths[] = { "/etc/passwd", SHARED "../../../etc/x", SHARED,
					     SHARED "a/../../b", "run/x" };
	NEEDS_AGENT(agent);
	_cleanup_free_ char *outside = path_join(agent->directory, "outside");
	_cleanup_free_ char *victim = path_join(outside, "victim");
	_cleanup_free_ char *inside_name = xasprintf(SHARED "%s/victim", outside + 1);
	_cleanup_free_ char *inside = agent_guest_path(agent, inside_name);
	Grpc__CopyFileRequest request;
	struct error *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		request = file_request(paths[i], "x");
		agent_call_fails(agent, "CopyFile", &request, TTRPC_INTERNAL, "");
	}
	/* A link out of the shared directory leads to a place in it. */
	assert_ok(directory_make_all(outside, 0755, &err), err);
	request = file_request(SHARED "way-out", outside);
	request.file_mode = S_IFLNK;
	agent_call(agent, "CopyFile", &request, NULL);
	request = file_request(inside_name, "first");
	agent_call(agent, "CopyFile", &request, NULL);
	request = file_request(SHARED "way-out/victim", "x");
	agent_call(agent, "CopyFile", &request, NULL);
	assert_false(path_exists(victim));
	assert_true(path_exists(inside));
	request = file_request(SHARED "big", "x");
	request.offset = INT64_MAX;
	agent_call_fails(agent, "CopyFile", &request, TTRPC_INTERNAL, "lies outside of the file");
}

/* A container gives a file that is not its own a second name, which is that of the copy in the making. */
static void test_second_name(void **state)
{
	NEEDS_AGENT(agent);
	_cleanup_free_ char *victim = agent_guest_path(agent, SHARED "names/victim");
	_cleanup_free_ char *second = agent_guest_path(agent, SHARED "names/file.tmp");
	Grpc__CopyFileRequest request = file_request(SHARED "names/victim", "kept");

	agent_call(agent, "CopyFile", &request, NULL);
	assert_int_equal(link(victim, second), 0);
	request = file_request(SHARED "names/file", "copied");
	agent_call(agent, "CopyFile", &request, NULL);
	expect_file(agent, SHARED "names/file", "copied");
	expect_file(agent, SHARED "names/victim", "kept");
	assert_int_equal(link(victim, second), 0);
	request.offset = 1;
	request.data.len--;
	agent_call_fails(agent, "CopyFile", &request, TTRPC_INTERNAL, "is in the way");
	expect_file(agent, SHARED "names/victim", "kept");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_second_name),
	};

	return cmocka_run_group_tests_name("CopyFile", tests, agent_set_up_sandbox,
					   agent_tear_down);
}
