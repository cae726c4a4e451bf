/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The bodies of Request and Response frames, read in place and written without a copy of the payload
 * (spec/shim.md 1.2, 1.3; proto/ttrpc.proto has the definitions).
 */

#include <stdbool.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "metadata.h"
#include "status.h"

/* What is sent, and kept, of an error's text. */
#define TTRPC_MAX_TEXT (64u << 10)

struct ttrpc_request_body {
	struct slice service;
	struct slice method;
	struct slice payload;
	bool has_payload;
	int64_t timeout_ns; /* 0 or less: none */
	struct ttrpc_metadata metadata;
};

/* The slices are views of the body; the metadata is the caller's to release, also on failure. */
int ttrpc_request_body_decode(struct slice body, struct ttrpc_request_body *request,
			      struct error **err);

struct ttrpc_response_body {
	int code;
	struct slice message;
	struct slice payload;
};

int ttrpc_response_body_decode(struct slice body, struct ttrpc_response_body *response,
			       struct error **err);

/* Append a body. `payload` NULL is an empty message. */
void ttrpc_request_body_encode(struct strbuf *out, const char *service, const char *method,
			       const ProtobufCMessage *payload, int64_t timeout_ns,
			       const struct ttrpc_metadata *metadata);

/*
 * Append a Response frame. What is not UTF-8 in `message` becomes U+FFFD. A payload over 4 MiB turns into
 * the status RESOURCE_EXHAUSTED, a text is cut at 64 KiB.
 */
void ttrpc_response_put(struct strbuf *out, uint32_t stream, enum ttrpc_code code,
			const char *message, const ProtobufCMessage *payload);

/* The text of a peer that was sent too much: "message length N exceed ...". */
char *ttrpc_oversize_text(size_t size);
