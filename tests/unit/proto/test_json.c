// SPDX-License-Identifier: Apache-2.0
/* Messages from and to JSON. */
#include "unit.h"

#include <errno.h>

#include "base/base64.h"
#include "base/strbuf.h"
#include "proto/agent.pb-c.h"
#include "proto/cgroup_v2.pb-c.h"
#include "proto/confidential_data_hub.pb-c.h"
#include "proto/containerd_forward.pb-c.h"
#include "proto/containerd_sandbox.pb-c.h"
#include "proto/containerd_task.pb-c.h"
#include "proto/health.pb-c.h"
#include "proto/json.h"
#include "proto/json_fields.h"
#include "proto/remote.pb-c.h"

static inline void cleanup_json(cJSON **json)
{
	cJSON_Delete(*json);
}
#define _cleanup_json_ _cleanup_(cleanup_json)

static int from_text(const ProtobufCMessageDescriptor *type, const char *text, void *message,
		     struct error **err)
{
	_cleanup_json_ cJSON *json = cJSON_Parse(text);

	assert_non_null(json);
	return proto_from_json(type, json, message, err);
}

/* The message prints as this JSON, which is compared without its white space. */
static void assert_json(const ProtobufCMessage *message, const char *expected)
{
	_cleanup_json_ cJSON *json = proto_to_json(message);
	_cleanup_json_ cJSON *wanted = cJSON_Parse(expected);
	_cleanup_free_ char *printed = cJSON_PrintUnformatted(json);
	_cleanup_free_ char *wanted_print = cJSON_PrintUnformatted(wanted);

	assert_non_null(wanted);
	assert_string_equal(printed, wanted_print);
}

static void every_kind_of_field_is_read(void **state)
{
	static const char text[] =
		"{\"container_id\": \"c1\", \"string_user\": null, \"sandbox_pidns\": true,"
		" \"stdin_port\": 4294967295, \"storages\": [{\"driver\": \"virtio-fs\","
		" \"options\": [\"a\", \"b\"], \"fs_group\": {\"group_id\": 5,"
		" \"group_change_policy\": \"OnRootMismatch\"}}],"
		" \"OCI\": {\"Annotations\": {\"k\": \"v\", \"\": \"empty key\"}, \"Linux\":"
		" {\"Resources\": {\"Memory\": {\"Limit\": \"-9223372036854775808\", \"Swap\": -1,"
		" \"Swappiness\": \"18446744073709551615\"}}, \"Seccomp\": {\"Syscalls\":"
		" [{\"Names\": [\"read\"], \"errnoret\": 0}, {\"Names\": [\"write\"]}]}}}}";
	_cleanup_proto_ Grpc__CreateContainerRequest *request = NULL;
	struct error *err = NULL;
	Grpc__LinuxSeccomp *seccomp;
	Grpc__LinuxMemory *memory;

	(void)state;
	assert_ok(from_text(&grpc__create_container_request__descriptor, text, &request, &err),
		  err);
	assert_string_equal(request->container_id, "c1");
	assert_null(request->string_user);
	assert_true(request->sandbox_pidns);
	assert_int_equal(request->stdin_port, UINT32_MAX);
	assert_int_equal(request->n_storages, 1);
	assert_string_equal(request->storages[0]->options[1], "b");
	assert_int_equal(request->storages[0]->fs_group->group_change_policy,
			 TYPES__FSGROUP_CHANGE_POLICY__OnRootMismatch);
	assert_int_equal(request->oci->n_annotations, 2);
	assert_string_equal(request->oci->annotations[1]->value, "empty key");
	memory = request->oci->linux->resources->memory;
	assert_true(memory->limit == INT64_MIN);
	assert_int_equal(memory->swap, -1);
	assert_true(memory->swappiness == UINT64_MAX);
	seccomp = request->oci->linux->seccomp;
	assert_int_equal(seccomp->syscalls[0]->errno_ret_case,
			 GRPC__LINUX_SYSCALL__ERRNO_RET_ERRNORET);
	assert_int_equal(seccomp->syscalls[1]->errno_ret_case,
			 GRPC__LINUX_SYSCALL__ERRNO_RET__NOT_SET);
}

static void what_is_printed_reads_as_the_same_message(void **state)
{
	static const char text[] =
		"{\"container_id\": \"c1\", \"OCI\": {\"Process\": {\"Args\": [\"sh\", \"-c\"],"
		" \"OOMScoreAdj\": \"-5\"}, \"Annotations\": {\"k\": \"v\"}}}";
	_cleanup_proto_ Grpc__CreateContainerRequest *request = NULL, *again = NULL;
	_cleanup_strbuf_ struct strbuf packed = STRBUF_INIT, packed_again = STRBUF_INIT;
	_cleanup_json_ cJSON *json = NULL;
	struct error *err = NULL;

	(void)state;
	assert_ok(from_text(&grpc__create_container_request__descriptor, text, &request, &err),
		  err);
	json = proto_to_json(&request->base);
	assert_ok(proto_from_json(&grpc__create_container_request__descriptor, json, &again, &err),
		  err);
	proto_pack(&request->base, &packed);
	proto_pack(&again->base, &packed_again);
	assert_int_equal(packed.size, packed_again.size);
	assert_memory_equal(packed.data, packed_again.data, packed.size);
}

