// SPDX-License-Identifier: Apache-2.0
#include "requests.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_config.h>
#include <linux/virtio_vsock.h>
#include <string.h>
#include <sys/stat.h>

static const uint64_t offered_features =
	BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_RING_F_INDIRECT_DESC) | BIT(VIRTIO_RING_F_EVENT_IDX) |
	BIT(VHOST_USER_F_PROTOCOL_FEATURES);

static const uint64_t offered_protocol_features =
	BIT(VHOST_USER_PROTOCOL_F_MQ) | BIT(VHOST_USER_PROTOCOL_F_REPLY_ACK) |
	BIT(VHOST_USER_PROTOCOL_F_CONFIG) | BIT(VHOST_USER_PROTOCOL_F_RESET_DEVICE) |
	BIT(VHOST_USER_PROTOCOL_F_CONFIGURE_MEM_SLOTS) | BIT(VHOST_USER_PROTOCOL_F_STATUS);

/* NULL, and the error is set, when there is no such queue. */
static struct frontend_queue *find_queue(struct frontend *frontend, uint64_t index,
					 struct error **err)
{
	if (index < FRONTEND_QUEUE_COUNT)
		return &frontend->queues[index];
	error_set(err, -EINVAL, "there is no queue %llu", (unsigned long long)index);
	return NULL;
}

static int reply(struct frontend *frontend, const struct vhost_user_message *message,
		 const void *payload, size_t size, struct error **err)
{
	return vhost_user_reply(frontend->source.fd, message->header.request, payload, size, err);
}

static int reply_number(struct frontend *frontend, const struct vhost_user_message *message,
			uint64_t number, struct error **err)
{
	return reply(frontend, message, &number, sizeof(number), err);
}

static int get_features(struct frontend *frontend, struct vhost_user_message *message,
			struct error **err)
{
	return reply_number(frontend, message, offered_features, err);
}

static int set_features(struct frontend *frontend, struct vhost_user_message *message,
			struct error **err)
{
	uint64_t features = message->payload.number;

	if (features & ~offered_features)
		return error_set(err, -EINVAL, "features %#llx that were not offered",
				 (unsigned long long)(features & ~offered_features));
	frontend->features = features;
	for (size_t i = 0; i < FRONTEND_QUEUE_COUNT; i++) {
		struct frontend_queue *queue = &frontend->queues[i];

		queue->virtqueue.event_idx = (features & BIT(VIRTIO_RING_F_EVENT_IDX)) != 0;
		/* Without the protocol's features there is no message to enable a queue. */
		if (!(features & BIT(VHOST_USER_F_PROTOCOL_FEATURES)))
			queue->enabled = true;
	}
	return 0;
}

static int get_protocol_features(struct frontend *frontend, struct vhost_user_message *message,
				 struct error **err)
{
	return reply_number(frontend, message, offered_protocol_features, err);
}

static int set_protocol_features(struct frontend *frontend, struct vhost_user_message *message,
				 struct error **err)
{
	uint64_t features = message->payload.number;

	if (features & ~offered_protocol_features)
		return error_set(err, -EINVAL, "protocol features %#llx that were not offered",
				 (unsigned long long)(features & ~offered_protocol_features));
	frontend->protocol_features = features;
	return 0;
}

static int get_queue_num(struct frontend *frontend, struct vhost_user_message *message,
			 struct error **err)
{
	return reply_number(frontend, message, FRONTEND_QUEUE_COUNT, err);
}

static int set_owner(struct frontend *frontend, struct vhost_user_message *message,
		     struct error **err)
{
	/* There is one front end, and it owns the device by being connected. */
	(void)frontend;
	(void)message;
	(void)err;
	return 0;
}

static int reset_device(struct frontend *frontend, struct vhost_user_message *message,
			struct error **err)
{
	(void)message;
	(void)err;
	for (size_t i = 0; i < FRONTEND_QUEUE_COUNT; i++)
		frontend_queue_release(&frontend->queues[i], frontend->loop);
	frontend->features = 0;
	frontend->status = 0;
	frontend->driver_changed = true;
	return 0;
}

/*
 * The memory is another: the rings of running queues are elsewhere. Every queue is looked at, whatever becomes of
 * the others: one that finds its rings no more stops, and none goes on with pointers to what was unmapped.
 */
