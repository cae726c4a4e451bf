// SPDX-License-Identifier: Apache-2.0
/* One line a record, as Go prints a struct. Nothing is escaped. */
#include "format.h"

static void record_line(struct logs_writer *writer, const struct logs_record *record)
{
	logs_put_literal(writer->out, "Record ");
	logs_put_u64(writer->out, record->count);
	logs_put_literal(writer->out, ": ");
	logs_put_record(writer->out, record);
	logs_put_char(writer->out, '\n');
}

const struct logs_format logs_format_text = {
	.name = "text",
	.begin = logs_put_about,
	.record = record_line,
};