static void zeros_are_printed_and_what_is_unset_is_not(void **state)
{
	Grpc__WaitProcessResponse wait = GRPC__WAIT_PROCESS_RESPONSE__INIT;
	Grpc__HealthCheckResponse health = GRPC__HEALTH_CHECK_RESPONSE__INIT;
	Grpc__StatsContainerResponse stats = GRPC__STATS_CONTAINER_RESPONSE__INIT;
	Grpc__MemAgentMemcgConfig memcg = GRPC__MEM_AGENT_MEMCG_CONFIG__INIT;
	Grpc__LinuxSyscall syscall = GRPC__LINUX_SYSCALL__INIT;
	Google__Protobuf__Empty empty = GOOGLE__PROTOBUF__EMPTY__INIT;

	(void)state;
	assert_json(&wait.base, "{\"status\": 0}");
	assert_json(&health.base, "{\"status\": \"UNKNOWN\"}");
	health.status = 77;
	assert_json(&health.base, "{\"status\": 77}");
	assert_json(&stats.base, "{\"network_stats\": []}");
	assert_json(&empty.base, "{}");
	assert_json(&memcg.base, "{}");
	memcg.has_swap = true;
	assert_json(&memcg.base, "{\"swap\": false}");
	assert_json(&syscall.base, "{\"Names\": [], \"Action\": \"\", \"Args\": []}");
	syscall.errno_ret_case = GRPC__LINUX_SYSCALL__ERRNO_RET_ERRNORET;
	assert_json(&syscall.base,
		    "{\"Names\": [], \"Action\": \"\", \"errnoret\": 0, \"Args\": []}");
}

static void large_numbers_maps_and_bytes_are_printed(void **state)
{
	Grpc__MemoryStats__StatsEntry entry = GRPC__MEMORY_STATS__STATS_ENTRY__INIT;
	Grpc__MemoryStats__StatsEntry *entries[] = { &entry };
	Grpc__MemoryStats stats = GRPC__MEMORY_STATS__INIT;
	Grpc__ReadStreamResponse stream = GRPC__READ_STREAM_RESPONSE__INIT;
	Io__Containerd__Cgroups__V2__PSIData pressure = IO__CONTAINERD__CGROUPS__V2__PSIDATA__INIT;

	(void)state;
	entry.key = (char *)"rss";
	entry.value = UINT64_MAX;
	stats.stats = entries;
	stats.n_stats = 1;
	assert_json(&stats.base, "{\"cache\": \"0\", \"use_hierarchy\": false,"
				 " \"stats\": {\"rss\": \"18446744073709551615\"}}");
	stream.data.data = (uint8_t *)"\0\xff\1";
	stream.data.len = 3;
	assert_json(&stream.base, "{\"data\": \"AP8B\"}");
	pressure.avg10 = 0.25;
	assert_json(&pressure.base,
		    "{\"avg10\": 0.25, \"avg60\": 0, \"avg300\": 0, \"total\": \"0\"}");
}

static void names_may_be_in_camel_case(void **state)
{
	_cleanup_proto_ Grpc__SignalProcessRequest *request = NULL;
	struct error *err = NULL;

	(void)state;
	assert_ok(from_text(&grpc__signal_process_request__descriptor,
			    "{\"containerId\": \"c\", \"exec_id\": \"e\", \"signal\": \"9\"}",
			    &request, &err),
		  err);
	assert_string_equal(request->container_id, "c");
	assert_string_equal(request->exec_id, "e");
	assert_int_equal(request->signal, 9);
}

static void what_does_not_fit_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *json;
		const char *text;
	} cases[] = {
		{ "[]", "an object (grpc.CreateContainerRequest) belongs here" },
		{ "{\"cid\": 1}", "cid: grpc.CreateContainerRequest has no such field" },
		{ "{\"container_id\": 5}", "container_id: a string belongs here" },
		{ "{\"sandbox_pidns\": 1}", "sandbox_pidns: true or false belongs here" },
		{ "{\"stdin_port\": 1.5}", "stdin_port: 1.5 is not an integer" },
		{ "{\"stdin_port\": -1}", "stdin_port: -1 is out of range" },
		{ "{\"stdin_port\": 4294967296}", "stdin_port: 4294967296 is out of range" },
		{ "{\"stdin_port\": \"12x\"}", "stdin_port: \"12x\" is not a number" },
		{ "{\"stdin_port\": {}}", "stdin_port: a number belongs here" },
		{ "{\"storages\": {}}", "storages: a list belongs here" },
		{ "{\"storages\": [{}, {\"options\": [\"a\", 2]}]}",
		  "storages[1].options[1]: a string belongs here" },
		{ "{\"storages\": [null]}", "storages[0]: an object (grpc.Storage) belongs here" },
		{ "{\"storages\": [{\"fs_group\": {\"group_change_policy\": \"Never\"}}]}",
		  "group_change_policy: \"Never\" is none of Always, OnRootMismatch" },
		{ "{\"OCI\": {\"Annotations\": []}}", "OCI.Annotations: an object belongs here" },
		{ "{\"OCI\": {\"Annotations\": {\"k\": 1}}}",
		  "OCI.Annotations[\"k\"]: a string belongs here" },
		{ "{\"OCI\": {\"Process\": {\"OOMScoreAdj\": 1e300}}}",
		  "OCI.Process.OOMScoreAdj: write a number of this size as a string" },
		{ "{\"OCI\": {\"Process\": {\"OOMScoreAdj\": \"9223372036854775808\"}}}",
		  "9223372036854775808 is out of range" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		Grpc__CreateContainerRequest *request = NULL;
		struct error *err = NULL;
		int ret = from_text(&grpc__create_container_request__descriptor, cases[i].json,
				    &request, &err);

		assert_failed(ret, err, -EINVAL, cases[i].text);
		assert_null(request);
	}
}

