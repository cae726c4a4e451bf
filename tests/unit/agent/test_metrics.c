// SPDX-License-Identifier: Apache-2.0
/* GetMetrics: what a parser of Prometheus' text format makes of it, and what becomes of a recorded /proc. */
#include "fixture.h"

#include <ctype.h>

#include "agent/metrics/metrics.h"
#include "base/path.h"
#include "base/string_list.h"
#include "base/utf8.h"

/* ---- a strict parser ---------------------------------------------------------------------------- */

struct parsed {
	struct string_list names;  /* of families, in their order */
	struct string_list series; /* name and labels */
	struct string_list types;  /* "NAME TYPE" */
};

static void parsed_release(struct parsed *parsed)
{
	string_list_release(&parsed->names);
	string_list_release(&parsed->series);
	string_list_release(&parsed->types);
}

static void bad_line(struct slice line, const char *what)
{
	fail_msg("%s: %.*s", what, SLICE_ARGS(line));
}

static size_t name_length(struct slice text)
{
	size_t i = 0;

	while (i < text.size && (isalnum((unsigned char)text.data[i]) || text.data[i] == '_'))
		i++;
	return i;
}

/* Behind the brace: NAME="VALUE",... and the closing brace. Returns what is behind that. */
static struct slice skip_labels(struct slice rest, struct slice line)
{
	for (;;) {
		size_t length = name_length(rest);

		if (length == 0 || !slice_starts_with(slice_from(rest, length), "=\""))
			bad_line(line, "no label");
		rest = slice_from(rest, length + 2);
		while (rest.size > 0 && rest.data[0] != '"') {
			if (rest.data[0] == '\\' &&
			    (rest.size < 2 || !strchr("\\\"n", rest.data[1])))
				bad_line(line, "an unknown escape");
			rest = slice_from(rest, rest.data[0] == '\\' ? 2 : 1);
		}
		if (rest.size < 2)
			bad_line(line, "a label without an end");
		rest = slice_from(rest, 1);
		if (rest.data[0] == '}')
			return slice_from(rest, 1);
		if (rest.data[0] != ',')
			bad_line(line, "no comma between labels");
		rest = slice_from(rest, 1);
	}
}

static void parse_sample(struct parsed *parsed, struct slice line)
{
	size_t length = name_length(line);
	struct slice rest = slice_from(line, length);
	_cleanup_free_ char *name = slice_dup(slice_first(line, length)), *number = NULL;
	_cleanup_free_ char *series = NULL;
	char *end;

	if (parsed->names.count == 0 ||
	    strcmp(name, parsed->names.items[parsed->names.count - 1]) != 0)
		bad_line(line, "a sample of another family");
	if (rest.size > 0 && rest.data[0] == '{')
		rest = skip_labels(slice_from(rest, 1), line);
	series = slice_dup(slice_first(line, line.size - rest.size));
	if (string_list_contains(&parsed->series, series))
		bad_line(line, "a series for the second time");
	string_list_add(&parsed->series, series);
	if (rest.size < 2 || rest.data[0] != ' ')
		bad_line(line, "no value");
	number = slice_dup(slice_from(rest, 1));
	strtod(number, &end);
	if (*end || !isdigit((unsigned char)number[0]))
		bad_line(line, "no number");
}

static void parse_line(struct parsed *parsed, struct slice line)
{
	struct slice rest = line, word, name = line;

	if (line.size > 0 && line.data[0] != '#') {
		parse_sample(parsed, line);
		return;
	}
	if (!slice_next_word(&rest, &word) || !slice_next_word(&rest, &word) ||
	    !slice_next_word(&rest, &name))
		bad_line(line, "no name");
	if (slice_is(word, "HELP")) {
		string_list_add_slice(&parsed->names, name);
	} else if (slice_is(word, "TYPE")) {
		if (parsed->names.count == 0 ||
		    !slice_is(name, parsed->names.items[parsed->names.count - 1]))
			bad_line(line, "a type of another family");
		string_list_add_slice(&parsed->types, slice_from(line, strlen("# TYPE ")));
	} else {
		bad_line(line, "an unknown comment");
	}
}

