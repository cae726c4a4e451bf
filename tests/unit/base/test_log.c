// SPDX-License-Identifier: Apache-2.0
/* error and log: messages, and the exact lines of spec/kata-runtime.md 15. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <sys/stat.h>
#include <time.h>

#include "base/log.h"
#include "base/path.h"
#include "base/strbuf.h"

static void an_error_reads_outermost_first(void **state)
{
	struct error *err = NULL;
	int ret;

	(void)state;
	ret = error_set_errno(&err, -EACCES, "open %s", "/dev/kvm");
	assert_int_equal(ret, -EACCES);
	assert_int_equal(error_wrap(&err, "start sandbox %d", 1), -EACCES);
	assert_string_equal(error_message(err),
			    "start sandbox 1: open /dev/kvm: permission denied");
	assert_int_equal(error_advise(&err, "load the module %s", "kvm"), -EACCES);
	assert_string_equal(
		error_message(err),
		"start sandbox 1: open /dev/kvm: permission denied; load the module kvm");
	error_free(err);
	assert_string_equal(error_message(NULL), "");
	assert_int_equal(error_code(NULL), 0);
}

static void errno_texts_are_in_small_letters(void **state)
{
	(void)state;
	assert_string_equal(errno_text(ENOENT), "no such file or directory");
	assert_string_equal(errno_text(-EBUSY), "device or resource busy");
	assert_string_equal(errno_text(ENOTTY), "inappropriate ioctl for device");
	assert_string_equal(errno_text(99999), "errno 99999");
}

static char *log_to_file(const char *directory, enum log_format format, void (*write)(void))
{
	_cleanup_free_ char *path = path_join(directory, "log");
	_cleanup_error_ struct error *err = NULL;
	char *text = NULL;

	assert_int_equal(log_open_file(path, format, &err), 0);
	log_set_field("arch", "amd64");
	log_set_field("name", "kata-runtime");
	log_set_field("source", "runtime");
	write();
	log_close();
	assert_int_equal(file_read_all(path, 1 << 20, &text, NULL, &err), 0);
	unlink(path);
	return text;
}

/* The time and the pid are the two values of a line that no test can know. */
static void assert_matches(const char *text, const char *pattern)
{
	regex_t regex;

	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	if (regexec(&regex, text, 0, NULL, 0) != 0)
		fail_msg("%s: does not match: %s", text, pattern);
	regfree(&regex);
}

static void write_agent_record(void)
{
	log_set_field("name", "kata-agent");
	log_warning("late", LOG_INT("count", 3), LOG_STR("subsystem", "uevent"));
}

static void agent_lines_are_strings_only(void **state)
{
	_cleanup_free_ char *text = log_to_file(*state, LOG_FORMAT_AGENT, write_agent_record);

	assert_matches(text, "^\\{\"msg\":\"late\",\"level\":\"WARN\","
			     "\"ts\":\"[0-9-]{10}T[0-9:]{8}\\.[0-9]{9}Z\",\"arch\":\"amd64\","
			     "\"count\":\"3\",\"name\":\"kata-agent\",\"pid\":\"[0-9]+\","
			     "\"source\":\"runtime\",\"subsystem\":\"uevent\"\\}\n$");
}

static void write_records(void)
{
	log_info("loaded configuration", LOG_STR("file", "/etc/kata/c.toml"),
		 LOG_STR("source", "katautils"));
	log_info("", LOG_STR("arguments", "\"env --json\""), LOG_STR("commit", ""));
	log_error("bad\nthing <here>", LOG_INT("limit", -5), LOG_STR("level", "mine"));
	log_debug("not at this level");
}

static void text_lines_are_those_of_logrus(void **state)
{
	_cleanup_free_ char *text = log_to_file(*state, LOG_FORMAT_TEXT, write_records);

	assert_matches(
		text,
		"^time=\"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z\" level=info msg=\"loaded "
		"configuration\" "
		"arch=amd64 file=/etc/kata/c.toml name=kata-runtime pid=[0-9]+ source=katautils\n"
		"time=\"[^\"]*\" level=info arch=amd64 arguments=\"\\\\\"env --json\\\\\"\" "
		"commit= "
		"name=kata-runtime pid=[0-9]+ source=runtime\n"
		"time=\"[^\"]*\" level=error msg=\"bad\\\\nthing <here>\" arch=amd64 "
		"fields.level=mine "
		"limit=-5 name=kata-runtime pid=[0-9]+ source=runtime\n$");
}