static void bytes_are_base64(void **state)
{
	_cleanup_proto_ Grpc__WriteStreamRequest *request = NULL;
	struct error *err = NULL;

	(void)state;
	assert_ok(from_text(&grpc__write_stream_request__descriptor, "{\"data\": \"AP8B\"}",
			    &request, &err),
		  err);
	assert_int_equal(request->data.len, 3);
	assert_memory_equal(request->data.data, "\0\xff\1", 3);
	assert_failed(from_text(&grpc__write_stream_request__descriptor, "{\"data\": \"AP8\"}",
				&request, &err),
		      err, -EINVAL, "data: illegal base64 data");
}

static void bytes_may_be_numbers(void **state)
{
	static const char *const wrong[] = { "[256]", "[-1]", "[1.5]", "[\"1\"]", "[[1]]", "{}" };
	_cleanup_proto_ Grpc__WriteStreamRequest *request = NULL;
	struct error *err = NULL;

	(void)state;
	assert_ok(from_text(&grpc__write_stream_request__descriptor, "{\"data\": [0, 255, 1]}",
			    &request, &err),
		  err);
	assert_int_equal(request->data.len, 3);
	assert_memory_equal(request->data.data, "\0\xff\1", 3);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		_cleanup_free_ char *json = xasprintf("{\"data\": %s}", wrong[i]);
		Grpc__WriteStreamRequest *none = NULL;

		assert_failed(from_text(&grpc__write_stream_request__descriptor, json, &none, &err),
			      err, -EINVAL, "data: ");
	}
}

static void base64_is_encoded(void **state)
{
	static const char *const cases[][2] = {
		{ "", "" },	   { "k", "aw==" },	   { "ka", "a2E=" },
		{ "kat", "a2F0" }, { "kata", "a2F0YQ==" }, { "\xff\xef\xbe", "/+++" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

		base64_encode(slice_of(cases[i][0]), &out);
		assert_string_equal(out.data, cases[i][1]);
	}
}

static void assert_handled(const ProtobufCMessageDescriptor *type)
{
	for (unsigned i = 0; i < type->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &type->fields[i];

		if (!json_value_size(field->type))
			fail_msg("%s.%s: a type that JSON does not handle", type->name,
				 field->name);
		if (json_field_is_map(field))
			assert_int_equal(((const ProtobufCMessageDescriptor *)field->descriptor)
						 ->fields[0]
						 .type,
					 PROTOBUF_C_TYPE_STRING);
		if (field->type == PROTOBUF_C_TYPE_MESSAGE)
			assert_handled(field->descriptor);
	}
}

static void every_service_can_be_called_with_json(void **state)
{
	static const ProtobufCServiceDescriptor *const services[] = {
		&grpc__agent_service__descriptor,
		&grpc__health__descriptor,
		&api__image_pull_service__descriptor,
		&hypervisor__hypervisor__descriptor,
		&containerd__task__v2__task__descriptor,
		&containerd__runtime__sandbox__v1__sandbox__descriptor,
		&containerd__services__events__ttrpc__v1__events__descriptor,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(services); i++) {
		for (unsigned m = 0; m < services[i]->n_methods; m++) {
			assert_handled(services[i]->methods[m].input);
			assert_handled(services[i]->methods[m].output);
		}
	}
	assert_handled(&io__containerd__cgroups__v2__metrics__descriptor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_field_is_read),
		cmocka_unit_test(what_is_printed_reads_as_the_same_message),
		cmocka_unit_test(zeros_are_printed_and_what_is_unset_is_not),
		cmocka_unit_test(large_numbers_maps_and_bytes_are_printed),
		cmocka_unit_test(names_may_be_in_camel_case),
		cmocka_unit_test(what_does_not_fit_is_refused_with_its_place),
		cmocka_unit_test(bytes_are_base64),
		cmocka_unit_test(bytes_may_be_numbers),
		cmocka_unit_test(base64_is_encoded),
		cmocka_unit_test(every_service_can_be_called_with_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
