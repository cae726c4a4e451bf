// SPDX-License-Identifier: Apache-2.0
/*
 * A block is filled, and lines are cut off it where they stand. The piece of a line at a block's end is copied to the
 * start of the next one, which is made as large as the line needs. A text that is not in the input as it is (the
 * message of a journal entry in JSON) is written into blocks of its own.
 */
#include "reader.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "envelope.h"

/* An export entry's field is bounded by what the journal itself takes. */
#define MAX_FIELD_BYTES ((uint64_t)768 << 20)

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

struct logs_reader {
	const struct logs_reading *reading;
	struct logs_source *source;
	unsigned input;
	struct slice file;

	struct logs_pool *pool;
	struct logs_block *block; /* being read; its `used` is where the data ends */
	size_t begin;		  /* of the next line in it */
	size_t scanned;		  /* no line end before this */
	bool at_end;
	uint64_t line; /* the number of the last line cut */

	struct logs_block *texts; /* where texts of our own go */
	bool started, is_export;
	struct logs_entry second; /* another record of the line before; no text for none */
	struct logs_record scratch;
};

struct logs_reader *logs_reader_new(const struct logs_reading *reading, struct logs_source *source,
				    struct logs_pool *pool, unsigned input, struct slice file)
{
	struct logs_reader *reader = xcalloc(1, sizeof(*reader));

	reader->reading = reading;
	reader->source = source;
	reader->input = input;
	reader->file = file;
	reader->pool = pool;
	reader->block = logs_block_new(pool, 0);
	pool->filling = reader->block->capacity;
	return reader;
}

void logs_reader_free(struct logs_reader *reader)
{
	if (!reader)
		return;
	logs_block_unref(reader->second.block);
	logs_block_unref(reader->texts);
	logs_block_unref(reader->block);
	reader->pool->filling = 0;
	logs_record_release(&reader->scratch);
	logs_source_close(reader->source);
	free(reader);
}

const struct logs_source *logs_reader_source(const struct logs_reader *reader)
{
	return reader->source;
}

uint64_t logs_reader_lines(const struct logs_reader *reader)
{
	return reader->line;
}

/* ---- bytes ------------------------------------------------------------------------------------- */

/* Make room behind the unfinished line: in this block, if nobody else uses it, or in a new one. */
static void make_room(struct logs_reader *reader)
{
	struct logs_block *old = reader->block;
	size_t kept = old->used - reader->begin;

	if (old->used < old->capacity)
		return;
	if (old->users > 1 || kept > old->capacity / 2) {
		reader->block = logs_block_new(reader->pool, 2 * kept);
		memcpy(reader->block->data, old->data + reader->begin, kept);
		logs_block_unref(old);
		reader->pool->filling = reader->block->capacity;
	} else {
		memmove(old->data, old->data + reader->begin, kept);
	}
	reader->block->used = kept;
	reader->scanned -= reader->begin;
	reader->begin = 0;
}

/* Read more. 1, 0 at the end, or a negative errno. */
static int fill(struct logs_reader *reader, struct error **err)
{
	struct logs_block *block;
	ssize_t got;

	if (reader->at_end)
		return 0;
	make_room(reader);
	block = reader->block;
	got = logs_source_read(reader->source, block->data + block->used,
			       block->capacity - block->used, err);
	if (got < 0)
		return (int)got;
	block->used += (size_t)got;
	reader->at_end = got == 0;
	return got > 0;
}

/* Cut the next line off, without its end; what comes behind the last line end is a line too. 1, 0, or a negative errno. */
static int cut_line(struct logs_reader *reader, struct slice *line, struct error **err)
{
	int ret;

	for (;;) {
		struct logs_block *block = reader->block;
		char *begin = block->data + reader->begin;
		char *end =
			memchr(block->data + reader->scanned, '\n', block->used - reader->scanned);

		if (end) {
			*line = slice_make(begin, (size_t)(end - begin));
			reader->begin = reader->scanned = (size_t)(end + 1 - block->data);
			break;
		}
		reader->scanned = block->used;
		ret = fill(reader, err);
		if (ret < 0)
			return ret;
		if (ret > 0)
			continue;
		if (reader->begin == block->used)
			return 0;
		*line = slice_make(begin, block->used - reader->begin);
		reader->begin = block->used;
		break;
	}
	if (line->size > 0 && line->data[line->size - 1] == '\r')
		line->size--;
	reader->line++;
	return 1;
}

