// SPDX-License-Identifier: Apache-2.0
/*
 * A line is read once, from left to right: the keys that have a field of their own go there, the others become
 * pairs. Then the pairs are sorted, a wrapped record of the guest is unpacked, and the whole is checked.
 *
 * Two lines that were written into one (the end of the first is lost) are told by the second "time": the reader stops
 * in front of it and hands back the rest, so that neither vanishes.
 */
#include <errno.h>
#include <stdarg.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/quote.h"
#include "base/utf8.h"
#include "buffer.h"
#include "json_object.h"
#include "logfmt.h"
#include "parse_parts.h"

#define MAX_SHOWN_BYTES 4096

int logs_record_error(const struct logs_record *record, struct error **err, const char *format, ...)
{
	_cleanup_logs_buffer_ struct logs_buffer shown = { 0 };
	_cleanup_free_ char *message = NULL;
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	va_list arguments;

	va_start(arguments, format);
	message = xvasprintf(format, arguments);
	va_end(arguments);
	logs_put_record(&shown, record);
	strbuf_slice(&text, slice_first(logs_buffer_view(&shown), MAX_SHOWN_BYTES));
	return error_set(err, -EINVAL, "%.*s (entry: %s%s)", MAX_SHOWN_BYTES, message, text.data,
			 shown.size > MAX_SHOWN_BYTES ? "..." : "");
}

int logs_parse_pid(struct slice text, int64_t *pid)
{
	*pid = 0;
	return text.size ? number_parse_i64(text, pid) : 0;
}

static int set_pid(struct logs_record *record, struct slice value, struct error **err)
{
	int ret = logs_parse_pid(value, &record->pid);

	if (ret == 0)
		return 0;
	value = slice_first(value, MAX_SHOWN_BYTES);
	return logs_record_error(record, err,
				 "failed to parse pid from value %.*s (key: pid): strconv.Atoi: "
				 "parsing \"%.*s\": %s",
				 SLICE_ARGS(value), SLICE_ARGS(value),
				 ret == -ERANGE ? "value out of range" : "invalid syntax");
}

static int set_time(const struct logs_line *line, struct logs_record *record, struct slice value,
		    struct error **err)
{
	const char *why;

	record->has_time = logs_time_parse(value, &record->time, &why) == 0;
	if (record->has_time || line->fallback)
		return 0;
	value = slice_first(value, MAX_SHOWN_BYTES);
	return logs_record_error(record, err, "failed to parse time for value %.*s (key: time): %s",
				 SLICE_ARGS(value), why);
}

/* The container that a request names: in protobuf's text form, or in its JSON form as runtimes of today log it. */
static bool container_of_request(struct slice request, struct slice *container)
{
	static const char *const names[] = { "container_id:\"", "\"containerId\":" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct slice rest = slice_from(request, slice_find_string(request, names[i]));
		size_t size;

		if (rest.size == 0)
			continue;
		rest = slice_from(rest, strlen(names[i]));
		if (i > 0) {
			rest = slice_trim(rest);
			if (rest.size == 0 || rest.data[0] != '"')
				continue;
			rest = slice_from(rest, 1);
		}
		size = slice_find(rest, '"');
		if (size == rest.size)
			continue;
		*container = slice_first(rest, size);
		return true;
	}
	return false;
}

static bool key_is(struct slice key, const char *word, size_t size)
{
	return key.size == size && memcmp(key.data, word, size) == 0;
}
#define KEY_IS(key, word) key_is(key, word, sizeof(word) - 1)

/* The text field of a key, or NULL. */
static struct slice *text_field(struct logs_record *record, struct slice key)
{
	switch (key.size) {
	case 3:
		return KEY_IS(key, "msg") ? &record->message : NULL;
	case 4:
		return KEY_IS(key, "name") ? &record->name : NULL;
	case 5:
		return KEY_IS(key, "level") ? &record->level : NULL;
	case 6:
		return KEY_IS(key, "source") ? &record->source : NULL;
	case 7:
		return KEY_IS(key, "sandbox") ? &record->sandbox : NULL;
	case 9:
		return KEY_IS(key, "container") ? &record->container : NULL;
	default:
		return NULL;
	}
}

static int add_logfmt_pair(const struct logs_rules *rules, const struct logs_line *line,
			   struct logs_record *record, struct slice key, struct slice value,
			   struct error **err)
{
	struct slice *field = text_field(record, key);
	int ret;

	if (rules->strict) {
		ret = logs_value_check(key, value, record, err);
		if (ret < 0)
			return ret;
	}
	if (field) {
		*field = value;
		return 0;
	}
	if (KEY_IS(key, "time"))
		return set_time(line, record, value, err);
	if (KEY_IS(key, "pid"))
		return set_pid(record, value, err);
	if (KEY_IS(key, "req"))
		container_of_request(value, &record->container);
	logs_record_add(record, key, value);
	return 0;
}

static bool is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.';
}

/* Where another record begins inside a line that is broken, told by its time; empty when none does. */
static struct slice find_next_record(struct slice text)
{
	static const char begin[] = "time=\"";
	struct slice rest = slice_from(text, 1);
	struct logs_instant instant;

	for (;;) {
		rest = slice_from(rest, slice_find_string(rest, begin));
		if (rest.size == 0 || logs_peek_time(rest, &instant))
			return rest;
		rest = slice_from(rest, 1);
	}
}

