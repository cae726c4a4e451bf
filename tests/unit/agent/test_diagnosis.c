// SPDX-License-Identifier: Apache-2.0
/* GetDiagnosticData: the termination message that a container leaves for Kubernetes. */
#include "fixture.h"

#include <sys/stat.h>

#include "base/path.h"

#define ID	    "kata-test-message"
#define DESTINATION "/dev/termination-log"

static void replace(const char *path, const char *text)
{
	struct error *err = NULL;

	assert_ok(file_replace(path, text, strlen(text), 0666, &err), err);
}

/* The container of a script, whose message is at `source`, which is made; with or without the annotation. */
static void run_with_message(struct agent *agent, const char *script, const char *source,
			     bool annotated)
{
	static char key[] = "io.kubernetes.container.terminationMessagePath", bind[] = "bind";
	static char destination[] = DESTINATION;
	char *options[] = { bind };
	Grpc__Spec *spec = shell_spec(agent, script);
	Grpc__Spec__AnnotationsEntry entry = GRPC__SPEC__ANNOTATIONS_ENTRY__INIT;
	Grpc__Spec__AnnotationsEntry *entries[] = { &entry };
	Grpc__Mount mount = GRPC__MOUNT__INIT;
	Grpc__Mount *mounts[] = { spec->mounts[0], spec->mounts[1], &mount };

	replace(source, "");
	mount.destination = destination;
	mount.source = (char *)source;
	mount.type = bind;
	mount.options = options;
	mount.n_options = 1;
	spec->mounts = mounts;
	spec->n_mounts = ARRAY_SIZE(mounts);
	entry.key = key;
	entry.value = destination;
	spec->annotations = entries;
	spec->n_annotations = annotated ? 1 : 0;
	create_container(agent, ID, spec);
	start_container(agent, ID);
	wait_process(agent, ID, "");
}

static Grpc__GetDiagnosticDataRequest request_for(const char *id)
{
	Grpc__GetDiagnosticDataRequest request = GRPC__GET_DIAGNOSTIC_DATA_REQUEST__INIT;

	request.container_id = (char *)id;
	request.log_type = (char *)"termination_log";
	return request;
}

static void expect_message(struct agent *agent, const char *expected)
{
	Grpc__GetDiagnosticDataRequest request = request_for(ID);
	_cleanup_proto_ Grpc__GetDiagnosticDataResponse *response =
		agent_call(agent, "GetDiagnosticData", &request,
			   &grpc__get_diagnostic_data_response__descriptor);

	assert_string_equal(response->data, expected);
}

static void test_message(void **state)
{
	NEEDS_AGENT(agent);
	_cleanup_free_ char *source = path_join(agent->directory, "message");

	run_with_message(agent, "echo the end > " DESTINATION, source, true);
	expect_message(agent, "the end\n");
	replace(source, "bad \xff\xfe bytes");
	expect_message(agent, "bad \xef\xbf\xbd\xef\xbf\xbd bytes");
	assert_int_equal(unlink(source), 0);
	expect_message(agent, "");
	remove_container(agent, ID);
}

static void test_long_message(void **state)
{
	NEEDS_AGENT(agent);
	_cleanup_free_ char *source = path_join(agent->directory, "message");
	Grpc__GetDiagnosticDataRequest request = request_for(ID);
	Grpc__GetDiagnosticDataResponse *response;

	run_with_message(agent, "dd if=/dev/zero bs=1000 count=9 of=" DESTINATION, source, true);
	response = agent_call(agent, "GetDiagnosticData", &request,
			      &grpc__get_diagnostic_data_response__descriptor);
	assert_int_equal(strlen(response->data), 4096 * strlen("\xef\xbf\xbd"));
	proto_free(response);
	remove_container(agent, ID);
}

/* Neither what a link leads to nor what is no file. */
static void test_no_way_out(void **state)
{
	NEEDS_AGENT(agent);
	_cleanup_free_ char *source = path_join(agent->directory, "message");
	Grpc__GetDiagnosticDataRequest request = request_for(ID);

	run_with_message(agent, "true", source, true);
	assert_int_equal(unlink(source), 0);
	assert_int_equal(symlink("/etc/passwd", source), 0);
	agent_call_fails(agent, "GetDiagnosticData", &request, TTRPC_INTERNAL,
			 "open the termination message");
	assert_int_equal(unlink(source), 0);
	assert_int_equal(mkfifo(source, 0600), 0);
	agent_call_fails(agent, "GetDiagnosticData", &request, TTRPC_INTERNAL, "invalid argument");
	remove_container(agent, ID);
}

static void test_refusals(void **state)
{
	NEEDS_AGENT(agent);
	_cleanup_free_ char *source = path_join(agent->directory, "message");
	Grpc__GetDiagnosticDataRequest request = request_for("nobody");

	agent_call_fails(agent, "GetDiagnosticData", &request, TTRPC_INTERNAL,
			 "Invalid container id");
	request.log_type = (char *)"dmesg";
	agent_call_fails(agent, "GetDiagnosticData", &request, TTRPC_INVALID_ARGUMENT,
			 "\"unsupported diagnostic log_type: dmesg\"");
	run_with_message(agent, "true", source, false);
	request = request_for(ID);
	agent_call_fails(agent, "GetDiagnosticData", &request, TTRPC_INTERNAL,
			 "has no annotation io.kubernetes.container.terminationMessagePath");
	remove_container(agent, ID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_long_message),
		cmocka_unit_test(test_no_way_out),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests_name("diagnosis", tests, agent_set_up_sandbox,
					   agent_tear_down);
}
