/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Logging in the shapes that Kata's tools and their users' parsers know: logrus text lines and JSON
 * lines, to stderr, a file, syslog, any number at once (spec/kata-runtime.md 15).
 *
 *	log_info("kernel property found", LOG_STR("type", "module"), LOG_STR("name", "kvm"));
 *
 * There is one log per process. A record carries the pid, the process's fixed fields (arch, name,
 * source, ...) and its own; a field of the record replaces a fixed field of the same name. Safe from any thread;
 * not from a signal handler. Logging never fails the caller: what a destination does not take is counted.
 */

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "slice.h"
#include "strbuf.h"

enum log_level {
	LOG_LEVEL_PANIC,
	LOG_LEVEL_FATAL,
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_TRACE,
};

enum log_format {
	LOG_FORMAT_TEXT,
	LOG_FORMAT_JSON,
	LOG_FORMAT_AGENT, /* the guest agent's JSON (spec/agent.md 5.7) */
};

struct log_field {
	const char *key;    /* NULL ends a list */
	const char *string; /* NULL for a number */
	int64_t number;
};

#define LOG_STR(name, value) ((struct log_field){ .key = (name), .string = (value) })
#define LOG_INT(name, value) ((struct log_field){ .key = (name), .number = (value) })

/* The last argument of the list is added by the macros. `fields` and the message are borrowed. */
void log_record(enum log_level level, const char *message, const struct log_field *fields);

#define log_at(level, message, ...) \
	log_record(level, message, (const struct log_field[]){ __VA_ARGS__ __VA_OPT__(, ){ 0 } })
#define log_error(message, ...)	  log_at(LOG_LEVEL_ERROR, message, __VA_ARGS__)
#define log_warning(message, ...) log_at(LOG_LEVEL_WARNING, message, __VA_ARGS__)
#define log_info(message, ...)	  log_at(LOG_LEVEL_INFO, message, __VA_ARGS__)
#define log_debug(message, ...)	  log_at(LOG_LEVEL_DEBUG, message, __VA_ARGS__)

/* Fields of every record from here on; a second call with the same key replaces the value. Copied. */
void log_set_field(const char *key, const char *value);

/* Records above this level (less urgent) are dropped. The default is info. */
void log_set_level(enum log_level level);
enum log_level log_get_level(void);

/* A level's name as logrus prints it ("warning"), and back; -EINVAL for any other word. */
const char *log_level_name(enum log_level level);
int log_level_parse(const char *name, enum log_level *level);

/*
 * Destinations. None is open at the start, so a library's records go nowhere until a program opens one.
 * Stderr is coloured when it is a terminal and NO_COLOR is not set.
 */
void log_open_stderr(enum log_format format);
void log_close_stderr(void);

/* The same place, but another descriptor, which stays the caller's. */
void log_open_descriptor(int fd, enum log_format format);

/*
 * The same place again, but a function, which gets each line with its line end. It is called by the thread that
 * logs, one call at a time, must not log itself, and is not called any more once another place is opened.
 */
void log_open_sink(void (*sink)(struct slice line, void *data), void *data, enum log_format format);

/* Append what a record would look like, with the process's fields and the time of now, and send it nowhere. */
void log_render(struct strbuf *out, enum log_format format, enum log_level level,
		const char *message, const struct log_field *fields);

/*
 * Append to a file, made with mode 0640. Error: "open P: no such file or directory".
 * Does not wait for a FIFO's reader: -ENXIO without one.
 */
int log_open_file(const char *path, enum log_format format, struct error **err);

/*
 * Send to the system log under `tag`, always in text format. A missing syslog socket is no error: the
 * records are dropped.
 */
void log_open_syslog(const char *tag);

/* Close every destination and free the fixed fields. */
void log_close(void);

/* Records that a destination did not take, since the start. */
uint64_t log_dropped(void);
