/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <pthread.h>

#include "base/slice.h"
#include "device.h"

struct devices {
	struct loop *loop;
	char *root;
	int64_t timeout_ms;
	load_module_function *load_module; /* may be NULL */
	struct loop_source socket;	   /* -1: the kernel says nothing */

	pthread_mutex_t lock;	/* of the four below */
	pthread_cond_t changed; /* one of them */
	uint64_t changes;	/* events that came */
	unsigned users;		/* threads that wait or work here */
	bool closed;		/* they are to come to an end */

	struct job_queue queue; /* the three are the loop's */
	struct job memory;	/* puts memory online */
	bool memory_busy, memory_again;
};

/* uevents.c: open the socket and watch it. A negative errno leaves it closed. */
int uevents_open(struct devices *devices, struct error **err);

/* What is of interest in one of the kernel's messages. */
struct uevent {
	struct slice action, subsystem, path;
};

/* False for bytes that are no such message. */
bool uevent_parse(struct slice message, struct uevent *event);

/* wait.c: a thread's work with the devices begins and ends, so that they are not freed under it. */
void devices_use(struct devices *devices);
void devices_unuse(struct devices *devices);

/* Threads that wait are to look again. */
void devices_wake(struct devices *devices);

/*
 * Look for a device: 0 when it is there, with *found to be freed; -EAGAIN, with the reason as error, when it may yet
 * come; any other error ends the wait.
 */
typedef int look_function(const struct devices *devices, const void *wanted, char **found,
			  struct error **err);

/* Look until it is found, or the time is over. `name` is what the device is called in the error. */
int devices_wait(struct devices *devices, look_function *look, const void *wanted, const char *name,
		 char **found, struct error **err);

/*
 * Load drivers that few guests need, when they are first asked for: at every boot they would take longer than all
 * others. The list ends with NULL. One that cannot be had is none: it may be built in, or another device's.
 */
void devices_load_drivers(const struct devices *devices, const char *const *names);