static int move_queues(struct frontend *frontend, struct error **err)
{
	struct error *first = NULL;

	for (size_t i = 0; i < FRONTEND_QUEUE_COUNT; i++) {
		struct virtqueue *queue = &frontend->queues[i].virtqueue;
		_cleanup_error_ struct error *error = NULL;

		if (queue->running && virtqueue_start(queue, &frontend->memory, &error) < 0 &&
		    !first)
			first = steal(error);
	}
	return error_propagate(err, first);
}

static struct guest_region region_of(const struct vhost_user_region *region)
{
	return (struct guest_region){
		.guest_address = region->guest_address,
		.size = region->size,
		.frontend_address = region->frontend_address,
		.file_offset = region->file_offset,
	};
}

/* Map all regions of a table, or none of them. */
static int map_table(struct guest_memory *memory, const struct vhost_user_message *message,
		     struct error **err)
{
	const struct vhost_user_memory_table *table = &message->payload.memory;

	for (size_t i = 0; i < table->count; i++) {
		struct guest_region region = region_of(&table->regions[i]);
		int ret = guest_memory_add(memory, &region, message->fds[i], err);

		if (ret < 0) {
			guest_memory_clear(memory);
			return ret;
		}
	}
	return 0;
}

static int set_memory_table(struct frontend *frontend, struct vhost_user_message *message,
			    struct error **err)
{
	const struct vhost_user_memory_table *table = &message->payload.memory;
	_cleanup_error_ struct error *stopped = NULL;
	size_t count = table->count;
	int ret;

	if (count > VHOST_USER_MAX_REGIONS || count != message->fd_count ||
	    message->header.size < offsetof(struct vhost_user_memory_table, regions) +
					   count * sizeof(table->regions[0]))
		return error_set(err, -EINVAL, "a memory table of %zu regions in %u bytes", count,
				 message->header.size);
	guest_memory_clear(&frontend->memory);
	ret = map_table(&frontend->memory, message, err);
	if (ret == 0)
		return move_queues(frontend, err);
	/* No memory is left, so that the queues stop; why is said already. */
	move_queues(frontend, &stopped);
	return ret;
}

static int get_max_memory_slots(struct frontend *frontend, struct vhost_user_message *message,
				struct error **err)
{
	return reply_number(frontend, message, GUEST_MEMORY_MAX_REGIONS, err);
}

static int add_memory_region(struct frontend *frontend, struct vhost_user_message *message,
			     struct error **err)
{
	struct guest_region region = region_of(&message->payload.slot.region);
	int ret;

	if (message->fd_count != 1)
		return error_set(err, -EINVAL, "a memory region without its file");
	ret = guest_memory_add(&frontend->memory, &region, message->fds[0], err);
	return ret < 0 ? ret : move_queues(frontend, err);
}

static int remove_memory_region(struct frontend *frontend, struct vhost_user_message *message,
				struct error **err)
{
	struct guest_region region = region_of(&message->payload.slot.region);
	int ret = guest_memory_remove(&frontend->memory, &region, err);

	return ret < 0 ? ret : move_queues(frontend, err);
}

static int set_vring_num(struct frontend *frontend, struct vhost_user_message *message,
			 struct error **err)
{
	struct frontend_queue *queue = find_queue(frontend, message->payload.state.index, err);

	if (!queue)
		return error_code(*err);
	if (queue->virtqueue.running)
		return error_set(err, -EBUSY, "a new size for a queue that is running");
	queue->virtqueue.size = message->payload.state.value;
	return 0;
}

static int set_vring_addresses(struct frontend *frontend, struct vhost_user_message *message,
			       struct error **err)
{
	const struct vhost_user_vring_addresses *addresses = &message->payload.addresses;
	struct frontend_queue *queue = find_queue(frontend, addresses->index, err);

	if (!queue)
		return error_code(*err);
	queue->virtqueue.descriptors_address = addresses->descriptors;
	queue->virtqueue.available_address = addresses->available;
	queue->virtqueue.used_address = addresses->used;
	return queue->virtqueue.running ? virtqueue_start(&queue->virtqueue, &frontend->memory, err)
					: 0;
}

