/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "agent/workload/mount_options.h"
#include "place.h"
#include "storage.h"

/* One storage while it is being set up. */
struct attachment {
	const Grpc__Storage *storage;
	const struct storages_settings *settings;
	const char *container_id; /* NULL for the sandbox's */
	struct storages *storages;
	struct place place;  /* its mount point */
	struct watch *watch; /* result: a copy to be kept up to date */
	bool mounted;	     /* result: to be unmounted when nobody uses it any more */
};

/* drivers.c */
struct driver {
	const char *name;
	int (*attach)(struct attachment *attachment, struct error **err);
};

/* NULL for an unknown name. */
const struct driver *driver_find(const char *name);

/* mount.c: what most drivers come to. */
struct mount_request {
	const char *source, *type;
	struct mount_options options;
};
#define _cleanup_mount_request_ _cleanup_(mount_request_release)
/* What the storage says; source and type are borrowed from it. An error for words that no mount can have. */
int mount_request_parse(const Grpc__Storage *storage, struct mount_request *request,
			struct error **err);
void mount_request_release(struct mount_request *request);

/*
 * Mount on the attachment's place, unless a file system of this type is mounted there already, and hand it to the
 * storage's fs_group. `late` is the error that means that the device is not there yet (0: none does).
 */
int mount_attach_storage(struct attachment *attachment, const struct mount_request *request,
			 int late, struct error **err);

/* Parse and mount. */
int mount_common(struct attachment *attachment, int late, struct error **err);

/* Open what is to be mounted; links are not followed where containers may have made them. `flags` as for open(). */
int mount_open_source(const char *base, const char *source, int flags, struct error **err);

/* The value of the option "KEY=", NULL without it. */
const char *option_value(const Grpc__Storage *storage, const char *key);

/* ownership.c: hand everything below `directory` to the group (spec/agent.md 7.1, fs_group). */
int ownership_apply(int directory, const Grpc__FSGroup *group, bool readonly, struct error **err);

/* ephemeral.c */
int ephemeral_attach(struct attachment *attachment, struct error **err);
int ephemeral_update(const struct storages_settings *settings, const Grpc__Storage *storage,
		     struct error **err);
/* Option fsgid=N: -1 when it is absent. */
int option_fsgid(const Grpc__Storage *storage, int64_t *gid, struct error **err);
/* For the group, and what is made below it too. */
int give_to_group(int directory, int64_t gid, struct error **err);

/* block.c */
int blk_attach(struct attachment *attachment, struct error **err);
int mmioblk_attach(struct attachment *attachment, struct error **err);
int scsi_attach(struct attachment *attachment, struct error **err);
int nvdimm_attach(struct attachment *attachment, struct error **err);

/* watch.c */
int watch_attach(struct attachment *attachment, struct error **err);
/* Bring the copy up to date. */
void watch_look(struct watch *watch, const char *base);
/* Remove the copy, and free the watch. */
int watch_end(struct watch *watch, struct storages *storages, struct error **err);
void watch_free(struct watch *watch);

/* storages.c: all copies of a sandbox lie in one directory, that of the first of them. */
int storages_fix_watch_root(struct storages *storages, const char *path, struct error **err);
/* Bring all copies up to date: what happens every two seconds. */
void storages_look_again(struct storages *storages);

/* local.c, overlay.c */
int local_attach(struct attachment *attachment, struct error **err);
int overlay_attach(struct attachment *attachment, struct error **err);
