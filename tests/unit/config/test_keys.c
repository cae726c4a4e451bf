// SPDX-License-Identifier: Apache-2.0
/* The key table: consistent in itself, and searchable. */
#include "unit.h"

#include "config/keys.h"

#define FOR_EACH_KEY(key)                                                       \
	for (enum config_key key = CONFIG_KEY_NONE + 1; key < CONFIG_KEY_COUNT; \
	     key = (enum config_key)(key + 1))

static bool is_word(const char *const *words, const char *word)
{
	for (; *words; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

static void every_row_is_complete(void **state)
{
	(void)state;
	FOR_EACH_KEY(key)
	{
		const struct config_key_info *info = config_key_info(key);

		assert_non_null(info->name);
		assert_non_null(info->about);
		assert_non_null(info->go_users);
		assert_in_range(info->dialects, CONFIG_GO, CONFIG_BOTH);
		if (info->type == CONFIG_TYPE_WORD)
			assert_true(info->go_words || info->rs_words);
	}
}

static void keys_of_one_heading_stand_together(void **state)
{
	(void)state;
	assert_string_equal(config_key_group(CONFIG_HYPERVISOR_PATH), "Assets and boot");
	assert_string_equal(config_key_group(CONFIG_HYPERVISOR_DEFAULT_MEMORY), "Memory");
	assert_string_equal(config_key_group(CONFIG_HYPERVISOR_ENABLE_VIRTIO_MEM), "Memory");
	assert_null(config_key_group(CONFIG_ROOTLESS_USER_UID));
	assert_null(config_key_group(CONFIG_RUNTIME_NAME));
	FOR_EACH_KEY(key)
	{
		if (config_key_info(key)->section == CONFIG_SECTION_HYPERVISOR)
			assert_non_null(config_key_group(key));
	}
}

static void names_and_annotations_are_unique(void **state)
{
	(void)state;
	FOR_EACH_KEY(key)
	{
		const struct config_key_info *info = config_key_info(key);

		assert_int_equal(config_key_find(info->section, slice_of(info->name)), key);
		if (info->alias)
			assert_int_equal(config_key_find(info->section, slice_of(info->alias)),
					 key);
		if (info->annotation)
			assert_int_equal(config_key_find_annotation(info->annotation), key);
	}
}

static void defaults_are_allowed_words(void **state)
{
	(void)state;
	FOR_EACH_KEY(key)
	{
		const struct config_key_info *info = config_key_info(key);

		if (info->go_words && info->go_default)
			assert_true(is_word(info->go_words, info->go_default));
		if (info->rs_words && info->rs_default)
			assert_true(is_word(info->rs_words, info->rs_default));
	}
}

static void twins_belong_to_one_dialect_each(void **state)
{
	(void)state;
	FOR_EACH_KEY(key)
	{
		const struct config_key_info *info = config_key_info(key);

		if (info->twin == CONFIG_KEY_NONE)
			continue;
		assert_int_equal(info->dialects, CONFIG_GO);
		assert_int_equal(config_key_info(info->twin)->dialects, CONFIG_RS);
		assert_in_range(info->twin_factor, 1, 1000);
		assert_int_equal(config_key_twin(key), info->twin);
		assert_int_equal(config_key_twin(info->twin), key);
	}
	assert_int_equal(config_key_twin(CONFIG_HYPERVISOR_PATH), CONFIG_KEY_NONE);
}

static void a_key_is_found_by_name_alias_and_any_case(void **state)
{
	(void)state;
	assert_int_equal(config_key_find(CONFIG_SECTION_RUNTIME, slice_of("vfio_mode")),
			 CONFIG_RUNTIME_VFIO_MODE);
	assert_int_equal(config_key_find(CONFIG_SECTION_AGENT, slice_of("vfio_mode")),
			 CONFIG_KEY_NONE);
	assert_int_equal(config_key_find(CONFIG_SECTION_HYPERVISOR, slice_of("dbg_monitor_socket")),
			 CONFIG_HYPERVISOR_EXTRA_MONITOR_SOCKET);
	assert_int_equal(config_key_find(CONFIG_SECTION_HYPERVISOR, slice_of("Kernel")),
			 CONFIG_KEY_NONE);
	assert_int_equal(config_key_find_any_case(CONFIG_SECTION_HYPERVISOR, slice_of("Kernel")),
			 CONFIG_HYPERVISOR_KERNEL);
	assert_int_equal(
		config_key_find_annotation("io.katacontainers.config.hypervisor.default_max_vcpus"),
		CONFIG_HYPERVISOR_DEFAULT_MAXVCPUS);
	assert_int_equal(config_key_find_annotation("io.kubernetes.pod"), CONFIG_KEY_NONE);
}

static void a_misspelling_finds_its_key(void **state)
{
	static const struct {
		enum config_section section;
		const char *name, *nearest;
	} cases[] = {
		{ CONFIG_SECTION_HYPERVISOR, "defualt_vcpus", "default_vcpus" },
		{ CONFIG_SECTION_HYPERVISOR, "kernal_params", "kernel_params" },
		{ CONFIG_SECTION_HYPERVISOR, "default_max_vcpus", "default_maxvcpus" },
		{ CONFIG_SECTION_RUNTIME, "sandbox_cgroups_only", "sandbox_cgroup_only" },
		{ CONFIG_SECTION_AGENT, "dial_timout", "dial_timeout" },
		{ CONFIG_SECTION_HYPERVISOR, "", NULL },
		{ CONFIG_SECTION_HYPERVISOR, "colour_of_the_sky", NULL },
		{ CONFIG_SECTION_RUNTIME,
		  "a_name_that_is_longer_than_any_key_could_reasonably_be_and_then_some_more",
		  NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *nearest = config_key_nearest(cases[i].section, slice_of(cases[i].name));

		if (!cases[i].nearest)
			assert_null(nearest);
		else
			assert_string_equal(nearest, cases[i].nearest);
	}
}

static void defaults_depend_on_dialect_and_hypervisor(void **state)
{
	static const struct {
		enum config_key key;
		enum config_dialect dialect;
		enum config_hypervisor hypervisor;
		const char *value;
	} cases[] = {
		{ CONFIG_HYPERVISOR_DEFAULT_MEMORY, CONFIG_GO, CONFIG_QEMU, "2048" },
		{ CONFIG_HYPERVISOR_DEFAULT_MEMORY, CONFIG_RS, CONFIG_QEMU, "128" },
		{ CONFIG_HYPERVISOR_DEFAULT_MEMORY, CONFIG_RS, CONFIG_REMOTE, "64" },
		{ CONFIG_HYPERVISOR_VIRTIO_FS_CACHE, CONFIG_GO, CONFIG_QEMU, "never" },
		{ CONFIG_HYPERVISOR_VIRTIO_FS_CACHE, CONFIG_GO, CONFIG_CLH, "" },
		{ CONFIG_HYPERVISOR_PATH, CONFIG_GO, CONFIG_CLH, "/usr/bin/qemu-system-x86_64" },
		{ CONFIG_HYPERVISOR_PATH, CONFIG_RS, CONFIG_CLH, "/usr/bin/cloud-hypervisor" },
		{ CONFIG_HYPERVISOR_PATH, CONFIG_RS, CONFIG_FIRECRACKER, "" },
		{ CONFIG_HYPERVISOR_SHARED_FS, CONFIG_GO, CONFIG_QEMU, "virtio-fs" },
		{ CONFIG_HYPERVISOR_SHARED_FS, CONFIG_RS, CONFIG_QEMU, "none" },
		{ CONFIG_HYPERVISOR_NETWORK_QUEUES, CONFIG_GO, CONFIG_QEMU, "1" },
		{ CONFIG_AGENT_DIAL_TIMEOUT, CONFIG_GO, CONFIG_QEMU, "30" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(config_key_default(cases[i].key, cases[i].dialect,
						       cases[i].hypervisor),
				    cases[i].value);
	assert_string_equal(config_key_forced(CONFIG_HYPERVISOR_BLOCK_DEVICE_DRIVER, CONFIG_GO,
					      CONFIG_REMOTE),
			    "dummy");
	assert_null(
		config_key_forced(CONFIG_HYPERVISOR_BLOCK_DEVICE_DRIVER, CONFIG_GO, CONFIG_QEMU));
	assert_string_equal(config_key_bare_default(CONFIG_HYPERVISOR_JAILER_PATH),
			    "/usr/bin/jailer");
}

static void a_hypervisor_uses_its_own_keys_only(void **state)
{
	(void)state;
	assert_true(config_key_used_by(CONFIG_HYPERVISOR_MSIZE_9P, CONFIG_GO, CONFIG_QEMU));
	assert_false(config_key_used_by(CONFIG_HYPERVISOR_MSIZE_9P, CONFIG_GO, CONFIG_FIRECRACKER));
	assert_true(config_key_used_by(CONFIG_HYPERVISOR_MSIZE_9P, CONFIG_RS, CONFIG_FIRECRACKER));
	assert_true(config_key_used_by(CONFIG_RUNTIME_VFIO_MODE, CONFIG_GO, CONFIG_REMOTE));
	assert_false(
		config_key_used_by(CONFIG_HYPERVISOR_HYPERVISOR_SOCKET, CONFIG_RS, CONFIG_QEMU));
}

static void names_of_hypervisors_and_old_keys_are_known(void **state)
{
	(void)state;
	for (int i = 0; i < CONFIG_HYPERVISOR_COUNT; i++)
		assert_int_equal(config_hypervisor_find(slice_of(
					 config_hypervisor_name((enum config_hypervisor)i))),
				 i);
	assert_int_equal(config_hypervisor_find(slice_of("cloud-hypervisor")), CONFIG_CLH);
	assert_int_equal(config_hypervisor_find(slice_of("bogus")), -1);
	assert_true(config_hypervisor_known(CONFIG_STRATOVIRT, CONFIG_GO));
	assert_false(config_hypervisor_known(CONFIG_STRATOVIRT, CONFIG_RS));
	assert_string_equal(config_key_obsolete("hypervisor", slice_of("enable_swap"))->until,
			    "3.1");
	assert_non_null(config_key_obsolete("", slice_of("netmon")));
	assert_null(config_key_obsolete("hypervisor", slice_of("path")));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_complete),
		cmocka_unit_test(keys_of_one_heading_stand_together),
		cmocka_unit_test(names_and_annotations_are_unique),
		cmocka_unit_test(defaults_are_allowed_words),
		cmocka_unit_test(twins_belong_to_one_dialect_each),
		cmocka_unit_test(a_key_is_found_by_name_alias_and_any_case),
		cmocka_unit_test(a_misspelling_finds_its_key),
		cmocka_unit_test(defaults_depend_on_dialect_and_hypervisor),
		cmocka_unit_test(a_hypervisor_uses_its_own_keys_only),
		cmocka_unit_test(names_of_hypervisors_and_old_keys_are_known),
	};

	return cmocka_run_group_tests_name("config: keys", tests, NULL, NULL);
}
