// SPDX-License-Identifier: Apache-2.0
/* Who waits too long, and a device with a thread of its own. */
#include "unit.h"

#include <pthread.h>

#include "base/clock.h"
#include "fake_guest.h"
#include "vhost-user-vsock/hybrid.h"
#include "vhost-user-vsock/transport.h"

struct fixture {
	struct loop loop;
	struct virtqueue queues[2]; /* which do not run */
	struct transport transport;
	int host; /* a program's end of an accepted connection */
};

static int set_up(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof(*fixture));
	struct error *err = NULL;
	int pair[2];

	assert_ok(loop_init(&fixture->loop, &err), err);
	fixture->transport = (struct transport){
		.loop = &fixture->loop,
		.to_guest = &fixture->queues[0],
		.from_guest = &fixture->queues[1],
		.guest_cid = FAKE_CID,
		.max_connections = 4,
	};
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair),
			 0);
	fixture->host = pair[0];
	hybrid_accept(&fixture->transport, pair[1]);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	transport_release(&fixture->transport);
	loop_release(&fixture->loop);
	close(fixture->host);
	free(fixture);
	return 0;
}

static bool is_open(const struct fixture *fixture)
{
	char byte;

	return recv(fixture->host, &byte, 1, MSG_DONTWAIT) != 0;
}

static void expect_patience(struct fixture *fixture, int64_t timeout_ms)
{
	struct transport *transport = &fixture->transport;
	int64_t now = clock_now_ms();

	assert_true(transport->has_deadlines);
	transport_expire(transport, now + timeout_ms - 1000);
	transport_sweep(transport);
	assert_true(is_open(fixture));
	assert_true(transport->has_deadlines);
	transport_expire(transport, now + timeout_ms + 1000);
	assert_false(is_open(fixture));
	assert_false(transport->has_deadlines);
}

static void a_greeting_that_does_not_come(void **state)
{
	struct fixture *fixture = *state;

	expect_patience(fixture, HYBRID_TIMEOUT_MS);
	transport_sweep(&fixture->transport);
	assert_int_equal(fixture->transport.count, 0);
}

static void an_answer_that_does_not_come(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(write(fixture->host, "CONNECT 1\n", 10), 10);
	loop_dispatch(&fixture->loop, 0);
	assert_int_equal(fixture->transport.connections->debts, OWES_REQUEST);
	fixture->transport.connections->debts = 0; /* the guest has got it */
	expect_patience(fixture, HYBRID_TIMEOUT_MS);
	/* And is told that nobody waits for it any more. */
	assert_int_equal(fixture->transport.connections->debts, OWES_RST);
}

static void an_end_that_is_not_confirmed(void **state)
{
	struct fixture *fixture = *state;
	struct connection *connection = fixture->transport.connections;
	char buffer[8];
	struct iovec piece = { buffer, sizeof(buffer) };

	connection->state = CONNECTION_ESTABLISHED;
	connection->deadline_ms = INT64_MAX;
	connection->guest_buffer = 100;
	shutdown(fixture->host, SHUT_RDWR);
	loop_dispatch(&fixture->loop, 0);
	assert_int_equal(connection_read_host(connection, &piece, 1), 0);
	assert_int_equal(connection->shutdown_to_tell, PACKET_SHUTDOWN_BOTH);
	transport_update(&fixture->transport, connection);
	assert_true(fixture->transport.has_deadlines);
	transport_expire(&fixture->transport, clock_now_ms() + 7000);
	assert_int_equal(connection->state, CONNECTION_ESTABLISHED);
	transport_expire(&fixture->transport, clock_now_ms() + 9000);
	assert_int_equal(connection->state, CONNECTION_CLOSED);
	assert_int_equal(connection->debts, OWES_RST);
}

static void *run_device(void *device)
{
	vsock_device_run(device);
	return NULL;
}

static void a_thread_runs_until_it_is_stopped(void **state)
{
	char directory[] = "/tmp/kata-test-XXXXXX";
	struct fake_guest guest;
	pthread_t thread;
	uint64_t number = 0;

	(void)state;
	must(mkdtemp(directory));
	fake_guest_connect(&guest, directory, 0);
	assert_int_equal(pthread_create(&thread, NULL, run_device, guest.device), 0);
	{
		struct vhost_user_header header = { VHOST_USER_GET_QUEUE_NUM, VHOST_USER_VERSION,
						    0 };

		fake_send_raw(&guest, &header, sizeof(header), NULL, 0);
		assert_int_equal(recv(guest.fd, &header, sizeof(header), 0), sizeof(header));
		assert_int_equal(recv(guest.fd, &number, sizeof(number), 0), sizeof(number));
		assert_int_equal(number, 3);
	}
	vsock_device_stop(guest.device);
	assert_int_equal(pthread_join(thread, NULL), 0);
	fake_guest_end(&guest);
	assert_int_equal(rmdir(directory), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_greeting_that_does_not_come, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_answer_that_does_not_come, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_end_that_is_not_confirmed, set_up, tear_down),
		cmocka_unit_test(a_thread_runs_until_it_is_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
