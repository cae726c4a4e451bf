// SPDX-License-Identifier: Apache-2.0
#include "envelope.h"

#include <errno.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "frame.h"
#include "proto/message.h"
#include "proto/wire.h"

enum request_field {
	REQUEST_SERVICE = 1,
	REQUEST_METHOD = 2,
	REQUEST_PAYLOAD = 3,
	REQUEST_TIMEOUT_NANO = 4,
	REQUEST_METADATA = 5,
};

enum pair_field {
	PAIR_KEY = 1,
	PAIR_VALUE = 2,
};

enum response_field {
	RESPONSE_STATUS = 1,
	RESPONSE_PAYLOAD = 2,
};

enum status_field {
	STATUS_CODE = 1,
	STATUS_MESSAGE = 2,
};

/* A field of another wire type than ours reads as an empty one. */

static int decode_pair(struct slice rest, struct ttrpc_metadata *metadata, struct error **err)
{
	struct slice key = slice_of(""), value = slice_of("");
	struct wire_field field;
	int ret;

	while ((ret = wire_next_field(&rest, &field, err)) > 0) {
		if (field.number == PAIR_KEY)
			key = field.bytes;
		else if (field.number == PAIR_VALUE)
			value = field.bytes;
	}
	if (ret < 0)
		return ret;
	if (metadata->count == TTRPC_MAX_METADATA)
		return error_set(err, -E2BIG, "more than %d pairs of metadata", TTRPC_MAX_METADATA);
	if (slice_find(key, '\0') < key.size || slice_find(value, '\0') < value.size)
		return error_set(err, -EBADMSG, "metadata with a NUL");
	ttrpc_metadata_add(metadata, key, value);
	return 0;
}

int ttrpc_request_body_decode(struct slice body, struct ttrpc_request_body *request,
			      struct error **err)
{
	struct wire_field field;
	int ret;

	*request = (struct ttrpc_request_body){ .service = slice_of(""), .method = slice_of("") };
	while ((ret = wire_next_field(&body, &field, err)) > 0) {
		switch (field.number) {
		case REQUEST_SERVICE:
			request->service = field.bytes;
			break;
		case REQUEST_METHOD:
			request->method = field.bytes;
			break;
		case REQUEST_PAYLOAD:
			request->payload = field.bytes;
			request->has_payload = true;
			break;
		case REQUEST_TIMEOUT_NANO:
			request->timeout_ns = (int64_t)field.value;
			break;
		case REQUEST_METADATA:
			if (decode_pair(field.bytes, &request->metadata, err) < 0)
				return error_code(*err);
			break;
		default:
			break;
		}
	}
	return ret;
}

static int decode_status(struct slice rest, struct ttrpc_response_body *response,
			 struct error **err)
{
	struct wire_field field;
	int ret;

	while ((ret = wire_next_field(&rest, &field, err)) > 0) {
		if (field.number == STATUS_CODE)
			response->code = (int)(int32_t)field.value;
		else if (field.number == STATUS_MESSAGE)
			response->message = field.bytes;
	}
	return ret;
}

int ttrpc_response_body_decode(struct slice body, struct ttrpc_response_body *response,
			       struct error **err)
{
	struct wire_field field;
	int ret;

	*response = (struct ttrpc_response_body){ .message = slice_of("") };
	while ((ret = wire_next_field(&body, &field, err)) > 0) {
		if (field.number == RESPONSE_PAYLOAD)
			response->payload = field.bytes;
		else if (field.number == RESPONSE_STATUS &&
			 decode_status(field.bytes, response, err) < 0)
			return error_code(*err);
	}
	return ret;
}

/* proto3: what is empty is left out. */
static void put_text(struct strbuf *out, unsigned field, const char *text)
{
	if (*text)
		wire_put_bytes(out, field, slice_of(text));
}

static void put_payload(struct strbuf *out, unsigned field, const ProtobufCMessage *payload)
{
	size_t size = payload ? protobuf_c_message_get_packed_size(payload) : 0;

	if (size == 0)
		return;
	wire_put_bytes_head(out, field, size);
	proto_pack(payload, out);
}

void ttrpc_request_body_encode(struct strbuf *out, const char *service, const char *method,
			       const ProtobufCMessage *payload, int64_t timeout_ns,
			       const struct ttrpc_metadata *metadata)
{
	_cleanup_strbuf_ struct strbuf pair = STRBUF_INIT;

	put_text(out, REQUEST_SERVICE, service);
	put_text(out, REQUEST_METHOD, method);
	put_payload(out, REQUEST_PAYLOAD, payload);
	if (timeout_ns > 0)
		wire_put_varint(out, REQUEST_TIMEOUT_NANO, (uint64_t)timeout_ns);
	for (size_t i = 0; metadata && i < metadata->count; i++) {
		strbuf_truncate(&pair, 0);
		put_text(&pair, PAIR_KEY, metadata->pairs[i].key);
		put_text(&pair, PAIR_VALUE, metadata->pairs[i].value);
		wire_put_bytes(out, REQUEST_METADATA, strbuf_view(&pair));
	}
}

static void put_status(struct strbuf *out, enum ttrpc_code code, const char *message)
{
	_cleanup_strbuf_ struct strbuf status = STRBUF_INIT, text = STRBUF_INIT;

	utf8_append_valid(&text, slice_first(slice_of(message), TTRPC_MAX_TEXT));
	wire_put_varint(&status, STATUS_CODE, code);
	put_text(&status, STATUS_MESSAGE, text.data);
	wire_put_bytes(out, RESPONSE_STATUS, strbuf_view(&status));
}

char *ttrpc_oversize_text(size_t size)
{
	return xasprintf("message length %zu exceed maximum message size of %u", size,
			 TTRPC_MAX_BODY);
}

void ttrpc_response_put(struct strbuf *out, uint32_t stream, enum ttrpc_code code,
			const char *message, const ProtobufCMessage *payload)
{
	size_t start = ttrpc_frame_begin(out);

	if (code != TTRPC_OK)
		put_status(out, code, message);
	put_payload(out, RESPONSE_PAYLOAD, payload);
	if (!ttrpc_frame_end(out, start, stream, TTRPC_RESPONSE, 0)) {
		_cleanup_free_ char *text =
			ttrpc_oversize_text(protobuf_c_message_get_packed_size(payload));

		ttrpc_response_put(out, stream, TTRPC_RESOURCE_EXHAUSTED, text, NULL);
	}
}
