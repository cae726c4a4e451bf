// SPDX-License-Identifier: Apache-2.0
/* The agent's log port: no line is lost without being counted, whoever comes and goes. */
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "agent/log-port/log_port.h"
#include "base/log.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/unix.h"

#define PATIENCE_MS 10000
#define FLOOD_LINES 5000 /* more than the port keeps */
#define BURST_LINES 50

struct test {
	void *directory;
	char *path, *out, *address;
	pid_t agent;
};

/* ---- a process that logs ----------------------------------------------------------------------- */

static int64_t next_line;
static volatile sig_atomic_t asked_for, ending;
static struct loop *loop;

static void log_lines(unsigned count)
{
	while (count-- > 0)
		log_info("a line", LOG_INT("seq", next_line++),
			 LOG_STR("text", "some text that takes its place in the log"));
}

static void ask(int signal)
{
	if (signal == SIGUSR1)
		asked_for++;
	else
		ending = 1;
}

/* SIGUSR1: a burst of lines. SIGTERM: the end. */
static void look(struct loop_timer *timer)
{
	while (asked_for > 0) {
		asked_for--;
		log_lines(BURST_LINES);
	}
	if (ending)
		loop_stop(loop);
	else
		loop_arm(loop, timer, 1);
}

static _Noreturn void run_agent(const struct test *test, unsigned lines)
{
	struct loop_timer timer = { .expired = look };
	struct log_port *port = log_port_new();
	struct error *err = NULL;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR1, ask);
	signal(SIGTERM, ask);
	if (!freopen(test->out, "w", stdout) || loop_new(&loop, &err) < 0)
		_exit(1);
	log_set_field("name", "kata-agent");
	log_lines(lines);
	log_port_start(port, loop, test->address);
	loop_arm(loop, &timer, 1);
	loop_run(loop, &err);
	log_lines(1);
	log_port_free(port);
	log_close();
	loop_free(loop);
	_exit(0);
}

static void start(struct test *test, unsigned lines)
{
	test->agent = fork();
	if (test->agent == 0)
		run_agent(test, lines);
}

static int set_up(void **state)
{
	struct test *test = xcalloc(1, sizeof(*test));

	if (make_directory(&test->directory) < 0)
		return -1;
	test->path = path_join(test->directory, "log");
	test->out = path_join(test->directory, "out");
	test->address = xasprintf("unix://%s", test->path);
	*state = test;
	return 0;
}

static int end_agent(struct test *test)
{
	int status = 0;

	if (test->agent <= 0)
		return 0;
	kill(test->agent, SIGTERM);
	waitpid(test->agent, &status, 0);
	test->agent = 0;
	return status;
}

static int tear_down(void **state)
{
	struct test *test = *state;
	int status = end_agent(test), ret = remove_directory(&test->directory);

	free(test->path);
	free(test->out);
	free(test->address);
	free(test);
	return status ? -1 : ret;
}

/* ---- a host ------------------------------------------------------------------------------------ */

struct reader {
	int fd;
	struct strbuf rest; /* of a line */
	int64_t next;	    /* the line that is to come */
	uint64_t dropped;
	int64_t notices;
};

static struct reader dial(const struct test *test)
{
	struct reader reader = { .fd = -1, .rest = STRBUF_INIT };
	struct error *err = NULL;

	for (int i = 0; i < PATIENCE_MS / 5 && reader.fd < 0; i++) {
		error_free(err);
		err = NULL;
		reader.fd = unix_connect(test->path, &err);
		if (reader.fd < 0)
			nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	}
	assert_ok(reader.fd, err);
	return reader;
}

static void hang_up(struct reader *reader)
{
	close(reader->fd);
	strbuf_release(&reader->rest);
}

static int64_t number_of(const char *line, const char *key)
{
	_cleanup_free_ char *label = xasprintf("\"%s\":\"", key);
	const char *found = strstr(line, label);

	return found ? strtoll(found + strlen(label), NULL, 10) : -1;
}

static void check_line(struct reader *reader, const char *line)
{
	int64_t seq = number_of(line, "seq"), dropped = number_of(line, "dropped");

	assert_true(strncmp(line, "{\"msg\":\"", 8) == 0 && line[strlen(line) - 1] == '}');
	assert_non_null(strstr(line, "\"name\":\"kata-agent\""));
	if (dropped >= 0) {
		assert_non_null(strstr(line, "\"level\":\"WARN\""));
		reader->next += dropped;
		reader->dropped += (uint64_t)dropped;
		reader->notices++;
	} else if (seq >= 0) {
		assert_int_equal(seq, reader->next);
		reader->next++;
	}
}

