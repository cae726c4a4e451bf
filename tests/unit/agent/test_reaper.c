// SPDX-License-Identifier: Apache-2.0
/* Whose exit it is that is told of, when numbers of processes are used again. */
#include "unit.h"

#include <linux/sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/process/reaper.h"

struct test {
	struct loop *loop;
	struct reaper *reaper;
	struct reaper_child child;
	struct loop_timer timer;
	pid_t orphan;
	int status; /* -1: not told of */
	bool no_numbers;
};

#define STEP_MS 50

static struct test *of_timer(struct loop_timer *timer)
{
	return container_of(timer, struct test, timer);
}

static void told(struct reaper_child *child, int status)
{
	struct test *test = container_of(child, struct test, child);

	test->status = status;
	loop_stop(test->loop);
}

/* A child with this number, or any for 0; -1 where numbers cannot be chosen. It ends at once, or when it is killed. */
static pid_t start_child(pid_t number, int status)
{
	struct clone_args wanted = {
		.exit_signal = SIGCHLD,
		.set_tid = number ? (uintptr_t)&number : 0,
		.set_tid_size = number ? 1 : 0,
	};
	pid_t pid = (pid_t)syscall(SYS_clone3, &wanted, sizeof(wanted));

	if (pid == 0 && status < 0)
		for (;;)
			pause();
	if (pid == 0)
		_exit(status);
	return pid;
}

static void end_child(struct loop_timer *timer)
{
	struct test *test = of_timer(timer);

	kill(test->child.pid, SIGKILL);
}

/* The orphan has been waited for by now. */
static void use_number_again(struct loop_timer *timer)
{
	struct test *test = of_timer(timer);

	test->child.pid = start_child(test->orphan, -1);
	reaper_started(test->reaper);
	if (test->child.pid < 0) {
		test->no_numbers = true;
		loop_stop(test->loop);
		return;
	}
	reaper_watch(test->reaper, &test->child);
	timer->expired = end_child;
	loop_arm(test->loop, timer, STEP_MS);
}

/* Somebody's orphan ends while a child is being made, and the child gets its number. */
static void test_number_again(void **state)
{
	struct test test = {
		.child.exited = told,
		.timer.expired = use_number_again,
		.status = -1,
	};
	struct error *err = NULL;

	(void)state;
	assert_ok(loop_new(&test.loop, &err), err);
	assert_ok(reaper_new(test.loop, &test.reaper, &err), err);
	reaper_starting(test.reaper);
	test.orphan = start_child(0, 5);
	assert_true(test.orphan > 0);
	loop_arm(test.loop, &test.timer, STEP_MS);
	assert_ok(loop_run(test.loop, &err), err);
	loop_disarm(test.loop, &test.timer);
	reaper_free(test.reaper);
	loop_free(test.loop);
	if (test.no_numbers) {
		print_message("needs clone3 with a number of choice, and root\n");
		skip();
	}
	if (test.status < 0 || test.status == 5)
		kill(test.child.pid, SIGKILL);
	assert_int_equal(test.status, 128 + SIGKILL);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_number_again) };

	return cmocka_run_group_tests_name("reaper", tests, NULL, NULL);
}
