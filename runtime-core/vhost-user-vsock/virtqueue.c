// SPDX-License-Identifier: Apache-2.0
#include "virtqueue.h"

#include <endian.h>
#include <errno.h>
#include <unistd.h>

/* Every access to the rings goes through these: once, whole, and in the order written. */
#define shared_get(pointer)	   __atomic_load_n(pointer, __ATOMIC_ACQUIRE)
#define shared_set(pointer, value) __atomic_store_n(pointer, value, __ATOMIC_RELEASE)
#define shared_fence()		   __atomic_thread_fence(__ATOMIC_SEQ_CST)

/* ---- the rings ------------------------------------------------------------------------------ */

/* The event words behind the rings, which only exist with event_idx but have room in any case. */
static __virtio16 *used_event(const struct virtqueue *queue)
{
	return &queue->available->ring[queue->size];
}

static __virtio16 *available_event(const struct virtqueue *queue)
{
	return (__virtio16 *)(void *)&queue->used->ring[queue->size];
}

int virtqueue_start(struct virtqueue *queue, const struct guest_memory *memory, struct error **err)
{
	uint32_t size = queue->size;
	struct virtqueue started = *queue;

	queue->running = false;
	if (size == 0 || size > VIRTQUEUE_MAX_SIZE || (size & (size - 1)) != 0)
		return error_set(err, -EINVAL, "a queue of %u entries; up to %d is possible", size,
				 VIRTQUEUE_MAX_SIZE);
	started.descriptors = guest_memory_frontend_object(memory, queue->descriptors_address,
							   sizeof(struct vring_desc) * size,
							   VRING_DESC_ALIGN_SIZE);
	started.available = guest_memory_frontend_object(memory, queue->available_address,
							 sizeof(struct vring_avail) +
								 sizeof(__virtio16) * (size + 1),
							 VRING_AVAIL_ALIGN_SIZE);
	started.used = guest_memory_frontend_object(memory, queue->used_address,
						    sizeof(struct vring_used) +
							    sizeof(struct vring_used_elem) * size +
							    sizeof(__virtio16),
						    VRING_USED_ALIGN_SIZE);
	if (!started.descriptors || !started.available || !started.used)
		return error_set(err, -EINVAL, "a queue that is not in the guest's memory");
	started.memory = memory;
	started.next_used = le16toh(shared_get(&started.used->idx));
	started.published = started.next_used;
	started.called = false;
	started.broken = false;
	started.running = true;
	*queue = started;
	return 0;
}

void virtqueue_stop(struct virtqueue *queue)
{
	queue->running = false;
}

/* An eventfd; a full counter means that the other side has been told often enough. */
static void signal_eventfd(int fd)
{
	uint64_t one = 1;
	ssize_t ignored;

	if (fd >= 0) {
		ignored = write(fd, &one, sizeof(one));
		(void)ignored;
	}
}

static int broken(struct virtqueue *queue, int code)
{
	queue->broken = true;
	signal_eventfd(queue->error_fd);
	return code;
}

/* ---- chains --------------------------------------------------------------------------------- */

struct walk {
	const struct virtqueue *queue;
	bool writable;
	struct iovec *pieces;
	size_t max;
	uint32_t descriptors; /* seen so far, against loops */
	struct virtqueue_chain *chain;
};

/* Bring a descriptor to this machine's order. */
static struct vring_desc decode(struct vring_desc raw)
{
	raw.addr = le64toh(raw.addr);
	raw.len = le32toh(raw.len);
	raw.flags = le16toh(raw.flags);
	raw.next = le16toh(raw.next);
	return raw;
}

static struct vring_desc read_descriptor(const struct virtqueue *queue, uint16_t index)
{
	const struct vring_desc *shared = &queue->descriptors[index];

	return decode((struct vring_desc){
		.addr = shared_get(&shared->addr),
		.len = shared_get(&shared->len),
		.flags = shared_get(&shared->flags),
		.next = shared_get(&shared->next),
	});
}

static int add_buffer(struct walk *walk, const struct vring_desc *descriptor)
{
	struct virtqueue_chain *chain = walk->chain;
	size_t left = VIRTQUEUE_MAX_PIECES - chain->piece_count;
	size_t room = walk->max - chain->piece_count;
	int count;

	if (++walk->descriptors > walk->queue->size)
		return -ELOOP;
	if (!(descriptor->flags & VRING_DESC_F_WRITE) == walk->writable)
		return -EINVAL;
	count = guest_memory_resolve(walk->queue->memory, descriptor->addr, descriptor->len,
				     walk->writable, &walk->pieces[chain->piece_count],
				     left < room ? left : room);
	if (count < 0)
		return count == -E2BIG && room < left ? -ENOBUFS : count;
	chain->piece_count += (size_t)count;
	chain->bytes += descriptor->len;
	return 0;
}