/* Read lines until the one with this number has come; false at the end. Lines without a number may be among them. */
static bool read_to(struct reader *reader, int64_t last)
{
	while (reader->next <= last) {
		struct pollfd ready = { .fd = reader->fd, .events = POLLIN };
		struct slice rest, line;
		char bytes[8192];
		ssize_t size;

		assert_int_equal(poll(&ready, 1, PATIENCE_MS), 1);
		size = read(reader->fd, bytes, sizeof(bytes));
		if (size <= 0)
			return false;
		strbuf_append(&reader->rest, bytes, (size_t)size);
		rest = strbuf_view(&reader->rest);
		while (slice_find(rest, '\n') < rest.size && slice_next_line(&rest, &line)) {
			_cleanup_free_ char *text = slice_dup(line);

			check_line(reader, text);
		}
		size = (ssize_t)rest.size;
		memmove(reader->rest.data, rest.data, (size_t)size);
		strbuf_truncate(&reader->rest, (size_t)size);
	}
	return true;
}

/* ---- tests ------------------------------------------------------------------------------------- */

static void test_lines_wait(void **state)
{
	struct test *test = *state;
	struct reader reader;

	start(test, 100);
	reader = dial(test);
	assert_true(read_to(&reader, 99));
	kill(test->agent, SIGUSR1);
	assert_true(read_to(&reader, 99 + BURST_LINES));
	assert_int_equal(reader.dropped, 0);
	hang_up(&reader);
}

/* In front of the first that is kept stands how many are not. */
static void test_oldest_are_dropped(void **state)
{
	struct test *test = *state;
	struct reader reader;

	start(test, FLOOD_LINES);
	reader = dial(test);
	assert_true(read_to(&reader, FLOOD_LINES - 1));
	assert_int_equal(reader.notices, 1);
	assert_true(reader.dropped > 0 && reader.dropped < FLOOD_LINES);
	hang_up(&reader);
}

/* A reader that sleeps is not waited for, and misses nothing but what it is told of. */
static void test_slow_reader(void **state)
{
	struct test *test = *state;
	struct reader reader;

	start(test, 1);
	reader = dial(test);
	assert_true(read_to(&reader, 0));
	for (int i = 0; i < FLOOD_LINES / BURST_LINES; i++) {
		kill(test->agent, SIGUSR1);
		nanosleep(&(struct timespec){ .tv_nsec = 3000000 }, NULL);
	}
	assert_true(read_to(&reader, FLOOD_LINES / 2));
	hang_up(&reader);
}

static void test_one_after_another(void **state)
{
	struct test *test = *state;
	struct reader first, second;
	struct pollfd ready;

	start(test, 10);
	first = dial(test);
	assert_true(read_to(&first, 9));
	second = dial(test);
	kill(test->agent, SIGUSR1);
	assert_true(read_to(&first, 9 + BURST_LINES));
	ready = (struct pollfd){ .fd = second.fd, .events = POLLIN };
	assert_int_equal(poll(&ready, 1, 50), 0);
	second.next = first.next;
	hang_up(&first);
	nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
	kill(test->agent, SIGUSR1);
	assert_true(read_to(&second, second.next + BURST_LINES - 1));
	hang_up(&second);
}

static void test_last_lines(void **state)
{
	struct test *test = *state;
	struct reader reader;

	start(test, 20);
	reader = dial(test);
	assert_true(read_to(&reader, 19));
	assert_int_equal(end_agent(test), 0);
	assert_true(read_to(&reader, 20));
	assert_false(read_to(&reader, 21));
	hang_up(&reader);
}

/* What nobody came for is on the console. */
static void test_nobody_came(void **state)
{
	struct test *test = *state;
	struct error *err = NULL;
	_cleanup_free_ char *text = NULL;

	start(test, 3);
	while (!path_exists(test->path))
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
	assert_int_equal(end_agent(test), 0);
	assert_ok(file_read_all(test->out, 1 << 20, &text, NULL, &err), err);
	assert_non_null(strstr(text, "\"seq\":\"0\""));
	assert_non_null(strstr(text, "\"seq\":\"3\""));
}

static void test_no_place_to_listen(void **state)
{
	struct test *test = *state;
	struct error *err = NULL;
	_cleanup_free_ char *text = NULL;

	free(test->address);
	test->address = xstrdup("unix:///nowhere/at/all");
	start(test, 2);
	for (int i = 0; i < PATIENCE_MS && !path_exists(test->out); i++)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
	assert_int_equal(end_agent(test), 0);
	assert_ok(file_read_all(test->out, 1 << 20, &text, NULL, &err), err);
	assert_non_null(strstr(text, "\"seq\":\"1\""));
	assert_non_null(strstr(text, "no log port"));
	assert_non_null(strstr(text, "\"seq\":\"2\""));
}

#define PORT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PORT_TEST(test_lines_wait),	    PORT_TEST(test_oldest_are_dropped),
		PORT_TEST(test_slow_reader),	    PORT_TEST(test_one_after_another),
		PORT_TEST(test_last_lines),	    PORT_TEST(test_nobody_came),
		PORT_TEST(test_no_place_to_listen),
	};

	return cmocka_run_group_tests_name("log port", tests, NULL, NULL);
}
