/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What both directions of the JSON mapping know of fields. They handle the types that occur in our .proto
 * files: int32, int64, uint32, uint64, double, bool, enum, string, bytes, and messages.
 */

#include <stdbool.h>

#include <protobuf-c/protobuf-c.h>

/*
 * Is the field a map? On the wire, and for protobuf-c, that is a list of messages with a key and a value; the
 * compiler has named their type.
 */
bool json_field_is_map(const ProtobufCFieldDescriptor *field);

/* The bytes a value takes in a message's struct or in a list; 0 for a type that is not handled. */
size_t json_value_size(ProtobufCType type);
