// SPDX-License-Identifier: Apache-2.0
/* Lines are cut right wherever the pieces that come from a source end. */
#include "logs/reader.h"

#include <errno.h>

#include "base/strbuf.h"
#include "memory_source.h"
#include "unit.h"

static const char record[] =
	"time=\"2024-05-01T08:00:00.5Z\" level=info msg=m name=n pid=1 source=s";

static int reject(void *context, struct slice file, uint64_t line, struct error *reason,
		  struct error **err)
{
	uint64_t *last = context;

	(void)err;
	assert_slice_equal(file, "f");
	*last = line;
	error_free(reason);
	return 0;
}

static void test_lines_of_any_length_in_pieces_of_any_size(void **state)
{
	static const size_t pieces[] = { 1, 7, 4096, 1000000 };
	static const size_t lengths[] = { 0, 10, 5000, LOGS_BLOCK_BYTES, 3 * LOGS_BLOCK_BYTES };
	struct strbuf text = STRBUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		strbuf_printf(&text, "%s x=", record);
		strbuf_fill(&text, 'y', lengths[i]);
		strbuf_puts(&text, i % 2 ? "\r\n" : "\n");
	}
	strbuf_truncate(&text, text.size - 1); /* the last line needs no end */
	for (size_t p = 0; p < ARRAY_SIZE(pieces); p++) {
		struct memory memory = { strbuf_view(&text), pieces[p] };
		struct logs_pool pool = { 0 };
		uint64_t bad = 0;
		struct logs_reading reading = { .reject = reject, .context = &bad };
		struct logs_reader *reader =
			logs_reader_new(&reading, logs_source_new(&memory_source, &memory), &pool,
					3, slice_of("f"));
		struct logs_entry entries[ARRAY_SIZE(lengths) + 1];
		struct error *err = NULL;
		size_t count = 0;

		while (logs_reader_next(reader, &entries[count], &err) > 0)
			count++;
		assert_null(err);
		assert_int_equal(count, ARRAY_SIZE(lengths));
		assert_int_equal(bad, 0);
		/* They are all still there. */
		for (size_t i = 0; i < count; i++) {
			assert_int_equal(entries[i].line, i + 1);
			assert_int_equal(entries[i].input, 3);
			assert_int_equal(entries[i].text.size, sizeof(record) - 1 + 3 + lengths[i]);
			assert_memory_equal(entries[i].text.data, record, sizeof(record) - 1);
			assert_int_equal(entries[i].when.seconds, 1714550400);
			logs_block_unref(entries[i].block);
		}
		logs_reader_free(reader);
		assert_int_equal(pool.bytes, 0);
		logs_pool_release(&pool);
	}
	strbuf_release(&text);
}

static void test_bad_lines_are_told_with_their_number(void **state)
{
	_cleanup_free_ char *text = xasprintf("%s\n\nx=y=z\n%s\n", record, record);
	struct memory memory = { slice_of(text), 1000 };
	struct logs_pool pool = { 0 };
	uint64_t bad = 0;
	struct logs_reading reading = { .reject = reject, .context = &bad };
	struct logs_reader *reader = logs_reader_new(
		&reading, logs_source_new(&memory_source, &memory), &pool, 0, slice_of("f"));
	struct logs_entry entry;
	struct error *err = NULL;

	(void)state;
	assert_int_equal(logs_reader_next(reader, &entry, &err), 1);
	assert_int_equal(entry.line, 1);
	assert_int_equal(bad, 0);
	logs_block_unref(entry.block);
	assert_int_equal(logs_reader_next(reader, &entry, &err), 1);
	assert_int_equal(entry.line, 4);
	assert_int_equal(bad, 3);
	logs_block_unref(entry.block);
	assert_int_equal(logs_reader_next(reader, &entry, &err), 0);
	logs_reader_free(reader);
	assert_int_equal(pool.bytes, 0);
	logs_pool_release(&pool);
}

static int refuse(void *context, struct slice file, uint64_t line, struct error *reason,
		  struct error **err)
{
	(void)context;
	(void)file;
	(void)line;
	return error_propagate(err, reason);
}

static void test_the_caller_can_end_it(void **state)
{
	struct memory memory = { slice_of("x=y=z\n"), 1000 };
	struct logs_pool pool = { 0 };
	struct logs_reading reading = { .reject = refuse };
	struct logs_reader *reader = logs_reader_new(
		&reading, logs_source_new(&memory_source, &memory), &pool, 0, slice_of("f"));
	struct logs_entry entry;
	struct error *err = NULL;

	(void)state;
	assert_failed(logs_reader_next(reader, &entry, &err), err, -EINVAL, "unexpected '='");
	logs_reader_free(reader);
	assert_int_equal(pool.bytes, 0);
	logs_pool_release(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_of_any_length_in_pieces_of_any_size),
		cmocka_unit_test(test_bad_lines_are_told_with_their_number),
		cmocka_unit_test(test_the_caller_can_end_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
