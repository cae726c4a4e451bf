// SPDX-License-Identifier: Apache-2.0
#include "shim_client.h"

#include <errno.h>

#include "base/memory.h"
#include "base/quote.h"
#include "http/http.h"
#include "http/url.h"

/* What of an answer goes into an error message. */
#define MAX_MESSAGE_BYTES 4096

struct endpoint {
	const char *method;
	const char *path;
	const char *content_type;
};

static const struct endpoint agent_url = { "GET", "/agent-url", NULL };
static const struct endpoint metrics = { "GET", "/metrics", NULL };
static const struct endpoint get_iptables = { "GET", "/iptables", NULL };
static const struct endpoint get_ip6tables = { "GET", "/ip6tables", NULL };
static const struct endpoint set_iptables = { "PUT", "/iptables", "application/octet-stream" };
static const struct endpoint set_ip6tables = { "PUT", "/ip6tables", "application/octet-stream" };
static const struct endpoint set_policy = { "PUT", "/policy", "application/octet-stream" };
static const struct endpoint get_stats = { "GET", "/direct-volume/stats", NULL };
static const struct endpoint post_stats = { "POST", "/direct-volume/stats", NULL };
static const struct endpoint resize = { "POST", "/direct-volume/resize", "application/json" };

static const struct slice no_body;

/* One exchange, whatever the status; `query` is NULL or starts with "?". */
static int exchange(const struct shim_client *client, const struct endpoint *endpoint,
		    const char *query, struct slice body, struct http_response *response,
		    struct error **err)
{
	_cleanup_free_ char *url = xasprintf("http://shim%s%s", endpoint->path, query ? query : "");
	const struct http_request request = {
		.method = endpoint->method,
		.url = url,
		.unix_socket = client->socket,
		.user_agent = "Go-http-client/1.1", /* as the shims know their client */
		.content_type = endpoint->content_type,
		.body = body,
		.timeout_ms = SHIM_TIMEOUT_MS,
		.max_response_bytes = SHIM_MAX_RESPONSE_BYTES,
	};
	int ret = http_perform(&request, response, err);

	if (ret == -ECONNREFUSED)
		return error_wrap(err, "the shim of sandbox %s does not listen any more",
				  client->sandbox_id);
	return ret;
}

/* The status must be 200. */
static int check_status(const struct endpoint *endpoint, const struct http_response *response,
			struct error **err)
{
	_cleanup_strbuf_ struct strbuf data = STRBUF_INIT;
	_cleanup_free_ char *verb = xstrdup(endpoint->method);

	if (response->status == 200)
		return 0;
	for (char *c = verb; *c; c++)
		*c |= 0x20; /* to lower case */
	quote_terminal(&data,
		       slice_first(slice_trim(strbuf_view(&response->body)), MAX_MESSAGE_BYTES));
	return error_set(err, -EREMOTEIO,
			 "error sending %s: url: %s, status code: %d, response data: %s", verb,
			 endpoint->path, response->status, data.data);
}

/* Fetch into *out (may be NULL). */
static int call(const struct shim_client *client, const struct endpoint *endpoint,
		struct slice body, struct strbuf *out, struct error **err)
{
	_cleanup_http_response_ struct http_response response = HTTP_RESPONSE_INIT;
	int ret;

	ret = exchange(client, endpoint, NULL, body, &response, err);
	if (ret == 0)
		ret = check_status(endpoint, &response, err);
	if (ret == 0 && out)
		strbuf_slice(out, strbuf_view(&response.body));
	return ret;
}

int shim_get_agent_url(const struct shim_client *client, char **url, struct error **err)
{
	_cleanup_http_response_ struct http_response response = HTTP_RESPONSE_INIT;
	struct slice text;
	int ret;

	ret = exchange(client, &agent_url, NULL, no_body, &response, err);
	if (ret < 0)
		return ret;
	if (response.status != 200)
		return error_set(err, -EREMOTEIO, "Failure from %s shim-monitor: %d",
				 client->sandbox_id, response.status);
	text = strbuf_view(&response.body);
	if (slice_ends_with(text, "\n"))
		text.size--;
	*url = slice_dup(text);
	return 0;
}

int shim_get_metrics(const struct shim_client *client, struct strbuf *out, struct error **err)
{
	return call(client, &metrics, no_body, out, err);
}

int shim_get_iptables(const struct shim_client *client, bool ipv6, struct strbuf *out,
		      struct error **err)
{
	return call(client, ipv6 ? &get_ip6tables : &get_iptables, no_body, out, err);
}

int shim_set_iptables(const struct shim_client *client, bool ipv6, struct slice rules,
		      struct error **err)
{
	return call(client, ipv6 ? &set_ip6tables : &set_iptables, rules, NULL, err);
}

int shim_set_policy(const struct shim_client *client, struct slice policy, struct error **err)
{
	return call(client, &set_policy, policy, NULL, err);
}

/*
 * The Go shim decodes the query and then its value once more; so "%" itself is escaped twice, and
 * nothing else needs to be.
 */
static char *stats_query(const char *device)
{
	_cleanup_strbuf_ struct strbuf once = STRBUF_INIT;
	struct strbuf query = STRBUF_INIT;

	for (const char *c = device; *c; c++)
		strbuf_printf(&once, "%c%s", *c, *c == '%' ? "25" : "");
	strbuf_puts(&query, "?path=");
	url_escape(&query, strbuf_view(&once));
	return strbuf_steal(&query);
}

int shim_get_volume_stats(const struct shim_client *client, const char *device, struct strbuf *out,
			  struct error **err)
{
	_cleanup_http_response_ struct http_response response = HTTP_RESPONSE_INIT;
	_cleanup_free_ char *query = stats_query(device);
	const struct endpoint *endpoint = &get_stats;
	int ret;

	ret = exchange(client, endpoint, query, no_body, &response, err);
	if (ret == 0 && response.status == 404) {
		/* The Go shim takes any method, the Rust one POST only. */
		endpoint = &post_stats;
		ret = exchange(client, endpoint, query, slice_make("", 0), &response, err);
	}
	if (ret == 0)
		ret = check_status(endpoint, &response, err);
	if (ret == 0)
		strbuf_slice(out, strbuf_view(&response.body));
	return ret;
}

/* Both shims' member names; each ignores the other's. */
int shim_resize_volume(const struct shim_client *client, const char *device, uint64_t size,
		       struct error **err)
{
	_cleanup_strbuf_ struct strbuf body = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf path = STRBUF_INIT;

	quote_json(&path, slice_of(device));
	strbuf_printf(&body,
		      "{\"VolumePath\":%s,\"Size\":%ju,\"volume_guest_path\":%s,\"size\":%ju}",
		      path.data, (uintmax_t)size, path.data, (uintmax_t)size);
	return call(client, &resize, strbuf_view(&body), NULL, err);
}
