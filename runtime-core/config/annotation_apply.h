/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the rows of the annotation table do with their value, each an annotation_apply_fn: check it and set
 * the row's key. What a row's other columns mean to each is said where it is not plain.
 */

#include "annotation_rows.h"

/* ---- one value (annotation_apply.c) ---------------------------------------------------------------- */

annotation_apply_fn annotation_apply_bool;
annotation_apply_fn annotation_apply_number;
annotation_apply_fn annotation_apply_string;
annotation_apply_fn annotation_apply_word;
/* A path that the list of the row must find. */
annotation_apply_fn annotation_apply_listed_path;
annotation_apply_fn annotation_apply_sector_size;
/* A truth whose bad value means false in the Go dialect. */
annotation_apply_fn annotation_apply_lenient_bool;

/* ---- the size of the sandbox (annotation_size.c) --------------------------------------------------- */

annotation_apply_fn annotation_apply_cpus;
annotation_apply_fn annotation_apply_most_cpus;
annotation_apply_fn annotation_apply_memory;

/* ---- several values in one (annotation_lists.c) ---------------------------------------------------- */

annotation_apply_fn annotation_apply_kernel_params;
annotation_apply_fn annotation_apply_verity;
annotation_apply_fn annotation_apply_numa;
annotation_apply_fn annotation_apply_virtiofs_args;
annotation_apply_fn annotation_apply_kernel_modules;
annotation_apply_fn annotation_apply_experimental;
annotation_apply_fn annotation_apply_shared_mounts;

/* ---- the rest (annotation_special.c) --------------------------------------------------------------- */

/* One of hot_plug_vfio and cold_plug_vfio excludes the other. */
annotation_apply_fn annotation_apply_vfio_port;
annotation_apply_fn annotation_apply_policy;
annotation_apply_fn annotation_apply_initdata;
/* Only said of a remote hypervisor. */
annotation_apply_fn annotation_apply_gpus;
annotation_apply_fn annotation_apply_gpu_model;
annotation_apply_fn annotation_apply_runtime_name;
/* Choosing another hypervisor or agent than the configuration's is not possible. */
annotation_apply_fn annotation_apply_table_name;

/* ---- asset files (annotation_assets.c) ------------------------------------------------------------- */

/*
 * Take the pod's own kernel, image, ... once everything else is applied: absolute paths, with the hash that
 * goes with them (spec/config.md 5.5).
 */
int annotations_apply_assets(struct config *config, const struct annotations *annotations,
			     struct error **err);

/* ---- for all of them ------------------------------------------------------------------------------- */

/* Add a warning to the configuration's problems; `suggestion` may be NULL. */
void annotation_warn(struct config *config, const char *name, const char *suggestion,
		     const char *format, ...) __attribute__((format(printf, 4, 5)));
