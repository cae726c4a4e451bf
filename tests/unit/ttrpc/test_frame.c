// SPDX-License-Identifier: Apache-2.0
/* Frames and envelopes, byte by byte; proto/ttrpc.proto as the independent yardstick of the envelopes. */
#include "unit.h"

#include <errno.h>

#include "proto/containerd_task.pb-c.h"
#include "proto/health.pb-c.h"
#include "proto/message.h"
#include "proto/ttrpc.pb-c.h"
#include "ttrpc/envelope.h"
#include "ttrpc/frame.h"
#include "ttrpc/open_calls.h"

#define BYTES(literal) slice_make(literal, sizeof(literal) - 1)

static void assert_bytes(const struct strbuf *actual, struct slice expected)
{
	assert_int_equal(actual->size, expected.size);
	assert_memory_equal(actual->data, expected.data, expected.size);
}

/* ---- frames --------------------------------------------------------------------------------- */

/* spec/shim.md 1.3: Task.Connect for "t2". */
static const char connect_request[] = "\x00\x00\x00\x28\x00\x00\x00\x03\x01\x00"
				      "\x0a\x17"
				      "containerd.task.v2.Task\x12\x07"
				      "Connect\x1a\x04\x0a\x02t2";

static void the_example_request_is_written(void **state)
{
	Containerd__Task__V2__ConnectRequest request = CONTAINERD__TASK__V2__CONNECT_REQUEST__INIT;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	size_t start;

	(void)state;
	request.id = (char *)"t2";
	start = ttrpc_frame_begin(&out);
	ttrpc_request_body_encode(&out, "containerd.task.v2.Task", "Connect", &request.base, 0,
				  NULL);
	assert_true(ttrpc_frame_end(&out, start, 3, TTRPC_REQUEST, 0));
	assert_bytes(&out, BYTES(connect_request));
}

/* spec/shim.md 1.3. */
static void the_example_responses_are_written(void **state)
{
	Containerd__Task__V2__ConnectResponse response =
		CONTAINERD__TASK__V2__CONNECT_RESPONSE__INIT;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	(void)state;
	response.shim_pid = 31387;
	response.task_pid = 31411;
	ttrpc_response_put(&out, 3, TTRPC_OK, "", &response.base);
	assert_bytes(&out, BYTES("\x00\x00\x00\x0a\x00\x00\x00\x03\x02\x00"
				 "\x12\x08\x08\x9b\xf5\x01\x10\xb3\xf5\x01"));

	strbuf_truncate(&out, 0);
	ttrpc_response_put(&out, 17, TTRPC_OK, "", NULL);
	assert_bytes(&out, BYTES("\x00\x00\x00\x00\x00\x00\x00\x11\x02\x00"));

	strbuf_truncate(&out, 0);
	ttrpc_response_put(&out, 3, TTRPC_NOT_FOUND, "container does not exist k1: not found",
			   NULL);
	assert_bytes(&out, BYTES("\x00\x00\x00\x2c\x00\x00\x00\x03\x02\x00\x0a\x2a\x08\x05\x12\x26"
				 "container does not exist k1: not found"));
}

/* spec/agent.md 2.1. */
static void a_request_without_payload_has_no_field_for_it(void **state)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	(void)state;
	ttrpc_request_body_encode(&out, "grpc.Health", "Check", NULL, 5, NULL);
	assert_bytes(&out, BYTES("\x0a\x0bgrpc.Health\x12\x05"
				 "Check\x20\x05"));
}