static void parse(struct parsed *parsed, struct slice text)
{
	struct slice line;

	assert_int_equal(utf8_find_invalid(text), text.size);
	assert_true(text.size > 0 && text.data[text.size - 1] == '\n');
	while (slice_next_line(&text, &line))
		parse_line(parsed, line);
	for (size_t i = 1; i < parsed->names.count; i++)
		assert_true(strcmp(parsed->names.items[i - 1], parsed->names.items[i]) < 0);
}

/* ---- the agent itself --------------------------------------------------------------------------- */

static char *get_metrics(struct agent *agent)
{
	Grpc__GetMetricsRequest request = GRPC__GET_METRICS_REQUEST__INIT;
	_cleanup_proto_ Grpc__Metrics *metrics =
		agent_call(agent, "GetMetrics", &request, &grpc__metrics__descriptor);

	return xstrdup(metrics->metrics);
}

static void test_agent(void **state)
{
	static const char *const types[] = {
		"kata_agent_io_stat gauge",	"kata_agent_proc_stat gauge",
		"kata_agent_proc_status gauge", "kata_agent_scrape_count counter",
		"kata_agent_threads gauge",	"kata_agent_total_rss gauge",
		"kata_agent_total_time gauge",	"kata_agent_total_vm gauge",
		"kata_guest_cpu_time gauge",	"kata_guest_load gauge",
		"kata_guest_meminfo gauge",	"kata_guest_netdev_stat gauge",
		"kata_guest_tasks gauge",	"kata_guest_vm_stat gauge",
	};
	static const char *const series[] = {
		"kata_agent_scrape_count",
		"kata_agent_threads",
		"kata_agent_proc_status{item=\"vmrss\"}",
		"kata_guest_cpu_time{cpu=\"total\",item=\"idle\"}",
		"kata_guest_cpu_time{cpu=\"0\",item=\"guest_nice\"}",
		"kata_guest_load{item=\"load15\"}",
		"kata_guest_meminfo{item=\"mem_total\"}",
		"kata_guest_netdev_stat{interface=\"lo\",item=\"recv_bytes\"}",
		"kata_guest_tasks{item=\"max\"}",
		"kata_guest_vm_stat{item=\"nr_free_pages\"}",
	};
	NEEDS_AGENT(agent);
	_cleanup_(parsed_release) struct parsed parsed = { 0 };
	_cleanup_free_ char *first = get_metrics(agent), *second = get_metrics(agent);

	parse(&parsed, slice_of(first));
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!string_list_contains(&parsed.types, types[i]))
			fail_msg("no %s", types[i]);
	for (size_t i = 0; i < ARRAY_SIZE(series); i++)
		if (!string_list_contains(&parsed.series, series[i]))
			fail_msg("no %s", series[i]);
	assert_non_null(strstr(first, "\nkata_agent_scrape_count 1\n"));
	assert_non_null(strstr(second, "\nkata_agent_scrape_count 2\n"));
}

/* ---- a recorded guest ---------------------------------------------------------------------------- */

static void put(const char *root, const char *name, const char *text)
{
	_cleanup_free_ char *path = xasprintf("%s/proc/%s", root, name);
	_cleanup_free_ char *directory = path_directory(path);
	struct error *err = NULL;

	assert_ok(directory_make_all(directory, 0755, &err), err);
	assert_ok(file_replace(path, text, strlen(text), 0644, &err), err);
}

static void expect(const struct strbuf *out, const char *text)
{
	if (!strstr(out->data, text))
		fail_msg("no \"%s\" in:\n%s", text, out->data);
}

