// SPDX-License-Identifier: Apache-2.0
/* The debug console: a shell on a terminal for each connection, and one on /dev/console. */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "agent/console/console.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/unix.h"

#define PATIENCE_MS   10000
#define FLOOD_BYTES   1000000
#define MAX_SHELLS    16
#define HANG_UP_TRIES 400

struct test {
	void *directory;
	char *socket_path, *address;
	pid_t agent; /* a process that is nothing but loop, reaper and console */
};

#define NEEDS_ROOT(state)                                             \
	if (!*(state)) {                                              \
		print_message("needs root, for mounts of its own\n"); \
		skip();                                               \
	}

/* ---- a process with a console ------------------------------------------------------------------ */

/* A shell that leaves the terminal as it is: with line editing, what is typed at the wrong moment gets lost. */
static bool use_plain_shell(void)
{
	return !path_exists("/bin/bash") ||
	       (unshare(CLONE_NEWNS) == 0 &&
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
		mount("/bin/dash", "/bin/bash", NULL, MS_BIND, NULL) == 0);
}

static _Noreturn void run_console(const char *address, const char *root)
{
	struct loop *loop = NULL;
	struct reaper *reaper = NULL;
	struct error *err = NULL;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	if (!use_plain_shell())
		_exit(3);
	if ((root && (chroot(root) < 0 || chdir("/") < 0)) || loop_new(&loop, &err) < 0 ||
	    reaper_new(loop, &reaper, &err) < 0)
		_exit(1);
	console_start(loop, reaper, address);
	loop_run(loop, &err);
	_exit(2);
}

static int set_up(void **state)
{
	struct test *test;

	*state = NULL;
	if (!can_mount_privately())
		return 0;
	test = xcalloc(1, sizeof(*test));
	if (make_directory(&test->directory) < 0)
		return -1;
	test->socket_path = path_join(test->directory, "console");
	test->address = xasprintf("unix://%s", test->socket_path);
	test->agent = fork();
	if (test->agent == 0)
		run_console(test->address, NULL);
	*state = test;
	return test->agent < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	struct test *test = *state;
	int ret;

	if (!test)
		return 0;
	kill(test->agent, SIGKILL);
	waitpid(test->agent, NULL, 0);
	ret = remove_directory(&test->directory);
	free(test->socket_path);
	free(test->address);
	free(test);
	return ret;
}

static int dial(const struct test *test)
{
	struct error *err = NULL;
	int fd = -1;

	for (int i = 0; i < PATIENCE_MS / 5 && fd < 0; i++) {
		error_free(err);
		err = NULL;
		fd = unix_connect(test->socket_path, &err);
		if (fd < 0)
			nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	}
	assert_ok(fd, err);
	return fd;
}

static void type(int fd, const char *line)
{
	assert_int_equal(fd_write_all(fd, line, strlen(line)), 0);
}

/* Read until this text has come, or to the end when there is none; what was read, to be freed. */
static char *read_until(int fd, const char *text)
{
	_cleanup_strbuf_ struct strbuf seen = STRBUF_INIT;

	while (!text || !strstr(seen.data, text)) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		char bytes[4096];
		ssize_t size;

		if (poll(&ready, 1, PATIENCE_MS) <= 0)
			fail_msg("nothing more comes after \"%s\"", seen.data);
		size = read(fd, bytes, sizeof(bytes));
		if (size <= 0) {
			assert_null(text);
			break;
		}
		strbuf_append(&seen, bytes, (size_t)size);
	}
	return seen.size ? strbuf_steal(&seen) : xstrdup("");
}

static void expect(int fd, const char *text)
{
	free(read_until(fd, text));
}

/* ---- connections ------------------------------------------------------------------------------- */

static void test_shell(void **state)
{
	NEEDS_ROOT(state);
	_cleanup_close_ int fd = dial(*state);
	_cleanup_free_ char *rest = NULL;

	type(fd, "echo $((6 * 7))-on-$(tty)\n");
	expect(fd, "42-on-/dev/pts/");
	/* Its own terminal, so that keys are signals. */
	type(fd, "sh -c 'echo $((7 * 7))-th; exec sleep 1000'\n");
	expect(fd, "49-th");
	type(fd, "\003");
	type(fd, "echo $?-was-it\n");
	expect(fd, "130-was-it");
	type(fd, "echo last words; exit\n");
	rest = read_until(fd, NULL);
	assert_non_null(strstr(rest, "last words\r\n"));
}

static void test_beside_each_other(void **state)
{
	NEEDS_ROOT(state);
	int fds[3];

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = dial(*state);
	for (size_t i = ARRAY_SIZE(fds); i-- > 0;) {
		type(fds[i], "echo $((1000 + 1))\n");
		expect(fds[i], "1001");
	}
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
}

