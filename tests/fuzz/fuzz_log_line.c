// SPDX-License-Identifier: Apache-2.0
/* Any bytes as one line of a log, under all rules; what is a record is written in every format. */
#include <stdint.h>
#include <stdlib.h>

#include "log-output/document.h"
#include "logs/filter.h"
#include "logs/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_all(struct logs_record *record)
{
	static const struct logs_about about = { "p", "v", "c" };

	for (const char *const *name = logs_format_names; *name; name++) {
		_cleanup_error_ struct error *err = NULL;
		struct logs_output output;
		struct logs_document *document;

		logs_output_open(&output, -1, "nothing");
		document = logs_document_new(logs_format_find(*name), &output, &about);
		if (logs_document_add(document, record, &err) < 0 ||
		    logs_document_end(document, &err) < 0)
			abort();
		logs_document_free(document);
		logs_output_release(&output);
	}
}

static void read_line(struct slice text, const struct logs_rules *rules)
{
	struct logs_line line = { .text = text, .file = slice_of("file"), .number = 1 };
	_cleanup_error_ struct error *err = NULL, *warning = NULL;
	struct logs_record record = { 0 };
	struct logs_instant peeked;
	int ret = logs_parse(rules, &line, &record, &warning, &err);

	if ((ret < 0) != (err != NULL))
		abort();
	/* What a glance says of the time is what reading says. */
	if (ret == 0 && logs_peek_time(text, &peeked) &&
	    !logs_instant_equal(peeked, record.time.instant))
		abort();
	for (size_t i = 1; ret == 0 && i < record.data_count; i++)
		if (logs_slice_compare(record.data[i - 1].key, record.data[i].key) >= 0)
			abort();
	if (ret == 0)
		write_all(&record);
	if (line.rest.size >= text.size && text.size > 0)
		abort();
	logs_record_release(&record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct logs_rules rules[] = {
		{ .ignore_missing_fields = true },
		{ .strict = true },
		{ .keep_wrappers = true },
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		read_line(slice_make((const char *)data, size), &rules[i]);
	return 0;
}