static void test_recorded(void **state)
{
	const char *root = *state;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	_cleanup_(parsed_release) struct parsed parsed = { 0 };

	put(root, "self/stat",
	    "77 (kata) agent) S 1 77 77 0 -1 4194560 331 0 12 0 150 50 7 3 20 0 5 0 20 4096000 "
	    "300 18446744073709551615 1 1 0\n");
	put(root, "self/status",
	    "Name:\tkata-agent\nVmPeak:\t    2000 kB\nVmRSS:\t    1200 kB\n"
	    "voluntary_ctxt_switches:\t9\nnonvoluntary_ctxt_switches:\t4\n");
	put(root, "self/io", "rchar: 10\nwchar: 11\nsyscr: 1\nread_bytes: 4096\n");
	put(root, "stat",
	    "cpu  100 0 50 1000 5 0 0 0 0 0\ncpu0 100 0 50 1000 5 0 0 0 0 0\nintr 5\n");
	put(root, "loadavg", "0.07 1.00 12.34 2/87 1234\n");
	put(root, "diskstats",
	    " 254       0 vda 10 1 200 7 3 0 24 2 0 8 9 0 0 0 0 1 6\n"
	    " 254       1 vda1 4 0 32\nnonsense\n");
	put(root, "self/net/dev",
	    "Inter-|   Receive                            |  Transmit\n"
	    " face |bytes    packets errs drop fifo frame compressed multicast|bytes ...\n"
	    "  eth0: 1000 10 0 0 0 0 0 2 2000 20 0 1 0 0 0 0\n");
	put(root, "meminfo",
	    "MemTotal:        2048 kB\nActive:  1 kB\nActive(anon):  3 kB\n"
	    "HugePages_Total:       5\nHugepagesize:       2048 kB\n");
	put(root, "vmstat", "nr_free_pages 123\npgfault 18446744073709551615\n");
	metrics_collect(root, 7, &out);
	parse(&parsed, strbuf_view(&out));
	expect(&out, "kata_agent_scrape_count 7\n");
	expect(&out, "kata_agent_threads 5\n");
	expect(&out, "kata_agent_total_time 2.00\n");
	expect(&out, "kata_agent_total_vm 4096000\n");
	expect(&out, "kata_agent_total_rss 1228800\n");
	expect(&out, "kata_agent_proc_stat{item=\"utime\"} 150\n");
	expect(&out, "kata_agent_proc_stat{item=\"cstime\"} 3\n");
	expect(&out, "kata_agent_proc_status{item=\"vmrss\"} 1200\n");
	expect(&out, "kata_agent_proc_status{item=\"vmswap\"} 0\n");
	expect(&out, "kata_agent_proc_status{item=\"nonvoluntary_ctxt_switches\"} 4\n");
	expect(&out, "kata_agent_io_stat{item=\"read_bytes\"} 4096\n");
	expect(&out, "kata_agent_io_stat{item=\"write_bytes\"} 0\n");
	expect(&out, "kata_guest_cpu_time{cpu=\"total\",item=\"user\"} 1000\n");
	expect(&out, "kata_guest_cpu_time{cpu=\"0\",item=\"iowait\"} 50\n");
	expect(&out, "kata_guest_load{item=\"load1\"} 0.07\n");
	expect(&out, "kata_guest_load{item=\"load15\"} 12.34\n");
	expect(&out, "kata_guest_tasks{item=\"cur\"} 2\n");
	expect(&out, "kata_guest_tasks{item=\"max\"} 87\n");
	expect(&out, "kata_guest_diskstat{disk=\"vda\",item=\"reads\"} 10\n");
	expect(&out, "kata_guest_diskstat{disk=\"vda\",item=\"time_flushing\"} 6\n");
	expect(&out, "kata_guest_diskstat{disk=\"vda1\",item=\"sectors_read\"} 32\n");
	assert_null(strstr(out.data, "disk=\"vda1\",item=\"time_reading\""));
	expect(&out, "kata_guest_netdev_stat{interface=\"eth0\",item=\"recv_multicast\"} 2\n");
	expect(&out, "kata_guest_netdev_stat{interface=\"eth0\",item=\"sent_drop\"} 1\n");
	expect(&out, "kata_guest_meminfo{item=\"mem_total\"} 2097152\n");
	expect(&out, "kata_guest_meminfo{item=\"active\"} 1024\n");
	expect(&out, "kata_guest_meminfo{item=\"active_anon\"} 3072\n");
	expect(&out, "kata_guest_meminfo{item=\"hugepages_total\"} 5\n");
	expect(&out, "kata_guest_meminfo{item=\"hugepagesize\"} 2097152\n");
	expect(&out, "kata_guest_meminfo{item=\"per_cpu\"} 0\n");
	expect(&out, "kata_guest_vm_stat{item=\"pgfault\"} 18446744073709551615\n");
}