static void frames_are_cut_at_every_boundary(void **state)
{
	_cleanup_strbuf_ struct strbuf stream = STRBUF_INIT;

	(void)state;
	strbuf_append(&stream, connect_request, sizeof(connect_request) - 1);
	strbuf_append(&stream, "\x00\x00\x00\x00\x00\x00\x00\x11\x02\x00", TTRPC_HEADER_SIZE);
	strbuf_append(&stream, connect_request, sizeof(connect_request) - 1);

	for (size_t first = 0; first <= stream.size; first++) {
		for (size_t second = first; second <= stream.size; second++) {
			struct ttrpc_reader reader = TTRPC_READER_INIT;
			struct slice whole = strbuf_view(&stream);
			struct slice parts[] = {
				slice_first(whole, first),
				slice_from(slice_first(whole, second), first),
				slice_from(whole, second),
			};
			struct ttrpc_frame frame;
			int frames = 0;

			for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
				while (ttrpc_reader_next(&reader, &parts[i], &frame)) {
					bool empty = frames++ == 1;

					assert_int_equal(frame.stream, empty ? 17 : 3);
					assert_int_equal(frame.body.size, empty ? 0 : 0x28);
					if (!empty)
						assert_memory_equal(frame.body.data,
								    connect_request + 10, 0x28);
				}
				assert_int_equal(parts[i].size, 0);
			}
			assert_int_equal(frames, 3);
			assert_false(ttrpc_reader_is_inside(&reader));
			ttrpc_reader_release(&reader);
		}
	}
}

static void the_reader_knows_when_it_is_inside_a_frame(void **state)
{
	struct ttrpc_reader reader = TTRPC_READER_INIT;
	struct ttrpc_frame frame;

	(void)state;
	assert_false(ttrpc_reader_is_inside(&reader));
	for (size_t i = 0; i < sizeof(connect_request) - 1; i++) {
		struct slice input = slice_make(connect_request + i, 1);
		bool whole = ttrpc_reader_next(&reader, &input, &frame);

		assert_int_equal(whole, i == sizeof(connect_request) - 2);
		assert_int_equal(ttrpc_reader_is_inside(&reader), !whole);
	}
	ttrpc_reader_release(&reader);
}

/* X-21 of spec/reliability.md: a header alone must not cost what it declares. */
static void memory_grows_with_bytes_not_with_declared_lengths(void **state)
{
	struct ttrpc_reader reader = TTRPC_READER_INIT;
	struct slice input = BYTES("\x00\x40\x00\x00\x00\x00\x00\x01\x01\x00"
				   "abc");
	struct ttrpc_frame frame;

	(void)state;
	assert_false(ttrpc_reader_next(&reader, &input, &frame));
	assert_int_equal(reader.body.size, 3);
	assert_true(reader.body.capacity <= 4096);
	ttrpc_reader_release(&reader);
}

static void an_oversize_body_is_dropped_and_the_next_frame_read(void **state)
{
	static const char header[] = "\x00\x40\x00\x01\x00\x00\x00\x05\x01\x00";
	_cleanup_free_ char *chunk = xcalloc(1, 4096);
	struct ttrpc_reader reader = TTRPC_READER_INIT;
	struct slice input = BYTES(header);
	struct ttrpc_frame frame;

	(void)state;
	assert_false(ttrpc_reader_next(&reader, &input, &frame));
	for (int i = 0; i < 1024; i++) {
		input = slice_make(chunk, 4096);
		assert_false(ttrpc_reader_next(&reader, &input, &frame));
	}
	assert_int_equal(reader.body.capacity, 0);
	input = slice_make("x", 1);
	assert_true(ttrpc_reader_next(&reader, &input, &frame));
	assert_int_equal(frame.size, TTRPC_MAX_BODY + 1);
	assert_int_equal(frame.stream, 5);
	assert_int_equal(frame.body.size, 0);

	input = BYTES("\x00\x00\x00\x02\x00\x00\x00\x07\x03\x01"
		      "ok");
	assert_true(ttrpc_reader_next(&reader, &input, &frame));
	assert_int_equal(frame.type, TTRPC_DATA);
	assert_int_equal(frame.flags, TTRPC_REMOTE_CLOSED);
	assert_slice_equal(frame.body, "ok");
	ttrpc_reader_release(&reader);
}

