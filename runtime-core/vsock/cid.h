/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Finding a free CID, apart from the driver that knows which are free. */

#include <stdint.h>

/* 0 to 2 are the hypervisor, the loopback and the host; the highest number stands for any. */
#define VSOCK_FIRST_CID 3u
#define VSOCK_LAST_CID	(UINT32_MAX - 1)

/* So many are tried. With a thousand guests on the host, two random CIDs in a row are taken once in 10^13 cases. */
#define VSOCK_CID_ATTEMPTS 64

/*
 * Offer CIDs from `start` on, going around at the end, until `claim` (0, or a negative errno) takes one or fails
 * with anything but -EADDRINUSE. Returns what `claim` returned last.
 */
int vsock_cid_search(uint32_t start, int (*claim)(void *data, uint32_t cid), void *data,
		     uint32_t *cid);