/* A queue that goes on elsewhere than it was stopped belongs to a driver that has started anew. */
static int set_vring_base(struct frontend *frontend, struct vhost_user_message *message,
			  struct error **err)
{
	struct frontend_queue *queue = find_queue(frontend, message->payload.state.index, err);

	if (!queue)
		return error_code(*err);
	queue->virtqueue.next_available = (uint16_t)message->payload.state.value;
	if (queue->stopped && queue->stopped_at != queue->virtqueue.next_available)
		frontend->driver_changed = true;
	queue->stopped = false;
	return 0;
}

static int get_vring_base(struct frontend *frontend, struct vhost_user_message *message,
			  struct error **err)
{
	struct vhost_user_vring_state state = message->payload.state;
	struct frontend_queue *queue = find_queue(frontend, state.index, err);

	if (!queue)
		return error_code(*err);
	frontend_queue_stop(queue, frontend->loop);
	queue->stopped = true;
	queue->stopped_at = queue->virtqueue.next_available;
	state.value = queue->stopped_at;
	return reply(frontend, message, &state, sizeof(state), err);
}

static int set_vring_enable(struct frontend *frontend, struct vhost_user_message *message,
			    struct error **err)
{
	struct frontend_queue *queue = find_queue(frontend, message->payload.state.index, err);

	if (!queue)
		return error_code(*err);
	queue->enabled = message->payload.state.value != 0;
	return frontend_queue_update(queue, &frontend->memory, err);
}

/*
 * Take the eventfd out of a message; -1 when the front end has none for this queue. We write to it, so it must not be
 * anything that could block or raise a signal: files without a type are the kernel's own, such as eventfds.
 */
static int take_eventfd(struct vhost_user_message *message, int *fd, struct error **err)
{
	struct stat status;

	*fd = -1;
	if (message->payload.number & VHOST_USER_VRING_NO_FD)
		return 0;
	if (message->fd_count != 1 || fstat(message->fds[0], &status) < 0 ||
	    (status.st_mode & S_IFMT) != 0)
		return error_set(err, -EINVAL, "a queue's message without its eventfd");
	if (fcntl(message->fds[0], F_SETFL, O_NONBLOCK) < 0)
		return error_set_errno(err, -errno, "make an eventfd non-blocking");
	*fd = steal_fd(message->fds[0]);
	return 0;
}

static struct frontend_queue *find_eventfds_queue(struct frontend *frontend,
						  const struct vhost_user_message *message,
						  struct error **err)
{
	return find_queue(frontend, message->payload.number & VHOST_USER_VRING_INDEX_MASK, err);
}

static int set_vring_kick(struct frontend *frontend, struct vhost_user_message *message,
			  struct error **err)
{
	struct frontend_queue *queue = find_eventfds_queue(frontend, message, err);
	int fd, ret;

	if (!queue)
		return error_code(*err);
	ret = take_eventfd(message, &fd, err);
	if (ret < 0)
		return ret;
	if (fd < 0)
		return error_set(err, -ENOTSUP, "a queue without kicks, to be polled");
	ret = frontend_queue_set_kick(queue, frontend->loop, fd, err);
	return ret < 0 ? ret : frontend_queue_update(queue, &frontend->memory, err);
}

static int set_vring_call(struct frontend *frontend, struct vhost_user_message *message,
			  struct error **err)
{
	struct frontend_queue *queue = find_eventfds_queue(frontend, message, err);
	int fd, ret;

	if (!queue)
		return error_code(*err);
	ret = take_eventfd(message, &fd, err);
	if (ret < 0)
		return ret;
	frontend_queue_set_fd(&queue->virtqueue.call_fd, fd);
	/* What was published in between may have called nobody. */
	queue->virtqueue.called = false;
	return 0;
}

static int set_vring_error(struct frontend *frontend, struct vhost_user_message *message,
			   struct error **err)
{
	struct frontend_queue *queue = find_eventfds_queue(frontend, message, err);
	int fd, ret;

	if (!queue)
		return error_code(*err);
	ret = take_eventfd(message, &fd, err);
	if (ret < 0)
		return ret;
	frontend_queue_set_fd(&queue->virtqueue.error_fd, fd);
	return 0;
}

