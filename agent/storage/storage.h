/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Storages: what a request wants to find in the guest before its containers run (spec/agent.md 7). A storage names
 * a driver and a mount point; several requests may name the same mount point, which is set up once and
 * taken down after the last of them.
 *
 * The functions block and are for jobs. They may be called from several threads at once.
 */

#include <stdbool.h>

#include "agent/device/device.h"
#include "agent/process/reaper.h"
#include "base/string_list.h"
#include "proto/agent.pb-c.h"

struct storages;

/* Everything in here is borrowed. */
struct storages_settings {
	const char *base; /* mount points lie below it: "/run/kata-containers" */
	struct devices *devices;
	struct reaper *reaper;
	struct loop *loop; /* for looking at watched mounts from time to time; NULL: nobody does */
	int64_t hotplug_timeout_ms; /* how long a share's device may be on its way */
};

/* None yet. */
struct storages *storages_new(const struct storages_settings *settings);

/* Forget them, on the loop's thread; what is mounted stays. NULL is fine. */
void storages_free(struct storages *storages);

/*
 * Set up the storages of a request in their order, and add their mount points to `held`, which is later given to
 * storages_release(). `container_id` is NULL for those of the sandbox. On failure those of this
 * request are undone, and `held` is as it was.
 */
int storages_attach(struct storages *storages, const char *container_id, Grpc__Storage *const *list,
		    size_t count, struct string_list *held, struct error **err);

/*
 * Give up every mount point in `held`, the last one first, and empty the list. Goes on after an error, and
 * returns the first one.
 */
int storages_release(struct storages *storages, struct string_list *held, struct error **err);

/*
 * Change mounts of the driver "ephemeral", which with the options "remount,size=..." resizes them (spec/agent.md
 * 6, UpdateEphemeralMounts).
 */
int storages_update_ephemeral(const struct storages *storages, Grpc__Storage *const *list,
			      size_t count, struct error **err);

/* Is this a directory below `base` that is all containers', so that none of them may have its name? */
bool storages_own_directory(const char *name);

/* The names of the drivers, for GetGuestDetails. */
void storages_list_drivers(struct string_list *names);
