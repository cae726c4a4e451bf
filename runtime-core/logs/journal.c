// SPDX-License-Identifier: Apache-2.0
/*
 * The system journal, by libsystemd. Of each entry only what the parser needs becomes part of the stream, in the
 * journal's export format: its time, and its message with the length in front, since a message may hold any byte.
 */
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>

#include "base/library.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/strbuf.h"
#include "source.h"

#define MESSAGE_FIELD "MESSAGE="

LIBRARY_NOTE("journal", "read the system journal", "recommended", "libsystemd.so.0");

struct journal_functions {
	__typeof__(sd_journal_open) *sd_journal_open;
	__typeof__(sd_journal_open_directory) *sd_journal_open_directory;
	__typeof__(sd_journal_close) *sd_journal_close;
	__typeof__(sd_journal_add_match) *sd_journal_add_match;
	__typeof__(sd_journal_next) *sd_journal_next;
	__typeof__(sd_journal_previous) *sd_journal_previous;
	__typeof__(sd_journal_seek_head) *sd_journal_seek_head;
	__typeof__(sd_journal_seek_realtime_usec) *sd_journal_seek_realtime_usec;
	__typeof__(sd_journal_get_data) *sd_journal_get_data;
	__typeof__(sd_journal_get_realtime_usec) *sd_journal_get_realtime_usec;
	__typeof__(sd_journal_query_unique) *sd_journal_query_unique;
	__typeof__(sd_journal_flush_matches) *sd_journal_flush_matches;
	__typeof__(sd_journal_process) *sd_journal_process;
	__typeof__(sd_journal_set_data_threshold) *sd_journal_set_data_threshold;
	__typeof__(sd_id128_get_boot) *sd_id128_get_boot;
	__typeof__(sd_id128_to_string) *sd_id128_to_string;
};

#define SYMBOL(name) LIBRARY_SYMBOL(struct journal_functions, name)
static const struct library_symbol symbols[] = {
	SYMBOL(sd_journal_open),
	SYMBOL(sd_journal_open_directory),
	SYMBOL(sd_journal_close),
	SYMBOL(sd_journal_add_match),
	SYMBOL(sd_journal_next),
	SYMBOL(sd_journal_previous),
	SYMBOL(sd_journal_seek_head),
	SYMBOL(sd_journal_seek_realtime_usec),
	SYMBOL(sd_journal_get_data),
	SYMBOL(sd_journal_get_realtime_usec),
	SYMBOL(sd_journal_query_unique),
	SYMBOL(sd_journal_flush_matches),
	SYMBOL(sd_journal_process),
	SYMBOL(sd_journal_set_data_threshold),
	SYMBOL(sd_id128_get_boot),
	SYMBOL(sd_id128_to_string),
	{ 0 },
};

static struct journal_functions sd;
static struct library library = {
	.soname = "libsystemd.so.0",
	.package = "libsystemd0",
	.symbols = symbols,
	.functions = &sd,
};

struct journal {
	sd_journal *handle;
	bool follow, has_until;
	uint64_t until_us;
	struct strbuf text; /* of the entry being handed out */
	size_t given;
};

static void journal_close(void *state)
{
	struct journal *journal = state;

	if (journal->handle)
		sd.sd_journal_close(journal->handle);
	strbuf_release(&journal->text);
	free(journal);
}

static int journal_error(int ret, const char *what, struct error **err)
{
	return error_set(err, ret, "read the journal: %s: %s", what, errno_text(ret));
}

/* Render the entry that the journal stands at. */
static int render(struct journal *journal, uint64_t time_us, struct error **err)
{
	const void *data;
	size_t size;
	uint64_t length;
	int ret = sd.sd_journal_get_data(journal->handle, "MESSAGE", &data, &size);

	strbuf_truncate(&journal->text, 0);
	journal->given = 0;
	/* An entry without a message is none of ours; one that was rotated away meanwhile is gone. */
	if (ret == -ENOENT || ret == -EBADMSG || ret == -EADDRNOTAVAIL)
		return 0;
	if (ret < 0)
		return journal_error(ret, "message", err);
	size -= strlen(MESSAGE_FIELD);
	length = htole64(size);
	strbuf_printf(&journal->text, "__REALTIME_TIMESTAMP=%" PRIu64 "\nMESSAGE\n", time_us);
	strbuf_append(&journal->text, &length, sizeof(length));
	strbuf_append(&journal->text, (const char *)data + strlen(MESSAGE_FIELD), size);
	strbuf_puts(&journal->text, "\n\n");
	return 0;
}

