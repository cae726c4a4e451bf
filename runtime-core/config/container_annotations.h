/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What annotations say of a single container: what it is, whose it is, and a few resources (spec/config.md 5.6). */

#include "annotations.h"

enum container_type {
	CONTAINER_SINGLE, /* of no pod */
	CONTAINER_POD_SANDBOX,
	CONTAINER_POD_CONTAINER,
};

/* "single_container", "pod_sandbox", "pod_container": values of the annotation that the guest's agent reads. */
const char *container_type_name(enum container_type type);

#define CONTAINER_TYPE_ANNOTATION "io.katacontainers.pkg.oci.container_type"
#define BUNDLE_PATH_ANNOTATION	  "io.katacontainers.pkg.oci.bundle_path"

/*
 * By the container manager's annotation. None: single. In the Go dialect the first of containerd's, CRI-O's
 * and dockershim's decides, and -EINVAL "Unknown container type X" is possible; in runtime-rs CRI-O's comes
 * first and unknown words are skipped.
 */
int annotations_container_type(const struct annotations *annotations, enum config_dialect dialect,
			       enum container_type *type, struct error **err);

/* The id of a pod container's sandbox, borrowed. Error: -ENOENT "Could not find sandbox ID". */
int annotations_sandbox_id(const struct annotations *annotations, enum config_dialect dialect,
			   struct slice *id, struct error **err);

/*
 * The container's swappiness, its limit of memory and swap in bytes, and the sandbox's EPC memory for SGX in
 * bytes. 1 when the annotation is there and *value is set, 0 when it is not. Errors -EINVAL and -ERANGE with
 * the dialect's words.
 */
int annotations_swappiness(const struct annotations *annotations, enum config_dialect dialect,
			   uint64_t *value, struct error **err);
int annotations_swap_bytes(const struct annotations *annotations, uint64_t *value,
			   struct error **err);
int annotations_epc_bytes(const struct annotations *annotations, uint64_t *value,
			  struct error **err);
