// SPDX-License-Identifier: Apache-2.0
/* path, file: what the headers promise, on a real file system. */
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "base/path.h"

static void paths_are_cleaned_as_text(void **state)
{
	static const struct {
		const char *path, *expected;
	} cases[] = {
		{ "", "." },
		{ "/", "/" },
		{ "//a//b/", "/a/b" },
		{ "a/./b", "a/b" },
		{ "/a/../../b", "/b" },
		{ "../a", "../a" },
		{ "a/..", "." },
		{ "a/../..", ".." },
		{ "../../x/..", "../.." },
		{ "/..", "/" },
		{ "link/../x", "x" },
		{ "configuration.toml/", "configuration.toml" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *cleaned = path_clean(cases[i].path);

		assert_string_equal(cleaned, cases[i].expected);
	}
}

static void paths_are_taken_apart_and_joined(void **state)
{
	static const struct {
		const char *path, *directory, *name;
	} cases[] = {
		{ "/etc/kata/x.toml", "/etc/kata", "x.toml" },
		{ "x.toml", ".", "x.toml" },
		{ "/x", "/", "x" },
		{ "a//b", "a", "b" },
	};
	_cleanup_free_ char *joined = path_join("/sys/", "/module");

	(void)state;
	assert_string_equal(joined, "/sys/module");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *directory = path_directory(cases[i].path);

		assert_string_equal(directory, cases[i].directory);
		assert_string_equal(path_name(cases[i].path), cases[i].name);
	}
}

static void resolving_follows_links_and_names_what_is_missing(void **state)
{
	_cleanup_free_ char *file = path_join(*state, "real");
	_cleanup_free_ char *link = path_join(*state, "link");
	_cleanup_free_ char *loop = path_join(*state, "loop");
	_cleanup_free_ char *through = path_join(*state, "real/below");
	_cleanup_free_ char *resolved = NULL;
	struct error *err = NULL;

	assert_ok(file_replace(file, "x", 1, 0600, &err), err);
	assert_int_equal(symlink("real", link), 0);
	assert_int_equal(symlink("loop", loop), 0);
	assert_ok(path_resolve(link, &resolved, &err), err);
	assert_string_equal(resolved, file);
	assert_failed(path_resolve("/nowhere/x", &resolved, &err), err, -ENOENT,
		      "file /nowhere/x does not exist");
	assert_failed(path_resolve(loop, &resolved, &err), err, -ELOOP, "too many links");
	assert_failed(path_resolve(through, &resolved, &err), err, -ENOTDIR, "not a directory");
	assert_failed(path_resolve("", &resolved, &err), err, -EINVAL, "path must be specified");
}

static void reading_is_bounded_and_never_blocks(void **state)
{
	_cleanup_free_ char *file = path_join(*state, "content");
	_cleanup_free_ char *fifo = path_join(*state, "fifo");
	_cleanup_free_ char *text = NULL;
	struct error *err = NULL;
	size_t size;

	assert_ok(file_replace(file, "a\0b", 3, 0600, &err), err);
	assert_ok(file_read_all(file, 3, &text, &size, &err), err);
	assert_int_equal(size, 3);
	assert_memory_equal(text, "a\0b", 4);
	assert_failed(file_read_all(file, 2, &text, &size, &err), err, -EFBIG, "limit of 2 bytes");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_failed(file_read_all(fifo, 10, &text, &size, &err), err, -EINVAL, "a FIFO");
	assert_failed(file_read_all(*state, 10, &text, &size, &err), err, -EISDIR,
		      "is a directory");
	assert_failed(file_read_all("/nowhere", 10, &text, &size, &err), err, -ENOENT,
		      "open /nowhere: no such file or directory");
}

static void replacing_sets_the_mode_and_leaves_no_temporary(void **state)
{
	_cleanup_free_ char *directory = path_join(*state, "replace/deep");
	_cleanup_free_ char *file = path_join(directory, "file");
	_cleanup_free_ char *text = NULL;
	struct error *err = NULL;
	struct dirent *entry;
	struct stat status;
	int entries = 0;
	DIR *listing;

	assert_ok(directory_make_all(directory, 0700, &err), err);
	assert_ok(directory_make_all(directory, 0700, &err), err);
	assert_failed(directory_make_all("", 0700, &err), err, -ENOENT, "mkdir \"\"");
	assert_ok(file_replace(file, "old", 3, 0640, &err), err);
	assert_ok(file_replace(file, "new", 3, 0604, &err), err);
	assert_ok(file_read_all(file, 10, &text, NULL, &err), err);
	assert_string_equal(text, "new");
	assert_int_equal(stat(file, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0604);
	listing = opendir(directory);
	while ((entry = readdir(listing)))
		entries += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
	closedir(listing);
	assert_int_equal(entries, 1);
	assert_failed(file_replace("/nowhere/x", "", 0, 0600, &err), err, -ENOENT,
		      "write /nowhere/x");
	/* A directory in the way: the rename fails, and the temporary file must not stay behind. */
	assert_failed(file_replace(directory, "", 0, 0600, &err), err, -EISDIR, "is a directory");
	assert_ok(path_remove_all(directory, &err), err);
	assert_ok(path_remove_all(directory, &err), err);
	assert_false(path_exists(directory));
}

static void removing_does_not_follow_links(void **state)
{
	_cleanup_free_ char *kept = path_join(*state, "kept");
	_cleanup_free_ char *directory = path_join(*state, "removed");
	_cleanup_free_ char *link = path_join(directory, "link");
	struct error *err = NULL;

	assert_ok(directory_make_all(kept, 0700, &err), err);
	assert_ok(directory_make_all(directory, 0700, &err), err);
	assert_int_equal(symlink(kept, link), 0);
	assert_ok(path_remove_all(directory, &err), err);
	assert_true(path_exists(kept));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_cleaned_as_text),
		cmocka_unit_test(paths_are_taken_apart_and_joined),
		cmocka_unit_test(resolving_follows_links_and_names_what_is_missing),
		cmocka_unit_test(reading_is_bounded_and_never_blocks),
		cmocka_unit_test(replacing_sets_the_mode_and_leaves_no_temporary),
		cmocka_unit_test(removing_does_not_follow_links),
	};

	return cmocka_run_group_tests_name("base: files", tests, make_directory, remove_directory);
}