static void json_lines_are_those_of_logrus(void **state)
{
	_cleanup_free_ char *text = log_to_file(*state, LOG_FORMAT_JSON, write_records);

	assert_matches(
		text,
		"^\\{\"arch\":\"amd64\",\"file\":\"/etc/kata/c.toml\",\"level\":\"info\","
		"\"msg\":\"loaded configuration\",\"name\":\"kata-runtime\",\"pid\":[0-9]+,"
		"\"source\":\"katautils\",\"time\":\"[^\"]*Z\"\\}\n"
		"\\{\"arch\":\"amd64\",\"arguments\":\"\\\\\"env --json\\\\\"\",\"commit\":\"\","
		"\"level\":\"info\",\"msg\":\"\",\"name\":\"kata-runtime\",[^\n]*\n"
		"\\{\"arch\":\"amd64\",\"fields.level\":\"mine\",\"level\":\"error\",\"limit\":-5,"
		"\"msg\":\"bad\\\\nthing \\\\u003chere\\\\u003e\",[^\n]*\n$");
}

static void a_log_file_is_appended_to(void **state)
{
	_cleanup_free_ char *path = path_join(*state, "appended");
	_cleanup_free_ char *text = NULL;
	struct error *err = NULL;
	struct stat status;

	for (int i = 0; i < 2; i++) {
		assert_ok(log_open_file(path, LOG_FORMAT_TEXT, &err), err);
		log_warning("again");
		log_close();
	}
	assert_ok(file_read_all(path, 1 << 20, &text, NULL, &err), err);
	assert_matches(text, "^[^\n]*level=warning msg=again[^\n]*\n[^\n]*msg=again[^\n]*\n$");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0640);
	assert_failed(log_open_file("/nowhere/x", LOG_FORMAT_TEXT, &err), err, -ENOENT,
		      "open /nowhere/x: no such file or directory");
}

static void levels_have_names(void **state)
{
	enum log_level level;

	(void)state;
	assert_int_equal(log_level_parse("warning", &level), 0);
	assert_int_equal(level, LOG_LEVEL_WARNING);
	assert_int_equal(log_level_parse("warn", &level), -EINVAL);
	assert_string_equal(log_level_name(LOG_LEVEL_TRACE), "trace");
}

/* Logging must neither fail nor wait when a destination is full. */
static void a_full_destination_is_counted(void **state)
{
	struct error *err = NULL;
	uint64_t before = log_dropped();

	(void)state;
	assert_ok(log_open_file("/dev/full", LOG_FORMAT_TEXT, &err), err);
	log_error("lost");
	log_close();
	assert_int_equal(log_dropped(), before + 1);
}

static void keep_line(struct slice line, void *data)
{
	strbuf_slice(data, line);
}

static void a_function_is_a_destination(void **state)
{
	_cleanup_strbuf_ struct strbuf kept = STRBUF_INIT, rendered = STRBUF_INIT;
	const struct log_field fields[] = { LOG_INT("count", 2), { 0 } };

	(void)state;
	log_open_sink(keep_line, &kept, LOG_FORMAT_AGENT);
	log_set_field("name", "kata-agent");
	log_warning("first");
	log_render(&rendered, LOG_FORMAT_AGENT, LOG_LEVEL_INFO, "never sent", fields);
	log_close();
	log_warning("too late");
	assert_true(slice_starts_with(strbuf_view(&kept), "{\"msg\":\"first\",\"level\":\"WARN\""));
	assert_null(strstr(kept.data, "never sent"));
	assert_null(strstr(kept.data, "too late"));
	assert_true(slice_ends_with(strbuf_view(&kept), "}\n"));
	assert_true(slice_starts_with(strbuf_view(&rendered),
				      "{\"msg\":\"never sent\",\"level\":\"INFO\""));
	assert_non_null(strstr(rendered.data, "\"count\":\"2\",\"name\":\"kata-agent\""));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_function_is_a_destination),
		cmocka_unit_test(an_error_reads_outermost_first),
		cmocka_unit_test(errno_texts_are_in_small_letters),
		cmocka_unit_test(agent_lines_are_strings_only),
		cmocka_unit_test(text_lines_are_those_of_logrus),
		cmocka_unit_test(json_lines_are_those_of_logrus),
		cmocka_unit_test(a_log_file_is_appended_to),
		cmocka_unit_test(levels_have_names),
		cmocka_unit_test(a_full_destination_is_counted),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests_name("base: log", tests, make_directory, remove_directory);
}
