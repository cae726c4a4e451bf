/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Requests to a running sandbox through the management socket of its shim: HTTP over a unix socket
 * (spec/kata-runtime.md 9 to 11). For kata-runtime's and kata-ctl's metrics, iptables, policy,
 * direct-volume and exec.
 *
 * Every call makes one connection, takes SHIM_TIMEOUT_MS at most and blocks meanwhile. Its failures:
 *	the transport's, see http/http.h: `Get "http://shim/metrics": dial unix PATH: connect: ...`
 *	-EREMOTEIO	a status other than 200: "error sending put: url: /iptables, status code: 500,
 *			response data: <the first part of the body>"
 * What comes back was written by the guest in part: it may hold any bytes.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "base/strbuf.h"
#include "base/string_list.h"

#define SHIM_TIMEOUT_MS		3000
#define SHIM_MAX_RESPONSE_BYTES (8U << 20)

/* Where shims put their sockets: DIRECTORY/ID/shim-monitor.sock. The first is the Go runtime's. */
#define SHIM_GO_DIRECTORY   "/run/vc/sbs"
#define SHIM_RUST_DIRECTORY "/run/kata"

struct shim_client {
	char *sandbox_id; /* the whole id, where only its beginning was given */
	char *socket;
};

/*
 * Is this the id of a sandbox, or the beginning of one? -EINVAL: "ID cannot be blank", "invalid
 * container/sandbox ID (should match ...)".
 */
int shim_check_sandbox_id(const char *id, struct error **err);

/*
 * Check the id and find the sandbox's socket; does not connect. An id that no sandbox has may be the
 * beginning of exactly one. -EINVAL for a bad id; -ENOENT when no such sandbox runs, -EACCES
 * for a user who may not know: "it fails to stat both ..."; -ENOTUNIQ when several begin so. shim_client_release() in every case.
 */
int shim_client_find(const char *id, struct shim_client *client, struct error **err);

/* The ids of all sandboxes that have a socket, sorted. */
void shim_client_list(struct string_list *ids);

/* The address of the guest's agent, without a newline: "vsock://CID:PORT", "hvsock://PATH:PORT". */
int shim_get_agent_url(const struct shim_client *client, char **url, struct error **err);

/* Metrics of the sandbox in Prometheus' text format, appended to *out. */
int shim_get_metrics(const struct shim_client *client, struct strbuf *out, struct error **err);

/* The guest's packet filter rules as iptables-save prints them, appended to *out. */
int shim_get_iptables(const struct shim_client *client, bool ipv6, struct strbuf *out,
		      struct error **err);

/* Replace them by what iptables-save has printed. */
int shim_set_iptables(const struct shim_client *client, bool ipv6, struct slice rules,
		      struct error **err);

/* Replace the agent's policy; the text is Rego. */
int shim_set_policy(const struct shim_client *client, struct slice policy, struct error **err);

/*
 * Use of the direct volume on this host device, appended to *out as JSON: {"usage":[{"available",
 * "total","used","unit"}],"volume_condition":{"abnormal","message"}}, zero members left out.
 */
int shim_get_volume_stats(const struct shim_client *client, const char *device, struct strbuf *out,
			  struct error **err);

/* Tell the guest that the direct volume on this host device has `size` bytes now. */
int shim_resize_volume(const struct shim_client *client, const char *device, uint64_t size,
		       struct error **err);

void shim_client_release(struct shim_client *client);
#define _cleanup_shim_client_ _cleanup_(shim_client_release)
