// SPDX-License-Identifier: Apache-2.0
/* The hypervisor's messages, as they should be and as they should not. */
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "fake_guest.h"
#include "vhost-user-vsock/guest_memory.h"

static int set_up(void **state)
{
	*state = fake_guest_set_up(fake_guest_connect, 0);
	return 0;
}

static bool is_connected(struct fake_guest *guest)
{
	fake_process(guest);
	return vsock_device_has_frontend(guest->device);
}

/* Send a message that wants to be acknowledged; 0 when it was obeyed, 1 when not, -1 when there is no answer. */
static int obeyed(struct fake_guest *guest, uint32_t request, const void *payload, size_t size,
		  const int *fds, size_t fd_count)
{
	uint64_t answer = 99;

	fake_send(guest, request, VHOST_USER_NEED_REPLY, payload, size, fds, fd_count);
	if (fake_receive(guest, &answer, sizeof(answer)) != sizeof(answer))
		return -1;
	return (int)answer;
}

static void features_are_negotiated(void **state)
{
	struct fake_guest *guest = *state;
	uint64_t features = fake_ask_number(guest, VHOST_USER_GET_FEATURES);

	assert_int_equal(features, BIT(28) | BIT(29) | BIT(30) | BIT(32));
	features = fake_ask_number(guest, VHOST_USER_GET_PROTOCOL_FEATURES);
	assert_int_equal(features, BIT(0) | BIT(3) | BIT(9) | BIT(13) | BIT(15) | BIT(16));
	assert_int_equal(fake_ask_number(guest, VHOST_USER_GET_QUEUE_NUM), 3);
	assert_int_equal(fake_ask_number(guest, VHOST_USER_GET_MAX_MEM_SLOTS),
			 GUEST_MEMORY_MAX_REGIONS);
	fake_send_number(guest, VHOST_USER_SET_PROTOCOL_FEATURES, features);
	features = BIT(32) | BIT(26);
	assert_int_equal(
		obeyed(guest, VHOST_USER_SET_FEATURES, &features, sizeof(features), NULL, 0), 1);
	features = BIT(5);
	assert_int_equal(obeyed(guest, VHOST_USER_SET_PROTOCOL_FEATURES, &features,
				sizeof(features), NULL, 0),
			 1);
	features = BIT(32);
	assert_int_equal(
		obeyed(guest, VHOST_USER_SET_FEATURES, &features, sizeof(features), NULL, 0), 0);
	assert_int_equal(vsock_device_counters(guest->device).refused_messages, 2);
	fake_send_number(guest, VHOST_USER_SET_STATUS, 15);
	assert_int_equal(fake_ask_number(guest, VHOST_USER_GET_STATUS), 15);
}

static void the_configuration_is_the_cid(void **state)
{
	static const struct {
		uint32_t offset, size;
		int answer;
	} cases[] = { { 0, 8, 20 }, { 4, 4, 16 }, { 8, 0, 12 },		{ 0, 9, 0 },
		      { 1, 8, 0 },  { 9, 0, 0 },  { UINT32_MAX, 8, 0 }, { 0, UINT32_MAX, 0 } };
	struct fake_guest *guest = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vhost_user_config config = { .offset = cases[i].offset,
						    .size = cases[i].size };
		uint64_t cid = FAKE_CID;

		fake_send(guest, VHOST_USER_GET_CONFIG, 0, &config, 20, NULL, 0);
		assert_int_equal(fake_receive(guest, &config, sizeof(config)), cases[i].answer);
		if (cases[i].answer > 0)
			assert_memory_equal(config.bytes, (char *)&cid + cases[i].offset,
					    cases[i].size);
	}
	assert_true(is_connected(guest));
}

/* ---- memory --------------------------------------------------------------------------------- */

