// SPDX-License-Identifier: Apache-2.0
/* Any bytes as a log file: lines, what journalctl puts around them, the journal's export format; in pieces of any size. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "logs/memory_source.h"
#include "logs/stream.h"

#define MAX_ENTRIES 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int reject(void *context, struct slice file, uint64_t line, struct error *reason,
		  struct error **err)
{
	(void)file;
	(void)line;
	(void)err;
	++*(unsigned *)context;
	error_free(reason);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory memory = { slice_make((const char *)data, size), size ? 1 + data[0] : 1 };
	unsigned rejected = 0;
	struct logs_reading reading = { .reject = reject, .context = &rejected };
	struct logs_reach reach = { MAX_ENTRIES, (size_t)1 << 20 };
	_cleanup_(logs_ordered_freep) struct logs_ordered *ordered = NULL;
	_cleanup_error_ struct error *err = NULL;
	struct logs_entry entry;
	volatile char sum = 0;
	int ret;

	reading.rules.ignore_missing_fields = size & 1;
	ordered = logs_ordered_new(&reading, logs_source_new(&memory_source, &memory), 0,
				   slice_of("file"), reach);
	while ((ret = logs_ordered_next(ordered, &entry, &err)) > 0) {
		if (entry.line == 0 || entry.block == NULL)
			abort();
		for (size_t i = 0; i < entry.text.size; i++)
			sum = (char)(sum + entry.text.data[i]);
		logs_block_unref(entry.block);
	}
	if ((ret < 0) != (err != NULL))
		abort();
	return 0;
}