static void a_frame_of_the_limit_is_whole_and_one_more_is_cut_off(void **state)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct ttrpc_reader reader = TTRPC_READER_INIT;
	struct ttrpc_frame frame;
	struct slice input;
	size_t start;

	(void)state;
	start = ttrpc_frame_begin(&out);
	strbuf_fill(&out, 'x', TTRPC_MAX_BODY);
	assert_true(ttrpc_frame_end(&out, start, 1, TTRPC_DATA, 0));
	start = ttrpc_frame_begin(&out);
	strbuf_fill(&out, 'x', TTRPC_MAX_BODY + 1);
	assert_false(ttrpc_frame_end(&out, start, 3, TTRPC_DATA, 0));
	assert_int_equal(out.size, TTRPC_HEADER_SIZE + TTRPC_MAX_BODY);

	/* In pieces, so that the reader has to keep it; afterwards it gives the memory back. */
	input = slice_first(strbuf_view(&out), 100000);
	assert_false(ttrpc_reader_next(&reader, &input, &frame));
	input = slice_from(strbuf_view(&out), 100000);
	assert_true(ttrpc_reader_next(&reader, &input, &frame));
	assert_int_equal(frame.body.size, TTRPC_MAX_BODY);
	assert_false(ttrpc_reader_next(&reader, &input, &frame));
	assert_int_equal(reader.body.capacity, 0);
	ttrpc_reader_release(&reader);
}

/* ---- envelopes ------------------------------------------------------------------------------ */

static void a_request_reads_as_the_definition_says(void **state)
{
	Ttrpc__KeyValue pairs[] = { TTRPC__KEY_VALUE__INIT, TTRPC__KEY_VALUE__INIT };
	Ttrpc__KeyValue *pair_list[] = { &pairs[0], &pairs[1] };
	Ttrpc__Request request = TTRPC__REQUEST__INIT;
	_cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT;
	struct ttrpc_request_body body;
	struct error *err = NULL;

	(void)state;
	request.service = (char *)"s.S";
	request.method = (char *)"M";
	request.payload.data = (uint8_t *)"\0pay";
	request.payload.len = 4;
	request.timeout_nano = 5000000000;
	pairs[0].key = (char *)"Containerd-Namespace-TTRPC";
	pairs[0].value = (char *)"k8s.io";
	pairs[1].key = (char *)"containerd-namespace-ttrpc";
	pairs[1].value = (char *)"second";
	request.metadata = pair_list;
	request.n_metadata = 2;
	proto_pack(&request.base, &bytes);

	assert_ok(ttrpc_request_body_decode(strbuf_view(&bytes), &body, &err), err);
	assert_slice_equal(body.service, "s.S");
	assert_slice_equal(body.method, "M");
	assert_true(body.has_payload);
	assert_int_equal(body.payload.size, 4);
	assert_int_equal(body.timeout_ns, 5000000000);
	assert_int_equal(body.metadata.count, 2);
	assert_string_equal(ttrpc_metadata_get(&body.metadata, "containerd-namespace-ttrpc"),
			    "k8s.io");
	assert_string_equal(body.metadata.pairs[1].value, "second");
	assert_null(ttrpc_metadata_get(&body.metadata, "traceparent"));
	ttrpc_metadata_release(&body.metadata);
}

static void a_request_is_written_as_the_definition_says(void **state)
{
	_cleanup_ttrpc_metadata_ struct ttrpc_metadata metadata = { 0 };
	_cleanup_proto_ Ttrpc__Request *request = NULL;
	_cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT;
	Grpc__CheckRequest input = GRPC__CHECK_REQUEST__INIT;
	struct error *err = NULL;

	(void)state;
	input.service = (char *)"abc";
	ttrpc_metadata_add(&metadata, slice_of("TraceParent"), slice_of("00-1"));
	ttrpc_request_body_encode(&bytes, "grpc.Health", "Check", &input.base, 7, &metadata);
	assert_ok(proto_unpack(&ttrpc__request__descriptor, strbuf_view(&bytes), &request, &err),
		  err);
	assert_string_equal(request->service, "grpc.Health");
	assert_string_equal(request->method, "Check");
	assert_int_equal(request->payload.len, 5);
	assert_int_equal(request->timeout_nano, 7);
	assert_int_equal(request->n_metadata, 1);
	assert_string_equal(request->metadata[0]->key, "traceparent");
	assert_string_equal(request->metadata[0]->value, "00-1");
}

