/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is in a log, on one screen: how much of what level, which errors, which sandboxes, and where time passed without a
 * record. Memory is bounded whatever the log holds: of very many different messages or sandboxes the later ones are
 * counted together.
 */

#include "logs/record.h"
#include "output.h"

struct logs_summary;

/* What the reader of the log knows and the records do not tell. */
struct logs_summary_counts {
	uint64_t read;		/* records */
	uint64_t skipped;	/* lines and files that were none */
	uint64_t unpack_failed; /* wrappers kept as they were */
	uint64_t late;		/* records out of order */
};

struct logs_summary *logs_summary_new(void);
void logs_summary_free(struct logs_summary *summary);
DEFINE_CLEANUP(struct logs_summary *, logs_summary_free)

/* Records come in order of time. */
void logs_summary_add(struct logs_summary *summary, const struct logs_record *record);

/* Text for people, or JSON. Appends to the output's buffer. */
void logs_summary_write_text(struct logs_summary *summary, const struct logs_summary_counts *counts,
			     struct logs_output *output);
void logs_summary_write_json(struct logs_summary *summary, const struct logs_summary_counts *counts,
			     struct logs_output *output);
