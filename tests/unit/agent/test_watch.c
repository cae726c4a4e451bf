// SPDX-License-Identifier: Apache-2.0
/* Watched ConfigMaps: what changes arrives, and never by halves. */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "agent/storage/internal.h"
#include "base/path.h"

#define BASE   "/run/kata-containers"
#define ROOT   BASE "/shared/containers/watchable"
#define SOURCE BASE "/shared/containers/source"
#define TARGET ROOT "/volume"

static int set_up(void **state)
{
	static const struct storages_settings settings = { .base = BASE };
	_cleanup_error_ struct error *err = NULL;

	*state = NULL;
	if (!can_mount_privately() || unshare(CLONE_NEWNS) < 0)
		return 0;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "/run", "tmpfs", 0, NULL) < 0 ||
	    directory_make_all(SOURCE, 0755, &err) < 0)
		return -1;
	*state = storages_new(&settings);
	return 0;
}

static int tear_down(void **state)
{
	storages_free(*state);
	return 0;
}

#define NEEDS_MOUNTS(storages)                                        \
	struct storages *storages = *state;                           \
	if (!storages) {                                              \
		print_message("needs root with mounts of its own\n"); \
		skip();                                               \
	}

static int watch(struct storages *storages, const char *source, const char *target,
		 struct string_list *held, struct error **err)
{
	static char driver[] = "watchable-bind", type[] = "bind";
	Grpc__Storage storage = GRPC__STORAGE__INIT, *list = &storage;

	storage.driver = driver;
	storage.fstype = type;
	storage.source = (char *)source;
	storage.mount_point = (char *)target;
	return storages_attach(storages, NULL, &list, 1, held, err);
}

static void write_file(const char *path, const char *text)
{
	_cleanup_free_ char *directory = path_directory(path);
	struct error *err = NULL;

	assert_ok(directory_make_all(directory, 0755, &err), err);
	assert_ok(file_replace(path, text, strlen(text), 0640, &err), err);
}

static void expect_file(const char *path, const char *expected)
{
	_cleanup_free_ char *text = NULL;
	struct error *err = NULL;

	assert_ok(file_read_all(path, 4096, &text, NULL, &err), err);
	assert_string_equal(text, expected);
}

static void empty_source(void)
{
	struct error *err = NULL;

	assert_ok(path_remove_all(SOURCE, &err), err);
	assert_ok(directory_make_all(SOURCE, 0755, &err), err);
}

static size_t found;

static int count_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	(void)path;
	(void)status;
	(void)kind;
	found += where->level > 0;
	return 0;
}

/* How many there are below the directory, at any depth. */
static size_t count_entries(const char *path)
{
	found = 0;
	assert_int_equal(nftw(path, count_one, 8, FTW_PHYS), 0);
	return found;
}

static void test_changes(void **state)
{
	NEEDS_MOUNTS(storages);
	_cleanup_string_list_ struct string_list held = { 0 };
	struct error *err = NULL;
	struct stat status;

	empty_source();
	write_file(SOURCE "/a", "one");
	write_file(SOURCE "/sub/b", "two");
	assert_int_equal(chown(SOURCE "/a", 12, 34), 0);
	assert_int_equal(chmod(SOURCE "/sub", 02751), 0);
	assert_int_equal(symlink("sub/b", SOURCE "/link"), 0);
	assert_ok(watch(storages, SOURCE, TARGET, &held, &err), err);
	expect_file(TARGET "/a", "one");
	expect_file(TARGET "/link", "two");
	assert_int_equal(stat(TARGET "/a", &status), 0);
	assert_int_equal(status.st_uid, 12);
	assert_int_equal(status.st_gid, 34);
	assert_int_equal(status.st_mode & 07777, 0640);
	assert_int_equal(stat(TARGET "/sub", &status), 0);
	assert_int_equal(status.st_mode & 07777, 02751);

	write_file(SOURCE "/a", "three");
	assert_int_equal(unlink(SOURCE "/sub/b"), 0);
	write_file(SOURCE "/c", "four");
	assert_int_equal(unlink(SOURCE "/link"), 0);
	write_file(SOURCE "/link/now-a-directory", "five");
	storages_look_again(storages);
	expect_file(TARGET "/a", "three");
	expect_file(TARGET "/c", "four");
	expect_file(TARGET "/link/now-a-directory", "five");
	assert_int_equal(count_entries(TARGET), 5);
	assert_int_equal(count_entries(ROOT), 6); /* nothing is left of the preparations */

	assert_ok(storages_release(storages, &held, &err), err);
	assert_int_equal(access(TARGET, F_OK), -1);
	expect_file(SOURCE "/a", "three");
}