static void bad_memory_is_refused(void **state)
{
	static const struct vhost_user_region regions[] = {
		{ 0, 0, 0x1000, 0 },				 /* empty */
		{ UINT64_MAX - 0xfff, 0x1001, 0x1000, 0 },	 /* wraps */
		{ 0, 0x2000, UINT64_MAX - 0xfff, 0 },		 /* wraps */
		{ 0, FAKE_MEMORY_SIZE + 1, 0x1000, 0 },		 /* longer than the file */
		{ 0, 0x1000, 0x1000, FAKE_MEMORY_SIZE },	 /* behind the file */
		{ 0, 0x1000, 0x1000, UINT64_MAX - 0xfff },	 /* wraps */
		{ 0, UINT64_MAX, 0, 0 },			 /* all there is */
		{ FAKE_GUEST_BASE + 0x1000, 0x1000, 0x1000, 0 }, /* overlaps */
		{ 0, 0x1000, FAKE_USER_BASE, 0 },		 /* overlaps */
	};
	struct fake_guest *guest = *state;
	int pipe_fds[2], fds[8];

	fake_negotiate(guest, 0);
	fake_set_memory(guest);
	for (size_t i = 0; i < ARRAY_SIZE(regions); i++) {
		struct vhost_user_memory_slot slot = { .region = regions[i] };

		assert_int_equal(obeyed(guest, VHOST_USER_ADD_MEM_REG, &slot, sizeof(slot),
					&guest->memory_fd, 1),
				 1);
	}
	struct vhost_user_memory_slot good = { .region = { 0, 0x1000, 0x1000, 0x1000 } };

	assert_int_equal(obeyed(guest, VHOST_USER_ADD_MEM_REG, &good, sizeof(good), NULL, 0), 1);
	must(pipe2(pipe_fds, O_CLOEXEC) == 0);
	assert_int_equal(obeyed(guest, VHOST_USER_ADD_MEM_REG, &good, sizeof(good), pipe_fds, 1),
			 1);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	assert_int_equal(obeyed(guest, VHOST_USER_ADD_MEM_REG, &good, sizeof(good),
				&guest->memory_fd, 1),
			 0);
	assert_int_equal(obeyed(guest, VHOST_USER_REM_MEM_REG, &good, sizeof(good), NULL, 0), 0);
	assert_int_equal(obeyed(guest, VHOST_USER_REM_MEM_REG, &good, sizeof(good), NULL, 0), 1);

	/* Tables: more regions than descriptors, than fit in a message, than there is payload. */
	struct vhost_user_memory_table table = fake_memory_table();

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = guest->memory_fd;
	assert_int_equal(obeyed(guest, VHOST_USER_SET_MEM_TABLE, &table, sizeof(table), fds, 1), 1);
	assert_int_equal(obeyed(guest, VHOST_USER_SET_MEM_TABLE, &table, 8 + 32, fds, 2), 1);
	table.count = 1;
	assert_int_equal(obeyed(guest, VHOST_USER_SET_MEM_TABLE, &table, sizeof(table), fds, 2), 1);
	table.count = UINT32_MAX;
	assert_int_equal(obeyed(guest, VHOST_USER_SET_MEM_TABLE, &table, sizeof(table), fds, 8), 1);
	assert_true(is_connected(guest));
}

/* Both queues run, and then a table is refused in the middle: neither goes on in what was unmapped. */
static void queues_stop_without_their_memory(void **state)
{
	struct fake_guest *guest = *state;
	int fds[2] = { guest->memory_fd, guest->memory_fd };

	/* Without event_idx the device writes to the rings at each kick. */
	fake_negotiate(guest, UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX);
	for (int bad = 0; bad < 2; bad++) {
		struct vhost_user_memory_table table = fake_memory_table();

		fake_set_memory(guest);
		fake_start_queue(guest, 0, 0);
		fake_start_queue(guest, 1, 0);
		table.regions[bad].size = 0;
		assert_int_equal(obeyed(guest, VHOST_USER_SET_MEM_TABLE, &table,
					offsetof(struct vhost_user_memory_table, regions) +
						2 * sizeof(table.regions[0]),
					fds, 2),
				 1);
		fake_kick(guest, 0);
		fake_kick(guest, 1);
		fake_process(guest);
		assert_true(is_connected(guest));
	}
}