static void a_negative_timeout_is_read_as_none(void **state)
{
	struct ttrpc_request_body body;
	struct error *err = NULL;

	(void)state;
	assert_ok(ttrpc_request_body_decode(BYTES("\x20\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
					    &body, &err),
		  err);
	assert_int_equal(body.timeout_ns, -1);
}

static void metadata_is_bounded(void **state)
{
	_cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT;
	struct ttrpc_request_body body;
	struct error *err = NULL;

	(void)state;
	for (int i = 0; i < TTRPC_MAX_METADATA; i++)
		strbuf_append(&bytes, "\x2a\x00", 2);
	assert_ok(ttrpc_request_body_decode(strbuf_view(&bytes), &body, &err), err);
	ttrpc_metadata_release(&body.metadata);
	strbuf_append(&bytes, "\x2a\x00", 2);
	assert_failed(ttrpc_request_body_decode(strbuf_view(&bytes), &body, &err), err, -E2BIG,
		      "more than 128 pairs");
	ttrpc_metadata_release(&body.metadata);
}

static void broken_requests_are_refused(void **state)
{
	const struct slice cases[] = { BYTES("\x0a\x05s"), BYTES("\x2a\x03\x0a\x05k"),
				       BYTES("\x2a\x05\x0a\x03k\0k"), BYTES("\x07") };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ttrpc_request_body body;
		struct error *err = NULL;
		int ret = ttrpc_request_body_decode(cases[i], &body, &err);

		assert_failed(ret, err, -EBADMSG, "");
		ttrpc_metadata_release(&body.metadata);
	}
}

