// SPDX-License-Identifier: Apache-2.0
/* The proto room: messages of the sheets byte by byte, and the bounds on foreign ones. */
#include "unit.h"

#include <errno.h>

#include "base/strbuf.h"
#include "proto/agent.pb-c.h"
#include "proto/any.h"
#include "proto/containerd_bootstrap.pb-c.h"
#include "proto/containerd_events.pb-c.h"
#include "proto/containerd_task.pb-c.h"
#include "proto/message.h"
#include "proto/timestamp.h"
#include "proto/wire.h"

#define BYTES(literal) slice_make(literal, sizeof(literal) - 1)

static void assert_packs_to(const ProtobufCMessage *message, struct slice expected)
{
	_cleanup_strbuf_ struct strbuf packed = STRBUF_INIT;

	proto_pack(message, &packed);
	assert_int_equal(packed.size, expected.size);
	assert_memory_equal(packed.data, expected.data, expected.size);
}

/* spec/shim.md 1.3: the reply to Connect. */
static void a_message_packs_as_in_the_example(void **state)
{
	Containerd__Task__V2__ConnectResponse response =
		CONTAINERD__TASK__V2__CONNECT_RESPONSE__INIT;

	(void)state;
	response.shim_pid = 31387;
	response.task_pid = 31411;
	assert_packs_to(&response.base, BYTES("\x08\x9b\xf5\x01\x10\xb3\xf5\x01"));
}

/* spec/shim.md 2.4: the answer of `start` to containerd 2.3. */
static void a_bootstrap_result_packs_as_in_the_example(void **state)
{
	Containerd__Runtime__Bootstrap__V1__BootstrapResult result =
		CONTAINERD__RUNTIME__BOOTSTRAP__V1__BOOTSTRAP_RESULT__INIT;

	(void)state;
	result.version = 2;
	result.address = (char *)"unix:///s";
	result.protocol = (char *)"ttrpc";
	assert_packs_to(&result.base, BYTES("\x08\x02\x12\x09unix:///s\x1a\x05ttrpc"));
}

/* spec/shim.md 1.3: Go's zero time. */
static void never_is_gos_zero_time(void **state)
{
	Google__Protobuf__Timestamp never = timestamp_never();

	(void)state;
	assert_packs_to(&never.base, BYTES("\x08\x80\x92\xb8\xc3\x98\xfe\xff\xff\xff\x01"));
}

/* spec/shim.md 2.8: what the runc shim's delete printed. */
static void a_delete_response_unpacks(void **state)
{
	static const char bytes[] = "\x08\xb3\xf5\x01\x10\x89\x01\x1a\x0c"
				    "\x08\xf4\x99\x88\xd8\x06\x10\xaf\xf5\xab\xb7\x01";
	_cleanup_proto_ Containerd__Task__V2__DeleteResponse *response = NULL;
	struct error *err = NULL;

	(void)state;
	assert_ok(proto_unpack(&containerd__task__v2__delete_response__descriptor, BYTES(bytes),
			       &response, &err),
		  err);
	assert_int_equal(response->pid, 31411);
	assert_int_equal(response->exit_status, 137);
	assert_int_equal(response->exited_at->nanos, 384498351);
}

static void what_is_absent_is_empty_but_not_null(void **state)
{
	_cleanup_proto_ Grpc__CreateContainerRequest *request = NULL;
	struct error *err = NULL;

	(void)state;
	assert_ok(proto_unpack(&grpc__create_container_request__descriptor, slice_make(NULL, 0),
			       &request, &err),
		  err);
	assert_string_equal(request->container_id, "");
	assert_null(request->oci);
	assert_int_equal(request->n_storages, 0);
}

/* Presence matters for the memory agent's settings. */
static void optional_fields_have_presence(void **state)
{
	_cleanup_proto_ Grpc__MemAgentMemcgConfig *config = NULL;
	struct error *err = NULL;

	(void)state;
	assert_ok(proto_unpack(&grpc__mem_agent_memcg_config__descriptor, BYTES("\x08\x00\x20\x05"),
			       &config, &err),
		  err);
	assert_true(config->has_disabled);
	assert_false(config->disabled);
	assert_false(config->has_swap);
	assert_true(config->has_period_secs);
	assert_int_equal(config->period_secs, 5);
}

static void numbers_may_be_packed_or_not(void **state)
{
	const struct slice forms[] = { BYTES("\x12\x03\x01\xac\x02"),
				       BYTES("\x10\x01\x10\xac\x02") };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		_cleanup_proto_ Grpc__CpuUsage *usage = NULL;
		struct error *err = NULL;

		assert_ok(proto_unpack(&grpc__cpu_usage__descriptor, forms[i], &usage, &err), err);
		assert_int_equal(usage->n_percpu_usage, 2);
		assert_int_equal(usage->percpu_usage[0], 1);
		assert_int_equal(usage->percpu_usage[1], 300);
	}
}

