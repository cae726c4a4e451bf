/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* google.protobuf.Any: a message of a type that its url names (spec/shim.md 3.3). */

#include <stdbool.h>

#include "message.h"
#include "proto/any.pb-c.h"

/*
 * Is this the type? What stands in front of the last "/" is the producer's habit and is left out, except
 * for types of "types.containerd.io/", which are compared whole.
 */
bool any_is(const Google__Protobuf__Any *any, const char *type);

/* Unpack the value as this type, whatever the url says. *message as in proto_unpack(). */
int any_unpack(const Google__Protobuf__Any *any, const ProtobufCMessageDescriptor *type,
	       void *message, struct error **err);

/* An Any of the message, named after its type. The value is appended to `storage`; the
 * Any borrows it, so that nothing may be appended while the Any is in use. */
void any_pack(Google__Protobuf__Any *any, const ProtobufCMessage *message, struct strbuf *storage);
