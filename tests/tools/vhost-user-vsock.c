// SPDX-License-Identifier: Apache-2.0
/*
 * Our vsock device as a program of its own, for tests and figures by hand.
 * usage: vhost-user-vsock FRONTEND-SOCKET|DESCRIPTOR HOST-SOCKET CID
 * A number in place of the front end's socket is an inherited descriptor that is connected already.
 * It runs until SIGTERM or SIGINT, and then prints its counters.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/number.h"
#include "vhost-user-vsock/vsock_device.h"

static struct vsock_device *device;

static void stop(int signal)
{
	(void)signal;
	vsock_device_stop(device);
}

static void print_counters(void)
{
	struct vsock_device_counters counters = vsock_device_counters(device);

	printf("from guest: %" PRIu64 " packets, %" PRIu64 " bytes\n", counters.packets_from_guest,
	       counters.bytes_from_guest);
	printf("to guest: %" PRIu64 " packets, %" PRIu64 " bytes\n", counters.packets_to_guest,
	       counters.bytes_to_guest);
	printf("dropped %" PRIu64 ", broken rules %" PRIu64 ", broken queues %" PRIu64
	       ", refused messages %" PRIu64 ", connections %zu\n",
	       counters.dropped_packets, counters.broken_rules, counters.broken_queues,
	       counters.refused_messages, counters.connections);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = stop };
	struct vsock_device_config config = { 0 };
	_cleanup_error_ struct error *err = NULL;
	uint64_t cid, fd;

	if (argc != 4 || number_parse_u64(slice_of(argv[3]), &cid) < 0 || cid > UINT32_MAX) {
		fprintf(stderr,
			"usage: vhost-user-vsock FRONTEND-SOCKET|DESCRIPTOR HOST-SOCKET CID\n");
		return 2;
	}
	log_open_stderr(LOG_FORMAT_TEXT);
	if (number_parse_u64(slice_of(argv[1]), &fd) == 0)
		config.frontend_fd = (int)fd;
	else
		config.frontend_path = argv[1];
	config.host_path = argv[2];
	config.guest_cid = (uint32_t)cid;
	if (vsock_device_new(&config, &device, &err) < 0) {
		fprintf(stderr, "vhost-user-vsock: %s\n", error_message(err));
		return 1;
	}
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	vsock_device_run(device);
	print_counters();
	vsock_device_free(device);
	return 0;
}