/* spec/shim.md 1.3: no status, an empty one and one with code 0 are all success. */
static void responses_of_all_forms_are_read(void **state)
{
	const struct {
		struct slice bytes;
		int code;
		const char *message;
		const char *payload;
	} cases[] = {
		{ BYTES(""), 0, "", "" },
		{ BYTES("\x12\x01p"), 0, "", "p" },
		{ BYTES("\x0a\x00\x12\x01p"), 0, "", "p" },
		{ BYTES("\x0a\x02\x08\x00"), 0, "", "" },
		{ BYTES("\x12\x01p\x0a\x06\x08\x05\x12\x02no"), 5, "no", "p" },
		{ BYTES("\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), -1, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ttrpc_response_body response;
		struct error *err = NULL;

		assert_ok(ttrpc_response_body_decode(cases[i].bytes, &response, &err), err);
		assert_int_equal(response.code, cases[i].code);
		assert_slice_equal(response.message, cases[i].message);
		assert_slice_equal(response.payload, cases[i].payload);
	}
}

static void an_error_text_is_valid_utf8_and_bounded(void **state)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	_cleanup_free_ char *text = xcalloc(1, 100001);
	_cleanup_proto_ Ttrpc__Response *response = NULL;
	struct error *err = NULL;

	(void)state;
	ttrpc_response_put(&out, 1, TTRPC_INTERNAL, "open \xff\xfeX: bad", NULL);
	assert_ok(proto_unpack(&ttrpc__response__descriptor,
			       slice_from(strbuf_view(&out), TTRPC_HEADER_SIZE), &response, &err),
		  err);
	assert_int_equal(response->status->code, 13);
	assert_string_equal(response->status->message, "open \xEF\xBF\xBD\xEF\xBF\xBDX: bad");

	memset(text, 'x', 100000);
	strbuf_truncate(&out, 0);
	ttrpc_response_put(&out, 1, TTRPC_INTERNAL, text, NULL);
	assert_in_range(out.size, TTRPC_MAX_TEXT, TTRPC_MAX_TEXT + 64);
}

static void a_response_over_the_limit_becomes_an_error(void **state)
{
	Grpc__CheckRequest output = GRPC__CHECK_REQUEST__INIT;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	_cleanup_free_ char *text = xcalloc(1, TTRPC_MAX_BODY + 1);
	struct ttrpc_response_body response;
	struct error *err = NULL;

	(void)state;
	memset(text, 'x', TTRPC_MAX_BODY);
	output.service = text;
	ttrpc_response_put(&out, 1, TTRPC_OK, "", &output.base);
	assert_ok(ttrpc_response_body_decode(slice_from(strbuf_view(&out), TTRPC_HEADER_SIZE),
					     &response, &err),
		  err);
	assert_int_equal(response.code, TTRPC_RESOURCE_EXHAUSTED);
	assert_slice_equal(response.message,
			   "message length 4194309 exceed maximum message size of 4194304");
}

/* ---- codes, open calls ---------------------------------------------------------------------- */

static void every_code_survives_the_way_through_an_errno(void **state)
{
	(void)state;
	for (int code = TTRPC_OK; code <= TTRPC_UNAUTHENTICATED; code++) {
		assert_int_equal(ttrpc_code_of_errno(ttrpc_errno_of_code(code)), code);
		assert_non_null(ttrpc_code_name(code));
	}
	assert_int_equal(ttrpc_errno_of_code(99), ttrpc_errno_of_code(TTRPC_UNKNOWN));
	assert_int_equal(ttrpc_errno_of_code(-1), ttrpc_errno_of_code(TTRPC_UNKNOWN));
	assert_null(ttrpc_code_name(17));
	assert_string_equal(ttrpc_code_name(TTRPC_NOT_FOUND), "NotFound");
}

/* spec/shim.md 1.5. */
static void errnos_become_codes_as_in_go(void **state)
{
	static const struct {
		int error;
		enum ttrpc_code code;
	} cases[] = {
		{ EPIPE, TTRPC_FAILED_PRECONDITION },
		{ EINVAL, TTRPC_INVALID_ARGUMENT },
		{ ECANCELED, TTRPC_CANCELED },
		{ ETIMEDOUT, TTRPC_DEADLINE_EXCEEDED },
		{ EEXIST, TTRPC_ALREADY_EXISTS },
		{ ENOENT, TTRPC_NOT_FOUND },
		{ EPERM, TTRPC_PERMISSION_DENIED },
		{ EACCES, TTRPC_PERMISSION_DENIED },
		{ EBUSY, TTRPC_UNKNOWN },
		{ ENOSYS, TTRPC_UNKNOWN },
		{ EOPNOTSUPP, TTRPC_UNKNOWN },
		{ ESRCH, TTRPC_UNKNOWN },
		{ TTRPC_CLOSED, TTRPC_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(ttrpc_code_of_errno(-cases[i].error), cases[i].code);
}

static void open_calls_are_found_in_any_order(void **state)
{
	struct ttrpc_open_calls calls = { 0 };
	int values[100];

	(void)state;
	for (uint32_t i = 0; i < 100; i++)
		ttrpc_open_calls_add(&calls, 2 * i + 1, &values[i]);
	for (uint32_t i = 0; i < 100; i += 2)
		assert_ptr_equal(ttrpc_open_calls_remove(&calls, 2 * i + 1), &values[i]);
	for (uint32_t i = 0; i < 100; i++)
		assert_ptr_equal(ttrpc_open_calls_find(&calls, 2 * i + 1),
				 i % 2 ? &values[i] : NULL);
	assert_int_equal(calls.count, 50);
	assert_null(ttrpc_open_calls_remove(&calls, 1));
	assert_null(ttrpc_open_calls_find(&calls, 2));
	assert_null(ttrpc_open_calls_find(&calls, 1001));
	ttrpc_open_calls_release(&calls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_request_is_written),
		cmocka_unit_test(the_example_responses_are_written),
		cmocka_unit_test(a_request_without_payload_has_no_field_for_it),
		cmocka_unit_test(frames_are_cut_at_every_boundary),
		cmocka_unit_test(the_reader_knows_when_it_is_inside_a_frame),
		cmocka_unit_test(memory_grows_with_bytes_not_with_declared_lengths),
		cmocka_unit_test(an_oversize_body_is_dropped_and_the_next_frame_read),
		cmocka_unit_test(a_frame_of_the_limit_is_whole_and_one_more_is_cut_off),
		cmocka_unit_test(a_request_reads_as_the_definition_says),
		cmocka_unit_test(a_request_is_written_as_the_definition_says),
		cmocka_unit_test(a_negative_timeout_is_read_as_none),
		cmocka_unit_test(metadata_is_bounded),
		cmocka_unit_test(broken_requests_are_refused),
		cmocka_unit_test(responses_of_all_forms_are_read),
		cmocka_unit_test(an_error_text_is_valid_utf8_and_bounded),
		cmocka_unit_test(a_response_over_the_limit_becomes_an_error),
		cmocka_unit_test(every_code_survives_the_way_through_an_errno),
		cmocka_unit_test(errnos_become_codes_as_in_go),
		cmocka_unit_test(open_calls_are_found_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