/* The device's configuration is the guest's CID. An empty answer says that there is no such part of it. */
static int get_config(struct frontend *frontend, struct vhost_user_message *message,
		      struct error **err)
{
	struct virtio_vsock_config device = { .guest_cid = htole64(frontend->guest_cid) };
	struct vhost_user_config answer = message->payload.config;
	size_t size = offsetof(struct vhost_user_config, bytes) + answer.size;

	if (answer.offset > sizeof(device) || answer.size > sizeof(device) - answer.offset)
		return reply(frontend, message, NULL, 0, err);
	memcpy(answer.bytes, (const char *)&device + answer.offset, answer.size);
	return reply(frontend, message, &answer, size, err);
}

static int set_status(struct frontend *frontend, struct vhost_user_message *message,
		      struct error **err)
{
	(void)err;
	frontend->status = message->payload.number;
	return 0;
}

static int get_status(struct frontend *frontend, struct vhost_user_message *message,
		      struct error **err)
{
	return reply_number(frontend, message, frontend->status, err);
}

#define PAYLOAD(member) sizeof(((union vhost_user_payload *)NULL)->member)

const struct request requests[VHOST_USER_REQUEST_COUNT] = {
	[VHOST_USER_GET_FEATURES] = { .handle = get_features, .answers = true },
	[VHOST_USER_SET_FEATURES] = { .handle = set_features, .size = PAYLOAD(number) },
	[VHOST_USER_SET_OWNER] = { .handle = set_owner },
	[VHOST_USER_RESET_OWNER] = { .handle = reset_device },
	[VHOST_USER_SET_MEM_TABLE] = { .handle = set_memory_table,
				       .size = offsetof(struct vhost_user_memory_table, regions),
				       .max_fds = VHOST_USER_MAX_REGIONS },
	[VHOST_USER_SET_VRING_NUM] = { .handle = set_vring_num, .size = PAYLOAD(state) },
	[VHOST_USER_SET_VRING_ADDR] = { .handle = set_vring_addresses, .size = PAYLOAD(addresses) },
	[VHOST_USER_SET_VRING_BASE] = { .handle = set_vring_base, .size = PAYLOAD(state) },
	[VHOST_USER_GET_VRING_BASE] = { .handle = get_vring_base,
					.size = PAYLOAD(state),
					.answers = true },
	[VHOST_USER_SET_VRING_KICK] = { .handle = set_vring_kick,
					.size = PAYLOAD(number),
					.max_fds = 1 },
	[VHOST_USER_SET_VRING_CALL] = { .handle = set_vring_call,
					.size = PAYLOAD(number),
					.max_fds = 1 },
	[VHOST_USER_SET_VRING_ERR] = { .handle = set_vring_error,
				       .size = PAYLOAD(number),
				       .max_fds = 1 },
	[VHOST_USER_GET_PROTOCOL_FEATURES] = { .handle = get_protocol_features, .answers = true },
	[VHOST_USER_SET_PROTOCOL_FEATURES] = { .handle = set_protocol_features,
					       .size = PAYLOAD(number) },
	[VHOST_USER_GET_QUEUE_NUM] = { .handle = get_queue_num, .answers = true },
	[VHOST_USER_SET_VRING_ENABLE] = { .handle = set_vring_enable, .size = PAYLOAD(state) },
	[VHOST_USER_GET_CONFIG] = { .handle = get_config,
				    .size = offsetof(struct vhost_user_config, bytes),
				    .answers = true },
	[VHOST_USER_RESET_DEVICE] = { .handle = reset_device },
	[VHOST_USER_GET_MAX_MEM_SLOTS] = { .handle = get_max_memory_slots, .answers = true },
	[VHOST_USER_ADD_MEM_REG] = { .handle = add_memory_region,
				     .size = PAYLOAD(slot),
				     .max_fds = 1 },
	[VHOST_USER_REM_MEM_REG] = { .handle = remove_memory_region,
				     .size = PAYLOAD(slot),
				     .max_fds = 1 },
	[VHOST_USER_SET_STATUS] = { .handle = set_status, .size = PAYLOAD(number) },
	[VHOST_USER_GET_STATUS] = { .handle = get_status, .answers = true },
};
