/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Netlink: requests to the kernel, and its answers. One socket carries one request at a time; it is cheap, so
 * that every job opens its own. What this room makes of messages is independent of sockets, and takes bytes from anywhere:
 * every length is checked, and sizes and tries are bounded (spec/reliability.md 8.5).
 *
 *	_cleanup_netlink_ struct netlink netlink = NETLINK_INIT;
 *	_cleanup_strbuf_ struct strbuf request = STRBUF_INIT;
 *
 *	netlink_begin(&request, RTM_SETLINK, 0, &(struct ifinfomsg){ .ifi_index = 3 }, sizeof(struct ifinfomsg));
 *	netlink_put_u32(&request, IFLA_MTU, 1400);
 *	netlink_open(&netlink, NETLINK_ROUTE, err);
 *	netlink_call(&netlink, &request, err);
 */

#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "base/strbuf.h"

#define NETLINK_MAX_DATAGRAM (64u << 10)
#define NETLINK_MAX_DUMP     (4u << 20) /* all answers to one request */

struct netlink {
	int fd;
	uint32_t port, sequence;
};

/* clang-format off */
#define NETLINK_INIT { .fd = -1 }
/* clang-format on */

/* Of the thread's network namespace. */
int netlink_open(struct netlink *netlink, int protocol, struct error **err);
void netlink_close(struct netlink *netlink);
#define _cleanup_netlink_ _cleanup_(netlink_close)

/* ---- requests ---------------------------------------------------------------------------------- */

/* Start a request: its type, flags (NLM_F_...), and the fixed struct of that type. `request` is empty. */
void netlink_begin(struct strbuf *request, uint16_t type, uint16_t flags, const void *header,
		   size_t header_size);

/* Add an attribute. */
void netlink_put(struct strbuf *request, uint16_t type, const void *data, size_t size);
void netlink_put_u32(struct strbuf *request, uint16_t type, uint32_t value);
/* With its NUL. */
void netlink_put_string(struct strbuf *request, uint16_t type, const char *text);

/* Attributes inside an attribute: what is put between the two. */
size_t netlink_nest(struct strbuf *request, uint16_t type);
void netlink_nest_end(struct strbuf *request, size_t nest);

/* Both block until the kernel has answered. */

/*
 * Do something. A refusal is the kernel's errno, with its explanation where it gives one; -ETIMEDOUT when it
 * says nothing for long.
 */
int netlink_call(struct netlink *netlink, struct strbuf *request, struct error **err);

/*
 * Ask for a list: the messages, one behind the other, are appended to *messages, for netlink_next(). Asked again
 * when the list has changed in between, -EINTR when it does so all the time; -EFBIG for one over NETLINK_MAX_DUMP.
 */
int netlink_dump(struct netlink *netlink, struct strbuf *request, struct strbuf *messages,
		 struct error **err);

/* ---- messages ---------------------------------------------------------------------------------- */

struct netlink_message {
	uint16_t type, flags;
	uint32_t sequence, port;
	struct slice payload;
};

/* Cut the first message off *rest. Returns 1, 0 at the end, -EBADMSG for a length that cannot be. */
int netlink_next(struct slice *rest, struct netlink_message *message, struct error **err);

/* Cut the fixed struct off the front of a payload, with the padding behind it. -EBADMSG where it is too short. */
int netlink_take(struct slice *payload, void *header, size_t size, struct error **err);

/*
 * Put each attribute into found[its type], where that is below `count`; of several the last one. One that is absent
 * has data == NULL. Goes no level deeper. -EBADMSG for a length that cannot be.
 */
int netlink_find(struct slice attributes, struct slice *found, size_t count, struct error **err);

/* The attribute's number; `otherwise` where it is absent or of another size. */
uint32_t netlink_u32(struct slice attribute, uint32_t otherwise);

/* What an NLMSG_ERROR says: 0, or a negative errno with the kernel's explanation in *err. */
int netlink_answer(const struct netlink_message *message, struct error **err);
