// SPDX-License-Identifier: Apache-2.0
/* A pod's own kernel, image, ...: which one wins, and the hashes (spec/config.md 5.5). */
#include "annotation_fixture.h"

#include <errno.h>

#include "base/path.h"

#define ABC_SHA512                                                         \
	"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" \
	"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"

static const struct asset {
	const char *path, *hash;
	enum config_key key, list;
} assets[] = {
	{ H("firmware"), H("firmware_hash"), CONFIG_HYPERVISOR_FIRMWARE, CONFIG_KEY_NONE },
	{ H("firmware_volume"), H("firmware_volume_hash"), CONFIG_HYPERVISOR_FIRMWARE_VOLUME,
	  CONFIG_KEY_NONE },
	{ H("path"), H("hypervisor_hash"), CONFIG_HYPERVISOR_PATH,
	  CONFIG_HYPERVISOR_VALID_HYPERVISOR_PATHS },
	{ H("path"), H("path_hash"), CONFIG_HYPERVISOR_PATH,
	  CONFIG_HYPERVISOR_VALID_HYPERVISOR_PATHS },
	{ H("image"), H("image_hash"), CONFIG_HYPERVISOR_IMAGE, CONFIG_KEY_NONE },
	{ H("initrd"), H("initrd_hash"), CONFIG_HYPERVISOR_INITRD, CONFIG_KEY_NONE },
	{ H("jailer_path"), H("jailer_hash"), CONFIG_HYPERVISOR_JAILER_PATH,
	  CONFIG_HYPERVISOR_VALID_JAILER_PATHS },
	{ H("kernel"), H("kernel_hash"), CONFIG_HYPERVISOR_KERNEL, CONFIG_KEY_NONE },
};

struct files {
	char *directory, *abc, *empty;
};

static int make_files(void **state)
{
	struct files *files = xcalloc(1, sizeof(*files));
	struct error *err = NULL;
	void *directory;

	if (make_directory(&directory) < 0)
		return -1;
	files->directory = directory;
	files->abc = path_join(files->directory, "abc");
	files->empty = path_join(files->directory, "empty");
	assert_ok(file_replace(files->abc, "abc", 3, 0644, &err), err);
	assert_ok(file_replace(files->empty, "", 0, 0644, &err), err);
	*state = files;
	return 0;
}

static int remove_files(void **state)
{
	struct files *files = *state;
	void *directory = files->directory;

	free(files->abc);
	free(files->empty);
	free(files);
	return remove_directory(&directory);
}

static int apply_asset(const struct asset *asset, const char *path, const char *hash,
		       struct config **config, struct error **err)
{
	const struct annotation items[] = { { slice_of(asset->hash), slice_of(hash) },
					    { slice_of(asset->path), slice_of(path) } };

	*config = open_config(CONFIG_GO, CONFIG_FIRECRACKER);
	if (asset->list != CONFIG_KEY_NONE)
		set_list(*config, asset->list, path);
	return apply_all(*config, items, err);
}

static void hashes_are_compared(void **state)
{
	const struct files *files = *state;

	for (size_t i = 0; i < ARRAY_SIZE(assets); i++) {
		_cleanup_(config_freep) struct config *config = NULL;
		_cleanup_(config_freep) struct config *other = NULL;
		_cleanup_free_ char *text = xasprintf(
			"Invalid hash for %s: computed " ABC_SHA512 ", expecting abc]", files->abc);
		struct error *err = NULL;

		assert_ok(apply_asset(&assets[i], files->abc, ABC_SHA512, &config, &err), err);
		assert_string_equal(config_string(config, assets[i].key), files->abc);
		assert_int_equal(config_origin(config, assets[i].key)->source,
				 CONFIG_FROM_ANNOTATION);
		assert_failed(apply_asset(&assets[i], files->abc, "abc", &other, &err), err,
			      -EBADMSG, text);
	}
}

