// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "agent.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/quote.h"
#include "shim-client/shim_client.h"

#define GUEST_DIAL_MS 3000

static int parse_duration(const char *option, const char *text, int64_t *duration_ns,
			  struct error **err)
{
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;
	int ret = number_parse_duration(slice_of(text), duration_ns);

	if (ret == 0)
		return 0;
	quote_go(&quoted, slice_of(text));
	return error_set(err, ret,
			 "--%s %s: a time is a number and a unit, for example 5s or 200ms", option,
			 quoted.data);
}

int agent_call_timeout(const struct agent_options *given, int64_t *timeout_ns, struct error **err)
{
	return parse_duration("timeout", given->timeout, timeout_ns, err);
}

static int dial(const struct vsock_address *address, const struct agent_options *given,
		struct agent_client **client, struct error **err)
{
	struct vsock_dial how = { .timeout_ms = GUEST_DIAL_MS };
	bool once = address->scheme == VSOCK_SCHEME_UNIX && !given->dial_timeout[0];
	int64_t timeout_ns;

	if (given->dial_timeout[0]) {
		int ret = parse_duration("dial-timeout", given->dial_timeout, &timeout_ns, err);

		if (ret < 0)
			return ret;
		how.timeout_ms = timeout_ns / NS_PER_MS + 1; /* 0 would be the standard */
	}
	return agent_client_dial(address, once ? NULL : &how, client, err);
}

static int find_address(const struct agent_options *given, char **url, struct error **err)
{
	_cleanup_shim_client_ struct shim_client shim = { 0 };
	int ret;

	if (given->connect[0]) {
		*url = xstrdup(given->connect);
		return 0;
	}
	if (!given->sandbox[0])
		return error_set(err, -EINVAL,
				 "need server address: say --connect URL or --sandbox ID");
	ret = shim_client_find(given->sandbox, &shim, err);
	return ret < 0 ? ret : shim_get_agent_url(&shim, url, err);
}

/* A unix socket that a hypervisor proxies from is a hybrid vsock, whatever its address says. */
static int apply_hybrid(const struct agent_options *given, struct vsock_address *address,
			struct error **err)
{
	if (!given->hybrid_vsock || address->scheme != VSOCK_SCHEME_UNIX)
		return 0;
	if (given->hybrid_vsock_port > UINT32_MAX)
		return error_set(err, -ERANGE, "--hybrid-vsock-port %ju: a port has 32 bits",
				 (uintmax_t)given->hybrid_vsock_port);
	address->scheme = VSOCK_SCHEME_HYBRID;
	address->port = given->hybrid_vsock_port ? (uint32_t)given->hybrid_vsock_port : AGENT_PORT;
	return 0;
}

int agent_connect(const struct agent_options *given, struct agent_client **client,
		  struct error **err)
{
	_cleanup_vsock_address_ struct vsock_address address = { 0 };
	_cleanup_free_ char *url = NULL;
	int ret;

	ret = find_address(given, &url, err);
	if (ret < 0)
		return ret;
	ret = vsock_address_parse(url, true, &address, err);
	if (ret < 0)
		return error_advise(err,
				    "an address is unix://PATH, unix://@NAME, vsock://CID:PORT or "
				    "hvsock://PATH:PORT");
	ret = apply_hybrid(given, &address, err);
	return ret < 0 ? ret : dial(&address, given, client, err);
}
