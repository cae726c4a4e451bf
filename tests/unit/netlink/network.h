/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A network namespace of the test's own, and what iproute2, which is somebody else's view, says and does there. */

#include <sched.h>

#include "base/string_list.h"
#include "base/subprocess.h"
#include "unit.h"

/* Run "ip WORDS" and return what it prints; to be freed. Fails the test when ip does. */
static inline char *run_ip(const char *words)
{
	_cleanup_string_list_ struct string_list list = { 0 };
	_cleanup_subprocess_ struct subprocess run = { 0 };
	struct slice rest = slice_of(words), word;
	struct error *err = NULL;

	string_list_add(&list, "ip");
	while (slice_next_word(&rest, &word))
		string_list_add_slice(&list, word);
	run.argv = (const char *const *)list.items;
	run.timeout_ms = 10000;
	assert_ok(subprocess_run(&run, &err), err);
	if (run.status != 0)
		fail_msg("ip %s: %s", words, run.err.data);
	return xstrdup(run.out.data);
}

static inline void ip(const char *words)
{
	free(run_ip(words));
}

/* What "ip WORDS" prints has this text in it. */
static inline void expect_ip(const char *words, const char *text)
{
	_cleanup_free_ char *output = run_ip(words);

	if (!strstr(output, text))
		fail_msg("ip %s: no \"%s\" in:\n%s", words, text, output);
}

static inline bool has_ip(void)
{
	static const char *const argv[] = { "ip", "-V", NULL };
	_cleanup_subprocess_ struct subprocess run = { .argv = argv, .timeout_ms = 10000 };
	_cleanup_error_ struct error *ignored = NULL; /* then it is not installed */

	return subprocess_run(&run, &ignored) == 0;
}

/* Two links, joined: "left" and "right". *state is not NULL where that can be had. */
static inline int enter_network(void **state)
{
	static bool yes = true;

	*state = NULL;
	if (geteuid() != 0 || !has_ip() || unshare(CLONE_NEWNET) < 0)
		return 0;
	ip("link add left type veth peer name right");
	*state = &yes;
	return 0;
}

#define NEEDS_NETWORK(state)                                                     \
	if (!*(state)) {                                                         \
		print_message("needs root, iproute2 and a network namespace\n"); \
		skip();                                                          \
	}
