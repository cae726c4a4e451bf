// SPDX-License-Identifier: Apache-2.0
/* Who may use which annotation: the gate, its regular expressions, and the path lists (spec/config.md 5.1). */
#include "annotation_fixture.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "config/path_patterns.h"
#include "config/re2.h"

/* --- regular expressions ---------------------------------------------------------------------------- */

static const struct search {
	const char *pattern, *text;
	bool found;
} searches[] = {
	/* unanchored */
	{ "path", "jailer_path", true },
	{ "kernel", "kernel_verity_params", true },
	{ "", "anything", true },
	{ "^path$", "jailer_path", false },
	{ "^path$", "path", true },
	{ "path$", "path\n", false },
	{ "\\Apath\\z", "path", true },
	/* what POSIX expressions do not have */
	{ "\\d", "msize_9p", true },
	{ "\\D9\\D", "msize_9p", true },
	{ "(?i)KERNEL", "kernel", true },
	{ "(?i:K)ernel", "kernel", true },
	{ "(?i:k)ERNEL", "kernel", false },
	{ "^k.*?l$", "kernel", true },
	{ "\\pL+_\\p{Ll}", "enable_iommu", true },
	{ "\\p{Greek}", "\xce\xb1", true },
	{ "\\p{Greek}", "a", false },
	{ "[[:alpha:]]", "1", false },
	{ "^[^\\d_]+$", "path", true },
	{ "^[^\\d_]+$", "jailer_path", false },
	{ "^(default|block)_", "default_vcpus", true },
	{ "^(?P<which>a|b){2,3}$", "abab", false },
	{ "^(?P<which>a|b){2,3}$", "aba", true },
	{ "\\Qa.b\\E", "a.b", true },
	{ "\\Qa.b\\E", "axb", false },
	{ "a{,2}", "a{,2}", true },
	{ "\\x6b\\x{65}\\162", "ker", true },
	{ "\\bpath\\b", "the path is", true },
	{ "\\bpath\\b", "jailer_path", false },
	{ "\\s", "\v", false },
	{ "[\\s]", "\v", false },
	{ "\\v", "\v", true },
	{ "^*a", "a", true },
	{ "(?s).", "\n", true },
	{ ".", "\n", false },
};

static void searches_find_what_go_finds(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(searches); i++) {
		_cleanup_(re2_freep) struct re2 *re2 = NULL;
		struct error *err = NULL;

		if (re2_compile(slice_of(searches[i].pattern), &re2, &err) < 0)
			fail_msg("%s: %s", searches[i].pattern, error_message(err));
		if (re2_search(re2, slice_of(searches[i].text)) != searches[i].found)
			fail_msg("%s in %s", searches[i].pattern, searches[i].text);
	}
}

