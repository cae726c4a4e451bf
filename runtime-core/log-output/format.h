/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a format is made of. Inside this room only. */

#include "document.h"

struct logs_writer {
	struct logs_buffer *out;
	const struct logs_about *about;
	uint64_t written;	 /* records so far */
	struct logs_buffer text; /* for what has to be complete before it is quoted */
	void *state;		 /* the format's own */
};

struct logs_format {
	const char *name;
	/* Each may be NULL. */
	void (*begin)(struct logs_writer *writer);
	void (*record)(struct logs_writer *writer, const struct logs_record *record);
	void (*end)(struct logs_writer *writer);
	void (*release)(struct logs_writer *writer);
};

extern const struct logs_format logs_format_csv;
extern const struct logs_format logs_format_json;
extern const struct logs_format logs_format_text;
extern const struct logs_format logs_format_toml;
extern const struct logs_format logs_format_xml;
extern const struct logs_format logs_format_yaml;

/* The comment at the start of text, TOML and YAML. */
void logs_put_about(struct logs_writer *writer);

/* "Data,Time,..." */
#define LOGS_FIELDS \
	"Data,Time,Filename,Level,Msg,Source,Name,Container,Sandbox,Line,Count,TimeDelta,Pid"

static inline void logs_put_rfc3339(struct logs_buffer *out, const struct logs_time *time)
{
	out->size += logs_time_rfc3339(time, logs_reserve(out, LOGS_TIME_MAX_TEXT));
}
