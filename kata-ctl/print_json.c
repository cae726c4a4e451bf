// SPDX-License-Identifier: Apache-2.0
#include "print_json.h"

static void put_members(struct json_writer *writer, const cJSON *json, char open, char close)
{
	const cJSON *member;

	json_begin(writer, open);
	cJSON_ArrayForEach(member, json)
	{
		if (member->string)
			json_name(writer, member->string);
		put_json(writer, member);
	}
	json_end(writer, close);
}

void put_json(struct json_writer *writer, const cJSON *json)
{
	char *number;

	if (cJSON_IsObject(json)) {
		put_members(writer, json, '{', '}');
	} else if (cJSON_IsArray(json)) {
		put_members(writer, json, '[', ']');
	} else if (cJSON_IsString(json)) {
		json_string(writer, json->valuestring);
	} else if (cJSON_IsBool(json)) {
		json_bool(writer, cJSON_IsTrue(json));
	} else if (cJSON_IsNumber(json)) {
		number = cJSON_PrintUnformatted(json);
		json_raw(writer, number);
		cJSON_free(number);
	} else {
		json_null(writer);
	}
}

void print_json(const cJSON *json)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct json_writer writer = { .out = &text };

	put_json(&writer, json);
	strbuf_putc(&text, '\n');
	fwrite(text.data, 1, text.size, stdout);
	fflush(stdout); /* who talks to us through pipes waits for it */
}