/* Cut exactly `size` bytes off, whatever they are. 1, 0 when they are not there, or a negative errno. */
static int cut_bytes(struct logs_reader *reader, size_t size, struct slice *bytes,
		     struct error **err)
{
	while (reader->block->used - reader->begin < size) {
		int ret;

		reader->scanned = reader->block->used;
		ret = fill(reader, err);
		if (ret <= 0)
			return ret;
	}
	*bytes = slice_make(reader->block->data + reader->begin, size);
	reader->begin += size;
	reader->scanned = reader->begin;
	return 1;
}

/* ---- texts ------------------------------------------------------------------------------------- */

/* Keep a text that is not in the block being read. */
static struct logs_block *keep_text(struct logs_reader *reader, struct slice *text)
{
	struct logs_block *block = reader->texts;

	if (!block || block->capacity - block->used < text->size) {
		logs_block_unref(block);
		block = reader->texts = logs_block_new(reader->pool, text->size);
	}
	if (text->size)
		memcpy(block->data + block->used, text->data, text->size);
	*text = slice_make(block->data + block->used, text->size);
	block->used += text->size;
	return block;
}

static int reject(struct logs_reader *reader, uint64_t line, struct error *reason,
		  struct error **err)
{
	return reader->reading->reject(reader->reading->context, reader->file, line, reason, err);
}

/*
 * Read the entry's text to know its time, or what is wrong with it. 1, 0 for a text that is no record, or a
 * negative errno to stop. Another record in the same text waits in `second`.
 */
static int examine(struct logs_reader *reader, struct logs_entry *entry, struct error **err)
{
	struct logs_line line = {
		.text = entry->text,
		.file = reader->file,
		.number = entry->line,
		.fallback = entry->dated_by_journal ? &entry->when : NULL,
	};
	/* The caller reads the text again and has the warning then. */
	_cleanup_error_ struct error *ignored = NULL;
	struct error *reason = NULL;
	int ret = logs_parse(&reader->reading->rules, &line, &reader->scratch, &ignored, &reason);

	if (line.rest.size > 0) {
		reader->second = *entry;
		reader->second.text = line.rest;
		reader->second.block->users++;
		entry->text.size = (size_t)(line.rest.data - entry->text.data);
	}
	if (ret == 0) {
		entry->when = reader->scratch.time.instant;
		return 1;
	}
	return reject(reader, entry->line, reason, err);
}

/*
 * Finish an entry whose text, line and block are set. 1 when it is a record; 0 when it is not, and the block has lost
 * this user; or a negative errno, likewise.
 */
static int finish(struct logs_reader *reader, struct logs_entry *entry, struct error **err)
{
	struct logs_instant instant;
	int ret = 1;

	entry->input = reader->input;
	if (!reader->reading->check_all && logs_peek_time(entry->text, &instant))
		entry->when = instant;
	else
		ret = examine(reader, entry, err);
	if (ret <= 0)
		logs_block_unref(entry->block);
	return ret;
}

static void use_block(struct logs_entry *entry, struct logs_block *block)
{
	entry->block = block;
	block->users++;
}

/* A line as an entry; false when there is nothing in it to read. */
static bool entry_of_line(struct logs_reader *reader, struct slice line, struct logs_entry *entry)
{
	struct slice stamp, message;
	enum logs_envelope envelope;

	*entry = (struct logs_entry){ .line = reader->line };
	envelope = logs_envelope_find(line, &entry->text, &stamp);
	if (envelope == LOGS_ENVELOPE_MARKER)
		return false;
	if (envelope == LOGS_ENVELOPE_JSON) {
		logs_record_clear(&reader->scratch);
		if (logs_envelope_json(line, &reader->scratch.arena, &message,
				       &entry->dated_by_journal, &entry->when) == 0) {
			entry->text = message;
			use_block(entry, keep_text(reader, &entry->text));
			return true;
		}
	} else if (envelope != LOGS_ENVELOPE_NONE) {
		entry->dated_by_journal = logs_envelope_time(envelope, stamp, &entry->when);
	}
	use_block(entry, reader->block);
	return true;
}

/* ---- the export format ------------------------------------------------------------------------- */

