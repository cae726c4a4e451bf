// SPDX-License-Identifier: Apache-2.0
/*
 * The main file and its drop-ins. The drop-in directory is the one beside the file behind all links, and
 * every entry of it counts, whatever its name: what decides on existing nodes keeps deciding. Entries that
 * are probably not meant as configuration draw a warning, and do no harm when they cannot be read
 * (spec/config.md 2.2, spec/ecosystem.md 1.2).
 */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/path.h"
#include "base/quote.h"
#include "model.h"

#define DROP_IN_DIRECTORY "config.d"
#define DROP_INS_MAX	  1024
/* Of all drop-ins together. */
#define DROP_INS_MAX_BYTES TOML_MAX_BYTES

/* A problem of a whole file. */
static void file_problem(struct config *config, enum config_severity severity, const char *id,
			 int code, const char *path, const char *suggestion, const char *format,
			 ...) __attribute__((format(printf, 7, 8)));

static void file_problem(struct config *config, enum config_severity severity, const char *id,
			 int code, const char *path, const char *suggestion, const char *format,
			 ...)
{
	_cleanup_free_ char *message = NULL;
	va_list arguments;

	va_start(arguments, format);
	message = xvasprintf(format, arguments);
	va_end(arguments);
	config_problem_add(config, &(struct config_problem){ .severity = severity,
							     .id = id,
							     .code = code,
							     .file = path,
							     .message = message,
							     .suggestion = suggestion });
}

static bool is_null_device(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISCHR(status.st_mode) &&
	       status.st_rdev == makedev(1, 3);
}

/* A link to /dev/null is how a drop-in is switched off; all other special files are refused. */
static int read_text(const char *path, size_t max_bytes, char **text, size_t *size,
		     struct error **err)
{
	if (is_null_device(path)) {
		*text = xstrdup("");
		*size = 0;
		return 0;
	}
	return file_read_all(path, max_bytes, text, size, err);
}

/*
 * The parser's "NAME:LINE:COLUMN: WORDS" as "toml: line LINE: WORDS", which is how the existing tools say
 * it, with the place in the problem.
 */
static void syntax_problem(struct config *config, const struct config_file *file,
			   const struct error *error)
{
	struct slice rest = slice_of(error_message(error));
	struct slice line = { 0 }, column = { 0 };
	uint64_t line_number = 0, column_number = 0;
	_cleanup_strbuf_ struct strbuf message = STRBUF_INIT;

	if (file->source == CONFIG_FROM_DROP_IN) {
		strbuf_puts(&message, "error decoding file ");
		quote_go(&message, slice_of(file->path));
		strbuf_puts(&message, ": ");
	}
	strbuf_puts(&message, "toml: ");
	if (slice_starts_with(rest, file->path)) {
		rest = slice_from(rest, strlen(file->path) + 1);
		if (slice_next_field(&rest, ':', &line) && slice_next_field(&rest, ':', &column) &&
		    number_parse_u64(line, &line_number) == 0 &&
		    number_parse_u64(column, &column_number) == 0)
			strbuf_printf(&message, "line %u: ", (unsigned)line_number);
		else
			rest = slice_of(error_message(error));
	}
	strbuf_slice(&message, slice_trim(rest));
	config_problem_add(config, &(struct config_problem){ .severity = CONFIG_ERROR,
							     .id = "syntax",
							     .code = error_code(error),
							     .file = file->path,
							     .line = (unsigned)line_number,
							     .column = (unsigned)column_number,
							     .message = message.data });
}

/* Parse a text and append it to the files; false when it is no TOML. */
static bool add_file(struct config *config, struct config_files *files, enum config_source source,
		     const char *path, struct slice text)
{
	_cleanup_error_ struct error *error = NULL;
	struct config_file file = { .source = source, .path = config_keep(config, path) };

	if (toml_parse(text, path, &file.document, &error) < 0) {
		syntax_problem(config, &file, error);
		return false;
	}
	files->items =
		xgrow(files->items, &files->capacity, files->count + 1, sizeof(*files->items));
	files->items[files->count++] = file;
	return true;
}

static void read_main(struct config *config, struct config_files *files)
{
	_cleanup_error_ struct error *error = NULL;
	_cleanup_free_ char *text = NULL;
	size_t size = 0;

	if (read_text(config->path, TOML_MAX_BYTES, &text, &size, &error) < 0) {
		file_problem(config, CONFIG_ERROR, "unreadable-file", error_code(error),
			     config->path, NULL, "%s", error_message(error));
		return;
	}
	add_file(config, files, CONFIG_FROM_FILE, config->path, slice_make(text, size));
}

/* --- drop-ins ----------------------------------------------------------------------------------- */

static bool is_toml_name(const char *name)
{
	return slice_ends_with(slice_of(name), ".toml");
}

