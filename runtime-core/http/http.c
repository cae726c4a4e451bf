// SPDX-License-Identifier: Apache-2.0
/*
 * A request is one or more hops. Each hop is one libcurl transfer with a handle of its own: the URL is
 * taken apart, the proxy chosen, the options set, the answer collected by two callbacks that enforce
 * the bounds. Redirects are followed here and not by libcurl, so that each hop chooses its proxy anew,
 * counts against the same deadline and cannot leave https.
 */
#include "http.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include <arpa/inet.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/quote.h"
#include "build.h"
#include "proxy.h"
#include "transfer.h"

#define USER_AGENT "kata-containers/" KATA_VERSION

/* ---- callbacks: libcurl hands over what comes in --------------------------------------------- */

static size_t take_header(char *data, size_t size, size_t count, void *user)
{
	struct transfer *transfer = user;
	struct strbuf *headers = &transfer->response->headers;
	struct slice line = slice_make(data, size * count);

	/* A status line starts anew: "100 Continue" may have come before. */
	if (slice_starts_with(line, "HTTP/")) {
		strbuf_truncate(headers, 0);
		transfer->answered = false;
		return line.size;
	}
	if (slice_trim(line).size == 0)
		transfer->answered = true;
	if (headers->size + line.size > HTTP_MAX_HEADER_BYTES) {
		transfer->too_large = "headers of the answer";
		return 0;
	}
	strbuf_slice(headers, line);
	return line.size;
}

static size_t take_body(char *data, size_t size, size_t count, void *user)
{
	struct transfer *transfer = user;
	struct strbuf *body = &transfer->response->body;
	size_t bytes = size * count;

	if (bytes > transfer->request->max_response_bytes - body->size) {
		transfer->too_large = "the answer";
		return 0;
	}
	strbuf_append(body, data, bytes);
	return bytes;
}

static void print_address(const struct curl_sockaddr *address, char *out, size_t size)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (address->family == AF_UNIX) {
		const struct sockaddr_un *un = (const void *)&address->addr;

		snprintf(out, size, "%s", un->sun_path);
	} else if (address->family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)&address->addr;

		inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text));
		snprintf(out, size, "[%s]:%u", text, ntohs(in6->sin6_port));
	} else {
		const struct sockaddr_in *in = (const void *)&address->addr;

		inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text));
		snprintf(out, size, "%s:%u", text, ntohs(in->sin_port));
	}
}

/* Sockets are ours to make: closed on exec, and their address is known when the connection fails. */
static curl_socket_t make_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *transfer = user;

	(void)purpose;
	print_address(address, transfer->dialled, sizeof(transfer->dialled));
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* ---- one hop ----------------------------------------------------------------------------------- */

static int bad_url(const struct transfer *transfer, CURLUcode code, struct error **err)
{
	error_set(err, -EINVAL, "%s", transfer->curl->curl_url_strerror(code));
	return -EINVAL;
}

static int take_part(const struct transfer *transfer, CURLU *url, CURLUPart part, char **out,
		     struct error **err)
{
	char *text = NULL;
	CURLUcode code = transfer->curl->curl_url_get(url, part, &text, CURLU_DEFAULT_PORT);

	if (code != CURLUE_OK)
		return bad_url(transfer, code, err);
	*out = xstrdup(text);
	transfer->curl->curl_free(text);
	return 0;
}

static int take_parts(struct transfer *transfer, CURLU *url, struct error **err)
{
	_cleanup_free_ char *port = NULL;
	size_t size;
	int ret;

	ret = take_part(transfer, url, CURLUPART_SCHEME, &transfer->scheme, err);
	if (ret < 0)
		return ret;
	if (strcmp(transfer->scheme, "http") != 0 && strcmp(transfer->scheme, "https") != 0)
		return error_set(err, -EINVAL, "unsupported protocol scheme \"%s\"",
				 transfer->scheme);
	ret = take_part(transfer, url, CURLUPART_HOST, &transfer->host, err);
	if (ret < 0)
		return ret;
	/* An IPv6 address comes in brackets. */
	size = strlen(transfer->host);
	if (transfer->host[0] == '[') {
		memmove(transfer->host, transfer->host + 1, size - 2);
		transfer->host[size - 2] = '\0';
	}
	ret = take_part(transfer, url, CURLUPART_PORT, &port, err);
	if (ret == 0)
		transfer->port = (unsigned)strtoul(port, NULL, 10);
	return ret;
}