/* A table of descriptors in place of a buffer. It has no tables in it, and ends the chain. */
static int add_table(struct walk *walk, const struct vring_desc *table)
{
	uint32_t count = table->len / (uint32_t)sizeof(struct vring_desc);
	struct vring_desc descriptor;
	uint32_t index = 0;
	int ret;

	if (table->len == 0 || table->len % sizeof(struct vring_desc) != 0 ||
	    (table->flags & (VRING_DESC_F_NEXT | VRING_DESC_F_WRITE)))
		return -EINVAL;
	do {
		if (index >= count)
			return -EINVAL;
		ret = guest_memory_read(walk->queue->memory,
					table->addr + index * sizeof(descriptor), &descriptor,
					sizeof(descriptor));
		if (ret < 0)
			return ret;
		descriptor = decode(descriptor);
		if (descriptor.flags & VRING_DESC_F_INDIRECT)
			return -EINVAL;
		ret = add_buffer(walk, &descriptor);
		if (ret < 0)
			return ret;
		index = descriptor.next;
	} while (descriptor.flags & VRING_DESC_F_NEXT);
	return 0;
}

static int walk_chain(struct walk *walk, uint16_t head)
{
	struct vring_desc descriptor;
	uint32_t index = head;
	int ret;

	do {
		if (index >= walk->queue->size)
			return -EINVAL;
		descriptor = read_descriptor(walk->queue, (uint16_t)index);
		if (descriptor.flags & VRING_DESC_F_INDIRECT)
			return add_table(walk, &descriptor);
		ret = add_buffer(walk, &descriptor);
		if (ret < 0)
			return ret;
		index = descriptor.next;
	} while (descriptor.flags & VRING_DESC_F_NEXT);
	return 0;
}

int virtqueue_peek(struct virtqueue *queue, uint16_t ahead, bool writable, struct iovec *pieces,
		   size_t max, struct virtqueue_chain *chain)
{
	struct walk walk = { queue, writable, pieces, max, 0, chain };
	uint16_t given, index;
	int ret;

	if (!queue->running || queue->broken)
		return 0;
	given = (uint16_t)(le16toh(shared_get(&queue->available->idx)) - queue->next_available);
	if (given > queue->size)
		return broken(queue, -EINVAL);
	if (ahead >= given)
		return 0;
	index = (uint16_t)(queue->next_available + ahead) & (uint16_t)(queue->size - 1);
	*chain = (struct virtqueue_chain){ .head = le16toh(
						   shared_get(&queue->available->ring[index])) };
	ret = walk_chain(&walk, chain->head);
	if (ret < 0)
		return ret == -ENOBUFS ? ret : broken(queue, ret);
	return 1;
}

/* ---- giving back ---------------------------------------------------------------------------- */

void virtqueue_use(struct virtqueue *queue, uint16_t head, uint32_t written)
{
	struct vring_used_elem *element = &queue->used->ring[queue->next_used & (queue->size - 1)];

	shared_set(&element->id, htole32(head));
	shared_set(&element->len, htole32(written));
	queue->next_available++;
	queue->next_used++;
}

/* With event_idx the driver says from which entry on it wants to be called; else, whether. */
static bool wants_call(const struct virtqueue *queue, uint16_t before)
{
	if (!queue->event_idx)
		return !(le16toh(shared_get(&queue->available->flags)) &
			 VRING_AVAIL_F_NO_INTERRUPT);
	return !queue->called ||
	       vring_need_event(le16toh(shared_get(used_event(queue))), queue->next_used, before);
}

void virtqueue_publish(struct virtqueue *queue)
{
	uint16_t before = queue->published;

	if (!queue->running || before == queue->next_used)
		return;
	shared_set(&queue->used->idx, htole16(queue->next_used));
	queue->published = queue->next_used;
	/* The driver sets its wish and then looks at idx: one of us sees the other. */
	shared_fence();
	if (wants_call(queue, before))
		signal_eventfd(queue->call_fd);
	queue->called = true;
}

bool virtqueue_want_kick(struct virtqueue *queue)
{
	if (!queue->running || queue->broken)
		return false;
	if (queue->event_idx)
		shared_set(available_event(queue), htole16(queue->next_available));
	else
		shared_set(&queue->used->flags, htole16(0));
	shared_fence();
	return le16toh(shared_get(&queue->available->idx)) != queue->next_available;
}

void virtqueue_refuse_kicks(struct virtqueue *queue)
{
	if (queue->running && !queue->event_idx)
		shared_set(&queue->used->flags, htole16(VRING_USED_F_NO_NOTIFY));
}
