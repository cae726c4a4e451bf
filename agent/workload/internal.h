/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "channel.h"
#include "proto/oci.pb-c.h"

struct workload {
	struct workload_setup setup;
	Grpc__Spec *spec;
	bool new_mount_namespace; /* then the root file system is ours to build */
	bool new_user_namespace;
	bool new_uts_namespace;
	int root;	   /* the root file system's top (O_PATH); -1 where it is not ours */
	bool dev_readonly; /* the mount on /dev asked for it */
	char *state;	   /* OCI's state as JSON, for hooks */
	char *home;
};

/* namespaces.c: enter and make what the spec names. */
int workload_join_namespaces(struct workload *w, struct error **err);
int workload_enter_mount_namespace(struct workload *w, struct error **err);

/* rootfs.c: the root file system, before and after it becomes the root. */
int workload_build_rootfs(struct workload *w, struct error **err);
int workload_finish_rootfs(struct workload *w, struct error **err);
int workload_change_root(struct workload *w, struct error **err);
int workload_set_sysctls(struct workload *w, struct error **err);

/* mounts.c */
int workload_mount(struct workload *w, const Grpc__Mount *mount, struct error **err);

/* nodes.c: what belongs into /dev. */
int workload_make_nodes(struct workload *w, struct error **err);

/* identity.c */
int workload_set_limits(struct workload *w, struct error **err);
int workload_own_stdio(struct workload *w, struct error **err);
int workload_set_identity(struct workload *w, struct error **err);
int workload_set_environment(struct workload *w, struct error **err);

/* seccomp.c; does nothing without a profile. */
int workload_load_seccomp(struct workload *w, struct error **err);

/* command.c: the program's file, looked up in PATH; to be freed. */
int workload_find_command(const struct workload *w, char **path, struct error **err);
