/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Mounts that are made detached, get their flags, and are attached to the descriptor of their target: there is no
 * moment at which one lacks a flag. Attach with mount_attach() of inside.h.
 */

#include "base/error.h"
#include "mount_options.h"

/* A new file system. `source` may be "". */
int detached_new(const char *type, const char *source, const struct mount_options *options,
		 struct error **err);

/* The tree at `source`, a descriptor (O_PATH will do) that errors call `name`. */
int detached_bind(int source, const char *name, const struct mount_options *options,
		  struct error **err);

/* Hand the words of `options->data` to a context of fsopen(2) or fspick(2). */
int detached_configure(int context, const struct mount_options *options, struct error **err);

/* For a mount that is attached already; it does nothing where the options say nothing of it. */
int detached_set_propagation(int mount, const struct mount_options *options, struct error **err);
