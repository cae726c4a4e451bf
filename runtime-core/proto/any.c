// SPDX-License-Identifier: Apache-2.0
#include "any.h"

#include <string.h>

bool any_is(const Google__Protobuf__Any *any, const char *type)
{
	struct slice url = slice_of(any->type_url);
	const char *slash = strrchr(any->type_url, '/');

	if (slash && !slice_starts_with(url, "types.containerd.io/"))
		url = slice_of(slash + 1);
	return slice_is(url, type);
}

int any_unpack(const Google__Protobuf__Any *any, const ProtobufCMessageDescriptor *type,
	       void *message, struct error **err)
{
	return proto_unpack(type, slice_make((const char *)any->value.data, any->value.len),
			    message, err);
}

void any_pack(Google__Protobuf__Any *any, const ProtobufCMessage *message, struct strbuf *storage)
{
	size_t start = storage->size;

	proto_pack(message, storage);
	google__protobuf__any__init(any);
	any->type_url = (char *)message->descriptor->name;
	any->value.data = (uint8_t *)storage->data + start;
	any->value.len = storage->size - start;
}
