/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One exchange of a request: what its parts (http.c, failure.c) need to know. Inside this room only. */

#include "curl.h"
#include "http.h"

struct transfer {
	const struct curl_functions *curl;
	const struct http_request *request;
	struct http_response *response;

	/* Where to: the URL of this hop and its parts. */
	const char *url;
	char *scheme;
	char *host;
	unsigned port;
	char *proxy; /* NULL for a direct connection */

	CURL *handle;
	struct curl_slist *headers;
	char reason[CURL_ERROR_SIZE]; /* libcurl's own words */
	char dialled[128];     /* the address of the last connection attempt, as Go prints it */
	bool answered;	       /* the headers are complete */
	const char *too_large; /* which part of the answer broke its bound, or NULL */
};

/* Put `code`, the reason why curl_easy_perform failed, into our words; returns the negative errno. */
int transfer_failed(const struct transfer *transfer, CURLcode code, struct error **err);

/* The start of each message: Get "https://host/path" */
void http_describe_request(const struct http_request *request, const char *url, struct strbuf *out);
