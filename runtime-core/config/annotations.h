/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a pod asks for: annotations, applied to a configuration within what the operator allows
 * (spec/config.md 5). Those of the sandbox change the configuration; containers have their own few in
 * container_annotations.h.
 */

#include "base/error.h"
#include "base/slice.h"
#include "config.h"

/* As the container manager delivers them; foreign bytes, borrowed. */
struct annotation {
	struct slice name, value;
};

struct annotations {
	const struct annotation *items;
	size_t count;
};

/* The value of an annotation; of several with one name the last, as in JSON. NULL: there is none. */
const struct slice *annotation_find(const struct annotations *annotations, const char *name);

/*
 * Apply a sandbox's annotations to a configuration that was loaded without errors; values that change get
 * CONFIG_FROM_ANNOTATION and the annotation's name as origin. What is ignored (unknown names, what no pod may
 * set) is added to the configuration's problems as a warning. Reads asset files whose hash is given.
 *
 * Errors start with the existing tools' exact words. -EPERM for annotations that enable_annotations does not
 * open: the message names all of them, sorted, and says how to open them. -EINVAL, -ERANGE and -E2BIG for
 * values, -EACCES for paths that no list of the operator's allows, -EBADMSG for initdata and hashes; others
 * from reading files. Afterwards the configuration is changed in part, and must not be used.
 */
int config_apply_annotations(struct config *config, const struct annotations *annotations,
			     struct error **err);

/*
 * Look at what decides over annotations, and add what is odd to the problems: entries of enable_annotations
 * that are no regular expressions, match nothing or more than they say, and malformed path patterns.
 */
void config_check_annotation_lists(struct config *config);

/* Does the guest get to see it, when the sandbox's specification is passed on (spec/config.md 5.6, 5.8)? */
bool annotation_is_for_guest(struct slice name);
