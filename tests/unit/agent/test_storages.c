// SPDX-License-Identifier: Apache-2.0
/* The table of mount points, by itself: devices that come late, and many requests at once. */
#include "fixture.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "agent/storage/storage.h"
#include "base/clock.h"

#define BASE	   "/run/kata-containers"
#define TIMEOUT_MS 200
#define POINT	   BASE "/sandbox/storage/p"

static int set_up(void **state)
{
	static const struct storages_settings settings = { .base = BASE,
							   .hotplug_timeout_ms = TIMEOUT_MS };

	*state = NULL;
	if (!can_mount_privately() || unshare(CLONE_NEWNS) < 0)
		return 0;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "/run", "tmpfs", 0, NULL) < 0 || mkdir("/run/source", 0755) < 0)
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

/* A storage of each driver that waits, with a file system that fails like a missing tag. */
static Grpc__Storage *late_storage(void)
{
	static char driver[] = "9p", type[] = "overlay", source[] = "tag", point[] = POINT;
	static char lower[] = "lowerdir=/run/late:/run/source", *options[] = { lower };
	static Grpc__Storage storage;

	grpc__storage__init(&storage);
	storage.driver = driver;
	storage.fstype = type;
	storage.source = source;
	storage.mount_point = point;
	storage.options = options;
	storage.n_options = 1;
	return &storage;
}

static bool is_mounted(const char *path)
{
	struct stat here, above;
	_cleanup_free_ char *parent = xasprintf("%s/..", path);

	return stat(path, &here) == 0 && stat(parent, &above) == 0 && here.st_dev != above.st_dev;
}

static void *plug(void *unused)
{
	(void)unused;
	clock_sleep_ms(50);
	mkdir("/run/late", 0755);
	return NULL;
}

static void test_late(void **state)
{
	NEEDS_MOUNTS(storages);
	Grpc__Storage *storage = late_storage();
	_cleanup_string_list_ struct string_list held = { 0 };
	struct error *err = NULL;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, plug, NULL), 0);
	assert_ok(storages_attach(storages, NULL, &storage, 1, &held, &err), err);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(is_mounted(POINT));
	assert_ok(storages_release(storages, &held, &err), err);
	assert_int_equal(access(POINT, F_OK), -1);
}

static void test_too_late(void **state)
{
	NEEDS_MOUNTS(storages);
	Grpc__Storage *storage = late_storage();
	_cleanup_string_list_ struct string_list held = { 0 };
	int64_t start = clock_now_ms();
	struct error *err = NULL;
	int ret;

	rmdir("/run/late");
	ret = storages_attach(storages, NULL, &storage, 1, &held, &err);
	assert_true(clock_now_ms() - start >= TIMEOUT_MS);
	assert_int_equal(held.count, 0);
	assert_failed(ret, err, -ENOENT, "none came within 200 ms (agent.hotplug_timeout)");
}

/* What remains in the directory below the mount is nobody's to remove. */
static void test_not_empty(void **state)
{
	NEEDS_MOUNTS(storages);
	Grpc__Storage *storage = late_storage();
	_cleanup_string_list_ struct string_list held = { 0 };
	struct error *err = NULL;
	int ret;

	assert_ok(directory_make_all(POINT, 0755, &err), err);
	assert_ok(file_replace(POINT "/kept", "x", 1, 0644, &err), err);
	mkdir("/run/late", 0755);
	assert_ok(storages_attach(storages, NULL, &storage, 1, &held, &err), err);
	ret = storages_release(storages, &held, &err);
	assert_failed(ret, err, -ENOTEMPTY, "directory is not empty when clean up storage");
	assert_false(is_mounted(POINT));
	assert_int_equal(access(POINT "/kept", F_OK), 0);
	assert_int_equal(unlink(POINT "/kept"), 0);
}

/* Whoever holds a mount point finds it mounted, whatever the others are doing. */
static void *use(void *argument)
{
	struct storages *storages = argument;
	static char driver[] = "bind", type[] = "bind", source[] = "/run/source", point[] = POINT;
	Grpc__Storage storage = GRPC__STORAGE__INIT, *list = &storage;
	uintptr_t failures = 0;

	storage.driver = driver;
	storage.fstype = type;
	storage.source = source;
	storage.mount_point = point;
	for (int i = 0; i < 50; i++) {
		_cleanup_string_list_ struct string_list held = { 0 };
		_cleanup_error_ struct error *err = NULL;

		if (storages_attach(storages, NULL, &list, 1, &held, &err) < 0 ||
		    access(POINT "/marker", F_OK) < 0 ||
		    storages_release(storages, &held, &err) < 0)
			failures++;
	}
	return (void *)failures; // NOLINT(performance-no-int-to-ptr)
}

static void test_many(void **state)
{
	NEEDS_MOUNTS(storages);
	pthread_t threads[4];
	struct error *err = NULL;
	void *failures;

	assert_ok(file_replace("/run/source/marker", "x", 1, 0644, &err), err);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, use, storages), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		assert_int_equal(pthread_join(threads[i], &failures), 0);
		assert_null(failures);
	}
	assert_int_equal(access(POINT, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_too_late),
		cmocka_unit_test(test_not_empty),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests_name("storages by themselves", tests, set_up, tear_down);
}
