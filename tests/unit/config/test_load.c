// SPDX-License-Identifier: Apache-2.0
/* Types, merging, letter case, unknown keys, tables: from files to values. */
#include "fixture.h"

#include <unistd.h>

#include "config/model.h"

static void values_come_with_file_line_and_column(void **state)
{
	_cleanup_(config_freep) struct config *config =
		examine(*state, QEMU "  default_vcpus = 3\n[runtime]\nenable_debug = true\n");
	const struct config_origin *origin;
	_cleanup_free_ char *path = path_join(*state, "configuration.toml");

	assert_int_equal(config_problem_count(config, CONFIG_NOTE), 0);
	assert_int_equal(config->dialect, CONFIG_GO);
	assert_true(config_double(config, CONFIG_HYPERVISOR_DEFAULT_VCPUS) == 3);
	origin = config_origin(config, CONFIG_HYPERVISOR_DEFAULT_VCPUS);
	assert_int_equal(origin->source, CONFIG_FROM_FILE);
	assert_string_equal(origin->path, path);
	assert_int_equal(origin->line, 6);
	assert_int_equal(origin->column, 3);
	assert_true(config_bool(config, CONFIG_RUNTIME_ENABLE_DEBUG));
	assert_false(config_is_set(config, CONFIG_HYPERVISOR_MEMORY_SLOTS));
	assert_int_equal(config_u64(config, CONFIG_HYPERVISOR_MEMORY_SLOTS), 10);
	assert_int_equal(config_origin(config, CONFIG_HYPERVISOR_MEMORY_SLOTS)->source,
			 CONFIG_FROM_DEFAULT);
}