/* libcurl would report a path beyond the kernel's bound as a host that does not resolve. */
static int check_socket_path(const struct transfer *transfer, struct error **err)
{
	const char *path = transfer->request->unix_socket;

	if (!path || strlen(path) < sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return 0;
	return error_set_errno(err, -ENAMETOOLONG, "dial unix %s: connect", path);
}

/* Take scheme, host and port out of the URL. */
static int parse_url(struct transfer *transfer, struct error **err)
{
	CURLU *url = transfer->curl->curl_url();
	CURLUcode code;
	int ret;

	code = transfer->curl->curl_url_set(url, CURLUPART_URL, transfer->url,
					    CURLU_NON_SUPPORT_SCHEME);
	ret = code == CURLUE_OK ? take_parts(transfer, url, err) : bad_url(transfer, code, err);
	transfer->curl->curl_url_cleanup(url);
	return ret;
}

static void add_header(struct transfer *transfer, const char *line)
{
	struct curl_slist *longer = transfer->curl->curl_slist_append(transfer->headers, line);

	/* Without memory the list stays as it was; the next allocation of ours ends the process. */
	if (longer)
		transfer->headers = longer;
}

/* An empty value takes away a header that libcurl would add. */
static void choose_headers(struct transfer *transfer)
{
	const struct http_request *request = transfer->request;
	_cleanup_free_ char *content_type = NULL;

	content_type = xasprintf("Content-Type:%s%s", request->content_type ? " " : "",
				 request->content_type ? request->content_type : "");
	add_header(transfer, content_type);
	add_header(transfer, "Accept:");
	add_header(transfer, "Expect:");
	add_header(transfer, "Connection: close");
}

/* An empty variable counts as one that is not set. */
static const char *environment(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static bool set_options(struct transfer *transfer, long timeout_ms)
{
	const struct http_request *request = transfer->request;
	const char *method = request->method ? request->method : "GET";
	const struct {
		CURLoption option;
		long value;
	} numbers[] = {
		{ CURLOPT_TIMEOUT_MS, timeout_ms },
		{ CURLOPT_NOSIGNAL, 1 },
		/* Do not wait for a resolver thread that is still waiting for its name server. */
		{ CURLOPT_QUICK_EXIT, 1 },
		{ CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 },
		{ CURLOPT_SUPPRESS_CONNECT_HEADERS, 1 },
		{ CURLOPT_PROXYPORT, transfer->proxy ? proxy_default_port(transfer->proxy) : 0 },
	};
	const struct {
		CURLoption option;
		const void *value; /* NULL leaves the option alone */
	} pointers[] = {
		{ CURLOPT_ERRORBUFFER, transfer->reason },
		{ CURLOPT_URL, transfer->url },
		{ CURLOPT_PROTOCOLS_STR, "http,https" },
		{ CURLOPT_CUSTOMREQUEST, method },
		{ CURLOPT_HTTPHEADER, transfer->headers },
		{ CURLOPT_USERAGENT, request->user_agent ? request->user_agent : USER_AGENT },
		{ CURLOPT_ACCEPT_ENCODING, "gzip" },
		{ CURLOPT_UNIX_SOCKET_PATH, request->unix_socket },
		/* The choice is made: libcurl shall not look at the environment again. */
		{ CURLOPT_PROXY, transfer->proxy ? transfer->proxy : "" },
		{ CURLOPT_NOPROXY, "" },
		{ CURLOPT_CAINFO, environment("SSL_CERT_FILE") },
		{ CURLOPT_CAPATH, environment("SSL_CERT_DIR") },
		{ CURLOPT_PROXY_CAINFO, environment("SSL_CERT_FILE") },
		{ CURLOPT_PROXY_CAPATH, environment("SSL_CERT_DIR") },
		{ CURLOPT_HEADERDATA, transfer },
		{ CURLOPT_WRITEDATA, transfer },
		{ CURLOPT_OPENSOCKETDATA, transfer },
	};
	__typeof__(curl_easy_setopt) *set = transfer->curl->curl_easy_setopt;
	bool ok = true;

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		ok = ok && set(transfer->handle, numbers[i].option, numbers[i].value) == CURLE_OK;
	for (size_t i = 0; i < ARRAY_SIZE(pointers); i++)
		if (pointers[i].value)
			ok = ok && set(transfer->handle, pointers[i].option, pointers[i].value) ==
					   CURLE_OK;
	if (request->body.data) {
		ok = ok && set(transfer->handle, CURLOPT_POSTFIELDSIZE_LARGE,
			       (curl_off_t)request->body.size) == CURLE_OK;
		ok = ok &&
		     set(transfer->handle, CURLOPT_POSTFIELDS, request->body.data) == CURLE_OK;
	}
	ok = ok && set(transfer->handle, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK;
	ok = ok && set(transfer->handle, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK;
	return ok && set(transfer->handle, CURLOPT_OPENSOCKETFUNCTION, make_socket) == CURLE_OK;
}

/*
 * OpenSSL writes to its socket with write(), and with NOSIGNAL libcurl does not shield us from the
 * SIGPIPE of a peer that has gone: keep it from this thread, and take it if it came.
 */
static CURLcode perform_without_sigpipe(const struct transfer *transfer)
{
	const struct timespec at_once = { 0 };
	sigset_t pipe_signal, before, pending;
	bool was_pending;
	CURLcode code;

	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	sigpending(&pending);
	was_pending = sigismember(&pending, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
	code = transfer->curl->curl_easy_perform(transfer->handle);
	while (!was_pending && sigtimedwait(&pipe_signal, NULL, &at_once) < 0 && errno == EINTR)
		;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return code;
}

static void transfer_release(struct transfer *transfer)
{
	if (transfer->handle)
		transfer->curl->curl_easy_cleanup(transfer->handle);
	transfer->curl->curl_slist_free_all(transfer->headers);
	free(transfer->scheme);
	free(transfer->host);
	free(transfer->proxy);
}

/* Send the request to `url`. *next is where a redirect points to, to be freed, or NULL. */
static int perform_hop(struct transfer *transfer, long timeout_ms, char **next, struct error **err)
{
	const struct curl_functions *curl = transfer->curl;
	struct http_response *response = transfer->response;
	const char *redirect = NULL;
	long status = 0;
	CURLcode code;

	if (!transfer->request->unix_socket) {
		struct proxy_environment environment = proxy_environment_get();

		transfer->proxy = proxy_choose(&environment, transfer->scheme, transfer->host,
					       transfer->port);
	}
	choose_headers(transfer);
	transfer->handle = curl->curl_easy_init();
	if (!transfer->handle || !set_options(transfer, timeout_ms))
		return transfer_failed(transfer, CURLE_FAILED_INIT, err);

	code = perform_without_sigpipe(transfer);
	curl->curl_easy_getinfo(transfer->handle, CURLINFO_RESPONSE_CODE, &status);
	/* A proxy's refusal is not the server's answer. */
	response->status = transfer->answered ? (int)status : 0;
	if (code != CURLE_OK)
		return transfer_failed(transfer, code, err);
	curl->curl_easy_getinfo(transfer->handle, CURLINFO_REDIRECT_URL, &redirect);
	*next = redirect ? xstrdup(redirect) : NULL;
	return 0;
}

/* ---- the whole request ------------------------------------------------------------------------- */

static bool is_get(const struct http_request *request)
{
	return !request->method || strcmp(request->method, "GET") == 0;
}

/* Put `Get "URL": ` in front of an error that does not have it yet. */
static int blame_url(const struct http_request *request, const char *url, struct error **err)
{
	_cleanup_strbuf_ struct strbuf words = STRBUF_INIT;

	http_describe_request(request, url, &words);
	return error_wrap(err, "%s", words.data);
}

static bool leaves_https(const struct transfer *transfer, const char *next)
{
	return strcmp(transfer->scheme, "https") == 0 && strncasecmp(next, "https:", 6) != 0;
}

static int refuse_redirect(const struct transfer *transfer, const char *next, unsigned hops,
			   struct error **err)
{
	_cleanup_strbuf_ struct strbuf target = STRBUF_INIT;

	if (hops >= transfer->request->max_redirects)
		error_set(err, -ELOOP, "stopped after %u redirects", hops);
	else {
		quote_go(&target, slice_of(next));
		error_set(err, -ELOOP, "redirect from https to %s refused", target.data);
	}
	return blame_url(transfer->request, transfer->url, err);
}

int http_perform(const struct http_request *request, struct http_response *response,
		 struct error **err)
{
	int64_t deadline = clock_now_ms() + request->timeout_ms;
	_cleanup_free_ char *url = xstrdup(request->url);
	const struct curl_functions *curl;
	int ret;

	ret = curl_open(&curl, err);
	if (ret < 0)
		return blame_url(request, url, err);
	for (unsigned hops = 0;; hops++) {
		_cleanup_(transfer_release) struct transfer transfer = {
			.curl = curl,
			.request = request,
			.response = response,
			.url = url,
		};
		_cleanup_free_ char *next = NULL;
		int64_t left = deadline - clock_now_ms();

		http_response_release(response);
		if (check_socket_path(&transfer, err) < 0 || parse_url(&transfer, err) < 0)
			return blame_url(request, url, err);
		ret = perform_hop(&transfer, left > 0 ? (long)left : 1, &next, err);
		if (ret < 0)
			return ret;
		if (!next || !is_get(request) || request->max_redirects == 0)
			return 0;
		if (hops >= request->max_redirects || leaves_https(&transfer, next))
			return refuse_redirect(&transfer, next, hops, err);
		free(url);
		url = steal(next);
	}
}