static ssize_t journal_read(void *state, char *data, size_t size, struct error **err)
{
	struct journal *journal = state;
	size_t rest;

	while (journal->given == journal->text.size) {
		uint64_t time_us = 0;
		int ret = sd.sd_journal_next(journal->handle);

		if (ret < 0)
			return journal_error(ret, "next entry", err);
		if (ret == 0) {
			if (!journal->follow)
				return 0;
			/* Files that were added or rotated are taken notice of here. */
			sd.sd_journal_process(journal->handle);
			return -EAGAIN;
		}
		ret = sd.sd_journal_get_realtime_usec(journal->handle, &time_us);
		if (ret < 0)
			return journal_error(ret, "time", err);
		if (journal->has_until && time_us > journal->until_us)
			return 0;
		ret = render(journal, time_us, err);
		if (ret < 0)
			return ret;
	}
	rest = journal->text.size - journal->given;
	if (rest < size)
		size = rest;
	memcpy(data, journal->text.data + journal->given, size);
	journal->given += size;
	return (ssize_t)size;
}

static int add_match(struct journal *journal, const char *field, const char *value,
		     struct error **err)
{
	_cleanup_free_ char *match = xasprintf("%s=%s", field, value);
	int ret = sd.sd_journal_add_match(journal->handle, match, strlen(match));

	return ret < 0 ? journal_error(ret, match, err) : 0;
}

/* The boot before the one whose first entry the journal is asked for; "" when there is none. */
static int find_boot(struct journal *journal, int64_t back, char id[SD_ID128_STRING_MAX],
		     struct error **err)
{
	sd_id128_t boot;
	int ret = sd.sd_id128_get_boot(&boot);

	if (ret < 0)
		return journal_error(ret, "this boot's id", err);
	sd.sd_id128_to_string(boot, id);
	for (; back > 0; back--) {
		const void *data = NULL;
		size_t size = 0;

		ret = add_match(journal, "_BOOT_ID", id, err);
		if (ret < 0)
			return ret;
		sd.sd_journal_seek_head(journal->handle);
		ret = sd.sd_journal_next(journal->handle);
		sd.sd_journal_flush_matches(journal->handle);
		if (ret > 0)
			ret = sd.sd_journal_previous(journal->handle);
		if (ret > 0)
			ret = sd.sd_journal_get_data(journal->handle, "_BOOT_ID", &data, &size) ==
			      0;
		if (ret <= 0)
			return error_set(err, -ENOENT,
					 "the journal has no boot that many before this one; see "
					 "journalctl --list-boots");
		snprintf(id, SD_ID128_STRING_MAX, "%.*s", (int)size - 9, (const char *)data + 9);
	}
	return 0;
}

static int match_boot(struct journal *journal, const char *boot, struct error **err)
{
	char id[SD_ID128_STRING_MAX];
	int64_t number;
	int ret;

	if (!boot[0])
		return 0;
	if (strlen(boot) == 32)
		return add_match(journal, "_BOOT_ID", boot, err);
	if (number_parse_i64(slice_of(boot), &number) < 0 || number > 0)
		return error_set(
			err, -EINVAL,
			"no boot: \"%s\"; write 0 for this one, -1 for the one before, or its id",
			boot);
	ret = find_boot(journal, -number, id, err);
	return ret < 0 ? ret : add_match(journal, "_BOOT_ID", id, err);
}

static int open_query(struct journal *journal, const struct logs_journal_query *query,
		      struct error **err)
{
	int ret;

	if (query->directory[0])
		ret = sd.sd_journal_open_directory(&journal->handle, query->directory, 0);
	else
		ret = sd.sd_journal_open(&journal->handle, SD_JOURNAL_LOCAL_ONLY);
	if (ret < 0)
		return journal_error(ret, query->directory[0] ? query->directory : "open", err);
	sd.sd_journal_set_data_threshold(journal->handle, 0);
	ret = match_boot(journal, query->boot, err);
	if (ret == 0 && query->identifier[0])
		ret = add_match(journal, "SYSLOG_IDENTIFIER", query->identifier, err);
	if (ret < 0)
		return ret;
	if (query->has_since)
		ret = sd.sd_journal_seek_realtime_usec(journal->handle, query->since_us);
	else
		ret = sd.sd_journal_seek_head(journal->handle);
	return ret < 0 ? journal_error(ret, "seek", err) : 0;
}

int logs_source_open_journal(const struct logs_journal_query *query, struct logs_source **source,
			     struct error **err)
{
	static const struct logs_source_kind kind = { journal_read, journal_close };
	struct journal *journal;
	int ret = library_use(&library, err);

	if (ret < 0)
		return error_wrap(err, "read the journal");
	journal = xcalloc(1, sizeof(*journal));
	*journal = (struct journal){
		.follow = query->follow,
		.has_until = query->has_until,
		.until_us = query->until_us,
		.text = STRBUF_INIT,
	};
	ret = open_query(journal, query, err);
	if (ret < 0) {
		journal_close(journal);
		return ret;
	}
	*source = logs_source_new(&kind, journal);
	return 0;
}