static void there_is_a_limit_of_regions(void **state)
{
	struct fake_guest *guest = *state;
	int added = 0;

	fake_negotiate(guest, 0);
	for (uint64_t i = 0; i < 100; i++) {
		struct vhost_user_memory_slot slot = { .region = { i * 0x1000, 0x1000, i * 0x1000,
								   0 } };

		added += obeyed(guest, VHOST_USER_ADD_MEM_REG, &slot, sizeof(slot),
				&guest->memory_fd, 1) == 0;
	}
	assert_int_equal(added, GUEST_MEMORY_MAX_REGIONS);
}

/* ---- queues --------------------------------------------------------------------------------- */

static void bad_queues_are_refused(void **state)
{
	struct fake_guest *guest = *state;
	struct vhost_user_vring_state state_of_none = { .index = 3 };
	struct vhost_user_vring_addresses addresses = { .index = UINT32_MAX };
	uint64_t number = 3;

	fake_negotiate(guest, 0);
	assert_int_equal(obeyed(guest, VHOST_USER_SET_VRING_NUM, &state_of_none, 8, NULL, 0), 1);
	assert_int_equal(obeyed(guest, VHOST_USER_SET_VRING_BASE, &state_of_none, 8, NULL, 0), 1);
	assert_int_equal(obeyed(guest, VHOST_USER_SET_VRING_ENABLE, &state_of_none, 8, NULL, 0), 1);
	assert_int_equal(obeyed(guest, VHOST_USER_SET_VRING_ADDR, &addresses, sizeof(addresses),
				NULL, 0),
			 1);
	assert_int_equal(
		obeyed(guest, VHOST_USER_SET_VRING_CALL, &number, 8, &guest->queues[0].call, 1), 1);
	/* A kick that would have to be polled for. */
	number = VHOST_USER_VRING_NO_FD;
	assert_int_equal(obeyed(guest, VHOST_USER_SET_VRING_KICK, &number, 8, NULL, 0), 1);
	assert_int_equal(obeyed(guest, VHOST_USER_SET_VRING_CALL, &number, 8, NULL, 0), 0);
	assert_int_equal(obeyed(guest, VHOST_USER_SET_VRING_ERR, &number, 8, NULL, 0), 0);
	/* The rings of a queue that was never described. */
	number = 0;
	assert_int_equal(
		obeyed(guest, VHOST_USER_SET_VRING_KICK, &number, 8, &guest->queues[0].kick, 1), 0);
	state_of_none = (struct vhost_user_vring_state){ 0, 1 };
	assert_int_equal(obeyed(guest, VHOST_USER_SET_VRING_ENABLE, &state_of_none, 8, NULL, 0), 1);
	assert_true(is_connected(guest));
}

/* What is written to must be no pipe or socket: the other end may be gone, which is a signal, or full. */
static void only_eventfds_are_written_to(void **state)
{
	struct fake_guest *guest = *state;
	uint64_t number = 0;
	int fds[4];

	fake_negotiate(guest, 0);
	must(pipe2(fds, O_CLOEXEC) == 0);
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds + 2) == 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(obeyed(guest, VHOST_USER_SET_VRING_CALL, &number, 8, &fds[i], 1),
				 1);
		assert_int_equal(obeyed(guest, VHOST_USER_SET_VRING_KICK, &number, 8, &fds[i], 1),
				 1);
		assert_int_equal(obeyed(guest, VHOST_USER_SET_VRING_ERR, &number, 8, &fds[i], 1),
				 1);
	}
	assert_int_equal(obeyed(guest, VHOST_USER_SET_VRING_CALL, &number, 8, &guest->memory_fd, 1),
			 1);
	for (int i = 0; i < 4; i++)
		close(fds[i]);
}

