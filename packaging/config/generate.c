// SPDX-License-Identifier: Apache-2.0
/*
 * The build's own tool that writes the shipped configuration files of one architecture:
 *
 *	generate-config [-s NAME=TEXT]... DESCRIPTIONS ARCHITECTURE OUTPUT
 *
 * DESCRIPTIONS holds architectures.toml, whose table for the architecture gives texts for @NAME@ as -s does,
 * and one folder of flavours for each dialect. OUTPUT gets configuration-FLAVOUR.toml of the Go dialect, and
 * those of runtime-rs below runtime-rs/ (spec/config.md 6.1, 6.2).
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "document.h"

#define DIRECTORY_MODE	0755
#define SUFFIX		".toml"
#define MAX_FACTS_BYTES (1U << 20)

static const struct dialect_folder {
	enum config_dialect dialect;
	const char *descriptions;
	const char *output;
} folders[] = {
	{ CONFIG_GO, "go", "." },
	{ CONFIG_RS, "runtime-rs", "runtime-rs" },
};

static int read_facts(struct variables *variables, const char *descriptions,
		      const char *architecture, struct error **err)
{
	_cleanup_free_ char *path = path_join(descriptions, "architectures.toml");
	_cleanup_(toml_document_freep) struct toml_document *document = NULL;
	_cleanup_free_ char *text = NULL;
	const struct toml_value *facts;
	size_t size;
	int ret;

	ret = file_read_all(path, MAX_FACTS_BYTES, &text, &size, err);
	if (ret < 0)
		return ret;
	ret = toml_parse_strict(slice_make(text, size), path, &document, err);
	if (ret < 0)
		return ret;
	facts = toml_get(toml_root(document), architecture);
	if (!facts || facts->type != TOML_TABLE)
		return error_set(err, -EINVAL, "%s: no table [%s]", path, architecture);
	for (size_t i = 0; i < facts->table.count; i++) {
		const struct toml_member *fact = &facts->table.members[i];

		if (fact->value->type != TOML_STRING)
			return error_set(err, -EINVAL, "%s:%u: must be a string", path,
					 fact->position.line);
		variables_add(variables, fact->key, fact->value->string);
	}
	return 0;
}

/* What is built can be built again: no need to wait for the disk. */
static int write_file(const char *path, struct slice text, struct error **err)
{
	FILE *file = fopen(path, "w");
	bool written;

	if (!file)
		return error_set_errno(err, -errno, "open %s", path);
	written = fwrite(text.data, 1, text.size, file) == text.size;
	if (fclose(file) != 0 || !written)
		return error_set_errno(err, -errno, "write %s", path);
	return 0;
}

static int generate_file(const struct flavour_source *source, const char *name, const char *output,
			 struct error **err)
{
	_cleanup_free_ char *file = xasprintf("configuration-%s" SUFFIX, name);
	_cleanup_free_ char *path = path_join(output, file);
	_cleanup_(flavour_freep) struct flavour *flavour = NULL;
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	int ret;

	ret = flavour_load(source, name, &flavour, err);
	if (ret < 0)
		return ret;
	if (!string_list_contains(&flavour->architectures, source->architecture))
		return 0;
	document_write(&text, flavour, source->architecture);
	return write_file(path, strbuf_view(&text), err);
}

/* The names of all flavours of a folder, without suffix and sorted. */
static int list_flavours(const char *directory, struct string_list *names, struct error **err)
{
	DIR *folder = opendir(directory);

	if (!folder)
		return error_set_errno(err, -errno, "open %s", directory);
	for (const struct dirent *entry; (entry = readdir(folder));) {
		struct slice name = slice_of(entry->d_name);

		if (slice_ends_with(name, SUFFIX))
			string_list_add_slice(names, slice_first(name, name.size - strlen(SUFFIX)));
	}
	closedir(folder);
	string_list_sort(names);
	return 0;
}

static int generate_folder(const struct dialect_folder *folder, const char *descriptions,
			   const char *architecture, const struct variables *variables,
			   const char *output, struct error **err)
{
	_cleanup_free_ char *source_directory = path_join(descriptions, folder->descriptions);
	_cleanup_free_ char *output_directory = path_join(output, folder->output);
	_cleanup_string_list_ struct string_list names = { 0 };
	const struct flavour_source source = {
		.dialect = folder->dialect,
		.directory = source_directory,
		.architecture = architecture,
		.variables = variables,
	};
	int ret;

	ret = directory_make_all(output_directory, DIRECTORY_MODE, err);
	if (ret < 0)
		return ret;
	ret = list_flavours(source_directory, &names, err);
	for (size_t i = 0; ret >= 0 && i < names.count; i++)
		ret = generate_file(&source, names.items[i], output_directory, err);
	return ret;
}

static int generate(const char *descriptions, const char *architecture, struct variables *variables,
		    const char *output, struct error **err)
{
	int ret = read_facts(variables, descriptions, architecture, err);

	for (size_t i = 0; ret >= 0 && i < ARRAY_SIZE(folders); i++)
		ret = generate_folder(&folders[i], descriptions, architecture, variables, output,
				      err);
	return ret;
}

static bool add_variable(struct variables *variables, const char *argument)
{
	struct slice text = slice_of(argument), name;

	slice_next_field(&text, '=', &name);
	if (!text.data)
		return false;
	variables_add(variables, name, text);
	return true;
}

static int usage(void)
{
	fputs("usage: generate-config [-s NAME=TEXT]... DESCRIPTIONS ARCHITECTURE OUTPUT\n",
	      stderr);
	return 2;
}

int main(int argc, char **argv)
{
	_cleanup_variables_ struct variables variables = { 0 };
	_cleanup_error_ struct error *err = NULL;
	int option;

	while ((option = getopt(argc, argv, "s:")) != -1)
		if (option != 's' || !add_variable(&variables, optarg))
			return usage();
	if (argc - optind != 3)
		return usage();
	if (generate(argv[optind], argv[optind + 1], &variables, argv[optind + 2], &err) < 0) {
		fprintf(stderr, "generate-config: %s\n", error_message(err));
		return 1;
	}
	return 0;
}
