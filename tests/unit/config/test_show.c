// SPDX-License-Identifier: Apache-2.0
/* What `config` prints: the effective configuration, problems, differences, keys. */
#include "fixture.h"

#include "base/json_syntax.h"
#include "config/model.h"
#include "config/reference.h"
#include "config/show.h"

/* Full of values that are hard to write down. */
#define RICH                                                                                       \
	"default_vcpus = 2.5\nkernel_params = 'a=\"b c\" \\d'\nmemory_offset = 9007199254740993\n" \
	"enable_annotations = [\"^a\\\\.b$\", \"c,d\"]\n"                                          \
	"[[hypervisor.qemu.guest_extension_images]]\nname = \"coco\"\npath = \"@/image\"\n"        \
	"[[hypervisor.qemu.guest_extension_images]]\nname = \"gpu\"\npath = \"@/image\"\n"

static void assert_same_values(const struct config *a, const struct config *b)
{
	for (int i = CONFIG_KEY_NONE + 1; i < CONFIG_KEY_COUNT; i++) {
		enum config_key key = (enum config_key)i;
		_cleanup_free_ char *one = config_value_toml(a, key);
		_cleanup_free_ char *two = config_value_toml(b, key);

		if (strcmp(one, two) != 0)
			fail_msg("%s: %s is not %s", config_key_info(key)->name, one, two);
	}
}

static void what_is_shown_loads_to_the_same_values(void **state)
{
	static const char *const texts[] = {
		QEMU,
		QEMU RICH,
		QEMU "snp_guest_policy = 3\nseccomp_sandbox = \"on\"\nnetwork_queues = 4\n"
		     "[agent.kata]\nreconnect_timeout_ms = 1500\n",
		RUNTIME_RS RICH,
		RUNTIME_RS
		"disable_nested_virtualization = true\nselinux_label = \"l\"\n"
		"[hypervisor.qemu.rootless_user]\nuid = 7\ngroups = [1, 2]\n"
		"[agent.kata.mem_agent]\nmem_agent_enable = true\ncompact_order = 9\n"
		"[[runtime.shared_mounts]]\nname = \"m\"\nsrc_ctr = \"a\"\nsrc_path = \"/a\"\n"
		"dst_ctr = \"b\"\ndst_path = \"/b\"\n",
		"[hypervisor.remote]\n[agent.\"o. k\"]\nenable_debug = true\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_(config_freep) struct config *config = examine(*state, texts[i]);
		_cleanup_(config_freep) struct config *again = NULL;
		_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

		assert_int_equal(config_problem_count(config, CONFIG_WARNING), 0);
		config_show_toml(config, i % 2, &text);
		again = examine(*state, text.data);
		assert_int_equal(config_problem_count(again, CONFIG_WARNING), 0);
		assert_int_equal(again->dialect, config->dialect);
		assert_string_equal(again->agent_name, config->agent_name);
		assert_same_values(config, again);
	}
}

static void a_secret_is_not_shown(void **state)
{
	_cleanup_(config_freep) struct config *config = NULL, *other = NULL, *again = NULL;
	_cleanup_strbuf_ struct strbuf toml = STRBUF_INIT, json = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf difference = STRBUF_INIT;
	static const char note[] = "\njaeger_password = \"***\"                         # ";

	config = examine(*state, QEMU "[runtime]\njaeger_password = \"hunter2\"\n");
	config_show_toml(config, false, &toml);
	assert_contains(toml.data, note);
	assert_contains(toml.data, "# a secret, not shown\n");
	config_show_toml(config, true, &toml);
	assert_contains(toml.data, "/configuration.toml:7; a secret, not shown\n");
	config_show_json(config, false, &json);
	config_show_json(config, true, &json);
	assert_contains(json.data, "\"jaeger_password\": \"***\"");
	assert_contains(json.data, "\"note\": \"a secret, not shown\"");

	/* That it differs is no secret. */
	other = examine(*state, QEMU "[runtime]\njaeger_password = \"hunter3\"\n");
	assert_int_equal(config_show_difference(config, other, &difference), 1);
	assert_contains(difference.data, "-jaeger_password = \"***\"\n+jaeger_password = \"***\"");
	assert_null(strstr(toml.data, "hunter"));
	assert_null(strstr(json.data, "hunter"));
	assert_null(strstr(difference.data, "hunter"));

	strbuf_truncate(&toml, 0);
	config_show_toml(config, false, &toml);
	again = examine(*state, toml.data);
	assert_int_equal(config_problem_count(again, CONFIG_WARNING), 0);

	/* No password is none. */
	strbuf_truncate(&toml, 0);
	config_freep(&again);
	again = examine(*state, QEMU);
	config_show_toml(again, false, &toml);
	assert_contains(toml.data, "\njaeger_password = \"\"\n");
}

static void each_line_says_where_its_value_comes_from(void **state)
{
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	static const char *const lines[] = {
		"# @/configuration.toml\n# + @/config.d/1.toml\n# dialect: go\n",
		"\ndefault_vcpus = 2.0                             # @/config.d/1.toml:2\n",
		"\nmemory_slots = 10                               # default\n",
		"\npcie_root_port = 16                             # @/configuration.toml:6; "
		"adjusted from "
		"99: the most there can be\n",
	};

	write_file(*state, "config.d/1.toml", "[hypervisor.qemu]\ndefault_vcpus = 2\n");
	config = examine(*state, QEMU "pcie_root_port = 99\n");
	config_show_toml(config, true, &text);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		_cleanup_free_ char *line = in_directory(*state, lines[i]);

		assert_contains(text.data, line);
	}
	/* Keys that this hypervisor or dialect does not have are no part of it. */
	assert_null(strstr(text.data, "jailer_path"));
	assert_null(strstr(text.data, "overhead_memory"));
	remove_file(*state, "config.d");
}

