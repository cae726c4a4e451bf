// SPDX-License-Identifier: Apache-2.0
#include "json_input.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/json_syntax.h"
#include "big_numbers.h"
#include "proto/message.h"

/* A request has 4 MiB at most, its bytes take a third more in base64, and people indent. */
#define MAX_JSON_BYTES ((size_t)4 * PROTO_MAX_BYTES)

int json_input_parse(struct slice text, const char *name, cJSON **object, struct error **err)
{
	_cleanup_strbuf_ struct strbuf exact = STRBUF_INIT;
	int ret = json_check(text, err);

	if (ret < 0)
		return error_wrap(err, "%s", name);
	quote_big_numbers(text, &exact);
	*object = cJSON_ParseWithLength(exact.data, exact.size);
	if (cJSON_IsObject(*object))
		return 0;
	cJSON_Delete(*object);
	*object = NULL;
	return error_set(err, -EINVAL, "%s: a JSON object belongs here", name);
}

int json_input_read(const char *path, cJSON **object, struct error **err)
{
	_cleanup_free_ char *text = NULL;
	bool standard = strcmp(path, "-") == 0;
	const char *name = standard ? "standard input" : path;
	size_t size;
	int ret;

	if (standard)
		ret = fd_read_all(STDIN_FILENO, name, MAX_JSON_BYTES, &text, &size, err);
	else
		ret = file_read_all(path, MAX_JSON_BYTES, &text, &size, err);
	return ret < 0 ? ret : json_input_parse(slice_make(text, size), name, object, err);
}