/* Which mounts count, and what their labels look like. The paths are those of the test's own system. */
static void test_filesystems(void **state)
{
	const char *root = *state;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	_cleanup_(parsed_release) struct parsed parsed = { 0 };

	put(root, "self/mountinfo",
	    "22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,discard\n"
	    "23 22 254:1 / /tmp rw - ext4 /dev/vda1 rw\n"	 /* the same device */
	    "24 22 254:2 / /tmp ro,nosuid - ext4 /dev/vda2 rw\n" /* read-only */
	    "25 22 254:3 / /tmp rw - ext4 /dev/vda3 ro\n"	 /* read-only below */
	    "26 22 0:30 / /tmp rw - tmpfs tmpfs rw\n"		 /* not of disk */
	    "27 22 0:31 / /tmp rw - overlay some/ rw\n"
	    "28 22 0:32 / /no/such\\040place rw - xfs /dev/vdb rw\n"
	    "29 22 0:33\n"
	    "30 22 0:34 / /tmp rw no dash\n");
	metrics_collect(root, 1, &out);
	parse(&parsed, strbuf_view(&out));
	expect(&out, "kata_guest_filesystem_bytes{mount=\"/\",device=\"vda1\",item=\"total\"} ");
	expect(&out, "kata_guest_filesystem_bytes{mount=\"/\",device=\"vda1\",item=\"used\"} ");
	expect(&out,
	       "kata_guest_filesystem_inodes{mount=\"/\",device=\"vda1\",item=\"available\"} ");
	expect(&out, "kata_guest_filesystem_bytes{mount=\"/tmp\",device=\"0:31\",item=\"total\"} ");
	assert_null(strstr(out.data, "vda2"));
	assert_null(strstr(out.data, "vda3"));
	assert_null(strstr(out.data, "tmpfs"));
	assert_null(strstr(out.data, "vdb"));
	assert_null(strstr(out.data, "device=\"vda1\",item=\"total\"} 0\n"));
}

/* Names that somebody has chosen to break the format. */
static void test_hostile_names(void **state)
{
	const char *root = *state;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	_cleanup_(parsed_release) struct parsed parsed = { 0 };

	put(root, "self/net/dev", "\n\na\"b\\c\xff{}: 1 2 3 4 5 6 7 8 9\n");
	put(root, "self/mountinfo", "");
	put(root, "vmstat", "\"} 1 1\nx\n y z\n");
	metrics_collect(root, 1, &out);
	parse(&parsed, strbuf_view(&out));
	expect(&out, "{interface=\"a\\\"b\\\\c\xef\xbf\xbd{}\",item=\"recv_bytes\"} 1\n");
	expect(&out, "kata_guest_vm_stat{item=\"\\\"}\"} 1\n");
	assert_null(strstr(out.data, "kata_guest_filesystem"));
}

static void test_nothing_there(void **state)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	(void)state;
	metrics_collect("/no/such/root", 3, &out);
	assert_string_equal(out.data, "# HELP kata_agent_scrape_count How often metrics were asked "
				      "for.\n# TYPE kata_agent_scrape_count counter\n"
				      "kata_agent_scrape_count 3\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_agent, agent_set_up, agent_tear_down),
		cmocka_unit_test_setup_teardown(test_recorded, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(test_filesystems, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(test_hostile_names, make_directory,
						remove_directory),
		cmocka_unit_test(test_nothing_there),
	};

	return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
