// SPDX-License-Identifier: Apache-2.0
/*
 * A record is turned into a sorted list of fields once, and rendered once per format that some open
 * destination wants. The formats are those of logrus (text, JSON, terminal), because the journal's
 * readers, kata-log-parser and people's scripts match on them:
 *
 *	time="2026-11-21T21:33:09Z" level=info msg="loaded configuration" arch=amd64 name=kata-runtime
 *	{"arch":"amd64","level":"info","msg":"loaded configuration",...}
 *
 * and that of the guest agent's logger, in which every value is a string:
 *
 *	{"msg":"announce","level":"INFO","ts":"2026-11-21T21:33:09.604605233Z","name":"kata-agent",...}
 */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include "file.h"
#include "memory.h"
#include "quote.h"

#define MAX_FIELDS	       32
#define TERMINAL_MESSAGE_WIDTH 44
#define SYSLOG_MAX_BYTES       65536
#define SYSLOG_RETRY_SECONDS   5

struct destination {
	bool open;
	int fd;
	enum log_format format;
	bool terminal;
	void (*sink)(struct slice line, void *data); /* instead of the descriptor */
	void *data;
};

static struct {
	pthread_mutex_t lock;
	enum log_level level;
	struct log_field fields[MAX_FIELDS]; /* owned copies */
	size_t field_count;
	struct destination stderr_log, file_log;
	bool syslog_open;
	int syslog_fd;
	bool syslog_is_stream;
	time_t syslog_retry; /* on the monotonic clock: when to look again for a missing socket */
	char *syslog_tag;
	struct timespec start;
	uint64_t dropped;
} state = { .lock = PTHREAD_MUTEX_INITIALIZER, .level = LOG_LEVEL_INFO, .syslog_fd = -1 };

/* One record on its way out: its fields, sorted by key. */
struct record {
	enum log_level level;
	const char *message;
	struct timespec time;
	struct log_field fields[2 * MAX_FIELDS];
	size_t field_count;
};

static const struct {
	const char *name;
	const char *short_name;
	int colour;
	int syslog_severity;
	const char *agent_name;
} levels[] = {
	[LOG_LEVEL_PANIC] = { "panic", "PANI", 31, 2, "CRIT" },
	[LOG_LEVEL_FATAL] = { "fatal", "FATA", 31, 2, "CRIT" },
	[LOG_LEVEL_ERROR] = { "error", "ERRO", 31, 3, "ERRO" },
	[LOG_LEVEL_WARNING] = { "warning", "WARN", 33, 4, "WARN" },
	[LOG_LEVEL_INFO] = { "info", "INFO", 36, 6, "INFO" },
	[LOG_LEVEL_DEBUG] = { "debug", "DEBU", 37, 7, "DEBG" },
	[LOG_LEVEL_TRACE] = { "trace", "TRAC", 37, 7, "TRCE" },
};

const char *log_level_name(enum log_level level)
{
	return levels[level].name;
}

int log_level_parse(const char *name, enum log_level *level)
{
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		if (strcmp(levels[i].name, name) == 0) {
			*level = (enum log_level)i;
			return 0;
		}
	return -EINVAL;
}

/* RFC 3339 in the local zone; seconds, or nanoseconds without trailing zeros. */
static void put_time(struct strbuf *out, const struct timespec *time, bool nanoseconds)
{
	struct tm local;
	char text[40], zone[8];

	localtime_r(&time->tv_sec, &local);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &local);
	strbuf_puts(out, text);
	if (nanoseconds && time->tv_nsec) {
		strbuf_printf(out, ".%09ld", time->tv_nsec);
		while (out->data[out->size - 1] == '0')
			strbuf_truncate(out, out->size - 1);
	}
	if (local.tm_gmtoff == 0) {
		strbuf_putc(out, 'Z');
		return;
	}
	strftime(zone, sizeof(zone), "%z", &local);
	strbuf_printf(out, "%.3s:%s", zone, zone + 3);
}

static bool is_bare(const char *value)
{
	return value[strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				   "-._/@^+")] == '\0';
}

static void put_text_value(struct strbuf *out, const struct log_field *field)
{
	if (!field->string)
		strbuf_printf(out, "%jd", (intmax_t)field->number);
	else if (is_bare(field->string))
		strbuf_puts(out, field->string);
	else
		quote_go(out, slice_of(field->string));
}