/* What upstream says word for word is asserted to be there; line and key are ours. */
static void wrong_types_are_refused_in_the_known_words(void **state)
{
	static const struct {
		const char *line, *expected;
	} cases[] = {
		{ "path = 1", "toml: line 7 (last key \"hypervisor.qemu.path\"): incompatible "
			      "types: TOML value has "
			      "type int64; destination has type string" },
		{ "memory_slots = \"x\"",
		  "TOML value has type string; destination has type integer" },
		{ "memory_slots = 1.0",
		  "TOML value has type float64; destination has type integer" },
		{ "rootless = 1", "TOML value has type int64; destination has type boolean" },
		{ "default_vcpus = true", "TOML value has type bool; destination has type float" },
		{ "enable_annotations = \"x\"",
		  "TOML value has type string; destination has type slice" },
		{ "enable_annotations = [1]",
		  "TOML value has type int64; destination has type string" },
		{ "kernel_params = 2020-01-01",
		  "TOML value has type time.Time; destination has type string" },
		{ "memory_slots = -1",
		  "; write a whole number from 0 to 4294967295, without quotes" },
		{ "rootless = \"x\"", "; write true or false, without quotes" },
		{ "enable_annotations = 1", "; write a list such as [\"a\", \"b\"]" },
		{ "memory_slots = -1", "-1 is out of range for uint32" },
		{ "memory_slots = 4294967296", "4294967296 is out of range for uint32" },
		{ "default_maxmemory = -1", "-1 is out of range for uint64" },
		{ "default_vcpus = inf", "+Inf is out of range for float32" },
		{ "default_vcpus = -inf", "-Inf is out of range for float32" },
		{ "default_vcpus = nan", "NaN is out of range for float32" },
		{ "default_vcpus = 1e39", "1e+39 is out of range for float32" },
		{ "kernel_params = \"a\\u0000b\"", "a NUL character cannot be part of a setting" },
		{ "guest_extension_images = [1]",
		  "TOML value has type int64; destination has type table" },
		{ "factory = 1",
		  "type mismatch for katautils.factory: expected table but found int64" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = xasprintf("[hypervisor.qemu]\nkernel = \"@/kernel\"\n"
						      "image = \"@/image\"\n"
						      "virtio_fs_daemon = \"d\"\n\n\n%s\n",
						      cases[i].line);
		_cleanup_(config_freep) struct config *config = examine(*state, text);
		_cleanup_free_ char *message = verdict(config);

		assert_contains(message, cases[i].expected);
		assert_contains(message, "configuration.toml:7:");
		assert_contains(message, "hypervisor.qemu.");
	}
}

static void numbers_keep_all_their_bits(void **state)
{
	_cleanup_(config_freep) struct config *config =
		examine(*state,
			QEMU "default_vcpus = 2\nmemory_offset = 9007199254740993\n"
			     "memory_slots = 4294967295\nsnp_guest_policy = 9223372036854775807\n");

	assert_int_equal(config_problem_count(config, CONFIG_NOTE), 0);
	assert_true(config_double(config, CONFIG_HYPERVISOR_DEFAULT_VCPUS) == 2);
	assert_true(config_u64(config, CONFIG_HYPERVISOR_MEMORY_OFFSET) == 9007199254740993ULL);
	assert_true(config_u64(config, CONFIG_HYPERVISOR_MEMORY_SLOTS) == 4294967295ULL);
	assert_true(config_u64(config, CONFIG_HYPERVISOR_SNP_GUEST_POLICY) == INT64_MAX);
}

static void what_is_no_table_is_refused_where_it_always_was(void **state)
{
	static const struct {
		const char *text, *expected;
		enum config_severity severity;
	} cases[] = {
		{ "runtime = 1\n" QEMU,
		  "type mismatch for katautils.runtime: expected table but found int64",
		  CONFIG_ERROR },
		{ "[[runtime]]\n" QEMU, "type mismatch for katautils.runtime", CONFIG_ERROR },
		{ "[agent]\nenable_debug = true\n" QEMU,
		  "type mismatch for katautils.agent: expected table but found bool",
		  CONFIG_ERROR },
		{ "hypervisor.firecracker = true\n",
		  "type mismatch for katautils.hypervisor: expected table but found bool",
		  CONFIG_ERROR },
		{ "agent = \"x\"\n" QEMU, "ignored: tables such as", CONFIG_WARNING },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(config_freep) struct config *config = examine(*state, cases[i].text);
		const struct config_problem *problem = find_problem(config, cases[i].expected);

		assert_non_null(problem);
		assert_int_equal(problem->severity, cases[i].severity);
	}
}

static void drop_ins_apply_in_byte_order(void **state)
{
	_cleanup_(config_freep) struct config *config = NULL;

	write_file(*state, "config.d/10-a.toml",
		   "[hypervisor.qemu]\ndefault_vcpus = 2\n"
		   "enable_annotations = [\"b\", \"c\"]\n");
	write_file(*state, "config.d/9-b.toml", "[hypervisor.qemu]\ndefault_vcpus = 3\n");
	write_file(*state, "config.d/Z-c.toml", "runtime.enable_debug = true\n");
	write_file(*state, "config.d/a-d.toml", "runtime.enable_debug = false\n");
	config = examine(*state, QEMU "enable_annotations = [\"a\"]\ndefault_memory = 512\n");

	assert_int_equal(config_problem_count(config, CONFIG_NOTE), 0);
	assert_int_equal(config->drop_ins.count, 4);
	assert_true(config_double(config, CONFIG_HYPERVISOR_DEFAULT_VCPUS) == 3);
	assert_int_equal(config_origin(config, CONFIG_HYPERVISOR_DEFAULT_VCPUS)->source,
			 CONFIG_FROM_DROP_IN);
	assert_int_equal(config_u64(config, CONFIG_HYPERVISOR_DEFAULT_MEMORY), 512);
	assert_int_equal(config_list(config, CONFIG_HYPERVISOR_ENABLE_ANNOTATIONS)->count, 2);
	/* An explicit false is a value. */
	assert_false(config_bool(config, CONFIG_RUNTIME_ENABLE_DEBUG));
	assert_true(config_is_set(config, CONFIG_RUNTIME_ENABLE_DEBUG));
	remove_file(*state, "config.d");
}

static void lists_are_replaced_never_merged(void **state)
{
	_cleanup_(config_freep) struct config *config = NULL;

	write_file(*state, "config.d/1.toml",
		   "[hypervisor.qemu]\nenable_annotations = []\n"
		   "[[hypervisor.qemu.guest_extension_images]]\nname = \"coco\"\npath = \"/c\"\n");
	config = examine(*state,
			 QEMU "enable_annotations = [\"a\"]\n"
			      "[[hypervisor.qemu.guest_extension_images]]\nname = \"one\"\n"
			      "[[hypervisor.qemu.guest_extension_images]]\nname = \"two\"\n");

	assert_int_equal(config_problem_count(config, CONFIG_NOTE), 0);
	assert_int_equal(config_list(config, CONFIG_HYPERVISOR_ENABLE_ANNOTATIONS)->count, 0);
	assert_int_equal(config->extension_image_count, 1);
	assert_string_equal(config->extension_images[0].name, "coco");
	assert_string_equal(config->extension_images[0].path, "/c");
	assert_string_equal(config->extension_images[0].verity_params, "");
	remove_file(*state, "config.d");
}

static void dotted_inline_and_quoted_keys_are_the_same(void **state)
{
	_cleanup_(config_freep) struct config *config = NULL;

	write_file(*state, "config.d/1.toml", "hypervisor.qemu.default_vcpus = 2\n");
	write_file(*state, "config.d/2.toml", "hypervisor = { qemu = { memory_slots = 4 } }\n");
	write_file(*state, "config.d/3.toml", "\"hypervisor\".\"qemu\".\"default_bridges\" = 3\n");
	config = examine(*state, QEMU);
	assert_int_equal(config_problem_count(config, CONFIG_NOTE), 0);
	assert_true(config_double(config, CONFIG_HYPERVISOR_DEFAULT_VCPUS) == 2);
	assert_int_equal(config_u64(config, CONFIG_HYPERVISOR_MEMORY_SLOTS), 4);
	assert_int_equal(config_u64(config, CONFIG_HYPERVISOR_DEFAULT_BRIDGES), 3);
	remove_file(*state, "config.d");
}

/* One drop-in, its effect: the error it causes ("" for none), and a problem to be found (or NULL). */
static void drop_ins_are_judged_as_they_always_were(void **state)
{
	static const struct {
		const char *name, *text, *error, *problem;
	} cases[] = {
		{ "1.toml", "[hypervisor.qemu]\nnosuch = 1\n",
		  "error applying key 'hypervisor.qemu.nosuch' from drop-in file "
		  "\"@/config.d/1.toml\": error getting key \"nosuch\" from a decoded drop-in conf "
		  "file: key \"nosuch\" not found",
		  NULL },
		{ "1.toml", "[agent.kata]\ndail_timeout = 1\n",
		  "error applying key 'agent.kata.dail_timeout' from drop-in file", NULL },
		{ "1.toml", "[hypervisor.qemu]\nPath = \"/x\"\n", "key \"Path\" not found", NULL },
		{ "1.toml", "[hypervisor.qemu]\nenable_swap = true\n",
		  "key \"enable_swap\" not found", NULL },
		{ "1.toml", "[hypervisor.qemu.factory]\nnosuch = true\n",
		  "key \"nosuch\" not found", NULL },
		{ "1.toml", "[runtime]\nnosuch = 1\n", "",
		  "undecoded keys in \"@/config.d/1.toml\": [runtime.nosuch]" },
		{ "1.toml", "[netmon]\nenable = 1\n", "",
		  "undecoded keys in \"@/config.d/1.toml\": [netmon]" },
		{ "1.toml", "[Hypervisor.qemu]\npath = \"/x\"\n", "", "[Hypervisor]" },
		{ "1.toml", "[RUNTIME]\nEnable_Debug = true\n", "", NULL },
		{ "1.toml", "[hypervisor.clh]\n", "", NULL },
		{ "1.toml", "", "", NULL },
		{ "1.toml", "[hypervisor.qemu]\nseccomp_sandbox = \"on\"\n", "", NULL },
		{ "1.toml", "[hypervisor.qemu]\npath = 1\n",
		  "error decoding file \"@/config.d/1.toml\": toml: line 2 (last key "
		  "\"hypervisor.qemu.path\"): incompatible types",
		  NULL },
		{ "1.toml", "a = \n",
		  "error decoding file \"@/config.d/1.toml\": toml: line 1: ", NULL },
		{ "README", "[runtime]\nenable_debug = true\n", "",
		  "applied although its name does not end in .toml" },
		{ "README", "Please read me.\n",
		  "error decoding file \"@/config.d/README\": toml: line 1", NULL },
		{ "sub.d/x", "",
		  "error reading file \"@/config.d/sub.d\": read @/config.d/sub.d: is a directory",
		  NULL },
		{ "..data/x.toml", "a = \n", "", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *name = path_join("config.d", cases[i].name);
		_cleanup_free_ char *error = in_directory(*state, cases[i].error);
		_cleanup_free_ char *message = NULL;
		_cleanup_(config_freep) struct config *config = NULL;

		write_file(*state, name, cases[i].text);
		config = examine(*state, QEMU);
		message = verdict(config);
		if (*error == '\0')
			assert_string_equal(message, "");
		assert_contains(message, error);
		if (cases[i].problem) {
			_cleanup_free_ char *problem = in_directory(*state, cases[i].problem);

			assert_non_null(find_problem(config, problem));
		} else if (*error == '\0') {
			assert_int_equal(config_problem_count(config, CONFIG_NOTE), 0);
		}
		remove_file(*state, "config.d");
	}
}

static void runtime_and_factory_ignore_case_in_drop_ins(void **state)
{
	_cleanup_(config_freep) struct config *config = NULL;

	write_file(*state, "config.d/1.toml", "[RUNTIME]\nGuest_Selinux_Label = \"l\"\n");
	config = examine(*state, QEMU);
	assert_string_equal(config_string(config, CONFIG_RUNTIME_GUEST_SELINUX_LABEL), "l");
	assert_string_equal(config_string(config, CONFIG_HYPERVISOR_SELINUX_LABEL), "l");
	remove_file(*state, "config.d");
}

static void special_files_among_drop_ins_never_block(void **state)
{
	_cleanup_free_ char *fifo = path_join(*state, "config.d/fifo");
	_cleanup_free_ char *toml_fifo = path_join(*state, "config.d/fifo.toml");
	_cleanup_free_ char *masked = path_join(*state, "config.d/10-masked.toml");
	_cleanup_free_ char *dangling = path_join(*state, "config.d/.#lock");
	_cleanup_free_ char *linked = path_join(*state, "config.d/20-linked.toml");
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_(config_freep) struct config *broken = NULL;
	_cleanup_free_ char *message = NULL;

	write_file(*state, "elsewhere/real", "[hypervisor.qemu]\nmemory_slots = 7\n");
	write_file(*state, "config.d/1.toml", "");
	assert_int_equal(mkfifo(fifo, 0644), 0);
	assert_int_equal(symlink("/dev/null", masked), 0);
	assert_int_equal(symlink("nobody@host:1234", dangling), 0);
	assert_int_equal(symlink("../elsewhere/real", linked), 0);

	config = examine(*state, QEMU);
	message = verdict(config);
	assert_string_equal(message, "");
	assert_int_equal(config_u64(config, CONFIG_HYPERVISOR_MEMORY_SLOTS), 7);
	assert_non_null(find_problem(config, "it is a FIFO"));
	assert_non_null(find_problem(config, ".#lock: no such file or directory"));
	assert_int_equal(config_problem_count(config, CONFIG_WARNING), 2);

	assert_int_equal(mkfifo(toml_fifo, 0644), 0);
	broken = examine(*state, QEMU);
	free(message);
	message = verdict(broken);
	assert_contains(message, "error reading file");
	assert_contains(message, "it is a FIFO");
	remove_file(*state, "config.d");
}

static void a_drop_in_directory_that_is_none_is_an_error(void **state)
{
	_cleanup_free_ char *link = path_join(*state, "config.d");
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_free_ char *message = NULL;
	_cleanup_free_ char *expected =
		in_directory(*state, "error reading \"@/config.d\" directory: open @/config.d: ");

	write_file(*state, "config.d", "");
	config = examine(*state, QEMU);
	message = verdict(config);
	assert_contains(message, expected);
	assert_contains(message, "not a directory");
	config_free(config);
	free(message);

	remove_file(*state, "config.d");
	assert_int_equal(symlink("config.d", link), 0);
	config = examine(*state, QEMU);
	message = verdict(config);
	assert_contains(message, "too many levels of symbolic links");
	config_free(config);
	free(message);

	remove_file(*state, "config.d");
	assert_int_equal(symlink("nowhere", link), 0);
	config = examine(*state, QEMU);
	message = verdict(config);
	assert_string_equal(message, "");
	remove_file(*state, "config.d");
}

static void letter_case_does_not_matter_in_a_main_file(void **state)
{
	_cleanup_(config_freep) struct config *config =
		examine(*state, "[Hypervisor.qemu]\nPATH = \"@/vmm\"\nKernel = \"@/kernel\"\n"
				"image = \"@/image\"\nvirtio_fs_daemon = \"d\"\n"
				"[Runtime]\nVFIO_mode = \"vfio\"\n");
	_cleanup_free_ char *kernel = path_join(*state, "kernel");

	assert_int_equal(config_problem_count(config, CONFIG_NOTE), 0);
	assert_string_equal(config_string(config, CONFIG_HYPERVISOR_KERNEL), kernel);
	assert_string_equal(config_string(config, CONFIG_RUNTIME_VFIO_MODE), "vfio");
}

static void two_spellings_of_a_key_name_both_lines(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ QEMU "KERNEL = \"@/kernel\"\n", "`kernel` in line 3 and `KERNEL` in line 6" },
		{ QEMU "extra_monitor_socket = \"hmp\"\ndbg_monitor_socket = \"qmp\"\n",
		  "duplicate field: `extra_monitor_socket` in line 6 and `dbg_monitor_socket` in "
		  "line 7" },
		{ QEMU "[runtime]\nvfio_mode = \"vfio\"\n[Runtime]\nvfio_mode = \"guest-kernel\"\n",
		  "`vfio_mode` in line 7 and `vfio_mode` in line 9" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(config_freep) struct config *config = examine(*state, cases[i].text);
		_cleanup_free_ char *message = verdict(config);

		assert_contains(message, cases[i].expected);
	}
}

static void unknown_keys_of_a_main_file_are_warnings(void **state)
{
	static const struct {
		const char *text, *id, *message, *suggestion;
		unsigned line;
	} cases[] = {
		{ QEMU "defualt_vcpus = 1\n", "unknown-key",
		  "unknown key hypervisor.qemu.defualt_vcpus", "did you mean default_vcpus?", 6 },
		{ QEMU "enable_swap = true\n", "obsolete-key", "hypervisor.qemu.enable_swap",
		  "obsolete: it has had no effect since release 3.1", 6 },
		{ QEMU "vfio_mode = \"vfio\"\n", "unknown-key", "hypervisor.qemu.vfio_mode",
		  "it belongs to [runtime]", 6 },
		{ QEMU "[netmon]\nx = 1\n", "obsolete-key", "unknown table [netmon]", "obsolete",
		  6 },
		{ QEMU "[runtimes]\nx = 1\n", "unknown-key", "unknown table [runtimes]",
		  "did you mean runtime?", 6 },
		{ QEMU "[agent.kata]\ncdh_api_timout = 1\n", "unknown-key",
		  "agent.kata.cdh_api_timout", "did you mean cdh_api_timeout?", 7 },
		{ QEMU "[agent.kata.mem_agent]\nmemcg_swop = 1\n", "unknown-key",
		  "agent.kata.mem_agent.memcg_swop", "did you mean memcg_swap?", 7 },
		{ QEMU "[[hypervisor.qemu.guest_extension_images]]\nname = \"a\"\nverity = \"\"\n",
		  "unknown-key", "hypervisor.qemu.guest_extension_images.verity", NULL, 8 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(config_freep) struct config *config = examine(*state, cases[i].text);
		const struct config_problem *problem = find_problem(config, cases[i].message);

		assert_non_null(problem);
		assert_int_equal(config_problem_count(config, CONFIG_NOTE), 1);
		assert_int_equal(problem->severity, CONFIG_WARNING);
		assert_string_equal(problem->id, cases[i].id);
		assert_int_equal(problem->line, cases[i].line);
		if (cases[i].suggestion)
			assert_contains(problem->suggestion, cases[i].suggestion);
	}
}

static void all_problems_are_found_at_once(void **state)
{
	_cleanup_(config_freep) struct config *config =
		examine(*state,
			"[hypervisor.qemu]\npath = 1\nkernel = \"/nope\"\nimage = \"@/image\"\n"
			"block_device_driver = \"virtio-scisi\"\nmemory_slots = -1\n"
			"unknown = 1\n[runtime]\nvfio_mode = \"x\"\n");
	_cleanup_free_ char *message = verdict(config);

	/* Wrong types come first, as they always did. */
	assert_contains(message, "toml: line 2");
	assert_non_null(find_problem(config, "-1 is out of range"));
	assert_non_null(find_problem(config, "unknown key hypervisor.qemu.unknown"));
	assert_non_null(find_problem(config, "file /nope does not exist"));
	assert_non_null(find_problem(config, "Unknown VFIO mode x"));
	assert_non_null(find_problem(config, "cannot enable virtio-fs without daemon path"));
	assert_string_equal(find_problem(config, "storage driver virtio-scisi")->suggestion,
			    "did you mean virtio-scsi?");
	/* What could be read is there. */
	assert_string_equal(config_string(config, CONFIG_HYPERVISOR_KERNEL), "/nope");
}

static void one_of_two_hypervisor_tables_is_chosen_with_a_warning(void **state)
{
	static const struct {
		const char *text, *drop_in;
		enum config_hypervisor chosen;
		const char *warning;
	} cases[] = {
		{ "[hypervisor.clh]\npath = \"/x\"\n" QEMU, NULL, CONFIG_QEMU,
		  "[hypervisor.clh] (@/configuration.toml:1) is not used: [hypervisor.qemu] "
		  "(@/configuration.toml:3) is" },
		{ QEMU "[hypervisor.remote]\n", NULL, CONFIG_REMOTE, "[hypervisor.qemu]" },
		{ QEMU, "[hypervisor.remote]\ndefault_bridges = 1\n", CONFIG_REMOTE,
		  "[hypervisor.remote] (@/config.d/1.toml:1) is" },
		{ RUNTIME_RS "[hypervisor.clh]\n", NULL, CONFIG_QEMU, "[hypervisor.clh]" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *warning = in_directory(*state, cases[i].warning);
		_cleanup_(config_freep) struct config *config = NULL;
		_cleanup_free_ char *message = NULL;

		if (cases[i].drop_in)
			write_file(*state, "config.d/1.toml", cases[i].drop_in);
		config = examine(*state, cases[i].text);
		message = verdict(config);
		assert_string_equal(message, "");
		assert_int_equal(config->hypervisor, cases[i].chosen);
		assert_non_null(find_problem(config, warning));
		remove_file(*state, "config.d");
	}
}

static void tables_of_unknown_hypervisors_are_refused(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "[hypervisor.bogus]\n", "@/configuration.toml: configuration file contains "
					  "invalid hypervisor section: \"bogus\"" },
		{ "[hypervisor.openvmm]\n", "invalid hypervisor section: \"openvmm\"" },
		{ RUNTIME_RS "[hypervisor.stratovirt]\n",
		  "Can not find plugin for hypervisor stratovirt" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(config_freep) struct config *config = examine(*state, cases[i].text);
		_cleanup_free_ char *expected = in_directory(*state, cases[i].expected);
		_cleanup_free_ char *message = verdict(config);

		assert_contains(message, expected);
	}
}

static void the_old_table_name_of_clh_still_works(void **state)
{
	_cleanup_(config_freep) struct config *config =
		examine(*state,
			"[hypervisor.cloud-hypervisor]\npath = \"@/vmm\"\nkernel = \"@/kernel\"\n"
			"image = \"@/image\"\nvirtio_fs_daemon = \"d\"\n");

	assert_int_equal(config_problem_count(config, CONFIG_NOTE), 0);
	assert_int_equal(config->hypervisor, CONFIG_CLH);
}

static void the_dialect_follows_hypervisor_name(void **state)
{
	_cleanup_(config_freep) struct config *config =
		examine(*state, RUNTIME_RS "[hypervisor.qemu.factory]\nenable_template = true\n");

	assert_int_equal(config_problem_count(config, CONFIG_NOTE), 0);
	assert_int_equal(config->dialect, CONFIG_RS);
	assert_string_equal(config_string(config, CONFIG_HYPERVISOR_SHARED_FS), "none");
	assert_true(config_bool(config, CONFIG_HYPERVISOR_DISABLE_GUEST_SELINUX));
	assert_int_equal(config_u64(config, CONFIG_HYPERVISOR_DEFAULT_MEMORY), 128);
	assert_true(config_bool(config, CONFIG_FACTORY_ENABLE_TEMPLATE));
}

static void a_later_file_repairs_a_type_in_runtime_rs_only(void **state)
{
	_cleanup_(config_freep) struct config *rs = NULL;
	_cleanup_(config_freep) struct config *go = NULL;

	write_file(*state, "config.d/1.toml", "[hypervisor.qemu]\nmemory_slots = 3\n");
	rs = examine(*state, RUNTIME_RS "memory_slots = \"x\"\n");
	assert_int_equal(config_problem_count(rs, CONFIG_ERROR), 0);
	assert_int_equal(config_u64(rs, CONFIG_HYPERVISOR_MEMORY_SLOTS), 3);
	go = examine(*state, QEMU "memory_slots = \"x\"\n");
	assert_int_equal(config_problem_count(go, CONFIG_ERROR), 1);
	remove_file(*state, "config.d");
}

static void both_names_of_a_setting_have_one_value(void **state)
{
	_cleanup_(config_freep) struct config *go =
		examine(*state, QEMU "seccomp_sandbox = \"on\"\nlog_level = \"debug\"\n"
				     "[agent.kata]\ndial_timeout = 45\ncdh_api_timeout_ms = 1500\n"
				     "[runtime]\nexperimental = [\"force_guest_pull\"]\n");
	_cleanup_(config_freep) struct config *rs =
		examine(*state, RUNTIME_RS "seccompsandbox = \"off\"\nhypervisor_loglevel = 3\n"
					   "[factory]\ntemplate_path = \"/t\"\n");
	const struct config_origin *origin;

	assert_string_equal(config_string(go, CONFIG_HYPERVISOR_SECCOMPSANDBOX), "on");
	assert_int_equal(config_u64(go, CONFIG_AGENT_RECONNECT_TIMEOUT_MS), 45000);
	assert_int_equal(config_u64(go, CONFIG_AGENT_CDH_API_TIMEOUT), 2);
	assert_int_equal(config_u64(go, CONFIG_AGENT_CDH_API_TIMEOUT_MS), 1500);
	assert_int_equal(config_u64(go, CONFIG_HYPERVISOR_HYPERVISOR_LOGLEVEL), 2);
	assert_int_equal(config_u64(go, CONFIG_AGENT_CREATE_CONTAINER_TIMEOUT), 60);
	assert_true(config_bool(go, CONFIG_RUNTIME_EXPERIMENTAL_FORCE_GUEST_PULL));
	origin = config_origin(go, CONFIG_HYPERVISOR_SECCOMPSANDBOX);
	assert_int_equal(origin->written_as, CONFIG_HYPERVISOR_SECCOMP_SANDBOX);
	assert_int_equal(origin->line, 6);

	assert_string_equal(config_string(rs, CONFIG_HYPERVISOR_SECCOMP_SANDBOX), "off");
	assert_string_equal(config_string(rs, CONFIG_HYPERVISOR_LOG_LEVEL), "trace");
	assert_string_equal(config_string(rs, CONFIG_TEMPLATE_TEMPLATE_PATH), "/t");
	assert_int_equal(config_u64(rs, CONFIG_AGENT_DIAL_TIMEOUT), 3);
	assert_int_equal(config_u64(rs, CONFIG_RUNTIME_CREATE_CONTAINER_TIMEOUT), 30);
}

static void a_drop_in_by_the_other_name_wins_over_the_main_file(void **state)
{
	_cleanup_(config_freep) struct config *config = NULL;

	write_file(*state, "config.d/1.toml", "[hypervisor.qemu]\nseccomp_sandbox = \"new\"\n");
	config = examine(*state, QEMU "seccompsandbox = \"old\"\n");
	assert_string_equal(config_string(config, CONFIG_HYPERVISOR_SECCOMPSANDBOX), "new");
	assert_string_equal(config_string(config, CONFIG_HYPERVISOR_SECCOMP_SANDBOX), "new");
	/* Linking again, as annotations do, changes nothing. */
	config_link_twins(config);
	assert_string_equal(config_string(config, CONFIG_HYPERVISOR_SECCOMPSANDBOX), "new");
	remove_file(*state, "config.d");
}

static void hopeless_files_get_one_clear_line(void **state)
{
	static const struct {
		const char *text;
		size_t size;
		const char *expected;
	} cases[] = {
		{ "\xFF\xFE", 2, "UTF-8" },
		{ "a = 1\nb = \"\xC0\"\n", 13, "toml: line 2" },
		{ "[hypervisor.qemu\n", 17, "toml: line 1" },
		{ "a = 1\na = 2\n", 12, "toml: line 2" },
	};
	_cleanup_free_ char *path = path_join(*state, "configuration.toml");

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_error_ struct error *err = NULL;
		_cleanup_(config_freep) struct config *config = NULL;
		_cleanup_free_ char *message = NULL;

		assert_ok(file_replace(path, cases[i].text, cases[i].size, 0644, &err), err);
		config = config_examine(
			&(struct config_options){ .path = path, .host = small_host(*state) });
		message = verdict(config);
		assert_contains(message, cases[i].expected);
		assert_contains(message, "configuration.toml");
		assert_null(strchr(message, '\n'));
		assert_int_equal(config_problem_count(config, CONFIG_NOTE), 1);
	}
}

static void a_huge_file_is_refused_unread(void **state)
{
	_cleanup_free_ char *path = path_join(*state, "huge.toml");
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_free_ char *message = NULL;

	write_sparse(*state, "huge.toml", 100 << 20);
	config = config_examine(
		&(struct config_options){ .path = path, .host = small_host(*state) });
	message = verdict(config);
	assert_contains(message, "larger than the limit of 16777216 bytes");
}

static void many_tables_and_keys_are_bounded(void **state)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	_cleanup_(config_freep) struct config *config = NULL;

	for (int i = 0; i < 5000; i++)
		strbuf_printf(&text, "[hypervisor.h%d]\npath = \"/x\"\nunknown%d = 1\n", i, i);
	config = examine(*state, text.data);
	assert_non_null(find_problem(config, "invalid hypervisor section"));
	assert_true(config->problem_count <= 1000);
}