static void a_stopped_queue_says_where(void **state)
{
	struct fake_guest *guest = *state;
	struct vhost_user_vring_state base = { .index = FAKE_FROM_GUEST };
	struct packet packet = fake_packet(1, 2, PACKET_RST);

	fake_negotiate(guest, 0);
	fake_set_memory(guest);
	fake_start_queue(guest, FAKE_TO_GUEST, 0);
	fake_start_queue(guest, FAKE_FROM_GUEST, 0);
	for (int i = 0; i < 5; i++)
		fake_send_packet(guest, &packet, NULL);
	assert_int_equal(vsock_device_counters(guest->device).packets_from_guest, 5);
	fake_send(guest, VHOST_USER_GET_VRING_BASE, 0, &base, sizeof(base), NULL, 0);
	assert_int_equal(fake_receive(guest, &base, sizeof(base)), sizeof(base));
	assert_int_equal(base.value, 5);

	/* Stopped; then it goes on from there, from the memory's new place, and as of then with what has been given. */
	fake_send_packet(guest, &packet, NULL);
	assert_int_equal(vsock_device_counters(guest->device).packets_from_guest, 5);
	fake_start_queue(guest, FAKE_FROM_GUEST, 5);
	fake_set_memory(guest);
	fake_send_packet(guest, &packet, NULL);
	assert_int_equal(vsock_device_counters(guest->device).packets_from_guest, 7);
	/* Disabled, it keeps still. */
	fake_set_state(guest, VHOST_USER_SET_VRING_ENABLE, FAKE_FROM_GUEST, 0);
	fake_send_packet(guest, &packet, NULL);
	assert_int_equal(vsock_device_counters(guest->device).packets_from_guest, 7);
	fake_set_state(guest, VHOST_USER_SET_VRING_ENABLE, FAKE_FROM_GUEST, 1);
	assert_int_equal(vsock_device_counters(guest->device).packets_from_guest, 8);
}

/* Connected to the guest, and not yet answered; true as long as the device keeps it. */
static int request_pending(struct fake_guest *guest)
{
	struct error *err = NULL;
	int fd = unix_connect_now(guest->host_path, &err);

	assert_ok(fd, err);
	must(send(fd, "CONNECT 9\n", 10, MSG_NOSIGNAL) == 10);
	fake_process(guest);
	return fd;
}