static bool is_directory(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Apply one entry of the directory; *budget is what may still be read. */
static void read_drop_in(struct config *config, struct config_files *files, const char *path,
			 size_t *budget)
{
	_cleanup_error_ struct error *error = NULL;
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;
	_cleanup_free_ char *text = NULL;
	bool expected = is_toml_name(path);
	size_t size = 0;

	quote_go(&quoted, slice_of(path));
	if (read_text(path, *budget, &text, &size, &error) < 0) {
		/* Editors leave locks and swap files behind, which nobody can have meant. */
		bool skipped = !expected && !is_directory(path);

		file_problem(config, skipped ? CONFIG_WARNING : CONFIG_ERROR,
			     skipped ? "skipped-drop-in" : "unreadable-file", error_code(error),
			     path, skipped ? "skipped, since its name does not end in .toml" : NULL,
			     "error reading file %s: %s", quoted.data, error_message(error));
		return;
	}
	*budget -= size;
	if (!add_file(config, files, CONFIG_FROM_DROP_IN, path, slice_make(text, size)))
		return;
	string_list_add(&config->drop_ins, path);
	if (!expected)
		file_problem(config, CONFIG_WARNING, "drop-in-name", -EINVAL, path,
			     "move it out of " DROP_IN_DIRECTORY " if it is not meant to count",
			     "applied although its name does not end in .toml");
}

/* NULL at the end, and then errno is 0, and after a failure. */
static struct dirent *next_entry(DIR *stream)
{
	errno = 0;
	return readdir(stream);
}

/* Names in byte order; a missing directory is an empty one. */
static int list_drop_ins(const char *directory, struct string_list *names, struct error **err)
{
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;
	struct dirent *entry;
	DIR *stream = opendir(directory);
	int failure;

	if (!stream && errno == ENOENT)
		return 0;
	quote_go(&quoted, slice_of(directory));
	if (!stream)
		return error_set_errno(err, -errno, "error reading %s directory: open %s",
				       quoted.data, directory);
	while ((entry = next_entry(stream)) && names->count <= DROP_INS_MAX)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			string_list_add(names, entry->d_name);
	failure = entry ? 0 : -errno;
	closedir(stream);
	if (failure < 0)
		return error_set_errno(err, failure, "error reading %s directory: read %s",
				       quoted.data, directory);
	if (names->count > DROP_INS_MAX)
		return error_set(err, -E2BIG, "error reading %s directory: more than %d entries",
				 quoted.data, DROP_INS_MAX);
	string_list_sort(names);
	return 0;
}

/* The versions and the link between them in a mounted ConfigMap: "..data", "..2024_05_01_...". */
static bool is_config_map_directory(const char *name, const char *path)
{
	return slice_starts_with(slice_of(name), "..") && is_directory(path);
}

static void read_drop_ins(struct config *config, struct config_files *files, const char *directory)
{
	_cleanup_string_list_ struct string_list names = { 0 };
	_cleanup_error_ struct error *error = NULL;
	size_t budget = DROP_INS_MAX_BYTES;

	if (list_drop_ins(directory, &names, &error) < 0) {
		file_problem(config, CONFIG_ERROR, "unreadable-file", error_code(error), directory,
			     NULL, "%s", error_message(error));
		return;
	}
	for (size_t i = 0; i < names.count; i++) {
		_cleanup_free_ char *path = path_join(directory, names.items[i]);

		if (!is_config_map_directory(names.items[i], path))
			read_drop_in(config, files, path, &budget);
	}
}

/* Who puts drop-ins beside the link waits for them in vain: say so. */
static void note_bypassed_directory(struct config *config, const char *used)
{
	_cleanup_error_ struct error *ignored = NULL; /* without a current directory, no note */
	_cleanup_free_ char *absolute = NULL;
	_cleanup_free_ char *parent = NULL;
	_cleanup_free_ char *bypassed = NULL;
	_cleanup_free_ char *real = NULL;
	_cleanup_free_ char *used_real = realpath(used, NULL);

	if (path_absolute(config->requested, &absolute, &ignored) < 0)
		return;
	parent = path_directory(absolute);
	bypassed = path_join(parent, DROP_IN_DIRECTORY);
	real = realpath(bypassed, NULL);
	if (!real || !is_directory(real) || (used_real && strcmp(real, used_real) == 0))
		return;
	file_problem(config, CONFIG_WARNING, "bypassed-drop-ins", -ENOENT, bypassed, NULL,
		     "not read: %s is a link, and drop-ins belong beside the file it leads to, in "
		     "%s",
		     absolute, used);
}

void config_files_read(struct config *config, bool drop_ins, struct config_files *files)
{
	_cleanup_free_ char *parent = path_directory(config->path);
	_cleanup_free_ char *directory = path_join(parent, DROP_IN_DIRECTORY);

	read_main(config, files);
	if (!drop_ins)
		return;
	read_drop_ins(config, files, directory);
	note_bypassed_directory(config, directory);
}

void config_files_release(struct config_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		toml_document_free(files->items[i].document);
	free(files->items);
	*files = (struct config_files){ 0 };
}