/* The names of the three built-in values cannot be taken by a field. */
static bool is_reserved(const char *key)
{
	return strcmp(key, "time") == 0 || strcmp(key, "level") == 0 || strcmp(key, "msg") == 0;
}

static void render_text(struct strbuf *out, const struct record *record, bool nanoseconds)
{
	strbuf_puts(out, "time=\"");
	put_time(out, &record->time, nanoseconds);
	strbuf_printf(out, "\" level=%s", levels[record->level].name);
	if (record->message[0]) {
		strbuf_puts(out, " msg=");
		put_text_value(out, &LOG_STR("msg", record->message));
	}
	for (size_t i = 0; i < record->field_count; i++) {
		const struct log_field *field = &record->fields[i];

		strbuf_printf(out, " %s%s=", is_reserved(field->key) ? "fields." : "", field->key);
		put_text_value(out, field);
	}
	strbuf_putc(out, '\n');
}

static void put_json_member(struct strbuf *out, const char *prefix, const struct log_field *field)
{
	_cleanup_free_ char *key = xasprintf("%s%s", prefix, field->key);

	if (out->size > 1)
		strbuf_putc(out, ',');
	quote_json(out, slice_of(key));
	strbuf_putc(out, ':');
	if (field->string)
		quote_json(out, slice_of(field->string));
	else
		strbuf_printf(out, "%jd", (intmax_t)field->number);
}

/* The built-in values take their place in the order of the keys. */
static void render_json(struct strbuf *out, const struct record *record)
{
	_cleanup_strbuf_ struct strbuf time = STRBUF_INIT;
	struct log_field builtin[] = {
		LOG_STR("level", levels[record->level].name),
		LOG_STR("msg", record->message),
		LOG_STR("time", NULL),
	};
	size_t next = 0;

	put_time(&time, &record->time, false);
	builtin[2].string = time.data;
	strbuf_putc(out, '{');
	for (size_t i = 0; i < record->field_count; i++) {
		const struct log_field *field = &record->fields[i];
		const char *prefix = is_reserved(field->key) ? "fields." : "";

		while (next < ARRAY_SIZE(builtin) && strcmp(builtin[next].key, field->key) < 0)
			put_json_member(out, "", &builtin[next++]);
		put_json_member(out, prefix, field);
	}
	while (next < ARRAY_SIZE(builtin))
		put_json_member(out, "", &builtin[next++]);
	strbuf_puts(out, "}\n");
}

/* The three first, the others behind; numbers are strings too. */
static void render_agent(struct strbuf *out, const struct record *record)
{
	char seconds[24], time[40];
	struct tm utc;

	gmtime_r(&record->time.tv_sec, &utc);
	strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(time, sizeof(time), "%s.%09ldZ", seconds, record->time.tv_nsec);
	strbuf_putc(out, '{');
	put_json_member(out, "", &LOG_STR("msg", record->message));
	put_json_member(out, "", &LOG_STR("level", levels[record->level].agent_name));
	put_json_member(out, "", &LOG_STR("ts", time));
	for (size_t i = 0; i < record->field_count; i++) {
		const struct log_field *field = &record->fields[i];
		char number[24];

		snprintf(number, sizeof(number), "%jd", (intmax_t)field->number);
		put_json_member(out, "",
				&LOG_STR(field->key, field->string ? field->string : number));
	}
	strbuf_puts(out, "}\n");
}

static void render_terminal(struct strbuf *out, const struct record *record)
{
	_cleanup_strbuf_ struct strbuf message = STRBUF_INIT;
	int colour = levels[record->level].colour;

	quote_terminal(&message, slice_trim(slice_of(record->message)));
	strbuf_printf(out, "\033[%dm%s\033[0m[%04ld] %-*s", colour,
		      levels[record->level].short_name, record->time.tv_sec - state.start.tv_sec,
		      TERMINAL_MESSAGE_WIDTH, message.data);
	for (size_t i = 0; i < record->field_count; i++) {
		strbuf_printf(out, " \033[%dm%s\033[0m=", colour, record->fields[i].key);
		put_text_value(out, &record->fields[i]);
	}
	strbuf_putc(out, '\n');
}

