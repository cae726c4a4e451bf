/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Messages as JSON, for people and scripts: protobuf's JSON mapping, with the field names of the .proto files.
 *
 *	64-bit numbers	strings of digits, since many readers keep only 53 bits
 *	bytes		base64
 *	enums		the value's name
 *	maps		objects
 *
 * Timestamp and Any are objects with their fields, as any other message. This is apart from message.h so
 * that a program which does without it needs no JSON library.
 */

#include <cjson/cJSON.h>

#include "message.h"

/*
 * A message as a JSON object, freed with cJSON_Delete(). Every number, text and list is there, also when it
 * is zero or empty; a sub-message or optional field only when it is set.
 */
cJSON *proto_to_json(const ProtobufCMessage *message);

/*
 * A message from a JSON object; *(TYPE **)message is freed with proto_free(). What is missing or null has its
 * zero. Taken as well: names in lowerCamelCase, numbers as numbers or strings, enums by number, bytes as a list
 * of numbers. -EINVAL for what does not fit, with its place ("OCI.Linux.Devices[2].Major: ..."), unknown names
 * included; the errors of proto_unpack().
 */
int proto_from_json(const ProtobufCMessageDescriptor *type, const cJSON *json, void *message,
		    struct error **err);
