/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Listening in a guest, where vsock may come late: its driver is loaded after us, or its device is plugged into a
 * guest that was restored from a snapshot. A listener goes on trying until there is one (spec/runtime-core.md 18.1).
 *
 * Addresses are "vsock://CID:PORT" (-1: any CID), "unix:///PATH" and "unix://@NAME" (spec/agent.md 2.3).
 */

#include <stdbool.h>

#include "agent/loop/loop.h"

/* Is it a unix socket's address? */
bool listen_is_local(const char *address);

/*
 * Open a listening socket, close-on-exec. -EAFNOSUPPORT, -ENODEV, -EADDRNOTAVAIL while the guest has no vsock;
 * -EINVAL for what is no address.
 */
int listen_open(const char *address, struct error **err);

struct listener {
	struct loop *loop;
	const char *address; /* borrowed */
	/* Either the listening socket is given away ... */
	void (*opened)(struct listener *listener, int fd);
	/* ... or each connection: non-blocking, close-on-exec, and over vsock from the host only. */
	void (*accepted)(struct listener *listener, int fd);
	/* There will never be anything to listen on. */
	void (*failed)(struct listener *listener, const struct error *error);
	struct loop_source source; /* these are the listener's own */
	struct loop_timer again;
};

/* Begin, with the fields above filled in. The callbacks come on the loop, perhaps from within this call. */
void listener_start(struct listener *listener);

/* Take no connection for the time being; those that come wait in the kernel's queue. And go on. */
void listener_pause(struct listener *listener);
void listener_resume(struct listener *listener);

/* Stop and close. A listener that is zeroed, or whose socket is given away, may be stopped too. */
void listener_stop(struct listener *listener);