static void render(struct strbuf *out, enum log_format format, const struct record *record)
{
	if (format == LOG_FORMAT_JSON)
		render_json(out, record);
	else if (format == LOG_FORMAT_AGENT)
		render_agent(out, record);
	else
		render_text(out, record, false);
}

static void write_to(const struct destination *destination, const struct record *record)
{
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;

	if (!destination->open)
		return;
	if (destination->terminal)
		render_terminal(&line, record);
	else
		render(&line, destination->format, record);
	if (destination->sink)
		destination->sink(strbuf_view(&line), destination->data);
	else if (fd_write_all(destination->fd, line.data, line.size) < 0)
		state.dropped++;
}

static void syslog_connect(void)
{
	static const char *const paths[] = { "/dev/log", "/var/run/syslog", "/var/run/log" };
	static const int types[] = { SOCK_DGRAM, SOCK_STREAM };

	for (size_t t = 0; t < ARRAY_SIZE(types); t++)
		for (size_t p = 0; p < ARRAY_SIZE(paths); p++) {
			struct sockaddr_un address = { .sun_family = AF_UNIX };
			int fd = socket(AF_UNIX, types[t] | SOCK_CLOEXEC, 0);

			if (fd < 0)
				return;
			strcpy(address.sun_path, paths[p]);
			if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
				state.syslog_fd = fd;
				state.syslog_is_stream = types[t] == SOCK_STREAM;
				return;
			}
			close(fd);
		}
}

/* Where there is no system log, looking for it with every record would cost more than the record. */
static bool syslog_is_connected(void)
{
	struct timespec now;

	if (state.syslog_fd >= 0)
		return true;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec < state.syslog_retry)
		return false;
	syslog_connect();
	if (state.syslog_fd < 0)
		state.syslog_retry = now.tv_sec + SYSLOG_RETRY_SECONDS;
	return state.syslog_fd >= 0;
}

static void write_to_syslog(const struct record *record)
{
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
	char stamp[32];
	struct tm local;
	ssize_t sent;

	if (!state.syslog_open)
		return;
	if (!syslog_is_connected()) {
		state.dropped++;
		return;
	}
	localtime_r(&record->time.tv_sec, &local);
	strftime(stamp, sizeof(stamp), "%b %e %H:%M:%S", &local);
	strbuf_printf(&line, "<%d>%s %s[%d]: ", levels[record->level].syslog_severity, stamp,
		      state.syslog_tag, (int)getpid());
	render_text(&line, record, true);
	if (line.size > SYSLOG_MAX_BYTES)
		strbuf_truncate(&line, SYSLOG_MAX_BYTES);
	/* A reader that does not keep up costs us a record, never our time. */
	sent = send(state.syslog_fd, line.data, line.size, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent == (ssize_t)line.size)
		return;
	state.dropped++;
	if (state.syslog_is_stream || (sent < 0 && errno != EAGAIN)) {
		close(state.syslog_fd);
		state.syslog_fd = -1;
	}
}

static void record_set(struct record *record, const struct log_field *field)
{
	for (size_t i = 0; i < record->field_count; i++)
		if (strcmp(record->fields[i].key, field->key) == 0) {
			record->fields[i] = *field;
			return;
		}
	if (record->field_count < ARRAY_SIZE(record->fields))
		record->fields[record->field_count++] = *field;
}

static int compare_fields(const void *a, const void *b)
{
	return strcmp(((const struct log_field *)a)->key, ((const struct log_field *)b)->key);
}

/* With the lock held. */
static void record_complete(struct record *record, const struct log_field *fields)
{
	clock_gettime(CLOCK_REALTIME, &record->time);
	record_set(record, &LOG_INT("pid", getpid()));
	for (size_t i = 0; i < state.field_count; i++)
		record_set(record, &state.fields[i]);
	for (; fields->key; fields++)
		record_set(record, fields);
	qsort(record->fields, record->field_count, sizeof(record->fields[0]), compare_fields);
}

void log_render(struct strbuf *out, enum log_format format, enum log_level level,
		const char *message, const struct log_field *fields)
{
	struct record record = { .level = level, .message = message };

	pthread_mutex_lock(&state.lock);
	record_complete(&record, fields);
	render(out, format, &record);
	pthread_mutex_unlock(&state.lock);
}

