/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Reaching a guest: over AF_VSOCK, over the unix socket of a hypervisor that proxies to the guest's vsock
 * ("hybrid vsock"), or over a plain unix socket (spec/agent.md 2.3, spec/runtime-core.md 16).
 *
 * A guest's end is not trusted: what the proxy answers is bounded in size and time (spec/reliability.md 8.5).
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/slice.h"

enum vsock_scheme {
	VSOCK_SCHEME_VSOCK,  /* vsock://CID:PORT */
	VSOCK_SCHEME_HYBRID, /* hvsock://PATH:PORT */
	VSOCK_SCHEME_REMOTE, /* remote://PATH, the unix socket of a remote hypervisor */
	VSOCK_SCHEME_MOCK,   /* mock://PATH, a unix socket in tests */
	VSOCK_SCHEME_UNIX,   /* unix://PATH or unix://@NAME */
};

struct vsock_address {
	enum vsock_scheme scheme;
	char *url;  /* as it was given */
	char *path; /* NULL with vsock:// */
	uint32_t cid;
	uint32_t port;
};

/*
 * Parse an address as the host's agent client takes it. unix:// is for tools only (`allow_unix`); the runtimes
 * refuse it. The result is released by the caller. Errors are -EINVAL with the texts of spec/agent.md 2.3.
 */
int vsock_address_parse(const char *url, bool allow_unix, struct vsock_address *address,
			struct error **err);

void vsock_address_release(struct vsock_address *address);
#define _cleanup_vsock_address_ _cleanup_(vsock_address_release)

#define VSOCK_DIAL_TIMEOUT_MS 30000

struct vsock_dial {
	int64_t timeout_ms; /* for all attempts together; 0: VSOCK_DIAL_TIMEOUT_MS */
	/*
	 * Asked between attempts, so that nobody waits for a guest whose hypervisor is dead: an error ends the
	 * dialling with this error. May be NULL.
	 */
	int (*check)(void *data, struct error **err);
	void *data;
};

/*
 * Connect, trying again about every 10 ms until the time is over: a guest refuses until its agent listens.
 * Returns a blocking descriptor. `dial` may be NULL. Blocks. Error: -ETIMEDOUT with the texts of spec/agent.md 2.3,
 * followed by what the last attempt met.
 */
int vsock_dial(const struct vsock_address *address, const struct vsock_dial *dial,
	       struct error **err);

/* Listen on AF_VSOCK; VMADDR_CID_ANY for any CID. Returns a blocking descriptor. */
int vsock_listen(uint32_t cid, uint32_t port, struct error **err);

/*
 * Listen for what the guest behind the hybrid socket `path` connects to on the host's `port`: the unix socket
 * PATH_PORT, made as unix_listen() does.
 */
int vsock_hybrid_listen(const char *path, uint32_t port, mode_t mode, struct error **err);

/* The longest line of the hybrid handshake, with its newline. */
#define VSOCK_HYBRID_MAX_LINE 64

/* "CONNECT PORT" or "connect PORT", as a client of the hybrid socket says it; without the newline. -EINVAL. */
int vsock_hybrid_parse_request(struct slice line, uint32_t *port);

/*
 * Take a CID that no other guest of this host has from the host's vhost driver. Returns the descriptor of
 * `device` ("/dev/vhost-vsock") that holds it, for the hypervisor to inherit: the CID is taken as long as it is
 * open. Errors: -ENOENT and the like where the driver is missing; -EADDRINUSE after many CIDs that were taken.
 */
int vsock_cid_allocate(const char *device, uint32_t *cid, struct error **err);
#define VSOCK_VHOST_DEVICE "/dev/vhost-vsock"