static void terminal_escapes_in_keys_are_defused(void **state)
{
	_cleanup_(config_freep) struct config *config =
		examine(*state, QEMU "\"\\u001b[31m\" = 1\n");
	_cleanup_free_ char *text = config_problem_text(&config->problems[0]);

	assert_null(strchr(text, '\x1b'));
	assert_contains(text, "\\x1b[31m");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_come_with_file_line_and_column),
		cmocka_unit_test(wrong_types_are_refused_in_the_known_words),
		cmocka_unit_test(numbers_keep_all_their_bits),
		cmocka_unit_test(what_is_no_table_is_refused_where_it_always_was),
		cmocka_unit_test(drop_ins_apply_in_byte_order),
		cmocka_unit_test(lists_are_replaced_never_merged),
		cmocka_unit_test(dotted_inline_and_quoted_keys_are_the_same),
		cmocka_unit_test(drop_ins_are_judged_as_they_always_were),
		cmocka_unit_test(runtime_and_factory_ignore_case_in_drop_ins),
		cmocka_unit_test(special_files_among_drop_ins_never_block),
		cmocka_unit_test(a_drop_in_directory_that_is_none_is_an_error),
		cmocka_unit_test(letter_case_does_not_matter_in_a_main_file),
		cmocka_unit_test(two_spellings_of_a_key_name_both_lines),
		cmocka_unit_test(unknown_keys_of_a_main_file_are_warnings),
		cmocka_unit_test(all_problems_are_found_at_once),
		cmocka_unit_test(one_of_two_hypervisor_tables_is_chosen_with_a_warning),
		cmocka_unit_test(tables_of_unknown_hypervisors_are_refused),
		cmocka_unit_test(the_old_table_name_of_clh_still_works),
		cmocka_unit_test(the_dialect_follows_hypervisor_name),
		cmocka_unit_test(a_later_file_repairs_a_type_in_runtime_rs_only),
		cmocka_unit_test(both_names_of_a_setting_have_one_value),
		cmocka_unit_test(a_drop_in_by_the_other_name_wins_over_the_main_file),
		cmocka_unit_test(hopeless_files_get_one_clear_line),
		cmocka_unit_test(a_huge_file_is_refused_unread),
		cmocka_unit_test(many_tables_and_keys_are_bounded),
		cmocka_unit_test(terminal_escapes_in_keys_are_defused),
	};

	return cmocka_run_group_tests_name("config: load", tests, make_fixture, remove_directory);
}
