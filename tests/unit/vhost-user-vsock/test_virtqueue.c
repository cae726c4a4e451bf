// SPDX-License-Identifier: Apache-2.0
/* One queue in a guest's memory: chains as drivers make them, chains as no driver should, and notifications. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>

#include "fake_guest.h"
#include "vhost-user-vsock/virtqueue.h"

struct fixture {
	struct fake_guest guest; /* only its memory and the first queue */
	struct guest_memory memory;
	struct virtqueue queue;
	struct iovec pieces[VIRTQUEUE_MAX_PIECES];
	struct virtqueue_chain chain;
};

static void add_region(struct fixture *fixture, uint32_t offset)
{
	struct guest_region region = {
		.guest_address = fake_guest_address(offset),
		.size = FAKE_REGION_SIZE,
		.frontend_address = fake_user_address(offset),
		.file_offset = offset,
	};
	struct error *err = NULL;

	assert_ok(guest_memory_add(&fixture->memory, &region, fixture->guest.memory_fd, &err), err);
}

static int set_up(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof(*fixture));
	struct fake_guest *guest = &fixture->guest;
	struct fake_queue *rings = &guest->queues[0];
	struct error *err = NULL;

	fake_make_memory(guest);
	add_region(fixture, 0);
	add_region(fixture, FAKE_REGION_SIZE);
	fixture->queue = (struct virtqueue){
		.size = FAKE_QUEUE_SIZE,
		.descriptors_address = fake_user_address(fake_offset(guest, rings->descriptors)),
		.available_address = fake_user_address(fake_offset(guest, rings->available)),
		.used_address = fake_user_address(fake_offset(guest, rings->used)),
		.call_fd = rings->call,
		.error_fd = rings->kick,
	};
	assert_ok(virtqueue_start(&fixture->queue, &fixture->memory, &err), err);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 2; i++) {
		close(fixture->guest.queues[i].kick);
		close(fixture->guest.queues[i].call);
	}
	guest_memory_clear(&fixture->memory);
	munmap(fixture->guest.memory, FAKE_MEMORY_SIZE);
	close(fixture->guest.memory_fd);
	free(fixture);
	return 0;
}

static void describe(struct fixture *fixture, uint16_t index, uint64_t address, uint32_t length,
		     uint16_t flags, uint16_t next)
{
	fixture->guest.queues[0].descriptors[index] =
		(struct vring_desc){ .addr = address, .len = length, .flags = flags, .next = next };
}

static void give(struct fixture *fixture, uint16_t head)
{
	fake_give(&fixture->guest, 0, head);
}

static int peek(struct fixture *fixture, bool writable)
{
	return virtqueue_peek(&fixture->queue, 0, writable, fixture->pieces, VIRTQUEUE_MAX_PIECES,
			      &fixture->chain);
}