/* ---- what the kubelet does --------------------------------------------------------------------- */

#define VERSIONS 1500

/* Two keys that belong together, in a directory to which the link is turned when it is complete. */
static void publish(unsigned version)
{
	_cleanup_free_ char *name = xasprintf("..v%u", version);
	_cleanup_free_ char *old = xasprintf(SOURCE "/..v%u", version - 1);
	_cleanup_free_ char *a = xasprintf(SOURCE "/%s/a", name);
	_cleanup_free_ char *b = xasprintf(SOURCE "/%s/b", name);
	_cleanup_free_ char *text = xasprintf("%u", version);
	struct error *err = NULL;

	write_file(a, text);
	write_file(b, text);
	assert_int_equal(symlink(name, SOURCE "/..data_tmp"), 0);
	assert_int_equal(rename(SOURCE "/..data_tmp", SOURCE "/..data"), 0);
	assert_ok(path_remove_all(old, &err), err);
}

static atomic_bool over;

static void *keep_publishing(void *unused)
{
	(void)unused;
	for (unsigned version = 2; version <= VERSIONS; version++)
		publish(version);
	over = true;
	return NULL;
}

static void read_key(const char *version, const char *name, char text[16])
{
	_cleanup_free_ char *path = xasprintf(TARGET "/%s/%s", version, name);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, text, 15);

	text[size < 0 ? 0 : size] = '\0';
}

/* As long as the link leads to a version, this version is whole. */
static void *keep_reading(void *unused)
{
	uintptr_t bad = 0;

	(void)unused;
	while (!over) {
		char before[32] = "", after[32] = "", a[16], b[16];

		if (readlink(TARGET "/..data", before, sizeof(before) - 1) < 0)
			bad++;
		read_key(before, "a", a);
		read_key(before, "b", b);
		if (readlink(TARGET "/..data", after, sizeof(after) - 1) < 0)
			bad++;
		if (strcmp(before, after) == 0 && (strcmp(a, b) != 0 || a[0] == '\0'))
			bad++;
	}
	return (void *)bad; // NOLINT(performance-no-int-to-ptr)
}

static void test_whole_versions(void **state)
{
	NEEDS_MOUNTS(storages);
	_cleanup_string_list_ struct string_list held = { 0 };
	struct error *err = NULL;
	pthread_t writer, reader;
	void *bad;

	empty_source();
	publish(1);
	assert_int_equal(symlink("..data/a", SOURCE "/a"), 0);
	assert_int_equal(symlink("..data/b", SOURCE "/b"), 0);
	assert_ok(watch(storages, SOURCE, TARGET, &held, &err), err);
	expect_file(TARGET "/a", "1");
	over = false;
	assert_int_equal(pthread_create(&reader, NULL, keep_reading, NULL), 0);
	assert_int_equal(pthread_create(&writer, NULL, keep_publishing, NULL), 0);
	while (!over)
		storages_look_again(storages);
	pthread_join(writer, NULL);
	pthread_join(reader, &bad);
	assert_null(bad);
	storages_look_again(storages);
	expect_file(TARGET "/a", "1500");
	expect_file(TARGET "/b", "1500");
	assert_int_equal(count_entries(TARGET), 6);
	assert_ok(storages_release(storages, &held, &err), err);
}

/* ---- what is not copied ------------------------------------------------------------------------ */

