/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which records are wanted. Every condition that is set has to hold. */

#include "base/error.h"
#include "record.h"

struct logs_filter {
	/* Words with commas between, one of which has to fit; "" for all. Of ids the beginning is enough. */
	const char *sandbox, *container;
	const char *source, *subsystem;
	/* Records of this urgency and above; "" for all. A record whose level is no known word is always wanted. */
	const char *level;
	/* A part of the message or of any value; "" for all. */
	const char *text;
	bool has_since, has_until;
	struct logs_instant since, until;

	int max_rank; /* logs_filter_prepare()'s */
	bool any;     /* likewise: is there a condition at all? */
};

/* Check the conditions and make them ready. Error -EINVAL for a level that is none. */
int logs_filter_prepare(struct logs_filter *filter, struct error **err);

bool logs_filter_wants(const struct logs_filter *filter, const struct logs_record *record);
