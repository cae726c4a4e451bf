/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "annotations.h"

/*
 * Are all hypervisor annotations opened by enable_annotations (spec/config.md 5.1)? Error -EPERM: starts
 * with "annotation NAME is not enabled", of the first in byte order; -ELIBACC when a regular expression
 * needs a library that is missing, and no other entry opens the annotation.
 */
int annotation_gate(const struct config *config, const struct annotations *annotations,
		    struct error **err);