static int syntax_error(struct logs_line *line, const struct logfmt_line *logfmt,
			const struct logs_record *record, struct error **err)
{
	_cleanup_strbuf_ struct strbuf pairs = STRBUF_INIT;

	for (size_t i = 0; i < record->data_count && pairs.size < MAX_SHOWN_BYTES; i++) {
		struct slice value = slice_first(record->data[i].value, MAX_SHOWN_BYTES);

		strbuf_printf(&pairs, "%s{key:%.*s value:%.*s}", i ? " " : "",
			      SLICE_ARGS(record->data[i].key), SLICE_ARGS(value));
	}
	line->rest = find_next_record(line->text);
	return error_set(err, -EINVAL,
			 "logfmt syntax error at pos %zu on line %llu: %s (keyvals: [%s])",
			 logfmt->at + 1, (unsigned long long)line->number, logfmt->problem,
			 pairs.data);
}

static int parse_logfmt(const struct logs_rules *rules, struct logs_line *line,
			struct logs_record *record, struct error **err)
{
	struct logfmt_line logfmt = { .text = line->text, .arena = &record->arena };
	struct logs_pair duplicate;
	struct slice key, value;
	bool time_seen = false, any = false;
	int ret;

	while ((ret = logfmt_next(&logfmt, &key, &value)) > 0) {
		if (KEY_IS(key, "time")) {
			if (time_seen) {
				line->rest = slice_from(line->text,
							(size_t)(key.data - line->text.data));
				break;
			}
			time_seen = true;
		}
		any = true;
		ret = add_logfmt_pair(rules, line, record, key, value, err);
		if (ret < 0)
			return ret;
	}
	if (ret < 0)
		return syntax_error(line, &logfmt, record, err);
	if (!any)
		return error_set(err, -EINVAL, "need key/value pairs for line %.*s:%llu",
				 SLICE_ARGS(line->file), (unsigned long long)line->number);
	if (!logs_record_sort(record, false, &duplicate)) {
		duplicate.value = slice_first(duplicate.value, MAX_SHOWN_BYTES);
		return logs_record_error(record, err,
					 "key \"%.*s\" already exists in map with value \"%.*s\"",
					 SLICE_ARGS(duplicate.key), SLICE_ARGS(duplicate.value));
	}
	return 0;
}

static int add_json_member(const struct logs_line *line, struct logs_record *record,
			   const struct json_member *member, struct error **err)
{
	struct slice *field = text_field(record, member->key);

	if (field == &record->level)
		*field = logs_level_word(member->value);
	else if (field)
		*field = member->value;
	else if (KEY_IS(member->key, "cid") || KEY_IS(member->key, "container-id"))
		record->container = member->value;
	else if (KEY_IS(member->key, "ts") || KEY_IS(member->key, "time"))
		return set_time(line, record, member->value, err);
	else if (KEY_IS(member->key, "pid"))
		return set_pid(record, member->value, err);
	else
		logs_record_add(record, member->key, member->value);
	return 0;
}

static int parse_json(struct logs_line *line, struct logs_record *record, struct error **err)
{
	struct json_object object = { .text = line->text, .arena = &record->arena };
	struct json_member member;
	struct logs_pair duplicate;
	int ret;

	while ((ret = json_object_next(&object, &member)) > 0) {
		ret = add_json_member(line, record, &member, err);
		if (ret < 0)
			return ret;
	}
	if (ret < 0)
		return error_set(err, -EINVAL, "JSON syntax error at pos %zu on line %llu: %s",
				 object.at + 1, (unsigned long long)line->number, object.problem);
	logs_record_sort(record, true, &duplicate);
	return 0;
}

int logs_parse_text(const struct logs_rules *rules, struct logs_line *line,
		    struct logs_record *record, struct error **err)
{
	int ret;

	logs_record_clear(record);
	record->file = line->file;
	record->line = line->number;
	line->rest = slice_make(line->text.data, 0);
	if (line->text.size > 0 && line->text.data[0] == '{')
		ret = parse_json(line, record, err);
	else
		ret = parse_logfmt(rules, line, record, err);
	if (ret == 0 && !record->has_time && line->fallback) {
		logs_time_from_instant(*line->fallback, &record->time);
		record->has_time = true;
	}
	return ret;
}

int logs_parse_depth(const struct logs_rules *rules, struct logs_line *line,
		     struct logs_record *record, unsigned depth, struct error **warning,
		     struct error **err)
{
	int ret = logs_parse_text(rules, line, record, err);

	if (ret == 0 && !rules->keep_wrappers)
		ret = logs_unpack(rules, record, depth, warning, err);
	return ret < 0 ? ret : logs_record_check(record, rules->ignore_missing_fields, err);
}

int logs_parse(const struct logs_rules *rules, struct logs_line *line, struct logs_record *record,
	       struct error **warning, struct error **err)
{
	return logs_parse_depth(rules, line, record, 0, warning, err);
}

/* The usual beginning: time="..." level=word msg=..., the message being no record itself. */
bool logs_peek_time(struct slice text, struct logs_instant *instant)
{
	static const char begin[] = "time=\"", level[] = " level=", message[] = " msg=";
	struct slice stamp, rest;
	struct logs_time time;
	const char *why;

	if (!slice_starts_with(text, begin))
		return false;
	rest = slice_from(text, sizeof(begin) - 1);
	stamp = slice_first(rest, slice_find(slice_first(rest, LOGS_TIME_MAX_TEXT), '"'));
	rest = slice_from(rest, stamp.size + 1);
	if (!slice_starts_with(rest, level) || logs_time_parse(stamp, &time, &why) < 0 ||
	    logs_time_is_zero(&time))
		return false;
	rest = slice_from(rest, sizeof(level) - 1);
	while (rest.size > 0 && is_word_byte(rest.data[0]))
		rest = slice_from(rest, 1);
	if (!slice_starts_with(rest, message))
		return false;
	rest = slice_from(rest, sizeof(message) - 1);
	if (slice_starts_with(rest, "time=") || slice_starts_with(rest, "\"time="))
		return false;
	*instant = time.instant;
	return true;
}
