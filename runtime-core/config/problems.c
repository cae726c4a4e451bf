// SPDX-License-Identifier: Apache-2.0
/*
 * Problems: collected in the order in which the existing tools check, so that the first error is the one
 * they would have stopped at, while the reader gets all of them.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/memory.h"
#include "base/quote.h"
#include "base/strbuf.h"
#include "internal.h"
#include "model.h"

static const char *copy_or_null(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static void release_problem(struct config_problem *problem)
{
	free((char *)problem->file);
	free((char *)problem->key);
	free((char *)problem->message);
	free((char *)problem->suggestion);
}

static bool has_error(const struct config *config)
{
	return config_problem_count(config, CONFIG_ERROR) > 0;
}

/* Room for one more; when the list is full, only a first error still gets in. */
static struct config_problem *next_problem(struct config *config, enum config_severity severity)
{
	if (config->problem_count == CONFIG_PROBLEMS_MAX) {
		if (severity < CONFIG_ERROR || has_error(config))
			return NULL;
		release_problem(&config->problems[--config->problem_count]);
	}
	config->problems = xgrow(config->problems, &config->problem_capacity,
				 config->problem_count + 1, sizeof(*config->problems));
	return &config->problems[config->problem_count++];
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Checks run again when annotations have changed something; they find what they found before. */
static bool is_known(const struct config *config, const struct config_problem *problem)
{
	for (size_t i = 0; i < config->problem_count; i++) {
		const struct config_problem *known = &config->problems[i];

		if (known->line == problem->line && known->column == problem->column &&
		    same_text(known->message, problem->message) &&
		    same_text(known->key, problem->key) && same_text(known->file, problem->file))
			return true;
	}
	return false;
}

/* The next step, where it follows from the kind of problem alone; NULL if it does not. */
static const char *usual_advice(const struct config_problem *problem)
{
	static const struct advice {
		const char *id;
		int code;
		const char *text;
	} advices[] = {
		{ "no-file", -ENOENT, "correct the path, or put a configuration there" },
		{ "no-file", -EACCES, "run as root, or let this user into the directory" },
		{ "no-file", -ELOOP, "make one of the links lead to a file" },
		{ "missing-file", -ENOENT, "install it, or correct the path" },
		{ "missing-file", -EACCES, "run as root, or let this user into the directory" },
		{ "missing-file", -ELOOP, "make one of the links lead to a file" },
		{ "unreadable-file", -ENOENT, "remove the link, or put a file where it leads" },
		{ "unreadable-file", -EACCES, "run as root, or let this user read it" },
		{ "unreadable-file", -EFBIG, "a configuration is far smaller: name another file" },
		{ "unreadable-file", -EINVAL, "put a regular file in its place" },
		{ "unreadable-file", -EISDIR, "put a regular file in its place" },
		{ "unreadable-file", -ELOOP, "make one of the links lead to a file" },
		{ "unreadable-file", -ENOTDIR, "make it a directory, or remove it" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(advices); i++)
		if (advices[i].code == problem->code && strcmp(advices[i].id, problem->id) == 0)
			return advices[i].text;
	return NULL;
}

void config_problem_add(struct config *config, const struct config_problem *problem)
{
	const char *suggestion = problem->suggestion ? problem->suggestion : usual_advice(problem);
	struct config_problem *copy;

	if (is_known(config, problem))
		return;
	copy = next_problem(config, problem->severity);
	if (!copy)
		return;
	*copy = *problem;
	copy->file = copy_or_null(problem->file);
	copy->key = copy_or_null(problem->key);
	copy->message = copy_or_null(problem->message);
	copy->suggestion = copy_or_null(suggestion);
}

/* With the message in place, fill in what the key's origin says. */
static void add_with_origin(struct config *config, enum config_key key,
			    struct config_problem problem)
{
	const struct config_origin *origin = config_origin(config, key);
	_cleanup_free_ char *path = NULL;

	if (key != CONFIG_KEY_NONE) {
		path = config_key_path(config, origin->written_as ? origin->written_as : key);
		problem.key = path;
		problem.line = origin->line;
		problem.column = origin->column;
	}
	if (!problem.file)
		problem.file = origin->path ? origin->path : config->path;
	config_problem_add(config, &problem);
}

__attribute__((format(printf, 4, 0))) static void report(struct config *config, enum config_key key,
							 struct config_problem problem,
							 const char *format, va_list arguments)
{
	_cleanup_free_ char *message = xvasprintf(format, arguments);

	problem.message = message;
	add_with_origin(config, key, problem);
}

void config_report(struct config *config, enum config_key key, const struct config_problem *like,
		   const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	report(config, key, *like, format, arguments);
	va_end(arguments);
}

void config_problem_at(struct config *config, enum config_severity severity, const char *id,
		       enum config_key key, int code, const char *format, ...)
{
	struct config_problem problem = { .severity = severity, .id = id, .code = code };
	va_list arguments;

	va_start(arguments, format);
	report(config, key, problem, format, arguments);
	va_end(arguments);
}

void config_problems_clear(struct config *config)
{
	for (size_t i = 0; i < config->problem_count; i++)
		release_problem(&config->problems[i]);
	free(config->problems);
	config->problems = NULL;
	config->problem_count = config->problem_capacity = 0;
}

size_t config_problem_count(const struct config *config, enum config_severity severity)
{
	size_t count = 0;

	for (size_t i = 0; i < config->problem_count; i++)
		count += config->problems[i].severity >= severity;
	return count;
}

/* Keys and values come from foreign files, and the text goes to terminals and logs. */
static char *printable(const struct strbuf *text)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	quote_terminal(&out, strbuf_view(text));
	return strbuf_steal(&out);
}

static void append_place(struct strbuf *out, const struct config_problem *problem)
{
	strbuf_puts(out, problem->file);
	if (problem->line)
		strbuf_printf(out, ":%u:%u", problem->line, problem->column);
}

const char *config_severity_name(enum config_severity severity)
{
	static const char *const names[] = {
		[CONFIG_NOTE] = "note",
		[CONFIG_WARNING] = "warning",
		[CONFIG_ERROR] = "error",
	};

	return names[severity];
}

char *config_problem_text(const struct config_problem *problem)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	if (problem->file) {
		append_place(&out, problem);
		strbuf_puts(&out, ": ");
	}
	strbuf_printf(&out, "%s: ", config_severity_name(problem->severity));
	if (problem->key && !strstr(problem->message, problem->key))
		strbuf_printf(&out, "%s: ", problem->key);
	strbuf_puts(&out, problem->message);
	if (problem->suggestion)
		strbuf_printf(&out, "; %s", problem->suggestion);
	return printable(&out);
}

/*
 * The existing tools' words come first, where scripts look for them: for a table's own checks that is
 * "PATH: WORDS". Place and advice follow.
 */
static char *error_text(const struct config *config, const struct config_problem *problem)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	if (problem->prefixed)
		strbuf_printf(&out, "%s: ", config->path);
	strbuf_puts(&out, problem->message);
	if (problem->line) {
		strbuf_puts(&out, " (");
		append_place(&out, problem);
		if (problem->key)
			strbuf_printf(&out, ", %s", problem->key);
		strbuf_putc(&out, ')');
	} else if (problem->key) {
		strbuf_printf(&out, " (default of %s)", problem->key);
	}
	if (problem->suggestion)
		strbuf_printf(&out, "; %s", problem->suggestion);
	return printable(&out);
}

int config_verdict(const struct config *config, struct error **err)
{
	for (size_t i = 0; i < config->problem_count; i++) {
		const struct config_problem *problem = &config->problems[i];
		_cleanup_free_ char *text = NULL;

		if (problem->severity != CONFIG_ERROR)
			continue;
		text = error_text(config, problem);
		return error_set(err, problem->code, "%s", text);
	}
	return 0;
}
