// SPDX-License-Identifier: Apache-2.0
#include <strings.h>

#include "base/memory.h"
#include "http.h"

struct slice http_response_header(const struct http_response *response, const char *name)
{
	struct slice rest = strbuf_view(&response->headers);
	size_t size = strlen(name);
	struct slice line;

	while (slice_next_line(&rest, &line))
		if (line.size > size && line.data[size] == ':' &&
		    strncasecmp(line.data, name, size) == 0)
			return slice_trim(slice_from(line, size + 1));
	return slice_make("", 0);
}

void http_response_release(struct http_response *response)
{
	strbuf_release(&response->headers);
	strbuf_release(&response->body);
	response->status = 0;
}

const char *http_status_text(int status)
{
	static const struct {
		int status;
		const char *text;
	} texts[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 204, "No Content" },
		{ 301, "Moved Permanently" },
		{ 302, "Found" },
		{ 303, "See Other" },
		{ 304, "Not Modified" },
		{ 307, "Temporary Redirect" },
		{ 308, "Permanent Redirect" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 407, "Proxy Authentication Required" },
		{ 408, "Request Timeout" },
		{ 410, "Gone" },
		{ 413, "Content Too Large" },
		{ 429, "Too Many Requests" },
		{ 451, "Unavailable For Legal Reasons" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (texts[i].status == status)
			return texts[i].text;
	return "";
}