static bool is_kept(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

static void stop_and_go_on(struct fake_guest *guest, uint16_t base)
{
	for (uint32_t i = 0; i < 2; i++) {
		struct vhost_user_vring_state stopped = { .index = i };

		fake_send(guest, VHOST_USER_GET_VRING_BASE, 0, &stopped, sizeof(stopped), NULL, 0);
		assert_int_equal(fake_receive(guest, &stopped, sizeof(stopped)), sizeof(stopped));
		fake_start_queue(guest, i, base == UINT16_MAX ? (uint16_t)stopped.value : base);
	}
}

static void a_pause_keeps_connections_and_a_reboot_does_not(void **state)
{
	struct fake_guest *guest = *state;
	_cleanup_close_ int fd = -1;
	struct packet packet;

	fake_negotiate(guest, 0);
	fake_set_memory(guest);
	fake_start_queue(guest, FAKE_TO_GUEST, 0);
	fake_start_queue(guest, FAKE_FROM_GUEST, 0);
	fake_give_buffers(guest, 4);
	fd = request_pending(guest);
	assert_true(fake_next_packet(guest, &packet, NULL));
	stop_and_go_on(guest, UINT16_MAX);
	assert_true(is_kept(fd));
	stop_and_go_on(guest, 0);
	assert_false(is_kept(fd));
}

static void a_reset_forgets_the_driver(void **state)
{
	struct fake_guest *guest = *state;
	_cleanup_close_ int fd = -1;

	fake_negotiate(guest, 0);
	fake_set_memory(guest);
	fake_start_queue(guest, FAKE_TO_GUEST, 0);
	fd = request_pending(guest);
	fake_send(guest, VHOST_USER_RESET_DEVICE, 0, NULL, 0, NULL, 0);
	assert_false(is_kept(fd));
	assert_true(is_connected(guest));
}

/* Kinds of notification that not every guest can: it works with neither. */
static void it_works_without_event_indices(void **state)
{
	struct fake_guest *guest = *state;
	struct packet packet = fake_packet(1, 2, PACKET_RW);

	fake_negotiate(guest, BIT(VIRTIO_RING_F_EVENT_IDX) | BIT(30));
	fake_set_memory(guest);
	/* Without the protocol's features, a queue runs from its kick on. */
	for (uint32_t i = 0; i < 2; i++) {
		uint64_t number = i;

		fake_set_state(guest, VHOST_USER_SET_VRING_NUM, i, FAKE_QUEUE_SIZE);
		fake_set_addresses(guest, i);
		fake_send(guest, VHOST_USER_SET_VRING_KICK, 0, &number, sizeof(number),
			  &guest->queues[i].kick, 1);
	}
	fake_give_buffers(guest, 4);
	fake_send_packet(guest, &packet, NULL);
	assert_true(fake_next_packet(guest, &packet, NULL));
	assert_int_equal(packet.operation, PACKET_RST);
}

/* ---- the wire ------------------------------------------------------------------------------- */

static void messages_may_come_in_pieces(void **state)
{
	struct fake_guest *guest = *state;
	struct {
		struct vhost_user_header header;
		uint64_t number;
	} message = { { VHOST_USER_SET_FEATURES, VHOST_USER_VERSION, 8 }, BIT(32) };

	for (size_t i = 0; i < 12 + 8; i++) {
		unsigned char bytes[20];

		memcpy(bytes, &message.header, 12);
		memcpy(bytes + 12, &message.number, 8);
		fake_send_raw(guest, bytes + i, 1, NULL, 0);
		fake_process(guest);
	}
	assert_true(is_connected(guest));
	assert_int_equal(fake_ask_number(guest, VHOST_USER_GET_QUEUE_NUM), 3);
}

static void what_is_no_message_ends_it(void **state)
{
	static const struct {
		struct vhost_user_header header;
		size_t payload;
	} cases[] = {
		{ { VHOST_USER_GET_FEATURES, 0, 0 }, 0 },			    /* no version */
		{ { VHOST_USER_SET_FEATURES, VHOST_USER_VERSION, 4 }, 4 },	    /* too short */
		{ { VHOST_USER_SET_FEATURES, VHOST_USER_VERSION, 0x7fffffff }, 0 }, /* too long */
		{ { VHOST_USER_SET_FEATURES, VHOST_USER_VERSION, 400 }, 400 },	    /* too long */
		{ { 0, VHOST_USER_VERSION, 0 }, 0 },				    /* unknown */
		{ { 6, VHOST_USER_VERSION, 16 }, 16 },				    /* of a log */
		{ { 1000, VHOST_USER_VERSION, 0 }, 0 },				    /* unknown */
		{ { VHOST_USER_SET_CONFIG, VHOST_USER_VERSION, 20 }, 20 }, /* not possible */
	};
	char directory[] = "/tmp/kata-test-XXXXXX";

	(void)state;
	must(mkdtemp(directory));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake_guest guest;
		unsigned char bytes[500] = { 0 };

		fake_guest_connect(&guest, directory, 0);
		memcpy(bytes, &cases[i].header, sizeof(cases[i].header));
		fake_send_raw(&guest, bytes, sizeof(cases[i].header) + cases[i].payload, NULL, 0);
		assert_false(is_connected(&guest));
		fake_guest_end(&guest);
	}
	rmdir(directory);
}

static size_t count_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	size_t count = 0;

	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

/* Descriptors that a message should not have are closed; and so many that they do not fit end it. */
static void unwanted_descriptors_are_closed(void **state)
{
	struct fake_guest *guest = *state;
	size_t before = count_descriptors();
	uint64_t number = 0;
	int fds[16];

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = guest->memory_fd;
	fake_negotiate(guest, 0);
	assert_int_equal(obeyed(guest, VHOST_USER_SET_STATUS, &number, 8, fds, 3), 1);
	assert_int_equal(obeyed(guest, VHOST_USER_SET_VRING_CALL, &number, 8, fds, 2), 1);
	assert_int_equal(count_descriptors(), before);
	assert_int_equal(obeyed(guest, VHOST_USER_SET_STATUS, &number, 8, fds, 16), -1);
	assert_false(is_connected(guest));
	assert_int_equal(count_descriptors(), before - 1); /* the device's end of the socket */
}

