/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A virtio-vsock device in user space: a hypervisor's guest gets vsock on a host without vhost_vsock.
 *
 *	qemu ... -object memory-backend-memfd,id=m,size=256M,share=on -machine memory-backend=m
 *		-chardev socket,id=v,path=FRONTEND -device vhost-user-vsock-pci,chardev=v
 *
 * The hypervisor speaks the vhost-user protocol to us (the "front end"); programs on the host reach the guest by
 * hybrid vsock: they connect to the unix socket HOST, write "CONNECT PORT\n", and read "OK NUMBER\n" when the guest
 * accepts; a guest that connects to the host's port P reaches the unix socket HOST_P (spec/runtime-core.md 22).
 *
 * One descriptor to watch and one function to call, so that it lives in any loop; or a thread of its own that
 * sits in vsock_device_run(). Nothing here blocks, needs a privilege, or is for two threads at a time.
 * The guest and the front end are hostile: see vsock_device.c.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct vsock_device;

struct vsock_device_config {
	uint32_t guest_cid;    /* what the guest is told; at least 3, need not be unique */
	const char *host_path; /* the hybrid socket HOST, made with mode 0600 */
	const char
		*frontend_path; /* the socket the hypervisor connects to, made likewise; or NULL */
	int frontend_fd; /* without a path: a connected socket; taken over, also on failure */
	size_t max_connections; /* 0: VSOCK_DEVICE_MAX_CONNECTIONS. The guest may open half of them */
};

#define VSOCK_DEVICE_MAX_CONNECTIONS 512

/* Make the device and its sockets. Errors: a path that is too long or taken, a CID that is reserved. */
int vsock_device_new(const struct vsock_device_config *config, struct vsock_device **device,
		     struct error **err);

/* Close everything and remove the sockets' files. */
void vsock_device_free(struct vsock_device *device);
DEFINE_CLEANUP(struct vsock_device *, vsock_device_free)

/* Readable when vsock_device_process() has something to do. */
int vsock_device_fd(const struct vsock_device *device);

/* Do what there is to do, in bounded time; if there is more, the descriptor stays readable. */
void vsock_device_process(struct vsock_device *device);

/* Is a hypervisor connected? When it goes, all connections are closed. */
bool vsock_device_has_frontend(const struct vsock_device *device);

/* Process until vsock_device_stop(), which any thread and any signal handler may call. Blocks. */
void vsock_device_run(struct vsock_device *device);
void vsock_device_stop(struct vsock_device *device);

/* Since the start. */
struct vsock_device_counters {
	uint64_t packets_from_guest, bytes_from_guest;
	uint64_t packets_to_guest, bytes_to_guest;
	uint64_t dropped_packets; /* with addresses or forms that make no sense */
	uint64_t
		broken_rules; /* connections reset because the guest broke the rules of flow control */
	uint64_t broken_queues;	   /* queues given up because of what the guest wrote in them */
	uint64_t refused_messages; /* of the front end */
	size_t connections;	   /* now */
};

struct vsock_device_counters vsock_device_counters(const struct vsock_device *device);
