// SPDX-License-Identifier: Apache-2.0
/* The kernel's command line, and the words of mounts. */
#include "unit.h"

#include <sys/mount.h>

#include "agent/container/container.h"
#include "agent/options.h"
#include "agent/workload/mount_options.h"

static void test_defaults(void **state)
{
	_cleanup_options_ struct options options;

	(void)state;
	options_init(&options);
	options_read_command_line(&options, slice_of("quiet root=/dev/vda agent.unknown=1 panic"));
	assert_string_equal(options.server_addr, "vsock://-1:1024");
	assert_int_equal(options.log_level, LOG_LEVEL_INFO);
	assert_int_equal(options.hotplug_timeout_s, 3);
	assert_false(options.debug_console || options.unified_cgroup_hierarchy);
	assert_int_equal(options.problems.count, 0);
}

static void test_words(void **state)
{
	_cleanup_options_ struct options options;

	(void)state;
	options_init(&options);
	options_read_command_line(
		&options, slice_of("agent.log=debug\tagent.debug_console "
				   "agent.debug_console_vport=1026 agent.server_addr=unix:///a=b "
				   "agent.container_pipe_size=65536 cgroup_no_v1=all "
				   "agent.hotplug_timeout=0 agent.log_vport=1025\n"));
	assert_int_equal(options.log_level, LOG_LEVEL_DEBUG);
	assert_true(options.debug_console && options.unified_cgroup_hierarchy);
	assert_int_equal(options.debug_console_vport, 1026);
	assert_string_equal(options.server_addr, "unix:///a=b");
	assert_int_equal(options.container_pipe_size, 65536);
	assert_int_equal(options.hotplug_timeout_s, 3); /* 0 is ignored */
	assert_int_equal(options.log_vport, 1025);
}

/* Told of, and without effect. */
static void test_nonsense(void **state)
{
	_cleanup_options_ struct options options;

	(void)state;
	options_init(&options);
	options_read_command_line(&options,
				  slice_of("agent.log=loud agent.container_pipe_size=-1 "
					   "agent.server_addr= agent.log_vport=99999999999 "
					   "systemd.unified_cgroup_hierarchy=maybe"));
	assert_int_equal(options.problems.count, 4);
	assert_string_equal(options.problems.items[0], "agent.log=loud");
	assert_int_equal(options.log_level, LOG_LEVEL_INFO);
	assert_string_equal(options.server_addr, "vsock://-1:1024");
	assert_false(options.unified_cgroup_hierarchy);
}

static void test_mount_words(void **state)
{
	static char ro[] = "ro", nosuid[] = "nosuid", size[] = "size=64k", slave[] = "rslave",
		    rbind[] = "rbind", note[] = "io.katacontainers.fs-opt.layer=x", rw[] = "rw";
	char *words[] = { ro, nosuid, size, slave, rbind, note };
	char *back[] = { ro, rw };
	_cleanup_mount_options_ struct mount_options options = { 0 };
	_cleanup_mount_options_ struct mount_options undone = { 0 };

	(void)state;
	mount_options_parse(words, ARRAY_SIZE(words), &options);
	assert_int_equal(options.set, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID);
	assert_int_equal(options.propagation, MS_SLAVE);
	assert_true(options.propagation_recursive && options.bind && options.recursive &&
		    options.readonly);
	assert_int_equal(options.data.count, 1);
	assert_string_equal(options.data.items[0], "size=64k");
	mount_options_parse(back, ARRAY_SIZE(back), &undone);
	assert_int_equal(undone.set, 0);
	assert_false(undone.readonly);
}

static void test_ids(void **state)
{
	(void)state;
	assert_true(container_id_is_valid("ab") && container_id_is_valid("A-b_c.9"));
	assert_false(container_id_is_valid("") || container_id_is_valid("a") ||
		     container_id_is_valid(".a") || container_id_is_valid("a/b") ||
		     container_id_is_valid("ab\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults), cmocka_unit_test(test_words),
		cmocka_unit_test(test_nonsense), cmocka_unit_test(test_mount_words),
		cmocka_unit_test(test_ids),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