static void unknown_fields_are_skipped(void **state)
{
	static const char bytes[] = "\xfa\x01\x03xyz" /* field 31, bytes */
				    "\x0a\x02"
				    "c1"	   /* container_id */
				    "\xf0\x01\x07" /* field 30, varint */
				    "\xe9\x01"
				    "12345678" /* field 29, fixed64 */
				    "\xe5\x01"
				    "1234"; /* field 28, fixed32 */
	_cleanup_proto_ Grpc__StartContainerRequest *request = NULL;
	struct error *err = NULL;

	(void)state;
	assert_ok(proto_unpack(&grpc__start_container_request__descriptor, BYTES(bytes), &request,
			       &err),
		  err);
	assert_string_equal(request->container_id, "c1");
}

static void broken_bytes_are_refused(void **state)
{
	const struct {
		struct slice bytes;
		const char *text;
	} cases[] = {
		{ BYTES("\x0a"), "not a number" },
		{ BYTES("\x0a\x05"
			"ab"),
		  "a field of 5 bytes, of which 2 are there" },
		{ BYTES("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "of which 0 are there" },
		{ BYTES("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "not a number" },
		{ BYTES("\x00\x01"), "no field number 0" },
		{ BYTES("\x80\x80\x80\x80\x10\x00"), "no field number" },
		{ BYTES("\x0b\x0c"), "wire type 3" },
		{ BYTES("\x0c"), "wire type 4" },
		{ BYTES("\x0e"), "wire type 6" },
		{ BYTES("\x08\x01"), "container_id: wire type 0 where 2 belongs" },
		{ BYTES("\x0a\x03"
			"a\0b"),
		  "container_id: the text contains a NUL" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		Grpc__StartContainerRequest *request = NULL;
		struct error *err = NULL;
		int ret = proto_unpack(&grpc__start_container_request__descriptor, cases[i].bytes,
				       &request, &err);

		assert_failed(ret, err, -EBADMSG, cases[i].text);
		assert_null(request);
	}
}

/* Merging repeated sub-messages would be quadratic; nobody sends them. */
static void a_submessage_may_come_once(void **state)
{
	Grpc__CreateContainerRequest *request = NULL;
	struct error *err = NULL;

	(void)state;
	assert_failed(proto_unpack(&grpc__create_container_request__descriptor,
				   BYTES("\x32\x00\x32\x00"), &request, &err),
		      err, -EBADMSG, "grpc.CreateContainerRequest.OCI: sent more than once");
}

/* A type that contains itself, which none of ours does. */
extern const ProtobufCMessageDescriptor nested_descriptor;
static const ProtobufCFieldDescriptor nested_field = {
	.name = "inner",
	.id = 1,
	.label = PROTOBUF_C_LABEL_REPEATED,
	.type = PROTOBUF_C_TYPE_MESSAGE,
	.descriptor = &nested_descriptor,
};
static const ProtobufCIntRange nested_range[] = { { 1, 0 }, { 0, 1 } };
const ProtobufCMessageDescriptor nested_descriptor = {
	.magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
	.name = "test.Nested",
	.sizeof_message = 64,
	.n_fields = 1,
	.fields = &nested_field,
	.n_field_ranges = 1,
	.field_ranges = nested_range,
};

static void wrap(struct strbuf *bytes, int times)
{
	for (int i = 0; i < times; i++) {
		_cleanup_strbuf_ struct strbuf outer = STRBUF_INIT;

		wire_put_bytes(&outer, 1, strbuf_view(bytes));
		strbuf_truncate(bytes, 0);
		strbuf_slice(bytes, strbuf_view(&outer));
	}
}

static void depth_is_bounded(void **state)
{
	_cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT;
	struct error *err = NULL;

	(void)state;
	wrap(&bytes, PROTO_MAX_DEPTH - 1);
	assert_ok(proto_check(&nested_descriptor, strbuf_view(&bytes), &err), err);
	wrap(&bytes, 1);
	assert_failed(proto_check(&nested_descriptor, strbuf_view(&bytes), &err), err, -E2BIG,
		      "test.Nested: messages nested more than 64 deep");
}

static void elements_are_bounded(void **state)
{
	_cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT;
	_cleanup_proto_ Grpc__CpuUsage *usage = NULL;
	struct error *err = NULL;

	(void)state;
	wire_put_bytes_head(&bytes, 2, PROTO_MAX_ELEMENTS - 1);
	strbuf_fill(&bytes, '\1', PROTO_MAX_ELEMENTS - 1);
	assert_ok(proto_unpack(&grpc__cpu_usage__descriptor, strbuf_view(&bytes), &usage, &err),
		  err);
	assert_int_equal(usage->n_percpu_usage, PROTO_MAX_ELEMENTS - 1);
	strbuf_puts(&bytes, "\x10\x01");
	assert_failed(proto_check(&grpc__cpu_usage__descriptor, strbuf_view(&bytes), &err), err,
		      -E2BIG, "more than 1048576 elements");
}

/* Two bytes on the wire can be hundreds in memory. */
static void memory_is_bounded(void **state)
{
	_cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT;
	struct error *err = NULL;

	(void)state;
	while (bytes.size < 1000000)
		strbuf_append(&bytes, "\x2a\x00", 2); /* an empty storage */
	assert_failed(proto_check(&grpc__create_container_request__descriptor, strbuf_view(&bytes),
				  &err),
		      err, -E2BIG, "more than 64 MiB of memory");
}

static void size_is_bounded(void **state)
{
	struct error *err = NULL;

	(void)state;
	assert_failed(proto_check(&grpc__cpu_usage__descriptor, slice_make("", PROTO_MAX_BYTES + 1),
				  &err),
		      err, -E2BIG, "4194305 bytes");
}

static void the_largest_useful_message_fits(void **state)
{
	_cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT;
	_cleanup_proto_ Grpc__WriteStreamRequest *request = NULL;
	struct error *err = NULL;
	size_t size = PROTO_MAX_BYTES - 5;

	(void)state;
	wire_put_bytes_head(&bytes, 3, size);
	strbuf_fill(&bytes, 'x', size);
	assert_ok(proto_unpack(&grpc__write_stream_request__descriptor, strbuf_view(&bytes),
			       &request, &err),
		  err);
	assert_int_equal(request->data.len, size);
}

static void a_map_is_a_list_of_pairs(void **state)
{
	_cleanup_proto_ Grpc__MemoryStats *stats = NULL;
	struct error *err = NULL;

	(void)state;
	assert_ok(proto_unpack(&grpc__memory_stats__descriptor,
			       BYTES("\x32\x06\x0a\x02rs\x10\x07\x32\x00"), &stats, &err),
		  err);
	assert_int_equal(stats->n_stats, 2);
	assert_string_equal(stats->stats[0]->key, "rs");
	assert_int_equal(stats->stats[0]->value, 7);
	assert_string_equal(stats->stats[1]->key, "");
}

static void any_names_its_type(void **state)
{
	Containerd__Events__TaskOOM event = CONTAINERD__EVENTS__TASK_OOM__INIT;
	_cleanup_strbuf_ struct strbuf storage = STRBUF_INIT;
	_cleanup_proto_ Containerd__Events__TaskOOM *back = NULL;
	Google__Protobuf__Any any;
	struct error *err = NULL;

	(void)state;
	event.container_id = (char *)"c1";
	any_pack(&any, &event.base, &storage);
	assert_string_equal(any.type_url, "containerd.events.TaskOOM");
	assert_ok(any_unpack(&any, &containerd__events__task_oom__descriptor, &back, &err), err);
	assert_string_equal(back->container_id, "c1");
}

static void any_types_compare_without_the_producers_prefix(void **state)
{
	static const struct {
		const char *url;
		const char *type;
		bool same;
	} cases[] = {
		{ "runtimeoptions.v1.Options", "runtimeoptions.v1.Options", true },
		{ "type.googleapis.com/runtimeoptions.v1.Options", "runtimeoptions.v1.Options",
		  true },
		{ "runtimeoptions.v1.Options2", "runtimeoptions.v1.Options", false },
		{ "types.containerd.io/opencontainers/runtime-spec/1/Process", "Process", false },
		{ "types.containerd.io/opencontainers/runtime-spec/1/Process",
		  "types.containerd.io/opencontainers/runtime-spec/1/Process", true },
		{ "", "runtimeoptions.v1.Options", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		Google__Protobuf__Any any = GOOGLE__PROTOBUF__ANY__INIT;

		any.type_url = (char *)cases[i].url;
		assert_int_equal(any_is(&any, cases[i].type), cases[i].same);
	}
}

static void freeing_nothing_is_fine(void **state)
{
	(void)state;
	proto_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_packs_as_in_the_example),
		cmocka_unit_test(a_bootstrap_result_packs_as_in_the_example),
		cmocka_unit_test(never_is_gos_zero_time),
		cmocka_unit_test(a_delete_response_unpacks),
		cmocka_unit_test(what_is_absent_is_empty_but_not_null),
		cmocka_unit_test(optional_fields_have_presence),
		cmocka_unit_test(numbers_may_be_packed_or_not),
		cmocka_unit_test(unknown_fields_are_skipped),
		cmocka_unit_test(broken_bytes_are_refused),
		cmocka_unit_test(a_submessage_may_come_once),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(elements_are_bounded),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test(size_is_bounded),
		cmocka_unit_test(the_largest_useful_message_fits),
		cmocka_unit_test(a_map_is_a_list_of_pairs),
		cmocka_unit_test(any_names_its_type),
		cmocka_unit_test(any_types_compare_without_the_producers_prefix),
		cmocka_unit_test(freeing_nothing_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
