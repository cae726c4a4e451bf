// SPDX-License-Identifier: Apache-2.0
/*
 * YAML, by libyaml's emitter, one event after another. What is decided here is the style of each text: as Go's package
 * decides it, and quoted in the few cases more where a reader of YAML 1.1 would see something else than a string.
 */
#include <limits.h>
#include <stdlib.h>
#include <yaml.h>

#include "base/base64.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "format.h"
#include "yaml_text.h"

#define BINARY_TAG "tag:yaml.org,2002:binary"

static void emit(struct logs_writer *writer, yaml_event_t *event)
{
	/* Fails only without memory, and then a message ends the program as elsewhere. */
	if (!yaml_emitter_emit(writer->state, event))
		abort();
}

static int collect(void *context, unsigned char *data, size_t size)
{
	logs_put(context, (const char *)data, size);
	return 1;
}

static void emit_scalar(struct logs_writer *writer, struct slice text, const char *tag,
			yaml_scalar_style_t style)
{
	yaml_event_t event;
	bool plain = tag == NULL;

	text = slice_first(text, INT_MAX); /* libyaml's lengths are ints */
	if (!yaml_scalar_event_initialize(&event, NULL, (const yaml_char_t *)tag,
					  (const yaml_char_t *)(text.data ? text.data : ""),
					  (int)text.size, plain, plain, style))
		abort();
	emit(writer, &event);
}

static void emit_plain(struct logs_writer *writer, struct slice text)
{
	emit_scalar(writer, text, NULL, YAML_PLAIN_SCALAR_STYLE);
}

static void emit_text(struct logs_writer *writer, struct slice text)
{
	_cleanup_strbuf_ struct strbuf encoded = STRBUF_INIT;

	if (utf8_find_invalid(text) < text.size) {
		base64_encode(text, &encoded);
		emit_scalar(writer, strbuf_view(&encoded), BINARY_TAG, YAML_PLAIN_SCALAR_STYLE);
	} else if (memchr(text.data ? text.data : "", '\n', text.size)) {
		emit_scalar(writer, text, NULL, YAML_LITERAL_SCALAR_STYLE);
	} else if (yaml_reads_as_string(text)) {
		emit_plain(writer, text);
	} else {
		emit_scalar(writer, text, NULL, YAML_DOUBLE_QUOTED_SCALAR_STYLE);
	}
}

static void emit_field(struct logs_writer *writer, const char *name, struct slice value)
{
	emit_plain(writer, slice_of(name));
	emit_text(writer, value);
}

static void emit_number(struct logs_writer *writer, const char *name, int64_t value)
{
	emit_plain(writer, slice_of(name));
	writer->text.size = 0;
	logs_put_i64(&writer->text, value);
	emit_plain(writer, logs_buffer_view(&writer->text));
}

static void emit_mapping_start(struct logs_writer *writer)
{
	yaml_event_t event;

	if (!yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE))
		abort();
	emit(writer, &event);
}

static void emit_mapping_end(struct logs_writer *writer)
{
	yaml_event_t event;

	yaml_mapping_end_event_initialize(&event);
	emit(writer, &event);
}

static void begin(struct logs_writer *writer)
{
	yaml_emitter_t *emitter = xcalloc(1, sizeof(*emitter));
	yaml_event_t event;

	logs_put_about(writer);
	if (!yaml_emitter_initialize(emitter))
		abort();
	writer->state = emitter;
	yaml_emitter_set_output(emitter, collect, writer->out);
	yaml_emitter_set_unicode(emitter, 1);
	if (!yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING))
		abort();
	emit(writer, &event);
	if (!yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1))
		abort();
	emit(writer, &event);
	emit_mapping_start(writer);
	emit_field(writer, "formatversion", slice_of(LOGS_FORMAT_VERSION));
	emit_plain(writer, slice_of("entries"));
	if (!yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE))
		abort();
	emit(writer, &event);
}

static int compare_pairs(const void *left, const void *right)
{
	const struct logs_pair *const *a = left, *const *b = right;

	return yaml_compare_keys((*a)->key, (*b)->key);
}

static void emit_data(struct logs_writer *writer, const struct logs_record *record)
{
	_cleanup_free_ const struct logs_pair **order = NULL;

	order = xcalloc(record->data_count + 1, sizeof(*order));
	for (size_t i = 0; i < record->data_count; i++)
		order[i] = &record->data[i];
	qsort(order, record->data_count, sizeof(*order), compare_pairs);
	emit_plain(writer, slice_of("data"));
	emit_mapping_start(writer);
	for (size_t i = 0; i < record->data_count; i++) {
		emit_text(writer, order[i]->key);
		emit_text(writer, order[i]->value);
	}
	emit_mapping_end(writer);
}

static void put_record(struct logs_writer *writer, const struct logs_record *record)
{
	char time[LOGS_TIME_MAX_TEXT];

	emit_mapping_start(writer);
	emit_data(writer, record);
	emit_plain(writer, slice_of("time"));
	emit_plain(writer, slice_make(time, logs_time_rfc3339(&record->time, time)));
	emit_field(writer, "filename", record->file);
	emit_field(writer, "level", record->level);
	emit_field(writer, "msg", record->message);
	emit_field(writer, "source", record->source);
	emit_field(writer, "name", record->name);
	emit_field(writer, "container", record->container);
	emit_field(writer, "sandbox", record->sandbox);
	emit_number(writer, "line", (int64_t)record->line);
	emit_number(writer, "count", (int64_t)record->count);
	emit_number(writer, "timedelta", record->delta_ns);
	emit_number(writer, "pid", record->pid);
	emit_mapping_end(writer);
	yaml_emitter_flush(writer->state);
}

static void end(struct logs_writer *writer)
{
	yaml_event_t event;

	yaml_sequence_end_event_initialize(&event);
	emit(writer, &event);
	emit_mapping_end(writer);
	yaml_document_end_event_initialize(&event, 1);
	emit(writer, &event);
	yaml_stream_end_event_initialize(&event);
	emit(writer, &event);
	yaml_emitter_flush(writer->state);
	logs_put_char(writer->out, '\n');
}

static void release(struct logs_writer *writer)
{
	if (writer->state)
		yaml_emitter_delete(writer->state);
	free(writer->state);
}

const struct logs_format logs_format_yaml = {
	.name = "yaml",
	.begin = begin,
	.record = put_record,
	.end = end,
	.release = release,
};
