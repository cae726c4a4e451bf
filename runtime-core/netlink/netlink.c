// SPDX-License-Identifier: Apache-2.0
/*
 * A request carries a number, and what comes back carries the same one; anything else on the socket is of an earlier request
 * and dropped. A list ends with NLMSG_DONE, everything else with NLMSG_ERROR, whose errno is 0 for success.
 */
#include "netlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/memory.h"

#define DUMP_TRIES	  10
#define ANSWER_TIMEOUT_S  30
#define MAX_EXPLANATION	  256
#define ATTRIBUTE_TYPE(x) ((x)&NLA_TYPE_MASK)

/* ---- requests ---------------------------------------------------------------------------------- */

static void pad(struct strbuf *request)
{
	strbuf_fill(request, '\0', NLMSG_ALIGN(request->size) - request->size);
}

void netlink_begin(struct strbuf *request, uint16_t type, uint16_t flags, const void *header,
		   size_t header_size)
{
	struct nlmsghdr start = { .nlmsg_type = type, .nlmsg_flags = flags };

	strbuf_append(request, &start, sizeof(start));
	strbuf_append(request, header, header_size);
	pad(request);
}

void netlink_put(struct strbuf *request, uint16_t type, const void *data, size_t size)
{
	struct nlattr start = { .nla_len = (uint16_t)(sizeof(start) + size), .nla_type = type };

	strbuf_append(request, &start, sizeof(start));
	strbuf_append(request, data, size);
	pad(request);
}

void netlink_put_u32(struct strbuf *request, uint16_t type, uint32_t value)
{
	netlink_put(request, type, &value, sizeof(value));
}

void netlink_put_string(struct strbuf *request, uint16_t type, const char *text)
{
	netlink_put(request, type, text, strlen(text) + 1);
}

size_t netlink_nest(struct strbuf *request, uint16_t type)
{
	size_t nest = request->size;

	netlink_put(request, type | NLA_F_NESTED, NULL, 0);
	return nest;
}

void netlink_nest_end(struct strbuf *request, size_t nest)
{
	uint16_t size = (uint16_t)(request->size - nest);

	memcpy(request->data + nest + offsetof(struct nlattr, nla_len), &size, sizeof(size));
}

/* ---- messages ---------------------------------------------------------------------------------- */

int netlink_next(struct slice *rest, struct netlink_message *message, struct error **err)
{
	struct nlmsghdr start;

	if (rest->size == 0)
		return 0;
	if (rest->size < sizeof(start))
		return error_set(err, -EBADMSG, "a netlink message of %zu bytes", rest->size);
	memcpy(&start, rest->data, sizeof(start));
	if (start.nlmsg_len < sizeof(start) || start.nlmsg_len > rest->size)
		return error_set(err, -EBADMSG, "a netlink message of %zu bytes claims to have %u",
				 rest->size, start.nlmsg_len);
	*message = (struct netlink_message){
		.type = start.nlmsg_type,
		.flags = start.nlmsg_flags,
		.sequence = start.nlmsg_seq,
		.port = start.nlmsg_pid,
		.payload = slice_make(rest->data + sizeof(start), start.nlmsg_len - sizeof(start)),
	};
	*rest = slice_from(*rest, NLMSG_ALIGN((size_t)start.nlmsg_len));
	return 1;
}

int netlink_take(struct slice *payload, void *header, size_t size, struct error **err)
{
	if (payload->size < size)
		return error_set(err, -EBADMSG, "%zu bytes in a netlink message instead of %zu",
				 payload->size, size);
	memcpy(header, payload->data, size);
	*payload = slice_from(*payload, NLMSG_ALIGN(size));
	return 0;
}

int netlink_find(struct slice attributes, struct slice *found, size_t count, struct error **err)
{
	memset(found, 0, count * sizeof(*found));
	while (attributes.size >= sizeof(struct nlattr)) {
		struct nlattr start;

		memcpy(&start, attributes.data, sizeof(start));
		if (start.nla_len < sizeof(start) || start.nla_len > attributes.size)
			return error_set(err, -EBADMSG,
					 "a netlink attribute claims to have %u of %zu bytes",
					 start.nla_len, attributes.size);
		if (ATTRIBUTE_TYPE(start.nla_type) < count)
			found[ATTRIBUTE_TYPE(start.nla_type)] = slice_make(
				attributes.data + sizeof(start), start.nla_len - sizeof(start));
		attributes = slice_from(attributes, NLA_ALIGN((size_t)start.nla_len));
	}
	return 0;
}