void log_record(enum log_level level, const char *message, const struct log_field *fields)
{
	struct record record = { .level = level, .message = message };
	int saved_errno = errno;

	pthread_mutex_lock(&state.lock);
	if (level <= state.level &&
	    (state.stderr_log.open || state.file_log.open || state.syslog_open)) {
		record_complete(&record, fields);
		write_to(&state.stderr_log, &record);
		write_to(&state.file_log, &record);
		write_to_syslog(&record);
	}
	pthread_mutex_unlock(&state.lock);
	errno = saved_errno;
}

void log_set_field(const char *key, const char *value)
{
	size_t i = 0;

	pthread_mutex_lock(&state.lock);
	while (i < state.field_count && strcmp(state.fields[i].key, key) != 0)
		i++;
	if (i < state.field_count) {
		free((char *)state.fields[i].string);
		state.fields[i].string = xstrdup(value);
	} else if (i < MAX_FIELDS) {
		state.fields[i] = LOG_STR(xstrdup(key), xstrdup(value));
		state.field_count++;
	}
	pthread_mutex_unlock(&state.lock);
}

void log_set_level(enum log_level level)
{
	state.level = level;
}

enum log_level log_get_level(void)
{
	return state.level;
}

void log_open_stderr(enum log_format format)
{
	const char *no_color = getenv("NO_COLOR");

	if (state.start.tv_sec == 0)
		clock_gettime(CLOCK_REALTIME, &state.start);
	state.stderr_log = (struct destination){
		.open = true,
		.fd = STDERR_FILENO,
		.format = format,
		.terminal = format == LOG_FORMAT_TEXT && isatty(STDERR_FILENO) &&
			    !(no_color && no_color[0]),
	};
}

void log_open_descriptor(int fd, enum log_format format)
{
	pthread_mutex_lock(&state.lock);
	state.stderr_log = (struct destination){ .open = true, .fd = fd, .format = format };
	pthread_mutex_unlock(&state.lock);
}

void log_open_sink(void (*sink)(struct slice line, void *data), void *data, enum log_format format)
{
	pthread_mutex_lock(&state.lock);
	state.stderr_log = (struct destination){
		.open = true,
		.fd = -1,
		.format = format,
		.sink = sink,
		.data = data,
	};
	pthread_mutex_unlock(&state.lock);
}

void log_close_stderr(void)
{
	state.stderr_log.open = false;
}

int log_open_file(const char *path, enum log_format format, struct error **err)
{
	/* Without O_NONBLOCK, a FIFO that nobody reads would hold us here for ever. */
	int fd = open(path, O_CREAT | O_WRONLY | O_APPEND | O_SYNC | O_CLOEXEC | O_NONBLOCK, 0640);
	int flags;

	if (fd < 0 && errno == ENXIO)
		return error_set(err, -ENXIO,
				 "open %s: no such device or address; a FIFO needs a reader first",
				 path);
	if (fd < 0)
		return error_set_errno(err, -errno, "open %s", path);
	flags = fcntl(fd, F_GETFL);
	/* Records wait for a slow reader. Neither call fails on an open descriptor. */
	fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
	if (state.file_log.open)
		close(state.file_log.fd);
	state.file_log = (struct destination){ .open = true, .fd = fd, .format = format };
	return 0;
}

void log_open_syslog(const char *tag)
{
	free(state.syslog_tag);
	state.syslog_tag = xstrdup(tag);
	state.syslog_retry = 0;
	state.syslog_open = true;
}

void log_close(void)
{
	if (state.file_log.open)
		close(state.file_log.fd);
	if (state.syslog_fd >= 0)
		close(state.syslog_fd);
	free(state.syslog_tag);
	for (size_t i = 0; i < state.field_count; i++) {
		free((char *)state.fields[i].key);
		free((char *)state.fields[i].string);
	}
	state.stderr_log.open = state.file_log.open = state.syslog_open = false;
	state.syslog_fd = -1;
	state.syslog_tag = NULL;
	state.field_count = 0;
}

uint64_t log_dropped(void)
{
	return state.dropped;
}