static uint64_t events(int fd)
{
	uint64_t count = 0;

	return read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

/* The chain breaks the queue, the front end hears of it, and nothing is taken any more. */
static void expect_broken(struct fixture *fixture, int ret, int code)
{
	assert_int_equal(ret, code);
	assert_true(fixture->queue.broken);
	assert_int_equal(events(fixture->queue.error_fd), 1);
	assert_int_equal(peek(fixture, false), 0);
	assert_false(virtqueue_want_kick(&fixture->queue));
	assert_int_equal(fixture->queue.next_available, 0);
}

/* ---- good chains ---------------------------------------------------------------------------- */

static void chains_are_read(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(peek(fixture, false), 0);
	describe(fixture, 5, fake_guest_address(0x20000), 100, VRING_DESC_F_NEXT, 9);
	describe(fixture, 9, fake_guest_address(0x30000), 50, VRING_DESC_F_NEXT, 2);
	describe(fixture, 2, fake_guest_address(0), 0, 0, 1234);
	give(fixture, 5);
	assert_int_equal(peek(fixture, false), 1);
	assert_int_equal(fixture->chain.head, 5);
	assert_int_equal(fixture->chain.bytes, 150);
	assert_int_equal(fixture->chain.piece_count, 2);
	/* Twice the same, since nothing was taken. */
	assert_int_equal(peek(fixture, false), 1);

	virtqueue_use(&fixture->queue, 5, 7);
	assert_int_equal(peek(fixture, false), 0);
	assert_int_equal(fixture->guest.queues[0].used->idx, 0);
	virtqueue_publish(&fixture->queue);
	assert_int_equal(fixture->guest.queues[0].used->idx, 1);
	assert_int_equal(fixture->guest.queues[0].used->ring[0].id, 5);
	assert_int_equal(fixture->guest.queues[0].used->ring[0].len, 7);
}

static void buffers_across_regions_are_in_pieces(void **state)
{
	struct fixture *fixture = *state;
	uint32_t start = FAKE_REGION_SIZE - 10;

	describe(fixture, 0, fake_guest_address(start), 30, 0, 0);
	give(fixture, 0);
	memset(fixture->guest.memory + start, 'a', 10);
	memset(fixture->guest.memory + start + 10, 'b', 20);
	assert_int_equal(peek(fixture, false), 1);
	assert_int_equal(fixture->chain.piece_count, 2);
	assert_int_equal(fixture->pieces[0].iov_len, 10);
	assert_int_equal(fixture->pieces[1].iov_len, 20);
	assert_memory_equal(fixture->pieces[0].iov_base, "aaaaaaaaaa", 10);
	assert_memory_equal(fixture->pieces[1].iov_base, "bbbbbbbbbbbbbbbbbbbb", 20);
}

/* The table lies at an odd address, and half of it in the other region. */
static void tables_are_read(void **state)
{
	struct fixture *fixture = *state;
	struct vring_desc table[3] = {
		{ .addr = fake_guest_address(0x20000),
		  .len = 1,
		  .flags = VRING_DESC_F_NEXT,
		  .next = 2 },
		{ .addr = fake_guest_address(0x20200), .len = 4, .flags = 0 },
		{ .addr = fake_guest_address(0x20100),
		  .len = 2,
		  .flags = VRING_DESC_F_NEXT,
		  .next = 1 },
	};
	uint32_t place = FAKE_REGION_SIZE - 23;

	memcpy(fixture->guest.memory + place, table, sizeof(table));
	describe(fixture, 7, fake_guest_address(0x10000), 8, VRING_DESC_F_NEXT, 8);
	describe(fixture, 8, fake_guest_address(place), sizeof(table), VRING_DESC_F_INDIRECT, 0);
	give(fixture, 7);
	assert_int_equal(peek(fixture, false), 1);
	assert_int_equal(fixture->chain.bytes, 15);
	assert_int_equal(fixture->chain.piece_count, 4);
}

static void one_can_look_ahead(void **state)
{
	struct fixture *fixture = *state;
	struct virtqueue *queue = &fixture->queue;

	for (uint16_t i = 0; i < 3; i++) {
		describe(fixture, i, fake_guest_address(0x10000), 10 + i, VRING_DESC_F_WRITE, 0);
		give(fixture, i);
	}
	for (uint16_t i = 0; i < 3; i++) {
		assert_int_equal(
			virtqueue_peek(queue, i, true, fixture->pieces, 10, &fixture->chain), 1);
		assert_int_equal(fixture->chain.bytes, 10 + i);
	}
	assert_int_equal(virtqueue_peek(queue, 3, true, fixture->pieces, 10, &fixture->chain), 0);
	/* No room is no break. */
	assert_int_equal(virtqueue_peek(queue, 1, true, fixture->pieces, 0, &fixture->chain),
			 -ENOBUFS);
	assert_false(queue->broken);
}

/* A queue that has gone around more than once, and whose counters wrap. */
static void rings_go_around(void **state)
{
	struct fixture *fixture = *state;
	struct fake_queue *rings = &fixture->guest.queues[0];

	describe(fixture, 3, fake_guest_address(0x10000), 1, 0, 0);
	for (int i = 0; i < 70000; i++) {
		give(fixture, 3);
		assert_int_equal(peek(fixture, false), 1);
		virtqueue_use(&fixture->queue, 3, 0);
		virtqueue_publish(&fixture->queue);
	}
	assert_int_equal(rings->used->idx, (uint16_t)70000);
	assert_int_equal(peek(fixture, false), 0);
}

/* ---- bad chains ----------------------------------------------------------------------------- */

static void loops_break(void **state)
{
	struct fixture *fixture = *state;

	describe(fixture, 0, fake_guest_address(0x10000), 1, VRING_DESC_F_NEXT, 1);
	describe(fixture, 1, fake_guest_address(0x10000), 1, VRING_DESC_F_NEXT, 0);
	give(fixture, 0);
	expect_broken(fixture, peek(fixture, false), -ELOOP);
}

/* Empty buffers make no pieces, but are counted. */
static void loops_of_nothing_break(void **state)
{
	struct fixture *fixture = *state;

	describe(fixture, 0, fake_guest_address(0x10000), 0, VRING_DESC_F_NEXT, 0);
	give(fixture, 0);
	expect_broken(fixture, peek(fixture, false), -ELOOP);
}

static void heads_outside_break(void **state)
{
	struct fixture *fixture = *state;

	give(fixture, FAKE_QUEUE_SIZE);
	expect_broken(fixture, peek(fixture, false), -EINVAL);
}

static void links_outside_break(void **state)
{
	struct fixture *fixture = *state;

	describe(fixture, 0, fake_guest_address(0x10000), 1, VRING_DESC_F_NEXT, 0xffff);
	give(fixture, 0);
	expect_broken(fixture, peek(fixture, false), -EINVAL);
}

static void memory_outside_breaks(void **state)
{
	static const struct {
		uint64_t address;
		uint32_t length;
	} cases[] = {
		{ 0, 1 },
		{ FAKE_GUEST_BASE - 1, 1 },
		{ FAKE_GUEST_BASE - 1, 2 },
		{ FAKE_GUEST_BASE + FAKE_MEMORY_SIZE - 1, 2 },
		{ FAKE_GUEST_BASE, FAKE_MEMORY_SIZE + 1 },
		{ FAKE_GUEST_BASE, UINT32_MAX },
		{ UINT64_MAX, 1 },
		{ UINT64_MAX, UINT32_MAX },
		{ UINT64_MAX - 0xfffff, UINT32_MAX },
	};
	struct fixture *fixture = *state;

	give(fixture, 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fixture->queue.broken = false;
		describe(fixture, 0, cases[i].address, cases[i].length, 0, 0);
		expect_broken(fixture, peek(fixture, false), -EFAULT);
	}
}

static void buffers_of_the_wrong_kind_break(void **state)
{
	struct fixture *fixture = *state;

	give(fixture, 0);
	describe(fixture, 0, fake_guest_address(0x10000), 1, VRING_DESC_F_WRITE, 0);
	expect_broken(fixture, peek(fixture, false), -EINVAL);
	fixture->queue.broken = false;
	describe(fixture, 0, fake_guest_address(0x10000), 1, 0, 0);
	expect_broken(fixture, peek(fixture, true), -EINVAL);
}

static void more_chains_than_entries_break(void **state)
{
	struct fixture *fixture = *state;

	fixture->guest.queues[0].available->idx = FAKE_QUEUE_SIZE + 1;
	expect_broken(fixture, peek(fixture, false), -EINVAL);
}

static void chains_of_too_many_pieces_break(void **state)
{
	struct fixture *fixture = *state;
	struct virtqueue *queue = &fixture->queue;

	/* Each buffer lies in both regions, and the last is one too many for the room a chain can have. */
	queue->size = 256;
	for (uint16_t i = 0; i < 256; i++)
		describe(fixture, i, fake_guest_address(FAKE_REGION_SIZE - 1), 2, VRING_DESC_F_NEXT,
			 (uint16_t)(i + 1));
	fixture->guest.queues[0].available->ring[0] = 0;
	fixture->guest.queues[0].available->idx = 1;
	/* The available ring of 256 entries is still inside its page, as is the table. */
	expect_broken(fixture, peek(fixture, false), -E2BIG);
}

/* A region of a file that is only to be read, such as an image: the guest may send from it, and that is all. */
static void memory_to_be_read_is_not_written(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_free_ char *path = xasprintf("/proc/self/fd/%d", fixture->guest.memory_fd);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct guest_region region = { .size = 4096, .frontend_address = 4096 };
	struct virtqueue queue = fixture->queue;
	struct error *err = NULL;

	assert_ok(guest_memory_add(&fixture->memory, &region, fd, &err), err);
	describe(fixture, 0, 0, 16, 0, 0);
	give(fixture, 0);
	assert_int_equal(peek(fixture, false), 1);
	queue.used_address = 4096;
	assert_failed(virtqueue_start(&queue, &fixture->memory, &err), err, -EINVAL,
		      "not in the guest's memory");
	describe(fixture, 0, 0, 16, VRING_DESC_F_WRITE, 0);
	expect_broken(fixture, peek(fixture, true), -EFAULT);
}

static void bad_tables_break(void **state)
{
	static const struct {
		struct vring_desc inner;
		uint32_t length; /* of the table */
		uint16_t flags;	 /* of the descriptor that points to it, beside INDIRECT */
		int code;
	} cases[] = {
		{ { .addr = FAKE_GUEST_BASE, .len = 1 }, 0, 0, -EINVAL },
		{ { .addr = FAKE_GUEST_BASE, .len = 1 }, 15, 0, -EINVAL },
		{ { .addr = FAKE_GUEST_BASE, .len = 1 }, 16, VRING_DESC_F_NEXT, -EINVAL },
		{ { .addr = FAKE_GUEST_BASE, .len = 1 }, 16, VRING_DESC_F_WRITE, -EINVAL },
		{ { .addr = FAKE_GUEST_BASE, .len = 16, .flags = VRING_DESC_F_INDIRECT },
		  16,
		  0,
		  -EINVAL },
		{ { .addr = FAKE_GUEST_BASE, .len = 1, .flags = VRING_DESC_F_NEXT, .next = 1 },
		  16,
		  0,
		  -EINVAL },
		{ { .addr = FAKE_GUEST_BASE, .len = 1, .flags = VRING_DESC_F_NEXT },
		  16,
		  0,
		  -ELOOP },
		{ { .addr = FAKE_GUEST_BASE, .len = 1, .flags = VRING_DESC_F_NEXT },
		  0xfffffff0,
		  0,
		  -ELOOP },
		{ { .addr = 0, .len = 1 }, 16, 0, -EFAULT },
	};
	struct fixture *fixture = *state;

	give(fixture, 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fixture->queue.broken = false;
		memcpy(fixture->guest.memory + 0x10000, &cases[i].inner, sizeof(cases[i].inner));
		describe(fixture, 0, fake_guest_address(0x10000), cases[i].length,
			 VRING_DESC_F_INDIRECT | cases[i].flags, 0);
		expect_broken(fixture, peek(fixture, false), cases[i].code);
	}
	fixture->queue.broken = false;
	describe(fixture, 0, fake_guest_address(FAKE_MEMORY_SIZE - 8), 16, VRING_DESC_F_INDIRECT,
		 0);
	expect_broken(fixture, peek(fixture, false), -EFAULT);
}

static void bad_rings_do_not_start(void **state)
{
	struct fixture *fixture = *state;
	const struct virtqueue good = fixture->queue;
	static const uint32_t sizes[] = {
		0, 3, 48, VIRTQUEUE_MAX_SIZE * 2, 0x80000000, UINT32_MAX
	};
	const uint64_t addresses[] = { 0, good.descriptors_address + 1,
				       fake_user_address(FAKE_REGION_SIZE - 16), UINT64_MAX - 15 };
	struct error *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct virtqueue queue = good;

		queue.size = sizes[i];
		assert_failed(virtqueue_start(&queue, &fixture->memory, &err), err, -EINVAL,
			      "entries");
		assert_false(queue.running);
	}
	for (size_t i = 0; i < ARRAY_SIZE(addresses) * 3; i++) {
		struct virtqueue queue = good;
		uint64_t *fields[] = { &queue.descriptors_address, &queue.available_address,
				       &queue.used_address };

		*fields[i % 3] = addresses[i / 3];
		assert_failed(virtqueue_start(&queue, &fixture->memory, &err), err, -EINVAL,
			      "not in the guest's memory");
		assert_false(queue.running);
	}
}