/* PCRE2 would take most of these, and mean something by them. */
static void what_go_refuses_is_refused(void **state)
{
	static const struct {
		const char *pattern, *reason;
	} cases[] = {
		{ "(?=a)", "Perl syntax" },
		{ "(?!a)", "Perl syntax" },
		{ "(?<=a)b", "Perl syntax" },
		{ "(?>a)", "Perl syntax" },
		{ "(?#comment)", "Perl syntax" },
		{ "(?P=name)", "Perl syntax" },
		{ "(?i-)a", "Perl syntax" },
		{ "(?x)a", "Perl syntax" },
		{ "(*UTF)a", "missing argument" },
		{ "(a)\\1", "back references" },
		{ "a++", "nested repetition" },
		{ "a**", "nested repetition" },
		{ "a{2}{3}", "nested repetition" },
		{ "*a", "missing argument" },
		{ "|+", "missing argument" },
		{ "a{1001}", "repeat count" },
		{ "a{3,2}", "repeat count" },
		{ "[b-a]", "class range" },
		{ "[[:what:]]", "class range" },
		{ "[a-\\d]", "escape sequence" },
		{ "[a", "missing closing ]" },
		{ "(a", "missing closing )" },
		{ "a)", "unexpected )" },
		{ "\\", "trailing backslash" },
		{ "\\K", "escape sequence" },
		{ "\\R", "escape sequence" },
		{ "\\C", "escape sequence" },
		{ "\\x4", "escape sequence" },
		{ "\\x{110000}", "escape sequence" },
		{ "\\p{", "class range" },
		{ "\\p{Nonsense}", "" },
		{ "\xff", "UTF-8" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct re2 *re2 = NULL;
		struct error *err = NULL;
		int ret = re2_compile(slice_of(cases[i].pattern), &re2, &err);

		if (ret == 0)
			fail_msg("%s is taken", cases[i].pattern);
		assert_failed(ret, err, -EINVAL, cases[i].reason);
	}
}

static void patterns_have_bounds(void **state)
{
	char deep[2 * (RE2_MAX_DEPTH + 1) + 1], a[RE2_MAX_PATTERN + 1];
	struct re2 *re2 = NULL;
	struct error *err = NULL;

	(void)state;
	memset(deep, '(', RE2_MAX_DEPTH + 1);
	memset(deep + RE2_MAX_DEPTH + 1, ')', RE2_MAX_DEPTH + 1);
	assert_failed(re2_compile(slice_make(deep, sizeof(deep) - 1), &re2, &err), err, -EINVAL,
		      "too deep");
	assert_ok(re2_compile(slice_make(deep + 1, sizeof(deep) - 3), &re2, &err), err);
	re2_free(steal(re2));
	memset(a, 'a', sizeof(a));
	assert_failed(re2_compile(slice_make(a, sizeof(a)), &re2, &err), err, -EINVAL,
		      "longer than 1024 bytes");
}

/* The kind that takes a backtracking matcher for ever. It must end, and open nothing. */
static void hopeless_searches_end(void **state)
{
	_cleanup_(re2_freep) struct re2 *re2 = NULL;
	char text[64];
	struct error *err = NULL;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_ok(re2_compile(slice_of("^(a|a|aa)+$b"), &re2, &err), err);
	assert_false(re2_search(re2, slice_make(text, sizeof(text))));
}

/* --- the gate --------------------------------------------------------------------------------------- */

static void closed_annotations_fail_the_sandbox(void **state)
{
	static const struct annotation items[] = {
		ANNOTATION(H("kernel"), "/x"),
		ANNOTATION(H("enable_iommu"), "true"),
		ANNOTATION(H("default_vcpus"), "1"),
		ANNOTATION(R("disable_new_netns"), "true"),
		ANNOTATION("io.kubernetes.cri.container-type", "sandbox"),
	};
	_cleanup_(config_freep) struct config *config = open_config(CONFIG_GO, CONFIG_CLH);
	_cleanup_error_ struct error *err = NULL;

	(void)state;
	set_list(config, CONFIG_HYPERVISOR_ENABLE_ANNOTATIONS, "enable_iommu");
	assert_int_equal(apply_all(config, items, &err), -EPERM);
	assert_string_equal(
		error_message(err),
		"annotation " H(
			"default_vcpus") " is not enabled (nor are: kernel): to let pods "
					 "use it, add \"default_vcpus\", \"kernel\" to "
					 "hypervisor.clh.enable_annotations in "
					 "/etc/kata-containers/configuration.toml; the list "
					 "pod_annotations of containerd's runtime "
					 "table, or allowed_annotations of CRI-O's, must have it "
					 "too");
	/* Nothing was applied. */
	assert_false(config_bool(config, CONFIG_HYPERVISOR_ENABLE_IOMMU));
}

static void one_closed_annotation(void **state)
{
	_cleanup_(config_freep) struct config *config = open_config(CONFIG_RS, CONFIG_QEMU);
	struct error *err = NULL;

	(void)state;
	set_list(config, CONFIG_HYPERVISOR_ENABLE_ANNOTATIONS, "[invalid");
	assert_failed(
		apply(config, H("path"), "/bin/true", &err), err, -EPERM,
		"annotation " H("path") " is not enabled: to let pods use it, add \"path\" to "
					"hypervisor.qemu.enable_annotations in ");
}

static void many_closed_annotations_and_strange_names(void **state)
{
	struct annotation items[40];
	char names[40][64];
	_cleanup_(config_freep) struct config *config = open_config(CONFIG_GO, CONFIG_QEMU);
	_cleanup_error_ struct error *err = NULL;

	(void)state;
	set_list(config, CONFIG_HYPERVISOR_ENABLE_ANNOTATIONS, "path");
	for (unsigned i = 0; i < ARRAY_SIZE(items); i++) {
		snprintf(names[i], sizeof(names[i]), H("x\033%02u"), i);
		items[i] = (struct annotation){ slice_of(names[i]), slice_of("") };
	}
	assert_int_equal(apply_all(config, items, &err), -EPERM);
	assert_non_null(strstr(error_message(err), "annotation " H("x\\x1b00") " is not enabled"));
	assert_non_null(strstr(error_message(err), " and 23 more)"));
	assert_null(strchr(error_message(err), '\033'));
}

static void an_open_gate_in_any_entry(void **state)
{
	_cleanup_(config_freep) struct config *config = open_config(CONFIG_RS, CONFIG_QEMU);
	_cleanup_string_list_ struct string_list list = { 0 };
	struct error *err = NULL;

	(void)state;
	string_list_add(&list, "(?!x)");
	string_list_add(&list, "^enable_.+u$");
	set_strings(config, CONFIG_HYPERVISOR_ENABLE_ANNOTATIONS, &list);
	assert_ok(apply(config, H("enable_iommu"), "true", &err), err);
	assert_true(config_bool(config, CONFIG_HYPERVISOR_ENABLE_IOMMU));
	assert_int_equal(apply(config, H("kernel_params"), "a", &err), -EPERM);
	error_free(err);
}

static void odd_lists_are_told(void **state)
{
	static const char *const entries[] = { "(?=x)", "",	  "kernel_parms", "enable_iommu",
					       "image", "^path$", "default_.*" };
	_cleanup_(config_freep) struct config *config = open_config(CONFIG_GO, CONFIG_QEMU);
	_cleanup_string_list_ struct string_list list = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
		string_list_add(&list, entries[i]);
	set_strings(config, CONFIG_HYPERVISOR_ENABLE_ANNOTATIONS, &list);
	set_list(config, CONFIG_HYPERVISOR_VALID_ENTROPY_SOURCES, "/dev/[u");
	config_check_annotation_lists(config);
	assert_true(has_problem(config, CONFIG_WARNING, "\"(?=x)\" opens nothing: "));
	assert_true(has_problem(config, CONFIG_WARNING, "\"\" opens every annotation"));
	assert_true(has_problem(config, CONFIG_WARNING, "\"kernel_parms\" opens no annotation"));
	assert_string_equal(config->problems[2].suggestion, "did you mean kernel_params?");
	assert_true(has_problem(config, CONFIG_NOTE,
				"\"enable_iommu\" also opens enable_iommu_platform"));
	assert_true(has_problem(config, CONFIG_WARNING, "\"/dev/[u\" is a malformed pattern"));
	assert_string_equal(config->problems[0].key, "hypervisor.qemu.enable_annotations");
	assert_int_equal(config->problem_count, 6); /* image is read in disable_image_nvdimm too */
}

/* --- path lists ------------------------------------------------------------------------------------- */

static void path_lists(void **state)
{
	static const struct {
		const char *pattern,
			*path; /* below the directory; with a '=' in front: as they are */
		bool allowed;
	} cases[] = {
		{ "a/qemu", "a/qemu", true },
		{ "a/none", "a/none", false },	/* does not exist */
		{ "a//qemu", "a/qemu", false }, /* without wildcards: byte for byte */
		{ "a//qemu", "a//qemu", true },
		{ "a//q*", "a/qemu", true }, /* with: cleaned */
		{ "a//q*", "a//qemu", false },
		{ "*/qemu", "a/qemu", true },
		{ "*", "a/qemu", false }, /* does not cross / */
		{ "**", "a/qemu", false },
		{ "a/q?mu", "a/qemu", true },
		{ "a/*", "a/.hidden", true },
		{ "a/*", "a/dangling", true },
		{ "a/*", "a/../a/qemu", false },
		{ "a/*", "a/.", false },
		{ "a/*", "a/..", false },
		{ "a/*/", "a/qemu/", false },
		{ "a/[p-r]emu", "a/qemu", true },
		{ "a/[^q]emu", "a/qemu", false },
		{ "a/[!x]emu", "a/qemu", false }, /* ! is a character like any other */
		{ "a/[!q]emu", "a/qemu", true },
		{ "a/{qemu,x}", "a/qemu", false },
		{ "a/q\\emu", "a/qemu", true },
		{ "a/[qemu", "a/qemu", false },
		{ "a/[]q]emu", "a/qemu", false },
		{ "link/*", "link/qemu", true },
		{ "a/*", "link/qemu", false },
		{ "=", "=", false },
		{ "=", "a/qemu", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_string_list_ struct string_list list = { 0 };
		const char *pattern = cases[i].pattern, *path = cases[i].path;
		_cleanup_free_ char *full_path =
			*path == '=' ? xstrdup("") : xasprintf("%s/%s", (char *)*state, path);

		string_list_add(&list, "[malformed");
		string_list_take(&list, *pattern == '='
						? xstrdup("")
						: xasprintf("%s/%s", (char *)*state, pattern));
		if (path_patterns_allow(&list, full_path) != cases[i].allowed)
			fail_msg("%s: %s", pattern, path);
	}
}

static void make_empty(const char *directory, const char *name)
{
	_cleanup_free_ char *path = path_join(directory, name);
	struct error *err = NULL;

	assert_ok(file_replace(path, "", 0, 0644, &err), err);
}

static int make_tree(void **state)
{
	_cleanup_free_ char *a = NULL, *link = NULL, *dangling = NULL;

	if (make_directory(state) < 0)
		return -1;
	a = path_join(*state, "a");
	link = path_join(*state, "link");
	dangling = path_join(a, "dangling");
	assert_int_equal(mkdir(a, 0755), 0);
	assert_int_equal(symlink("a", link), 0);
	assert_int_equal(symlink("nowhere", dangling), 0);
	make_empty(a, "qemu");
	make_empty(a, ".hidden");
	return 0;
}

static void long_paths_match_nothing(void **state)
{
	_cleanup_string_list_ struct string_list list = { 0 };
	_cleanup_free_ char *path = xmalloc(PATH_PATTERN_MAX + 2);

	(void)state;
	memset(path, '*', PATH_PATTERN_MAX + 1);
	path[PATH_PATTERN_MAX + 1] = '\0';
	string_list_add(&list, path);
	assert_false(path_pattern_is_valid(path));
	assert_false(path_patterns_allow(&list, "x"));
	assert_false(path_patterns_allow(&list, path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(searches_find_what_go_finds),
		cmocka_unit_test(what_go_refuses_is_refused),
		cmocka_unit_test(patterns_have_bounds),
		cmocka_unit_test(hopeless_searches_end),
		cmocka_unit_test(closed_annotations_fail_the_sandbox),
		cmocka_unit_test(one_closed_annotation),
		cmocka_unit_test(many_closed_annotations_and_strange_names),
		cmocka_unit_test(an_open_gate_in_any_entry),
		cmocka_unit_test(odd_lists_are_told),
		cmocka_unit_test_setup_teardown(path_lists, make_tree, remove_directory),
		cmocka_unit_test(long_paths_match_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
