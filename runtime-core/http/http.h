/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One HTTP request and its answer: https and http over TCP with TLS and proxies, http over a unix
 * socket. Every request is bounded in time and size. libcurl does the work and is opened on first use.
 *
 * TCP: HTTPS_PROXY, https_proxy, HTTP_PROXY, http_proxy and NO_PROXY, no_proxy are honoured
 * (proxy.h); SSL_CERT_FILE and SSL_CERT_DIR replace the system's trusted certificates.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"
#include "base/strbuf.h"

struct http_request {
	const char *method; /* NULL for GET */
	const char *url;
	const char
		*unix_socket;	/* connect to this path instead of to the URL's host; may be NULL */
	const char *user_agent; /* NULL for our own */
	const char *content_type; /* of the body; NULL without one */
	struct slice body;	  /* sent when body.data is set, even if it is empty */

	unsigned timeout_ms;	   /* for everything, redirects included; must not be 0 */
	size_t max_response_bytes; /* of the body, after decompression; must not be 0 */
	unsigned max_redirects;	   /* followed for GET only; 0 hands the redirect to the caller */
};

#define HTTP_MAX_HEADER_BYTES 32768

/* Start with HTTP_RESPONSE_INIT; a response serves one request. */
struct http_response {
	int status;	       /* 0 until the server has answered */
	struct strbuf headers; /* of the last answer: "Name: value" lines */
	struct strbuf body;    /* may hold NULs */
};

/* clang-format off */
#define HTTP_RESPONSE_INIT { .headers = STRBUF_INIT, .body = STRBUF_INIT }
/* clang-format on */
#define _cleanup_http_response_ _cleanup_(http_response_release)

/*
 * Send the request and read the whole answer. Blocks, for `timeout_ms` at most. Returns 0 for an answer
 * of any HTTP status. Safe from any thread. Raises no signal.
 *
 * Failures read as Go's client prints them, so that scripts find the words they know, with the method
 * and the URL in front: `Get "https://h/p": dial tcp 192.0.2.1:443: connect: connection refused`.
 *	-ELIBACC	libcurl is not installed; the message names its package
 *	-EINVAL		a URL that is malformed, or neither http nor https
 *	-EHOSTUNREACH	a name that does not resolve
 *	-ECONNREFUSED, -ENOENT, ...	the connection was not made (the system's reason)
 *	-EKEYREJECTED	the server's certificate is not trusted; -EPROTO: TLS or HTTP are broken
 *	-ETIMEDOUT	no, or no complete, answer in time
 *	-EFBIG		headers or body beyond their bounds
 *	-ELOOP		more redirects than wanted, or one from https to http
 *	-ECONNRESET	the connection ended within the answer ("unexpected EOF")
 * When it failed while the body was read, response->status is set already.
 */
int http_perform(const struct http_request *request, struct http_response *response,
		 struct error **err);

/* The value of the first header of this name (any case), without blanks around; empty if there is none. */
struct slice http_response_header(const struct http_response *response, const char *name);

/* The words of RFC 9110 for a status: "Not Found"; "" for a status that has none. */
const char *http_status_text(int status);

void http_response_release(struct http_response *response);
