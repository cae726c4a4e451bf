/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Between the agent and the process that it has started to become a workload: frames on a socket pair,
 * private to this program (spec/agent.md 11.2 says what must happen in which order). The workload's end
 * is descriptor WORKLOAD_CHANNEL.
 *
 *	agent: SETUP SPEC           workload: FAILED at any time, and ends
 *	[agent: GO]                 MAP_IDS (new user namespace: waits for GO)
 *	                            PID (number, as the agent sees it)
 *	[agent: GO]                 HOOKS (waits for GO; the first process only)
 *	                            READY
 *	agent: GO                   the first process starts only now; the others do not wait
 *
 * When the agent's end closes, a workload that waits gives up.
 */

#include <stdint.h>

#include "base/error.h"
#include "base/strbuf.h"

#define WORKLOAD_CHANNEL 3

/* The argument with which the agent starts its own program as a workload. */
#define WORKLOAD_ARGUMENT "init"

enum frame_type {
	FRAME_SETUP = 1,
	FRAME_SPEC,
	FRAME_GO,
	FRAME_MAP_IDS,
	FRAME_PID,
	FRAME_HOOKS,
	FRAME_READY,
	FRAME_FAILED,
};

/* What the workload is told beside its grpc.Spec. */
struct workload_setup {
	uint32_t is_init;  /* the container's first process */
	uint32_t no_pivot; /* the guest's root is an initramfs */
	uint32_t cgroup_v2;
	char container_id[128];
	char bundle[256];
};

/* Blocks. */
int channel_send(int fd, enum frame_type type, const void *data, size_t size, struct error **err);

/*
 * Wait for a frame, at most `timeout_ms` (-1: for ever); its bytes go to `data`. -EPIPE when the other side
 * is gone, -ETIMEDOUT, -EBADMSG.
 */
int channel_receive(int fd, int timeout_ms, enum frame_type *type, struct strbuf *data,
		    struct error **err);

/* The same for one type; a FAILED frame becomes an error with its text. */
int channel_expect(int fd, int timeout_ms, enum frame_type type, struct strbuf *data,
		   struct error **err);
