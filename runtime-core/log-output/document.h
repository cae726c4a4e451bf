/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Records as a document in one of six formats, whose field names, order and shapes are those that scripts know
 * (spec/log-parser.md 8 and 13), written as a stream:
 *
 *	document = logs_document_new(format, &output, &about);
 *	while (...)
 *		ret = logs_document_add(document, record, err);
 *	ret = logs_document_end(document, err);
 */

#include "logs/record.h"
#include "output.h"

/* What the comment at the start of text, TOML and YAML says. All borrowed. */
struct logs_about {
	const char *program;
	const char *version;
	const char *commit;
};

struct logs_format;
struct logs_document;

/* NULL for an unknown name. */
const struct logs_format *logs_format_find(const char *name);

/* All names in order, NULL-terminated. */
extern const char *const logs_format_names[];

/* Output and about are borrowed. Writes nothing yet. */
struct logs_document *logs_document_new(const struct logs_format *format,
					struct logs_output *output, const struct logs_about *about);

/* Also in the middle of a document, which is then cut off. */
void logs_document_free(struct logs_document *document);
DEFINE_CLEANUP(struct logs_document *, logs_document_free)

/* Write a record, whose count and delta are set. Errors are those of the output. */
int logs_document_add(struct logs_document *document, const struct logs_record *record,
		      struct error **err);

/* Write the end, and the start of a document without records. All has been written then. */
int logs_document_end(struct logs_document *document, struct error **err);
