// SPDX-License-Identifier: Apache-2.0
/* Which file is read, and what is said when there is none. */
#include "fixture.h"

#include <errno.h>
#include <unistd.h>

#include "build.h"
#include "config/search.h"

/* Five default paths below the directory. */
static void default_paths(const char *directory, struct string_list *paths)
{
	static const char *const names[] = { "etc/configuration.toml", "usr/configuration.toml",
					     "etc/rs/configuration.toml",
					     "usr/rs/configuration.toml",
					     "opt/rs/configuration.toml" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		string_list_take(paths, path_join(directory, names[i]));
}

static int search(const char *directory, const char *path, bool use_environment, char **resolved,
		  struct error **err)
{
	_cleanup_string_list_ struct string_list paths = { 0 };
	_cleanup_free_ char *requested = NULL;

	default_paths(directory, &paths);
	return config_search(&(struct config_options){ .path = path,
						       .use_environment = use_environment,
						       .default_paths = &paths },
			     &requested, resolved, err);
}

static void assert_found(const char *directory, const char *path, bool use_environment,
			 const char *expected)
{
	_cleanup_free_ char *wanted = path_join(directory, expected);
	_cleanup_error_ struct error *err = NULL;
	_cleanup_free_ char *resolved = NULL;

	assert_ok(search(directory, path, use_environment, &resolved, &err), err);
	assert_string_equal(resolved, wanted);
}

static void the_compiled_in_paths_are_go_then_rs(void **state)
{
	_cleanup_string_list_ struct string_list paths = { 0 };

	(void)state;
	config_default_paths(&paths);
	assert_int_equal(paths.count, 5);
	assert_string_equal(paths.items[0], KATA_SYSCONFDIR "/kata-containers/configuration.toml");
	assert_string_equal(paths.items[1], KATA_DEFAULTSDIR "/configuration.toml");
	assert_string_equal(paths.items[2], "/etc/kata-containers/runtime-rs/configuration.toml");
}

static void a_named_file_wins_and_links_are_followed(void **state)
{
	_cleanup_free_ char *link = path_join(*state, "link.toml");
	_cleanup_free_ char *around = in_directory(*state, "@/usr/../link.toml/");

	write_file(*state, "usr/configuration.toml", "");
	write_file(*state, "own/mine.toml", "");
	assert_int_equal(symlink("own/mine.toml", link), 0);
	assert_found(*state, link, false, "own/mine.toml");
	assert_found(*state, around, false, "own/mine.toml");
	assert_found(*state, "", false, "usr/configuration.toml");
	assert_found(*state, NULL, false, "usr/configuration.toml");
}

static void the_first_default_that_exists_is_read(void **state)
{
	write_file(*state, "opt/rs/configuration.toml", "");
	assert_found(*state, NULL, false, "opt/rs/configuration.toml");
	write_file(*state, "usr/configuration.toml", "");
	assert_found(*state, NULL, false, "usr/configuration.toml");
	write_file(*state, "etc/configuration.toml", "");
	assert_found(*state, NULL, false, "etc/configuration.toml");
}

static void missing_files_are_named_in_the_known_words(void **state)
{
	_cleanup_free_ char *expected = in_directory(
		*state, "Cannot find usable config file (config file \"@/etc/configuration.toml\" "
			"unresolvable: file @/etc/configuration.toml does not exist, config file "
			"\"@/usr/configuration.toml\" unresolvable: file @/usr/configuration.toml "
			"does not exist)");
	_cleanup_error_ struct error *err = NULL;
	_cleanup_free_ char *resolved = NULL;

	assert_failed(search(*state, NULL, false, &resolved, &err), err, -ENOENT, expected);
	assert_failed(search(*state, "/nope", false, &resolved, &err), err, -ENOENT,
		      "Cannot find usable config file (file /nope does not exist)");
}

static void cyclic_links_end_the_search(void **state)
{
	_cleanup_free_ char *one = path_join(*state, "one");
	_cleanup_free_ char *two = path_join(*state, "two");
	_cleanup_error_ struct error *err = NULL;
	_cleanup_free_ char *resolved = NULL;
	_cleanup_free_ char *expected = in_directory(
		*state, "Cannot find usable config file (EvalSymlinks: too many links: @/one)");

	assert_int_equal(symlink("two", one), 0);
	assert_int_equal(symlink("one", two), 0);
	assert_failed(search(*state, one, false, &resolved, &err), err, -ELOOP, expected);
}

static void the_environment_may_name_shipped_files_only(void **state)
{
	_cleanup_free_ char *shipped = path_join(*state, "usr/configuration.toml");
	_cleanup_free_ char *link = path_join(*state, "link");
	_cleanup_free_ char *other = path_join(*state, "other.toml");
	_cleanup_error_ struct error *err = NULL;
	_cleanup_free_ char *resolved = NULL;

	write_file(*state, "etc/configuration.toml", "");
	write_file(*state, "usr/configuration.toml", "");
	write_file(*state, "other.toml", "");
	assert_int_equal(symlink("usr/configuration.toml", link), 0);

	setenv("KATA_CONF_FILE", shipped, 1);
	assert_found(*state, NULL, true, "usr/configuration.toml");
	assert_found(*state, NULL, false, "etc/configuration.toml");
	assert_found(*state, other, true, "other.toml");
	setenv("KATA_CONF_FILE", link, 1);
	assert_found(*state, NULL, true, "usr/configuration.toml");
	setenv("KATA_CONF_FILE", "", 1);
	assert_found(*state, NULL, true, "etc/configuration.toml");
	setenv("KATA_CONF_FILE", other, 1);
	assert_failed(search(*state, NULL, true, &resolved, &err), err, -EPERM,
		      "only shipped Kata configuration files are accepted");
	setenv("KATA_CONF_FILE", "/no\"pe", 1);
	assert_failed(search(*state, NULL, true, &resolved, &err), err, -EPERM,
		      "invalid KATA_CONF_FILE \"/no\\\"pe\": only shipped Kata");
	unsetenv("KATA_CONF_FILE");
}

static void what_cannot_be_read_is_still_examined(void **state)
{
	_cleanup_(config_freep) struct config *missing = config_examine(
		&(struct config_options){ .path = "/nope", .host = small_host(*state) });
	_cleanup_(config_freep) struct config *directory = config_examine(
		&(struct config_options){ .path = *state, .host = small_host(*state) });
	_cleanup_free_ char *message = NULL;
	_cleanup_free_ char *expected =
		in_directory(*state, "read @: is a directory; put a regular file in its place");

	assert_null(missing->path);
	assert_int_equal(missing->problem_count, 1);
	assert_int_equal(missing->hypervisor, CONFIG_QEMU);
	assert_string_equal(config_string(missing, CONFIG_HYPERVISOR_MACHINE_TYPE), "q35");

	message = verdict(directory);
	assert_string_equal(message, expected);
	assert_int_equal(directory->problem_count, 1);
}

static void drop_ins_beside_the_link_draw_a_warning(void **state)
{
	_cleanup_free_ char *link = path_join(*state, "etc/configuration.toml");
	_cleanup_(config_freep) struct config *config = NULL;

	write_file(*state, "usr/real.toml", "");
	write_file(*state, "usr/config.d/1.toml", "[runtime]\nenable_debug = true\n");
	write_file(*state, "etc/config.d/1.toml", "[runtime]\nenable_tracing = true\n");
	assert_int_equal(symlink("../usr/real.toml", link), 0);
	config = config_examine(
		&(struct config_options){ .path = link, .host = small_host(*state) });

	assert_true(config_bool(config, CONFIG_RUNTIME_ENABLE_DEBUG));
	assert_false(config_bool(config, CONFIG_RUNTIME_ENABLE_TRACING));
	assert_non_null(find_problem(config, "drop-ins belong beside the file it leads to"));
}

int main(void)
{
#define IN_NEW_DIRECTORY(test) \
	cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_compiled_in_paths_are_go_then_rs),
		IN_NEW_DIRECTORY(a_named_file_wins_and_links_are_followed),
		IN_NEW_DIRECTORY(the_first_default_that_exists_is_read),
		IN_NEW_DIRECTORY(missing_files_are_named_in_the_known_words),
		IN_NEW_DIRECTORY(cyclic_links_end_the_search),
		IN_NEW_DIRECTORY(the_environment_may_name_shipped_files_only),
		IN_NEW_DIRECTORY(what_cannot_be_read_is_still_examined),
		IN_NEW_DIRECTORY(drop_ins_beside_the_link_draw_a_warning),
	};

	unsetenv("KATA_CONF_FILE");
	return cmocka_run_group_tests_name("config: search", tests, NULL, NULL);
}
