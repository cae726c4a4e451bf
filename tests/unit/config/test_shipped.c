// SPDX-License-Identifier: Apache-2.0
/*
 * Every shipped configuration file, of every architecture, loads without an error or a warning on a host that
 * has what the file names. The files are made anew; their paths are moved below a directory of our own, where
 * small stand-ins for kernels, images and programs lie.
 */
#include "unit.h"

#include <dirent.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "base/subprocess.h"
#include "config/config.h"
#include "toml/toml.h"

#define MAX_BYTES (1U << 20)

static const char *const architectures[] = { "amd64", "arm64", "s390x", "ppc64le", "riscv64" };

/* Where assets are named, as opposed to directories that are made when they are needed. */
static const char *const asset_roots[] = { "\"/usr/", "\"/run/peerpod/" };

static void generate(const char *architecture, const char *output)
{
	const char *build = getenv("BUILD");
	_cleanup_free_ char *tool = path_join(build ? build : "build", "tools/generate-config");
	_cleanup_error_ struct error *err = NULL;
	_cleanup_subprocess_ struct subprocess process = {
		.argv = (const char *const[]){ tool, "-s", "bindir=/usr/bin", "-s",
					       "datadir=/usr/share", "-s",
					       "libexecdir=/usr/libexec", "-s",
					       "localstatedir=/var", "packaging/config",
					       architecture, output, NULL },
	};

	assert_ok(subprocess_run(&process, &err), err);
	if (process.status != 0)
		fail_msg("%s: %s", tool, process.err.data);
}

/* The text with every asset below `root`. */
static char *move_assets(struct slice text, const char *root)
{
	_cleanup_strbuf_ struct strbuf moved = STRBUF_INIT;

	while (text.size) {
		for (size_t i = 0; i < ARRAY_SIZE(asset_roots); i++)
			if (slice_starts_with(text, asset_roots[i])) {
				strbuf_printf(&moved, "\"%s", root);
				text = slice_from(text, 1);
			}
		strbuf_putc(&moved, text.data[0]);
		text = slice_from(text, 1);
	}
	return strbuf_steal(&moved);
}

static void make_file(const char *path)
{
	_cleanup_free_ char *directory = path_directory(path);
	struct error *err = NULL;

	assert_ok(directory_make_all(directory, 0755, &err), err);
	if (!path_exists(path))
		assert_ok(file_replace(path, "stand-in\n", 9, 0755, &err), err);
}

/* A file for every path below `root` that occurs in a value. */
static void make_assets(const struct toml_value *value, const char *root)
{
	if (value->type == TOML_STRING && slice_starts_with(value->string, root)) {
		_cleanup_free_ char *path = slice_dup(value->string);

		make_file(path);
	}
	for (size_t i = 0; value->type == TOML_ARRAY && i < value->array.count; i++)
		make_assets(value->array.items[i], root);
	for (size_t i = 0; value->type == TOML_TABLE && i < value->table.count; i++)
		make_assets(value->table.members[i].value, root);
}

static void assert_loads(const char *path, const char *architecture, const char *root,
			 enum config_dialect dialect)
{
	_cleanup_free_ char *devices = path_join(root, "dev");
	const struct config_host host = {
		.cpus = 4,
		.usable_cpus = 4,
		.memory_mib = 16384,
		.architecture = architecture,
		.device_root = devices,
	};
	const struct config_options options = { .path = path, .host = &host };
	_cleanup_(config_freep) struct config *config = config_examine(&options);

	for (size_t i = 0; i < config->problem_count; i++) {
		_cleanup_free_ char *text = config_problem_text(&config->problems[i]);

		if (config->problems[i].severity >= CONFIG_WARNING)
			fail_msg("%s: %s", architecture, text);
	}
	assert_int_equal(config->dialect, dialect);
	assert_true(config->has_hypervisor_table);
}

static void check_file(const char *path, const char *architecture, const char *root,
		       enum config_dialect dialect)
{
	_cleanup_(toml_document_freep) struct toml_document *document = NULL;
	_cleanup_free_ char *text = NULL;
	_cleanup_free_ char *moved = NULL;
	struct error *err = NULL;
	size_t size;

	assert_ok(file_read_all(path, MAX_BYTES, &text, &size, &err), err);
	moved = move_assets(slice_make(text, size), root);
	assert_ok(file_replace(path, moved, strlen(moved), 0644, &err), err);
	assert_ok(toml_parse_strict(slice_of(moved), path, &document, &err), err);
	make_assets(toml_root(document), root);
	assert_loads(path, architecture, root, dialect);
}

/* All files of a directory; how many there are. */
static unsigned check_directory(const char *directory, const char *architecture, const char *root,
				enum config_dialect dialect)
{
	DIR *stream = opendir(directory);
	unsigned count = 0;

	assert_non_null(stream);
	for (const struct dirent *entry; (entry = readdir(stream));) {
		_cleanup_free_ char *path = path_join(directory, entry->d_name);

		if (!slice_ends_with(slice_of(entry->d_name), ".toml"))
			continue;
		check_file(path, architecture, root, dialect);
		count++;
	}
	closedir(stream);
	return count;
}

static void every_shipped_file_loads_without_a_warning(void **state)
{
	const char *root = *state;
	_cleanup_free_ char *vsock = path_join(root, "dev/vhost-vsock");

	make_file(vsock);
	for (size_t i = 0; i < ARRAY_SIZE(architectures); i++) {
		_cleanup_free_ char *go = path_join(root, architectures[i]);
		_cleanup_free_ char *rs = path_join(go, "runtime-rs");

		generate(architectures[i], go);
		assert_true(check_directory(go, architectures[i], root, CONFIG_GO) >= 10);
		assert_true(check_directory(rs, architectures[i], root, CONFIG_RS) >= 5);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_shipped_file_loads_without_a_warning,
						make_directory, remove_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