/* From here on the terminal gives back nothing but output. */
static pid_t pid_of_shell(int fd)
{
	_cleanup_free_ char *text = NULL;

	type(fd, "stty -echo; PS1=; echo $((5000 + 1))\n");
	expect(fd, "5001");
	type(fd, "echo pid=$$.\n");
	text = read_until(fd, ".");
	assert_non_null(strstr(text, "pid="));
	return (pid_t)strtol(strstr(text, "pid=") + strlen("pid="), NULL, 10);
}

static void expect_gone(pid_t pid)
{
	for (int i = 0; i < HANG_UP_TRIES && kill(pid, 0) == 0; i++)
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
}

/* Whatever the shell is at, and although it ignores the hang-up. */
static void test_hang_up(void **state)
{
	NEEDS_ROOT(state);
	int fd = dial(*state);
	pid_t pid;

	type(fd, "trap '' HUP\n");
	pid = pid_of_shell(fd);
	assert_true(pid > 1 && kill(pid, 0) == 0);
	close(fd);
	expect_gone(pid);
}

/* Input that nobody reads is not in the way of noticing the end. */
static void test_hang_up_with_input(void **state)
{
	NEEDS_ROOT(state);
	_cleanup_free_ char *flood = xmalloc(FLOOD_BYTES);
	int fd = dial(*state);
	ssize_t size = 1;
	pid_t pid;

	pid = pid_of_shell(fd);
	type(fd, "stty raw; echo now-raw; exec sleep 1000\n");
	expect(fd, "now-raw");
	memset(flood, 'x', FLOOD_BYTES);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (size > 0)
		size = write(fd, flood, FLOOD_BYTES);
	assert_int_equal(errno, EAGAIN);
	close(fd);
	expect_gone(pid);
}

/* Nothing is lost of output that is taken slowly, and others do not wait for it. */
static void test_much_output(void **state)
{
	NEEDS_ROOT(state);
	static const char command[] =
		"stty -onlcr; dd if=/dev/zero bs=1000 count=1000 2>/dev/null | "
		"tr '\\0' 'y'; exit\n";
	_cleanup_close_ int slow = dial(*state), other = dial(*state);
	_cleanup_free_ char *text = NULL;
	size_t count = 0;

	type(slow, command);
	type(other, "echo $((2000 + 1))\n");
	expect(other, "2001");
	text = read_until(slow, NULL);
	for (const char *c = strstr(text, "yyy"); c && *c; c++)
		count += *c == 'y';
	assert_int_equal(count, FLOOD_BYTES);
}

static void test_too_many(void **state)
{
	NEEDS_ROOT(state);
	int fds[MAX_SHELLS];
	_cleanup_close_ int extra = -1;
	_cleanup_free_ char *nothing = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = dial(*state);
		type(fds[i], "echo $((3000 + 1))\n");
		expect(fds[i], "3001");
	}
	extra = dial(*state);
	nothing = read_until(extra, NULL);
	assert_string_equal(nothing, "");
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
}

/* ---- guests of other kinds --------------------------------------------------------------------- */

/* Nobody listens where there is no shell; the agent goes on. */
static void test_no_shell(void **state)
{
	NEEDS_ROOT(state);
	const struct test *test = *state;
	_cleanup_error_ struct error *err = NULL;
	_cleanup_free_ char *root = path_join(test->directory, "empty");
	_cleanup_free_ char *path = path_join(root, "console");
	pid_t pid;

	assert_ok(directory_make_all(root, 0755, &err), err);
	pid = fork();
	if (pid == 0)
		run_console("unix:///console", root);
	nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	assert_false(path_exists(path));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* /dev/console is a terminal of ours, in a mount namespace of its own. */
static void test_guest_console(void **state)
{
	NEEDS_ROOT(state);
	_cleanup_close_ int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char name[64];
	pid_t pid;

	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	assert_int_equal(ptsname_r(master, name, sizeof(name)), 0);
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWNS) < 0 ||
		    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		    mount(name, "/dev/console", NULL, MS_BIND, NULL) < 0)
			_exit(3);
		run_console(NULL, NULL);
	}
	expect(master, "# "); /* it prompts, since it is interactive */
	type(master, "echo $((4000 + 1))\n");
	expect(master, "4001");
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shell),
		cmocka_unit_test(test_beside_each_other),
		cmocka_unit_test(test_hang_up),
		cmocka_unit_test(test_hang_up_with_input),
		cmocka_unit_test(test_much_output),
		cmocka_unit_test_setup_teardown(test_too_many, set_up, tear_down),
		cmocka_unit_test(test_no_shell),
		cmocka_unit_test(test_guest_console),
	};

	return cmocka_run_group_tests_name("debug console", tests, set_up, tear_down);
}