static void a_file_name_cannot_break_out_of_its_comment(void **state)
{
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_(config_freep) struct config *again = NULL;
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	write_file(*state, "config.d/1\n[x.toml", "[runtime]\nenable_debug = true\n");
	config = examine(*state, QEMU);
	config_show_toml(config, true, &text);
	remove_file(*state, "config.d");
	again = examine(*state, text.data);
	assert_int_equal(config_problem_count(again, CONFIG_WARNING), 0);
}

static void json_is_json_with_all_bits(void **state)
{
	_cleanup_(config_freep) struct config *config = examine(*state, QEMU RICH);

	for (int origin = 0; origin < 2; origin++) {
		_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
		struct error *err = NULL;

		config_show_json(config, origin, &text);
		assert_ok(json_check(strbuf_view(&text), &err), err);
		assert_contains(text.data, "9007199254740993");
		assert_contains(text.data, "\"a=\\\"b c\\\" \\\\d\"");
		if (origin) {
			assert_contains(text.data, "\"key\": \"hypervisor.qemu.default_vcpus\"");
			assert_contains(text.data, "\"source\": \"file\"");
		} else {
			assert_contains(text.data, "\"default_vcpus\": 2.5,");
		}
	}
}

static void problems_are_listed_and_counted(void **state)
{
	_cleanup_(config_freep) struct config *config =
		examine(*state, QEMU "memory_slots = -1\nunknown = 1\npcie_root_port = 99\n");
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf json = STRBUF_INIT;
	_cleanup_free_ char *last =
		in_directory(*state, "@/configuration.toml: 1 error, 1 warning\n");
	struct error *err = NULL;

	config_show_problems(config, CONFIG_WARNING, &text);
	assert_contains(text.data, "configuration.toml:6:16: error: ");
	assert_contains(text.data, "configuration.toml:7:1: warning: unknown key");
	assert_null(strstr(text.data, "note:"));
	assert_true(slice_ends_with(strbuf_view(&text), last));
	config_show_problems_json(config, CONFIG_NOTE, &json);
	assert_ok(json_check(strbuf_view(&json), &err), err);
	assert_contains(json.data, "\"severity\": \"note\"");
	assert_contains(json.data, "\"errors\": 1,");
}

static void a_configuration_differs_from_the_shipped_one(void **state)
{
	_cleanup_free_ char *shipped_directory = path_join(*state, "shipped");
	_cleanup_free_ char *expected = in_directory(
		*state, "[hypervisor.qemu]\n"
			"-default_vcpus = 1.0\n"
			"+default_vcpus = 3.0                            # @/config.d/1.toml:2\n"
			"\n[runtime]\n"
			"-enable_debug = true\n"
			"+enable_debug = false                           # default\n");
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_(config_freep) struct config *reference = NULL;
	_cleanup_(config_freep) struct config *builtin = NULL;
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	write_file(*state, "shipped/configuration-qemu.toml",
		   QEMU "[runtime]\nenable_debug = true\n");
	/* Drop-ins beside the shipped file are somebody's, not shipped. */
	write_file(*state, "shipped/config.d/1.toml", "[hypervisor.qemu]\ndefault_vcpus = 8\n");
	write_file(*state, "config.d/1.toml", "[hypervisor.qemu]\ndefault_vcpus = 3\n");
	config = examine(*state, QEMU);
	reference = config_reference(config, shipped_directory);
	assert_non_null(reference->path);
	assert_int_equal(config_show_difference(reference, config, &text), 2);
	assert_string_equal(text.data, expected);

	builtin = config_reference(config, "/nonexistent");
	assert_null(builtin->path);
	strbuf_truncate(&text, 0);
	/* path, kernel, image, virtio_fs_daemon and default_vcpus */
	assert_int_equal(config_show_difference(builtin, config, &text), 5);
	strbuf_truncate(&text, 0);
	assert_int_equal(config_show_difference(config, config, &text), 0);
	assert_string_equal(text.data, "");
	remove_file(*state, "config.d");
	remove_file(*state, "shipped");
}

static void keys_are_listed_with_all_there_is_to_know(void **state)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf json = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf none = STRBUF_INIT;
	struct error *err = NULL;

	(void)state;
	config_show_keys("default_memory", &text);
	assert_string_equal(
		text.data,
		"hypervisor.NAME.default_memory\n"
		"    Memory at start.\n"
		"    type         u32, MiB\n"
		"    default      2048 (go), 128 (runtime-rs)\n"
		"    used by      qemu, clh, firecracker, stratovirt, dragonball, remote, openvmm\n"
		"    dialect      go, runtime-rs\n"
		"    annotation   io.katacontainers.config.hypervisor.default_memory\n");
	config_show_keys("no such key", &none);
	assert_string_equal(none.data, "");
	config_show_keys_json("", &json);
	assert_ok(json_check(strbuf_view(&json), &err), err);
	for (int i = CONFIG_KEY_NONE + 1; i < CONFIG_KEY_COUNT; i++)
		assert_contains(json.data, config_key_info((enum config_key)i)->name);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_shown_loads_to_the_same_values),
		cmocka_unit_test(a_secret_is_not_shown),
		cmocka_unit_test(each_line_says_where_its_value_comes_from),
		cmocka_unit_test(a_file_name_cannot_break_out_of_its_comment),
		cmocka_unit_test(json_is_json_with_all_bits),
		cmocka_unit_test(problems_are_listed_and_counted),
		cmocka_unit_test(a_configuration_differs_from_the_shipped_one),
		cmocka_unit_test(keys_are_listed_with_all_there_is_to_know),
	};

	return cmocka_run_group_tests_name("config: show", tests, make_fixture, remove_directory);
}