static void a_hash_without_its_path_is_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(assets); i++) {
		_cleanup_(config_freep) struct config *config = open_config(CONFIG_GO, CONFIG_QEMU);
		struct error *err = NULL;

		assert_ok(apply(config, assets[i].hash, "abc", &err), err);
	}
}

static void other_files_than_assets(void **state)
{
	const struct files *files = *state;
	_cleanup_free_ char *empty = xasprintf("Empty asset file at %s", files->empty);
	static const struct asset *kernel = &assets[ARRAY_SIZE(assets) - 1];
	const struct {
		const char *path, *hash;
		int code;
		const char *message;
	} cases[] = {
		{ files->empty, ABC_SHA512, -EBADMSG, empty },
		{ files->directory, ABC_SHA512, -EISDIR, "is a directory" },
		{ "/dev/null", ABC_SHA512, -EINVAL, "not a regular file" },
		{ "/nowhere", ABC_SHA512, -ENOENT, "open /nowhere: no such file or directory" },
		{ "/nowhere", "", -ENOENT, "file /nowhere does not exist" },
		{ "abc", ABC_SHA512, -EINVAL, "abc is not an absolute path" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(config_freep) struct config *config = NULL;
		struct error *err = NULL;

		assert_failed(apply_asset(kernel, cases[i].path, cases[i].hash, &config, &err), err,
			      cases[i].code, cases[i].message);
	}
}

/* Whatever the hash's name says, it is SHA-512. */
static void the_hash_type_changes_nothing(void **state)
{
	const struct files *files = *state;
	const struct annotation items[] = {
		{ slice_of(H("kernel")), slice_of(files->abc) },
		{ slice_of(H("kernel_hash")), slice_of(ABC_SHA512) },
		ANNOTATION(H("asset_hash_type"), "md5"),
		ANNOTATION("io.katacontainers.asset_hash_type", "md5"),
	};
	_cleanup_(config_freep) struct config *config = open_config(CONFIG_RS, CONFIG_QEMU);
	struct error *err = NULL;

	assert_ok(apply_all(config, items, &err), err);
}

static void a_pods_image_beats_a_configured_initrd(void **state)
{
	static const struct {
		const char *annotation;
		enum config_key own, other;
	} cases[] = {
		{ H("image"), CONFIG_HYPERVISOR_IMAGE, CONFIG_HYPERVISOR_INITRD },
		{ H("initrd"), CONFIG_HYPERVISOR_INITRD, CONFIG_HYPERVISOR_IMAGE },
	};
	const struct files *files = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (int rs = 0; rs < 2; rs++) {
			_cleanup_(config_freep) struct config *config =
				open_config(rs ? CONFIG_RS : CONFIG_GO, CONFIG_QEMU);
			struct error *err = NULL;

			set_text(config, cases[i].own, "");
			set_text(config, cases[i].other, "/bin/true");
			assert_ok(apply(config, cases[i].annotation, files->abc, &err), err);
			assert_string_equal(config_string(config, cases[i].own), files->abc);
			assert_string_equal(config_string(config, cases[i].other), "");
		}
}

static void image_and_initrd_exclude_each_other(void **state)
{
	const struct files *files = *state;
	const struct annotation items[] = { { slice_of(H("image")), slice_of(files->abc) },
					    { slice_of(H("initrd")), slice_of(files->abc) } };
	_cleanup_(config_freep) struct config *config = open_config(CONFIG_GO, CONFIG_QEMU);
	struct error *err = NULL;

	assert_failed(apply_all(config, items, &err), err, -EINVAL,
		      "conflicting annotations: cannot set both image and initrd at the same time");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_are_compared),
		cmocka_unit_test(a_hash_without_its_path_is_nothing),
		cmocka_unit_test(other_files_than_assets),
		cmocka_unit_test(the_hash_type_changes_nothing),
		cmocka_unit_test(a_pods_image_beats_a_configured_initrd),
		cmocka_unit_test(image_and_initrd_exclude_each_other),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
