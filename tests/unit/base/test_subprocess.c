// SPDX-License-Identifier: Apache-2.0
/* process: what the header promises, with a pidfd and without. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/subprocess.h"

/* The program's own function goes before libc's: a kernel without pidfds. */
static bool has_pidfds;

int pidfd_open(pid_t pid, unsigned flags)
{
	if (has_pidfds)
		return (int)syscall(SYS_pidfd_open, pid, flags);
	errno = ENOSYS;
	return -1;
}

static int with_pidfds(void **state)
{
	(void)state;
	has_pidfds = true;
	return 0;
}

static int without_pidfds(void **state)
{
	(void)state;
	has_pidfds = false;
	return 0;
}

static void a_process_returns_its_output_and_status(void **state)
{
	const char *const argv[] = { "sh", "-c", "echo out; echo err >&2; exit 3", NULL };
	_cleanup_subprocess_ struct subprocess process = { .argv = argv };
	struct error *err = NULL;

	(void)state;
	assert_ok(subprocess_run(&process, &err), err);
	assert_int_equal(process.status, 3);
	assert_string_equal(process.out.data, "out\n");
	assert_string_equal(process.err.data, "err\n");
}

static void a_process_output_is_bounded(void **state)
{
	const char *const argv[] = { "sh", "-c", "yes | head -c 300000", NULL };
	_cleanup_subprocess_ struct subprocess process = { .argv = argv, .max_output = 1000 };
	struct error *err = NULL;

	(void)state;
	assert_ok(subprocess_run(&process, &err), err);
	assert_int_equal(process.status, 0);
	assert_int_equal(process.out.size, 1000);
}

static void a_process_that_hangs_is_killed(void **state)
{
	const char *const argv[] = { "sleep", "60", NULL };
	_cleanup_subprocess_ struct subprocess process = { .argv = argv, .timeout_ms = 50 };
	struct error *err = NULL;

	(void)state;
	assert_failed(subprocess_run(&process, &err), err, -ETIMEDOUT, "sleep: no end after 50 ms");
}

static void a_grandchild_that_holds_the_pipe_does_not_keep_us(void **state)
{
	const char *const argv[] = { "sh", "-c", "sleep 30 & echo $!", NULL };
	_cleanup_subprocess_ struct subprocess process = { .argv = argv, .timeout_ms = 20000 };
	struct error *err = NULL;

	(void)state;
	assert_ok(subprocess_run(&process, &err), err);
	assert_int_equal(process.status, 0);
	assert_int_equal(kill((pid_t)strtol(process.out.data, NULL, 10), SIGKILL), 0);
}

static void a_process_reads_its_input_under_another_name(void **state)
{
	const char *const argv[] = { "another-name", "-c", "read line; echo $0 $line", "shell",
				     NULL };
	_cleanup_subprocess_ struct subprocess process = { .argv = argv, .path = "/bin/sh" };
	struct error *err = NULL;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "words\n", 6), 6);
	close(ends[1]);
	process.input_fd = ends[0];
	assert_ok(subprocess_run(&process, &err), err);
	assert_string_equal(process.out.data, "shell words\n");
	close(ends[0]);
}

static void a_missing_program_is_named(void **state)
{
	const char *const argv[] = { "no-such-program-here", NULL };
	_cleanup_subprocess_ struct subprocess process = { .argv = argv };
	struct error *err = NULL;

	(void)state;
	assert_failed(subprocess_run(&process, &err), err, -ENOENT, "start no-such-program-here");
}

static void a_process_gets_no_descriptor_of_ours(void **state)
{
	const char *const argv[] = { "ls", "/proc/self/fd", NULL };
	_cleanup_subprocess_ struct subprocess process = { .argv = argv };
	_cleanup_close_ int leaky = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */
	struct error *err = NULL;

	(void)state;
	assert_true(leaky > 2);
	assert_ok(subprocess_run(&process, &err), err);
	assert_string_equal(process.out.data, "0\n1\n2\n3\n"); /* 3 is ls's own */
}

static void a_grandchild_that_goes_on_writing_does_not_keep_us(void **state)
{
	const char *const argv[] = { "sh", "-c", "cat /dev/zero & sleep 0.1; echo done >&2", NULL };
	_cleanup_subprocess_ struct subprocess process = { .argv = argv, .timeout_ms = 20000 };
	struct error *err = NULL;

	(void)state;
	assert_ok(subprocess_run(&process, &err), err);
	assert_string_equal(process.err.data, "done\n");
}

static void a_process_whose_status_is_lost_does_not_pass_for_a_success(void **state)
{
	const char *const argv[] = { "false", NULL };
	_cleanup_subprocess_ struct subprocess process = { .argv = argv };
	struct error *err = NULL;
	int ret;

	(void)state;
	signal(SIGCHLD, SIG_IGN);
	ret = subprocess_run(&process, &err);
	signal(SIGCHLD, SIG_DFL);
	assert_failed(ret, err, -ECHILD, "false: wait for its end");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_returns_its_output_and_status),
		cmocka_unit_test(a_process_output_is_bounded),
		cmocka_unit_test(a_process_that_hangs_is_killed),
		cmocka_unit_test(a_grandchild_that_holds_the_pipe_does_not_keep_us),
		cmocka_unit_test(a_grandchild_that_goes_on_writing_does_not_keep_us),
		cmocka_unit_test(a_process_whose_status_is_lost_does_not_pass_for_a_success),
		cmocka_unit_test(a_process_reads_its_input_under_another_name),
		cmocka_unit_test(a_missing_program_is_named),
		cmocka_unit_test(a_process_gets_no_descriptor_of_ours),
	};
	int failed = cmocka_run_group_tests_name("base: process", tests, with_pidfds, NULL);

	return failed + cmocka_run_group_tests_name("base: process, without pidfds", tests,
						    without_pidfds, NULL);
}