static bool is_mounted(const char *path)
{
	struct stat a, b;

	return stat(path, &a) == 0 && stat(ROOT, &b) == 0 && a.st_dev != b.st_dev;
}

static void test_too_many(void **state)
{
	NEEDS_MOUNTS(storages);
	_cleanup_string_list_ struct string_list held = { 0 };
	struct error *err = NULL;

	empty_source();
	for (int i = 0; i < 16; i++) {
		_cleanup_free_ char *path = xasprintf(SOURCE "/file%d", i);

		write_file(path, "x");
	}
	assert_ok(watch(storages, SOURCE, TARGET, &held, &err), err);
	assert_false(is_mounted(TARGET));
	write_file(SOURCE "/one-more", "y");
	storages_look_again(storages);
	assert_true(is_mounted(TARGET));
	expect_file(TARGET "/one-more", "y");
	assert_ok(storages_release(storages, &held, &err), err);
	assert_int_equal(access(TARGET, F_OK), -1);
	expect_file(SOURCE "/one-more", "y");
}

static void test_too_big(void **state)
{
	NEEDS_MOUNTS(storages);
	_cleanup_string_list_ struct string_list held = { 0 };
	struct error *err = NULL;

	empty_source();
	write_file(SOURCE "/big", "");
	assert_int_equal(truncate(SOURCE "/big", (1 << 20) + 1), 0);
	assert_ok(watch(storages, SOURCE, TARGET, &held, &err), err);
	assert_true(is_mounted(TARGET));
	assert_ok(storages_release(storages, &held, &err), err);
	assert_false(is_mounted(TARGET));
}

static void test_single_file(void **state)
{
	NEEDS_MOUNTS(storages);
	_cleanup_string_list_ struct string_list held = { 0 };
	struct error *err = NULL;
	struct stat before, after;

	empty_source();
	write_file(SOURCE "/key", "a longer text");
	assert_ok(watch(storages, SOURCE "/key", TARGET, &held, &err), err);
	assert_int_equal(stat(TARGET, &before), 0);
	write_file(SOURCE "/key", "short");
	storages_look_again(storages);
	expect_file(TARGET, "short");
	assert_int_equal(stat(TARGET, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	/* It comes back after it was away. */
	assert_int_equal(unlink(SOURCE "/key"), 0);
	storages_look_again(storages);
	expect_file(TARGET, "short");
	write_file(SOURCE "/key", "again");
	storages_look_again(storages);
	expect_file(TARGET, "again");
	assert_ok(storages_release(storages, &held, &err), err);
	assert_int_equal(access(TARGET, F_OK), -1);
}

static void test_refused(void **state)
{
	NEEDS_MOUNTS(storages);
	_cleanup_string_list_ struct string_list held = { 0 };
	struct error *err = NULL;
	int ret;

	empty_source();
	assert_int_equal(symlink("/etc", SOURCE "/way-out"), 0);
	ret = watch(storages, SOURCE, BASE "/sandbox/x", &held, &err);
	assert_failed(ret, err, -EINVAL, "a watched mount lies in shared/containers/watchable");
	ret = watch(storages, SOURCE, ROOT "/deeper/x", &held, &err);
	assert_failed(ret, err, -EINVAL, "a watched mount lies in");
	ret = watch(storages, SOURCE, BASE "/shared/containers/passthrough/watchable/x", &held,
		    &err);
	assert_failed(ret, err, -EINVAL, "watchable mounts must use the same tmpfs root");
	ret = watch(storages, SOURCE "/way-out", TARGET, &held, &err);
	assert_failed(ret, err, -ELOOP, "open the source");
	ret = watch(storages, SOURCE "/missing", TARGET, &held, &err);
	assert_failed(ret, err, -ENOENT, "open the source");
	assert_int_equal(held.count, 0);
	assert_int_equal(count_entries(ROOT), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),	    cmocka_unit_test(test_whole_versions),
		cmocka_unit_test(test_too_many),    cmocka_unit_test(test_too_big),
		cmocka_unit_test(test_single_file), cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests_name("watched mounts", tests, set_up, tear_down);
}
