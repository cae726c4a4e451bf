// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/path.h"
#include "kata-log-parser.h"
#include "logs/timestamp.h"

#define US_PER_S  1000000
#define NS_PER_US 1000

void parser_inputs_release(struct parser_inputs *inputs)
{
	for (size_t i = 0; i < inputs->count; i++) {
		free(inputs->items[i].path);
		free(inputs->items[i].open_path);
	}
	free(inputs->items);
}

static struct parser_input *add(struct parser_inputs *inputs, char *path, char *open_path)
{
	inputs->items =
		xgrow(inputs->items, &inputs->capacity, inputs->count + 1, sizeof(*inputs->items));
	inputs->items[inputs->count] =
		(struct parser_input){ .path = path, .open_path = open_path };
	return &inputs->items[inputs->count++];
}

static void take_facts(struct parser_input *input, const struct stat *facts)
{
	if (!S_ISREG(facts->st_mode) || facts->st_size == 0)
		return;
	input->is_seekable = true;
	input->size = (uint64_t)facts->st_size;
}

/* Files of /proc have no size and yet a content. */
static bool is_empty(const char *path, const struct stat *facts)
{
	_cleanup_close_ int fd = -1;
	char byte;

	if (!S_ISREG(facts->st_mode) || facts->st_size > 0)
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	/* What cannot be opened is told later. */
	return fd >= 0 && read(fd, &byte, 1) == 0;
}

/*
 * The path behind all links. What /dev/fd/63 and /dev/stdin lead to when they are pipes has no path: these keep
 * their name.
 */
static int resolve(const char *file, char **path, struct stat *facts, struct error **err)
{
	int ret;

	if (path_resolve(file, path, err) == 0)
		return stat(*path, facts) == 0
			       ? 0
			       : error_set(err, -errno, "stat %s: %s", *path, errno_text(errno));
	ret = error_code(*err);
	if (ret != -ENOENT || stat(file, facts) < 0)
		return ret;
	error_free(*err);
	*err = NULL;
	return path_absolute(file, path, err);
}

static int add_file(const struct parser_options *options, const char *file,
		    struct parser_inputs *inputs, struct error **err)
{
	_cleanup_free_ char *path = NULL;
	struct stat facts = { 0 };
	int ret;

	if (strcmp(file, "-") == 0) {
		struct parser_input *input = add(inputs, xstrdup("-"), xstrdup("-"));

		if (fstat(STDIN_FILENO, &facts) == 0)
			take_facts(input, &facts);
		return 0;
	}
	ret = resolve(file, &path, &facts, err);
	if (ret < 0)
		return ret;
	if (!is_empty(path, &facts)) {
		char *open_path = xstrdup(path);

		take_facts(add(inputs, steal(path), open_path), &facts);
		return 0;
	}
	if (options->error_if_file_empty)
		return error_set(err, -ENODATA, "file \"%s\" empty", file);
	if (options->follow) {
		add(inputs, xstrdup(path), xstrdup(path));
		return 0;
	}
	parser_debug("ignoring empty file \"%s\"\n", path);
	return 0;
}

int parser_inputs_find(const struct parser_options *options, char *const *files,
		       struct parser_inputs *inputs, struct error **err)
{
	bool journal = options->journal || options->journal_directory[0];

	if (!files[0] && !journal)
		return error_set(err, -EINVAL, "need files");
	for (; *files; files++) {
		int ret = add_file(options, *files, inputs, err);

		if (ret < 0)
			return ret;
	}
	if (journal)
		add(inputs, xstrdup("journal"), xstrdup(""))->is_journal = true;
	if (inputs->count == 0 && options->error_if_no_records)
		return error_set(err, -ENODATA, "no log records to process");
	return 0;
}

static int set_range(const char *text, bool *has, uint64_t *us, struct error **err)
{
	struct logs_instant instant;
	int ret;

	if (!text[0])
		return 0;
	ret = logs_instant_parse(text, &instant, err);
	if (ret < 0)
		return ret;
	*has = instant.seconds >= 0;
	*us = *has ? (uint64_t)instant.seconds * US_PER_S + instant.nanoseconds / NS_PER_US : 0;
	return 0;
}

static int open_journal(const struct parser_options *options, struct logs_source **source,
			struct error **err)
{
	struct logs_journal_query query = {
		.directory = options->journal_directory,
		.identifier = options->identifier,
		.boot = options->boot,
		.follow = options->follow,
	};
	int ret = set_range(options->since, &query.has_since, &query.since_us, err);

	if (ret == 0)
		ret = set_range(options->until, &query.has_until, &query.until_us, err);
	return ret < 0 ? ret : logs_source_open_journal(&query, source, err);
}

int parser_input_open(const struct parser_options *options, const struct parser_input *input,
		      struct logs_source **source, struct error **err)
{
	if (input->is_journal)
		return open_journal(options, source, err);
	return logs_source_open_file(input->open_path, options->follow, source, err);
}
