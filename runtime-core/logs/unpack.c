// SPDX-License-Identifier: Apache-2.0
/*
 * The guest agent's records reach the journal inside the runtime's: as JSON in "vmconsole" (today's form), or as a whole
 * key=value line in "msg" (the older form). Either replaces its wrapper (spec/log-parser.md 6).
 *
 * The guest is not trusted to write records that pass the checks. What it writes never costs more than its
 * own unpacking: the wrapper then stays, marked.
 */
#include <errno.h>

#include "base/memory.h"
#include "buffer.h"
#include "json_object.h"
#include "parse_parts.h"

#define CONSOLE_MESSAGE "reading guest console"
#define MAX_SHOWN_BYTES 4096

static const char older_form[] = "time=";

struct slice logs_level_word(struct slice level)
{
	static const struct {
		const char *guest, *ours;
	} words[] = {
		{ "CRIT", "critical" }, { "ERRO", "error" },	    { "WARN", "warning" },
		{ "INFO", "info" },	{ "DEBG", "debug" },	    { "TRCE", "trace" },
		{ "ERROR", "error" },	{ "WARNING", "warning" },   { "DEBUG", "debug" },
		{ "TRACE", "trace" },	{ "CRITICAL", "critical" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (slice_is(level, words[i].guest))
			return slice_of(words[i].ours);
	return level;
}

/* The members of the console's JSON behind the pairs of the record. False for a text that is no agent's record. */
static bool read_members(struct logs_record *record, struct slice text)
{
	struct json_object object = { .text = text, .arena = &record->arena };
	size_t before = record->data_count;
	struct json_member member;
	int ret;

	while ((ret = json_object_next(&object, &member)) > 0) {
		if (member.kind == JSON_OTHER)
			break;
		logs_record_add(record, member.key, member.value);
	}
	if (ret == 0)
		return true;
	record->data_count = before;
	return false;
}

/* Only the agent's own six words are translated here; the word it used stays as a pair. */
static struct slice agent_level(struct slice level)
{
	return level.size == 4 ? logs_level_word(level) : level;
}

/*
 * Apply the members from `first` on: those with a field change the candidate, those without stay as pairs and move
 * together. Returns -EINVAL for a pid that is none.
 */
static int apply_members(struct logs_record *candidate, size_t first)
{
	struct logs_pair *out = candidate->data + first;
	bool container_known = false;

	for (size_t i = first; i < candidate->data_count; i++) {
		struct logs_pair member = candidate->data[i];

		if (slice_is(member.key, "msg")) {
			candidate->message = member.value;
		} else if (slice_is(member.key, "name")) {
			candidate->name = member.value;
		} else if (slice_is(member.key, "source")) {
			candidate->source = member.value;
		} else if (slice_is(member.key, "cid")) {
			if (!container_known)
				candidate->container = member.value;
		} else if (slice_is(member.key, "container-id")) {
			candidate->container = member.value;
			container_known = true;
		} else if (slice_is(member.key, "pid")) {
			if (member.value.size == 0 ||
			    logs_parse_pid(member.value, &candidate->pid) < 0)
				return -EINVAL;
		} else {
			if (slice_is(member.key, "level"))
				candidate->level = agent_level(member.value);
			*out++ = member;
		}
	}
	candidate->data_count = (size_t)(out - candidate->data);
	return 0;
}

static int unpack_console(const struct logs_rules *rules, struct logs_record *record,
			  struct slice text, struct error **err)
{
	size_t pairs = record->data_count;
	struct logs_record candidate;
	struct logs_pair duplicate;
	int ret;

	if (slice_is(slice_trim(text), "null")) {
		record->data_count = 0;
		return 0;
	}
	if (!read_members(record, text)) {
		record->message = text;
		record->source = slice_of("vmconsole");
		return 0;
	}
	candidate = *record;
	record->data_count = pairs;
	if (apply_members(&candidate, pairs) < 0)
		return error_set(err, -EINVAL, "failed to convert pid");
	ret = logs_record_check(&candidate, rules->ignore_missing_fields, err);
	if (ret < 0)
		return ret;
	candidate.data_count -= pairs;
	memmove(candidate.data, candidate.data + pairs,
		candidate.data_count * sizeof(*candidate.data));
	*record = candidate;
	logs_record_sort(record, true, &duplicate);
	return 0;
}

/* Read all records of a message; the last one stays in `inner`. */
static int read_inner(const struct logs_rules *rules, const struct logs_record *outer,
		      struct logs_record *inner, unsigned depth, struct error **warning,
		      struct error **err)
{
	/* All fields are asked of an inner record, whatever the rules say of others. */
	struct logs_rules all = { .strict = rules->strict };
	struct slice rest = outer->message;
	struct logs_line line = { .file = outer->file, .number = outer->line };
	size_t count = 0;

	while (slice_next_line(&rest, &line.text)) {
		int ret = logs_parse_depth(&all, &line, inner, depth + 1, warning, err);

		if (ret < 0)
			return error_wrap(err, "failed to parse agent log entry");
		count += line.rest.size > 0 ? 2 : 1;
	}
	if (count != 1)
		return error_set(err, -EINVAL, "expected 1 record, got %zu", count);
	return 0;
}

/* The older form: the message is the record. Its own time counts, and nothing of the wrapper but its place. */
static int unpack_message(const struct logs_rules *rules, struct logs_record *record,
			  unsigned depth, struct error **warning, struct error **err)
{
	struct logs_record inner = { 0 };
	int ret;

	if (depth >= LOGS_MAX_WRAPPING)
		return error_set(err, -EINVAL, "records are wrapped more than %d times",
				 LOGS_MAX_WRAPPING);
	ret = read_inner(rules, record, &inner, depth, warning, err);
	if (ret == 0) {
		/* The message may lie in the outer arena, so that both are kept: the outer one behind the inner. */
		struct logs_arena_block **last = &inner.arena.blocks;

		while (*last)
			last = &(*last)->next;
		*last = record->arena.blocks;
		if (last == &inner.arena.blocks)
			inner.arena.used = record->arena.used;
		free(record->data);
		inner.source = slice_of("agent");
		*record = inner;
		return 0;
	}
	logs_record_release(&inner);
	return ret;
}

static int not_found(const struct logs_record *record, struct error **err)
{
	struct slice message = slice_first(record->message, MAX_SHOWN_BYTES);

	return error_set(err, -EINVAL, "agent log entry not found (source: %.*s - msg: %.*s)",
			 SLICE_ARGS(record->source), SLICE_ARGS(message));
}

static void mark(struct logs_record *record, struct error *reason, struct error **warning)
{
	_cleanup_logs_buffer_ struct logs_buffer values = { 0 };
	struct logs_pair duplicate;
	struct slice shown;

	logs_put_record_values(&values, record);
	shown = slice_first(logs_buffer_view(&values), MAX_SHOWN_BYTES);
	error_free(*warning);
	error_set(warning, -EINVAL, "failed to unpack agent log entry %.*s: %s", SLICE_ARGS(shown),
		  error_message(reason));
	logs_record_add(record, slice_of(LOGS_UNPACK_FAILED), slice_of("true"));
	logs_record_sort(record, true, &duplicate);
}

int logs_unpack(const struct logs_rules *rules, struct logs_record *record, unsigned depth,
		struct error **warning, struct error **err)
{
	bool old = slice_is(record->source, "agent");
	_cleanup_error_ struct error *reason = NULL;
	const struct slice *console = NULL;
	int ret;

	if (!old && !slice_is(record->source, "virtcontainers"))
		return 0;
	if (slice_is(record->message, CONSOLE_MESSAGE))
		console = logs_record_find(record, "vmconsole");
	if ((!console || console->size == 0) && !slice_starts_with(record->message, older_form))
		return 0;

	if (old)
		ret = unpack_message(rules, record, depth, warning, &reason);
	else if (console)
		ret = unpack_console(rules, record, *console, &reason);
	else
		ret = not_found(record, &reason);
	if (ret == 0)
		return 0;
	if (rules->strict)
		return error_propagate(err, steal(reason));
	mark(record, reason, warning);
	return 0;
}