/* Many asked, no answer read: the device does not wait for such a front end. */
static void who_reads_no_answers_is_given_up(void **state)
{
	struct fake_guest *guest = *state;

	for (int i = 0; i < 100000 && vsock_device_has_frontend(guest->device); i++)
		fake_send(guest, VHOST_USER_GET_FEATURES, 0, NULL, 0, NULL, 0);
	assert_false(is_connected(guest));
}

/* ---- the device's own sockets --------------------------------------------------------------- */

static void one_hypervisor_at_a_time(void **state)
{
	char directory[] = "/tmp/kata-test-XXXXXX";
	_cleanup_free_ char *frontend = NULL, *host = NULL;
	struct vsock_device_config config = { .guest_cid = 3 };
	struct fake_guest guest = { 0 };
	struct error *err = NULL;
	struct stat status;
	int first, second;

	(void)state;
	must(mkdtemp(directory));
	config.frontend_path = frontend = xasprintf("%s/frontend", directory);
	config.host_path = host = xasprintf("%s/host", directory);
	assert_ok(vsock_device_new(&config, &guest.device, &err), err);
	assert_int_equal(stat(frontend, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);

	first = unix_connect_now(frontend, &err);
	fake_process(&guest);
	second = unix_connect_now(frontend, &err);
	fake_process(&guest);
	guest.fd = second;
	assert_int_equal(fake_receive(&guest, NULL, 0), -2);
	guest.fd = first;
	assert_int_equal(fake_ask_number(&guest, VHOST_USER_GET_QUEUE_NUM), 3);
	close(first);
	close(second);
	fake_process(&guest);
	guest.fd = unix_connect_now(frontend, &err);
	assert_int_equal(fake_ask_number(&guest, VHOST_USER_GET_QUEUE_NUM), 3);
	close(guest.fd);
	vsock_device_free(guest.device);
	assert_int_equal(rmdir(directory), 0);
}

static void bad_settings_are_refused(void **state)
{
	static const uint32_t cids[] = { 0, 1, 2, UINT32_MAX };
	struct vsock_device_config config = { .host_path = "/nowhere/x",
					      .frontend_path = "/nowhere/y" };
	struct vsock_device *device = NULL;
	struct error *err = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cids); i++) {
		config.guest_cid = cids[i];
		assert_failed(vsock_device_new(&config, &device, &err), err, -EINVAL, "CID");
	}
	config.guest_cid = 3;
	assert_failed(vsock_device_new(&config, &device, &err), err, -ENOENT,
		      "make a vsock device: listen on /nowhere/x: no such file or directory");
}

/* Who has the path keeps it. */
static void a_taken_path_is_left_alone(void **state)
{
	struct fake_guest *guest = *state;
	struct vsock_device_config config = {
		.guest_cid = 3,
		.host_path = guest->host_path,
		.frontend_path = "/nowhere/y",
	};
	struct vsock_device *device = NULL;
	struct error *err = NULL;

	assert_failed(vsock_device_new(&config, &device, &err), err, -EADDRINUSE, guest->host_path);
	assert_int_equal(access(guest->host_path, F_OK), 0);
}

int main(void)
{
#define with_guest(name) cmocka_unit_test_setup_teardown(name, set_up, fake_guest_tear_down)
	const struct CMUnitTest tests[] = {
		with_guest(features_are_negotiated),
		with_guest(the_configuration_is_the_cid),
		with_guest(bad_memory_is_refused),
		with_guest(queues_stop_without_their_memory),
		with_guest(there_is_a_limit_of_regions),
		with_guest(bad_queues_are_refused),
		with_guest(only_eventfds_are_written_to),
		with_guest(a_stopped_queue_says_where),
		with_guest(a_pause_keeps_connections_and_a_reboot_does_not),
		with_guest(a_reset_forgets_the_driver),
		with_guest(it_works_without_event_indices),
		with_guest(messages_may_come_in_pieces),
		cmocka_unit_test(what_is_no_message_ends_it),
		with_guest(unwanted_descriptors_are_closed),
		with_guest(who_reads_no_answers_is_given_up),
		cmocka_unit_test(one_hypervisor_at_a_time),
		cmocka_unit_test(bad_settings_are_refused),
		with_guest(a_taken_path_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