/* ---- notifications -------------------------------------------------------------------------- */

static void use_one(struct fixture *fixture)
{
	give(fixture, 0);
	assert_int_equal(peek(fixture, false), 1);
	virtqueue_use(&fixture->queue, 0, 0);
	virtqueue_publish(&fixture->queue);
}

static void flags_suppress(void **state)
{
	struct fixture *fixture = *state;
	struct fake_queue *rings = &fixture->guest.queues[0];

	describe(fixture, 0, fake_guest_address(0x10000), 1, 0, 0);
	use_one(fixture);
	assert_int_equal(events(rings->call), 1);
	rings->available->flags = VRING_AVAIL_F_NO_INTERRUPT;
	use_one(fixture);
	assert_int_equal(events(rings->call), 0);

	virtqueue_refuse_kicks(&fixture->queue);
	assert_int_equal(rings->used->flags, VRING_USED_F_NO_NOTIFY);
	assert_false(virtqueue_want_kick(&fixture->queue));
	assert_int_equal(rings->used->flags, 0);
	give(fixture, 0);
	assert_true(virtqueue_want_kick(&fixture->queue));
}

static void event_indices_suppress(void **state)
{
	struct fixture *fixture = *state;
	struct fake_queue *rings = &fixture->guest.queues[0];
	__virtio16 *used_event = &rings->available->ring[FAKE_QUEUE_SIZE];
	__virtio16 *available_event = (void *)&rings->used->ring[FAKE_QUEUE_SIZE];

	fixture->queue.event_idx = true;
	describe(fixture, 0, fake_guest_address(0x10000), 1, 0, 0);
	*used_event = 3;
	use_one(fixture); /* the first always */
	assert_int_equal(events(rings->call), 1);
	for (int i = 2; i <= 6; i++) {
		use_one(fixture);
		assert_int_equal(events(rings->call), i == 4); /* when entry 3 is used */
	}
	assert_false(virtqueue_want_kick(&fixture->queue));
	assert_int_equal(*available_event, 6);
	virtqueue_refuse_kicks(&fixture->queue);
	assert_int_equal(rings->used->flags, 0);
	give(fixture, 0);
	assert_true(virtqueue_want_kick(&fixture->queue));
	/* Publishing nothing calls nobody. */
	virtqueue_publish(&fixture->queue);
	assert_int_equal(events(rings->call), 0);
}

int main(void)
{
#define with_queue(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		with_queue(chains_are_read),
		with_queue(buffers_across_regions_are_in_pieces),
		with_queue(tables_are_read),
		with_queue(one_can_look_ahead),
		with_queue(rings_go_around),
		with_queue(loops_break),
		with_queue(loops_of_nothing_break),
		with_queue(heads_outside_break),
		with_queue(links_outside_break),
		with_queue(memory_outside_breaks),
		with_queue(buffers_of_the_wrong_kind_break),
		with_queue(more_chains_than_entries_break),
		with_queue(chains_of_too_many_pieces_break),
		with_queue(memory_to_be_read_is_not_written),
		with_queue(bad_tables_break),
		with_queue(bad_rings_do_not_start),
		with_queue(flags_suppress),
		with_queue(event_indices_suppress),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
