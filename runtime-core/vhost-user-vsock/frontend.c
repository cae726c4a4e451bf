// SPDX-License-Identifier: Apache-2.0
#include "frontend.h"

#include <errno.h>

#include "base/log.h"
#include "base/memory.h"
#include "requests.h"

static int obey(struct frontend *frontend, struct vhost_user_message *message,
		const struct request *request, struct error **err)
{
	if (!request)
		return error_set(err, -ENOTSUP, "an unknown request");
	if (message->header.size < request->size)
		return error_set(err, -EPROTO, "a payload of %u bytes, not %zu",
				 message->header.size, request->size);
	if (message->fd_count > request->max_fds)
		return error_set(err, -EPROTO, "%zu descriptors too many",
				 message->fd_count - request->max_fds);
	return request->handle(frontend, message, err);
}

/* Obey, and say so where the front end wants to hear of it. What it does not hear of ends the connection. */
static int handle_message(struct frontend *frontend, struct vhost_user_message *message,
			  struct error **err)
{
	uint32_t number = message->header.request;
	const struct request *request =
		number < ARRAY_SIZE(requests) && requests[number].handle ? &requests[number] : NULL;
	bool answer = (message->header.flags & VHOST_USER_NEED_REPLY) &&
		      (frontend->protocol_features & BIT(VHOST_USER_PROTOCOL_F_REPLY_ACK)) &&
		      !(request && request->answers);
	_cleanup_error_ struct error *refused = NULL;
	uint64_t verdict = 0;

	if (obey(frontend, message, request, &refused) < 0) {
		verdict = 1;
		frontend->refused_messages++;
		error_wrap(&refused, "vhost-user request %u", number);
		if (!answer)
			return error_propagate(err, steal(refused));
		log_warning("refused what the hypervisor asked of the vsock device",
			    LOG_STR("error", error_message(refused)));
	}
	if (!answer)
		return 0;
	return vhost_user_reply(frontend->source.fd, number, &verdict, sizeof(verdict), err);
}

int frontend_receive(struct frontend *frontend, struct error **err)
{
	int ret;

	do {
		ret = vhost_user_receive(frontend->source.fd, &frontend->reader, err);
		if (ret == 0)
			return 0;
		if (ret > 0)
			ret = handle_message(frontend, &frontend->reader.message, err);
		vhost_user_reader_clear(&frontend->reader);
	} while (ret >= 0);
	return ret;
}

void frontend_init(struct frontend *frontend, struct loop *loop, uint64_t guest_cid)
{
	*frontend = (struct frontend){ .loop = loop, .source.fd = -1, .guest_cid = guest_cid };
	for (size_t i = 0; i < FRONTEND_QUEUE_COUNT; i++)
		frontend_queue_init(&frontend->queues[i]);
}

int frontend_open(struct frontend *frontend, int fd, void (*ready)(void *owner, uint32_t events),
		  void *owner, struct error **err)
{
	int ret;

	frontend->source = (struct loop_source){ .fd = fd, .ready = ready, .owner = owner };
	ret = loop_add(frontend->loop, &frontend->source, EPOLLIN, err);
	if (ret < 0)
		loop_source_close(&frontend->source);
	return ret;
}

void frontend_close(struct frontend *frontend)
{
	loop_source_close(&frontend->source);
	vhost_user_reader_clear(&frontend->reader);
	for (size_t i = 0; i < FRONTEND_QUEUE_COUNT; i++)
		frontend_queue_release(&frontend->queues[i], frontend->loop);
	guest_memory_clear(&frontend->memory);
	frontend->features = 0;
	frontend->protocol_features = 0;
	frontend->status = 0;
	frontend->driver_changed = false;
}
