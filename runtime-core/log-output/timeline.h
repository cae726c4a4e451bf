/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A picture of how a sandbox starts: its first records as steps along a time axis, each as long as it takes to the
 * next one, with long waits and errors standing out. SVG, alone or inside HTML; needs neither network nor scripts.
 */

#include "logs/record.h"
#include "output.h"

struct logs_timeline;

enum logs_timeline_form {
	LOGS_TIMELINE_SVG,
	LOGS_TIMELINE_HTML,
};

struct logs_timeline *logs_timeline_new(void);
void logs_timeline_free(struct logs_timeline *timeline);
DEFINE_CLEANUP(struct logs_timeline *, logs_timeline_free)

/* Records come in order of time. The first one that names a sandbox chooses it; records of others are left out. */
void logs_timeline_add(struct logs_timeline *timeline, const struct logs_record *record);

/* Appends the document to the output's buffer. Error -ENODATA when no record named a sandbox. */
int logs_timeline_write(const struct logs_timeline *timeline, enum logs_timeline_form form,
			struct logs_output *output, struct error **err);