uint32_t netlink_u32(struct slice attribute, uint32_t otherwise)
{
	if (attribute.size == sizeof(otherwise))
		memcpy(&otherwise, attribute.data, sizeof(otherwise));
	return otherwise;
}

/* Behind the errno stand our own request (or only its start) and, if it is marked so, attributes. */
static struct slice explanation(const struct netlink_message *message, struct slice payload)
{
	_cleanup_error_ struct error *ignored = NULL; /* then the errno alone must do */
	struct slice found[NLMSGERR_ATTR_MAX + 1], text;
	struct nlmsghdr request;
	size_t size = sizeof(request);

	if (!(message->flags & NLM_F_ACK_TLVS) || payload.size < sizeof(request))
		return slice_of("");
	memcpy(&request, payload.data, sizeof(request));
	if (!(message->flags & NLM_F_CAPPED))
		size = NLMSG_ALIGN((size_t)request.nlmsg_len);
	if (netlink_find(slice_from(payload, size), found, ARRAY_SIZE(found), &ignored) < 0 ||
	    !found[NLMSGERR_ATTR_MSG].data)
		return slice_of("");
	text = slice_first(found[NLMSGERR_ATTR_MSG], MAX_EXPLANATION);
	return slice_first(text, slice_find(text, '\0'));
}

int netlink_answer(const struct netlink_message *message, struct error **err)
{
	struct slice payload = message->payload, text;
	int code = 0;
	int ret = netlink_take(&payload, &code, sizeof(code), err);

	if (ret < 0 || code == 0)
		return ret;
	if (code > 0 || code < -4095)
		return error_set(err, -EBADMSG, "the kernel answers %d, which is no errno", code);
	text = explanation(message, payload);
	if (text.size == 0)
		return error_set(err, code, "%s", errno_text(code));
	return error_set(err, code, "%s (%.*s)", errno_text(code), SLICE_ARGS(text));
}

/* ---- the socket -------------------------------------------------------------------------------- */

int netlink_open(struct netlink *netlink, int protocol, struct error **err)
{
	struct timeval patience = { .tv_sec = ANSWER_TIMEOUT_S };
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct sockaddr_nl name = kernel;
	socklen_t size = sizeof(name);
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), on = 1;

	netlink->fd = fd;
	/* Connected: nobody but the kernel can send us anything. */
	if (fd < 0 || bind(fd, (const struct sockaddr *)&kernel, sizeof(kernel)) < 0 ||
	    connect(fd, (const struct sockaddr *)&kernel, sizeof(kernel)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&name, &size) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0)
		return error_set_errno(err, -errno, "open a netlink socket");
	/* Nice to have: a kernel without it gives the errno alone. */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	netlink->port = name.nl_pid;
	netlink->sequence = 0;
	return 0;
}

void netlink_close(struct netlink *netlink)
{
	if (netlink->fd >= 0)
		close(netlink->fd);
	netlink->fd = -1;
}

static int send_request(struct netlink *netlink, struct strbuf *request, uint16_t flags,
			struct error **err)
{
	struct nlmsghdr start;
	ssize_t sent;

	memcpy(&start, request->data, sizeof(start));
	start.nlmsg_len = (uint32_t)request->size;
	start.nlmsg_flags |= NLM_F_REQUEST | flags;
	start.nlmsg_seq = ++netlink->sequence;
	start.nlmsg_pid = netlink->port;
	memcpy(request->data, &start, sizeof(start));
	do
		sent = send(netlink->fd, request->data, request->size, 0);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? error_set_errno(err, -errno, "send to the kernel") : 0;
}

static int receive(const struct netlink *netlink, char *buffer, size_t capacity,
		   struct slice *datagram, struct error **err)
{
	ssize_t got;

