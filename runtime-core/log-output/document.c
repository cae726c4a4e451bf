// SPDX-License-Identifier: Apache-2.0
#include "document.h"

#include "base/memory.h"
#include "format.h"

static const struct logs_format *const formats[] = {
	&logs_format_csv,  &logs_format_json, &logs_format_text,
	&logs_format_toml, &logs_format_xml,  &logs_format_yaml,
};

const char *const logs_format_names[] = { "csv", "json", "text", "toml", "xml", "yaml", NULL };

const struct logs_format *logs_format_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}

struct logs_document {
	const struct logs_format *format;
	struct logs_output *output;
	struct logs_writer writer;
	bool begun;
};

struct logs_document *logs_document_new(const struct logs_format *format,
					struct logs_output *output, const struct logs_about *about)
{
	struct logs_document *document = xcalloc(1, sizeof(*document));

	document->format = format;
	document->output = output;
	document->writer.out = &output->buffer;
	document->writer.about = about;
	return document;
}

void logs_document_free(struct logs_document *document)
{
	if (!document)
		return;
	if (document->format->release)
		document->format->release(&document->writer);
	logs_buffer_release(&document->writer.text);
	free(document);
}

static void begin(struct logs_document *document)
{
	if (!document->begun && document->format->begin)
		document->format->begin(&document->writer);
	document->begun = true;
}

int logs_document_add(struct logs_document *document, const struct logs_record *record,
		      struct error **err)
{
	begin(document);
	document->format->record(&document->writer, record);
	document->writer.written++;
	return logs_output_pace(document->output, err);
}

int logs_document_end(struct logs_document *document, struct error **err)
{
	begin(document);
	if (document->format->end)
		document->format->end(&document->writer);
	return logs_output_flush(document->output, err);
}

void logs_put_about(struct logs_writer *writer)
{
	static const char rule[] = "#----------------------------------------\n";
	const struct {
		const char *name, *value;
	} lines[] = {
		{ "# Name:           ", writer->about->program },
		{ "# Version:        ", writer->about->version },
		{ "# Commit:         ", writer->about->commit },
		{ "# Fields:         ", LOGS_FIELDS },
		{ "# Format Version: ", LOGS_FORMAT_VERSION },
	};

	logs_put_char(writer->out, '\n');
	logs_put_slice(writer->out, slice_of(rule));
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		logs_put_slice(writer->out, slice_of(lines[i].name));
		logs_put_slice(writer->out, slice_of(lines[i].value));
		logs_put_char(writer->out, '\n');
	}
	logs_put_slice(writer->out, slice_of(rule));
	logs_put_char(writer->out, '\n');
}
