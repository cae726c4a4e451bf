// SPDX-License-Identifier: Apache-2.0
/* The kernel's command line, and the words of mounts. */
#include "unit.h"

#include <errno.h>
#include <sys/mount.h>

#include "agent/container/container.h"
#include "agent/options.h"
#include "agent/workload/mount_options.h"
#include "base/path.h"

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

/* One word each: is it a complaint, and is it something that is missing? */
static void test_each_word(void **state)
{
	static const struct {
		const char *text;
		size_t problems, missing;
	} words[] = {
		{ "agent.debug_console=true", 0, 0 }, /* another word */
		{ "agent.devmode", 0, 0 },
		{ "agent.trace", 0, 1 },
		{ "agent.trace=true", 0, 1 },
		{ "agent.trace=1", 0, 1 },
		{ "agent.trace=0", 0, 0 },
		{ "agent.trace=true=true", 0, 0 }, /* false */
		{ "agent.passfd_listener_port=1027", 0, 1 },
		{ "agent.passfd_listener_port=-1", 0, 0 },
		{ "agent.passfd_listener_port=x", 1, 0 },
		{ "agent.log=warning", 0, 0 },
		{ "agent.log=WARNING", 1, 0 },
		{ "agent.log_vport=-5", 0, 0 },
		{ "agent.cdh_api_timeout=0", 0, 0 },
		{ "agent.cdh_api_timeout=-1", 1, 0 },
		{ "agent.image_pull_timeout=1h", 1, 0 },
		{ "agent.cdi_timeout=100", 0, 0 },
		{ "agent.launch_process_timeout=", 1, 0 },
		{ "agent.visible_cdi_devices=maybe", 0, 0 },
		{ "agent.guest_components_rest_api=attestation", 0, 0 },
		{ "agent.guest_components_rest_api=some", 1, 0 },
		{ "agent.guest_components_procs=none", 0, 0 },
		{ "agent.guest_components_procs=", 1, 0 },
		{ "agent.https_proxy=http://proxy:3128/?a=b", 0, 0 },
		{ "agent.https_proxy=proxy", 1, 0 },
		{ "agent.no_proxy=", 1, 0 },
		{ "agent.mem_agent_enable=true", 0, 1 },
		{ "agent.mem_agent_memcg_swappiness_max=256", 0, 0 }, /* not looked at */
		{ "agent.policy_file=/x", 0, 0 },		      /* of a file only */
		{ "log_level=nonsense", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		_cleanup_options_ struct options options;

		options_init(&options);
		options_read_command_line(&options, slice_of(words[i].text));
		if (options.problems.count != words[i].problems ||
		    options.missing.count != words[i].missing)
			fail_msg("%s: %zu problems, %zu missing", words[i].text,
				 options.problems.count, options.missing.count);
	}
}

static void test_mem_agent(void **state)
{
	_cleanup_options_ struct options options;

	(void)state;
	options_init(&options);
	options_read_command_line(
		&options, slice_of("agent.mem_agent_compact_order=x "
				   "agent.mem_agent_enable=true "
				   "agent.mem_agent_memcg_swap=1 "
				   "agent.mem_agent_memcg_disable=false "
				   "agent.mem_agent_memcg_swappiness_max=256 "
				   "agent.mem_agent_compact_sec_max=-1 "
				   "agent.mem_agent_compact_force_times=18446744073709551615"));
	assert_int_equal(options.problems.count, 2);
	assert_string_equal(options.problems.items[0], "agent.mem_agent_memcg_swap=1");
	assert_string_equal(options.problems.items[1], "agent.mem_agent_memcg_swappiness_max=256");
}

/* ---- the file ---------------------------------------------------------------------------------- */

static const char file_text[] = "log_level = \"trace\"\n"
				"server_addr = \"unix:///file\"\n"
				"debug_console = true\n"
				"debug_console_vport = 1026\n"
				"log_vport = 0\n"
				"container_pipe_size = -1\n"
				"hotplug_timeout = { secs = 7, nanos = 0 }\n"
				"cdi_timeout = 5\n"
				"unified_cgroup_hierarchy = true\n"
				"tracing = \"yes\"\n"
				"policy_file = \"/etc/policy\"\n"
				"something_else = 1\n"
				"[endpoints]\n"
				"allowed = [\"x\"]\n";

static char *write_file(const char *directory, const char *text)
{
	char *path = path_join(directory, "agent.toml");
	struct error *err = NULL;

	assert_ok(file_replace(path, text, strlen(text), 0644, &err), err);
	return path;
}

static void check_file(const struct options *options)
{
	assert_int_equal(options->log_level, LOG_LEVEL_TRACE);
	assert_string_equal(options->server_addr, "unix:///file");
	assert_true(options->debug_console && options->unified_cgroup_hierarchy);
	assert_int_equal(options->debug_console_vport, 1026);
	assert_int_equal(options->container_pipe_size, 0);
	assert_int_equal(options->hotplug_timeout_s, 7);
	assert_int_equal(options->missing.count, 1);
	assert_string_equal(options->missing.items[0], "policies");
	assert_int_equal(options->problems.count, 2);
	assert_non_null(strstr(options->problems.items[0], "line 6: container_pipe_size"));
	assert_non_null(strstr(options->problems.items[1], "line 10: tracing"));
}

static void test_file(void **state)
{
	_cleanup_free_ char *path = write_file(*state, file_text);
	_cleanup_options_ struct options options;
	struct error *err = NULL;

	options_init(&options);
	assert_ok(options_read_file(&options, path, &err), err);
	check_file(&options);
	/* The environment has its say. */
	setenv("KATA_AGENT_LOG_LEVEL", "warn", 1);
	setenv("KATA_AGENT_SERVER_ADDR", "unix:///environment", 1);
	setenv("KATA_AGENT_TRACING", "1", 1);
	options_read_environment(&options);
	assert_int_equal(options.log_level, LOG_LEVEL_WARNING);
	assert_string_equal(options.server_addr, "unix:///environment");
	assert_string_equal(options.missing.items[1], "tracing");
	setenv("KATA_AGENT_LOG_LEVEL", "loud", 1);
	options_read_environment(&options);
	assert_int_equal(options.log_level, LOG_LEVEL_WARNING);
	assert_int_equal(options.problems.count, 2);
}

/* agent.config_file: nothing else counts, in whatever order, nor the environment. */
static void test_file_of_the_command_line(void **state)
{
	_cleanup_free_ char *path = write_file(*state, file_text);
	_cleanup_free_ char *line = xasprintf("agent.log=error agent.config_file=%s "
					      "agent.server_addr=unix:///line agent.log=fatal",
					      path);
	_cleanup_options_ struct options options;

	setenv("KATA_AGENT_SERVER_ADDR", "unix:///environment", 1);
	options_init(&options);
	options_read_command_line(&options, slice_of(line));
	options_read_environment(&options);
	check_file(&options);
}

static void test_bad_files(void **state)
{
	_cleanup_free_ char *path = write_file(*state, "log_level = \n");
	_cleanup_free_ char *line = xasprintf("agent.config_file=%s", path);
	_cleanup_options_ struct options options;
	struct error *err = NULL;

	options_init(&options);
	assert_failed(options_read_file(&options, path, &err), err, -EINVAL, "agent.toml:1:");
	unlink(path);
	assert_failed(options_read_file(&options, path, &err), err, -ENOENT, "agent.toml");
	/* The guest starts all the same. */
	options_read_command_line(&options, slice_of(line));
	assert_int_equal(options.problems.count, 1);
	assert_int_equal(options.log_level, LOG_LEVEL_INFO);
}

static void test_description(void **state)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	_cleanup_options_ struct options options;

	(void)state;
	options_init(&options);
	options_describe(&options, &text);
	assert_string_equal(text.data,
			    "debug_console: false, debug_console_vport: 0, log_level: info, "
			    "log_vport: 0, server_addr: vsock://-1:1024, container_pipe_size: 0, "
			    "hotplug_timeout: 3, unified_cgroup_hierarchy: false, "
			    "mem_agent_enable: false");
}

/* ---- other words ------------------------------------------------------------------------------- */

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
		cmocka_unit_test(test_defaults),  cmocka_unit_test(test_words),
		cmocka_unit_test(test_nonsense),  cmocka_unit_test(test_mount_words),
		cmocka_unit_test(test_each_word), cmocka_unit_test(test_mem_agent),
		cmocka_unit_test(test_file),	  cmocka_unit_test(test_file_of_the_command_line),
		cmocka_unit_test(test_bad_files), cmocka_unit_test(test_description),
		cmocka_unit_test(test_ids),
	};

	return cmocka_run_group_tests_name("options", tests, make_directory, remove_directory);
}