	do
		got = recv(netlink->fd, buffer, capacity, MSG_TRUNC);
	while (got < 0 && errno == EINTR);
	if (got < 0 && errno == EAGAIN)
		return error_set(err, -ETIMEDOUT, "the kernel does not answer");
	if (got < 0)
		return error_set_errno(err, -errno, "receive from the kernel");
	if ((size_t)got > capacity)
		return error_set(err, -EMSGSIZE, "a netlink datagram of %zd bytes", got);
	*datagram = slice_make(buffer, (size_t)got);
	return 0;
}

/* ---- one request and its answers --------------------------------------------------------------- */

struct exchange {
	struct strbuf *messages; /* of a list; NULL when nothing but an acknowledgement is due */
	bool changed;		 /* the kernel could not give the list in one piece */
	bool finished;
};

static int keep(struct exchange *exchange, const struct netlink_message *message,
		struct error **err)
{
	struct nlmsghdr start = {
		.nlmsg_len = (uint32_t)(sizeof(start) + message->payload.size),
		.nlmsg_type = message->type,
		.nlmsg_flags = message->flags,
		.nlmsg_seq = message->sequence,
		.nlmsg_pid = message->port,
	};

	if (!exchange->messages)
		return 0;
	if (exchange->messages->size + start.nlmsg_len > NETLINK_MAX_DUMP)
		return error_set(err, -EFBIG, "the kernel's list is longer than %u bytes",
				 NETLINK_MAX_DUMP);
	strbuf_append(exchange->messages, &start, sizeof(start));
	strbuf_slice(exchange->messages, message->payload);
	pad(exchange->messages);
	return 0;
}

static int take_message(struct exchange *exchange, const struct netlink_message *message,
			struct error **err)
{
	if (message->flags & NLM_F_DUMP_INTR)
		exchange->changed = true;
	switch (message->type) {
	case NLMSG_NOOP:
		return 0;
	case NLMSG_ERROR:
		exchange->finished = true;
		return netlink_answer(message, err);
	case NLMSG_DONE:
		exchange->finished = true;
		/* With the errno of a list that broke off; older kernels send none. */
		return message->payload.size > 0 ? netlink_answer(message, err) : 0;
	case NLMSG_OVERRUN:
		return error_set(err, -ENOBUFS, "the kernel has lost an answer");
	default:
		return keep(exchange, message, err);
	}
}

static int converse(struct netlink *netlink, struct exchange *exchange, struct error **err)
{
	_cleanup_free_ char *buffer = xmalloc(NETLINK_MAX_DATAGRAM);

	while (!exchange->finished) {
		struct netlink_message message = { 0 };
		struct slice datagram = { 0 };
		int ret = receive(netlink, buffer, NETLINK_MAX_DATAGRAM, &datagram, err);

		if (ret < 0)
			return ret;
		while ((ret = netlink_next(&datagram, &message, err)) > 0) {
			if (message.sequence != netlink->sequence || message.port != netlink->port)
				continue;
			ret = take_message(exchange, &message, err);
			if (ret < 0)
				return ret;
		}
		if (ret < 0)
			return ret;
	}
	return 0;
}

int netlink_call(struct netlink *netlink, struct strbuf *request, struct error **err)
{
	struct exchange exchange = { 0 };
	int ret = send_request(netlink, request, NLM_F_ACK, err);

	return ret < 0 ? ret : converse(netlink, &exchange, err);
}

int netlink_dump(struct netlink *netlink, struct strbuf *request, struct strbuf *messages,
		 struct error **err)
{
	size_t before = messages->size;

	for (int i = 0; i < DUMP_TRIES; i++) {
		struct exchange exchange = { .messages = messages };
		int ret = send_request(netlink, request, NLM_F_DUMP, err);

		if (ret == 0)
			ret = converse(netlink, &exchange, err);
		if (ret == 0 && !exchange.changed)
			return 0;
		strbuf_truncate(messages, before);
		if (ret < 0)
			return ret;
	}
	return error_set(err, -EINTR, "the list changes while the kernel gives it, %d times",
			 DUMP_TRIES);
}
