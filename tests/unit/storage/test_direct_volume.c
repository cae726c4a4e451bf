// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "storage/direct_volume.h"

static const char info_text[] =
	"{ \"volume-type\": \"block\", \"Device\":\"/dev/sdb\",\"fstype\":\"ext4\","
	"\"metadata\":{\"fsGroup\":\"1000\"}, \"options\":[\"rw\",null,\"noatime\"], \"more\": 1 }";

static void mount_info(void **state)
{
	struct error *err = NULL;
	struct mount_info *info = NULL;

	(void)state;
	assert_ok(mount_info_parse(slice_of(info_text), &info, &err), err);
	assert_string_equal(info->volume_type, "block");
	assert_string_equal(info->device, "/dev/sdb");
	assert_string_equal(info->fstype, "ext4");
	assert_int_equal(info->metadata_count, 1);
	assert_string_equal(info->metadata[0].name, "fsGroup");
	assert_string_equal(info->metadata[0].value, "1000");
	assert_int_equal(info->options.count, 3);
	assert_string_equal(info->options.items[1], "");
	mount_info_free(info);

	assert_ok(mount_info_parse(slice_of(" null"), &info, &err), err);
	assert_string_equal(info->device, "");
	mount_info_free(info);
	assert_ok(mount_info_parse(slice_of("{\"device\":\"a\",\"DEVICE\":\"b\",\"fstype\":null}"),
				   &info, &err),
		  err);
	assert_string_equal(info->device, "b");
	mount_info_free(info);
}

static void bad_mount_info(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "", "unexpected end of JSON input: the mount info is empty" },
		{ "{", "unexpected end of JSON input" },
		{ "{bad}", "invalid character 'b' looking for beginning of object key string" },
		{ "{} x", "invalid character 'x' after top-level value" },
		{ "{\"volume-type\":1}", "json: cannot unmarshal number into Go struct field "
					 "MountInfo.volume-type of type string" },
		{ "[]", "json: cannot unmarshal array into Go value of type volume.MountInfo" },
		{ "\"x\"", "json: cannot unmarshal string into Go value of type volume.MountInfo" },
		{ "{\"options\":\"rw\"}", "json: cannot unmarshal string into Go struct field "
					  "MountInfo.options of type []string" },
		{ "{\"options\":[true]}", "json: cannot unmarshal bool into Go struct field "
					  "MountInfo.options of type string" },
		{ "{\"metadata\":[]}", "json: cannot unmarshal array into Go struct field "
				       "MountInfo.metadata of type map[string]string" },
		{ "{\"metadata\":{\"a\":{}}}", "json: cannot unmarshal object into Go struct field "
					       "MountInfo.metadata of type string" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error *err = NULL;
		struct mount_info *info = NULL;

		assert_int_equal(mount_info_parse(slice_of(cases[i].text), &info, &err), -EINVAL);
		assert_string_equal(error_message(err), cases[i].message);
		assert_null(info);
		error_free(err);
	}
}

static void on_disk(void **state)
{
	_cleanup_free_ char *root = path_join(*state, "shared/direct-volumes");
	_cleanup_free_ char *directory = path_join(root, "L3Zhci9saWIveC92b2wx");
	_cleanup_free_ char *path = path_join(directory, "mountInfo.json");
	_cleanup_free_ char *text = NULL;
	struct error *err = NULL;
	struct stat status;

	assert_ok(direct_volume_add(root, "/var/lib/x/vol1", "{}", &err), err);
	assert_ok(direct_volume_add(root, "/var/lib/x/vol1", info_text, &err), err);
	assert_ok(file_read_all(path, 4096, &text, NULL, &err), err);
	assert_string_equal(text, info_text);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(stat(root, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);

	/* A bad one changes nothing, and leaves no directory behind. */
	assert_failed(direct_volume_add(root, "/other", "{", &err), err, -EINVAL, "unexpected end");
	assert_int_equal(stat(root, &status), 0);
	assert_int_equal(status.st_nlink, 3);

	assert_ok(direct_volume_remove(root, "/var/lib/x/vol1", &err), err);
	assert_false(path_exists(directory));
	assert_ok(direct_volume_remove(root, "/var/lib/x/vol1", &err), err);
}

static void users(void **state)
{
	static const char *const entries[] = { "zz", ".mountInfo.json.Ab12Cd", "b0", "c1" };
	_cleanup_free_ char *directory = path_join(*state, "YS_vv70=");
	_cleanup_(mount_info_freep) struct mount_info *info = NULL;
	_cleanup_free_ char *id = NULL;
	struct error *err = NULL;
	const char *volume = "a/\xef\xbf\xbd";

	assert_failed(direct_volume_sandbox(*state, volume, &id, &err), err, -ENOENT, directory);
	assert_failed(direct_volume_mount_info(*state, volume, &info, &err), err, -ENOENT, "open ");
	assert_ok(direct_volume_add(*state, volume, info_text, &err), err);
	assert_true(path_exists(directory));
	assert_failed(direct_volume_sandbox(*state, volume, &id, &err), err, -ENOENT,
		      "no sandbox found for a/");
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		_cleanup_free_ char *path = path_join(directory, entries[i]);

		assert_ok(file_replace(path, "", 0, 0600, &err), err);
	}
	assert_ok(direct_volume_sandbox(*state, volume, &id, &err), err);
	assert_string_equal(id, "b0");
	assert_ok(direct_volume_mount_info(*state, volume, &info, &err), err);
	assert_string_equal(info->device, "/dev/sdb");
}

static void refusals(void **state)
{
	_cleanup_free_ char *file = path_join(*state, "L2E=");
	_cleanup_free_ char *id = NULL;
	struct mount_info *info = NULL;
	struct error *err = NULL;

	assert_failed(direct_volume_add(*state, "", "{}", &err), err, -EINVAL, "--volume-path");
	assert_failed(direct_volume_remove(*state, "", &err), err, -EINVAL, "--volume-path");
	assert_failed(direct_volume_sandbox(*state, "", &id, &err), err, -EINVAL, "--volume-path");
	assert_failed(direct_volume_mount_info(*state, "", &info, &err), err, -EINVAL, "path");
	assert_ok(file_replace(file, "", 0, 0600, &err), err);
	assert_failed(direct_volume_add(*state, "/a", "{}", &err), err, -ENOTDIR,
		      "should be a directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mount_info),
		cmocka_unit_test(bad_mount_info),
		cmocka_unit_test_setup_teardown(on_disk, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(users, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(refusals, make_directory, remove_directory),
	};

	return cmocka_run_group_tests_name("direct_volume", tests, NULL, NULL);
}
