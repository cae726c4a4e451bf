/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Messages from and to bytes. The types are protobuf-c's, made from the .proto files beside this header:
 *
 *	#include "proto/agent.pb-c.h"
 *
 *	Grpc__WaitProcessResponse *response = NULL;
 *	ret = proto_unpack(&grpc__wait_process_response__descriptor, bytes, &response, err);
 *	...
 *	proto_free(response);
 *
 * Strings of an unpacked message are never NULL and hold no NUL; a sub-message that was not sent is NULL.
 * A message to be sent usually lies on the stack (GRPC__..._INIT) and borrows everything it points to.
 */

#include <protobuf-c/protobuf-c.h>

#include "base/error.h"
#include "base/slice.h"
#include "base/strbuf.h"

/* Bounds for foreign bytes (spec/reliability.md 8.5). */
#define PROTO_MAX_BYTES (4u << 20) /* a ttrpc frame */
#define PROTO_MAX_DEPTH 64
#define PROTO_MAX_ELEMENTS \
	(1u << 20) /* fields, and numbers in packed fields, on all levels together */
#define PROTO_MAX_MEMORY (64u << 20) /* what protobuf-c would allocate */

/*
 * Make a message of foreign bytes; `*(TYPE **)message` is freed with proto_free(). Checked before anything
 * is allocated: the bounds above, field numbers, wire types, and that the text fields hold no NUL (they
 * become C strings). A sub-message that may be there once is refused a second time: no encoder does that,
 * and merging would take quadratic time. Errors: -EBADMSG, -E2BIG for what is over a bound; the message
 * names the type and the field.
 */
int proto_unpack(const ProtobufCMessageDescriptor *type, struct slice bytes, void *message,
		 struct error **err);

/* The checks alone. */
int proto_check(const ProtobufCMessageDescriptor *type, struct slice bytes, struct error **err);

/* Free an unpacked message of any type; NULL is fine. */
void proto_free(void *message);
static inline void proto_freep(void *message)
{
	proto_free(*(void **)message);
}
#define _cleanup_proto_ _cleanup_(proto_freep)

/* Put a string, which was allocated, in the place of an unpacked message's, which is freed. */
void proto_take_string(char **field, char *value);

/* Append the bytes of a message. */
void proto_pack(const ProtobufCMessage *message, struct strbuf *out);
