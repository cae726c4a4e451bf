/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The protobuf wire format, one field at a time. For envelopes that are read in place and for the checks
 * in front of protobuf-c; everything else uses message.h.
 */

#include <stdint.h>

#include "base/error.h"
#include "base/strbuf.h"

enum wire_type {
	WIRE_VARINT = 0,
	WIRE_FIXED64 = 1,
	WIRE_BYTES = 2,
	WIRE_FIXED32 = 5,
};

struct wire_field {
	uint32_t number;
	enum wire_type type;
	uint64_t value;	    /* of the three number types */
	struct slice bytes; /* of WIRE_BYTES; a view of the input */
};

/*
 * Cut the next field off *rest. Returns 1 for a field, 0 at the end, -EBADMSG for what is none: a number
 * outside 1 to 2^29-1, a group, a length beyond the input, a varint of more than 10 bytes.
 */
int wire_next_field(struct slice *rest, struct wire_field *field, struct error **err);

/* Append a field, whatever its value. */
void wire_put_varint(struct strbuf *out, uint32_t number, uint64_t value);
void wire_put_fixed64(struct strbuf *out, uint32_t number, uint64_t value);
void wire_put_bytes(struct strbuf *out, uint32_t number, struct slice bytes);

/* Append the head of a field of `size` bytes, which the caller appends. */
void wire_put_bytes_head(struct strbuf *out, uint32_t number, size_t size);