/* The value of a field whose name stood alone on its line: a length of eight bytes, the value, a line end. */
static int cut_long_field(struct logs_reader *reader, struct slice *value, struct error **err)
{
	struct slice bytes;
	uint64_t size = 0;
	int ret = cut_bytes(reader, sizeof(size), &bytes, err);

	if (ret > 0) {
		memcpy(&size, bytes.data, sizeof(size));
		size = le64toh(size);
		if (size > MAX_FIELD_BYTES)
			return error_set(err, -EBADMSG, "field of %llu bytes on line %llu",
					 (unsigned long long)size,
					 (unsigned long long)reader->line);
		ret = cut_bytes(reader, size + 1, value, err);
	}
	if (ret == 0)
		return error_set(err, -EBADMSG, "the field on line %llu is cut off",
				 (unsigned long long)reader->line);
	if (ret < 0)
		return ret;
	for (size_t i = 0; i <= size; i++)
		reader->line += value->data[i] == '\n';
	value->size--;
	return 1;
}

/* One entry of the journal: its fields up to an empty line. 1 with a message, 0 at the end, or a negative errno. */
static int cut_journal_entry(struct logs_reader *reader, struct logs_entry *entry,
			     struct error **err)
{
	struct slice line, value;
	bool any = false;
	int ret;

	*entry = (struct logs_entry){ 0 };
	while ((ret = cut_line(reader, &line, err)) > 0 && (line.size > 0 || !any)) {
		size_t name = slice_find(line, '=');
		bool is_long = name == line.size;
		uint64_t number = reader->line;

		if (line.size == 0)
			continue;
		any = true;
		value = slice_from(line, name + 1);
		line = slice_first(line, name);
		if (is_long) {
			/* The name has to be kept: its block may go when the value is read. */
			bool is_message = slice_is(line, "MESSAGE");

			ret = cut_long_field(reader, &value, err);
			if (ret < 0)
				break;
			line = slice_of(is_message ? "MESSAGE" : "");
		}
		if (slice_is(line, "__REALTIME_TIMESTAMP")) {
			entry->dated_by_journal = logs_journal_time(value, &entry->when);
		} else if (slice_is(line, "MESSAGE") && !entry->block) {
			entry->text = value;
			entry->line = number;
			use_block(entry, keep_text(reader, &entry->text));
		}
	}
	return ret < 0 ? ret : any;
}

/* ---- entries ----------------------------------------------------------------------------------- */

/* Is this the journal's export format? Told by the first line of the input. */
static void look_at_start(struct logs_reader *reader, struct slice line)
{
	reader->started = true;
	reader->is_export = slice_starts_with(line, "__CURSOR=") ||
			    slice_starts_with(line, "__REALTIME_TIMESTAMP=");
	if (!reader->is_export)
		return;
	/* The line will be cut again. */
	reader->begin = reader->scanned = (size_t)(line.data - reader->block->data);
	reader->line--;
}

static int next_in_lines(struct logs_reader *reader, struct logs_entry *entry, struct error **err)
{
	struct slice line;
	int ret = cut_line(reader, &line, err);

	if (ret <= 0)
		return ret;
	if (!reader->started) {
		/* Some editors mark UTF-8 as such. */
		if (slice_starts_with(line, BYTE_ORDER_MARK))
			line = slice_from(line, strlen(BYTE_ORDER_MARK));
		look_at_start(reader, line);
		if (reader->is_export)
			return logs_reader_next(reader, entry, err);
	}
	if (!entry_of_line(reader, line, entry))
		return 2;
	ret = finish(reader, entry, err);
	return ret ? ret : 2;
}

static int next_in_export(struct logs_reader *reader, struct logs_entry *entry, struct error **err)
{
	int ret = cut_journal_entry(reader, entry, err);

	if (ret <= 0) {
		logs_block_unref(entry->block);
		return ret;
	}
	if (!entry->block)
		return 2;
	ret = finish(reader, entry, err);
	return ret ? ret : 2;
}

int logs_reader_next(struct logs_reader *reader, struct logs_entry *entry, struct error **err)
{
	int ret;

	/* The steps return 2 for input that was no record. */
	do {
		if (reader->second.text.size > 0) {
			*entry = reader->second;
			reader->second = (struct logs_entry){ 0 };
			ret = finish(reader, entry, err);
			ret = ret ? ret : 2;
		} else if (reader->is_export) {
			ret = next_in_export(reader, entry, err);
		} else {
			ret = next_in_lines(reader, entry, err);
		}
	} while (ret == 2);
	return ret;
}
