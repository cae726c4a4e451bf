/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which proxy a request goes through, by Go's rules, which administrators of Kubernetes hosts write
 * their environment for (spec/kata-runtime.md 7.3): upper-case names come first; localhost and loopback
 * addresses are always reached directly; NO_PROXY is a list of "*", addresses, networks in CIDR form,
 * "example.org" (the host and all below it) and ".example.org" (all below it), each with an optional
 * ":port".
 */

struct proxy_environment {
	const char *https_proxy;
	const char *http_proxy;
	const char *no_proxy;
};

/* From HTTPS_PROXY or https_proxy, and so on. The texts are the environment's own. */
struct proxy_environment proxy_environment_get(void);

/*
 * The proxy's URL, with a scheme; freed by the caller. NULL for a direct connection. `host`
 * is a name or an address without brackets.
 */
char *proxy_choose(const struct proxy_environment *environment, const char *scheme,
		   const char *host, unsigned port);

/* The port of a proxy whose URL names none. */
unsigned proxy_default_port(const char *proxy);
