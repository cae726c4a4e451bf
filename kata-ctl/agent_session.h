/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One run of commands: a line's first word is a built-in if it starts with a small letter, else the command of an
 * RPC (spec/kata-ctl.md 2.3). The connection is made when the first RPC needs it. Answers go to standard output as
 * JSON.
 */

#include "agent.h"
#include "agent_values.h"
#include "base/string_list.h"

struct agent_session {
	const struct agent_options *given;
	bool automatic; /* requests are filled in with initial values */
	int64_t timeout_ns;
	struct agent_client *client;
	struct agent_values values;
	uint64_t repeat; /* how often the next command runs, if not once; UINT64_MAX: for ever */
	bool ended;	 /* `quit`, or the sandbox is destroyed */
};

/* Set up; does not connect. */
int agent_session_open(struct agent_session *session, const struct agent_options *given,
		       bool automatic, struct error **err);

/*
 * Run one command line; an empty one, or one that begins with #, does nothing. Blocks. Errors: what is wrong with the line;
 * of the call, its method, code and message: "WaitProcess: NotFound: InvalidExecId".
 */
int agent_session_run(struct agent_session *session, const char *line, struct error **err);

/* The call of this command's word, its arguments NULL-terminated, as often as `repeat` says. */
int agent_session_call(struct agent_session *session, const char *word, char *const *arguments,
		       struct error **err);

/* All built-ins and RPCs, one a line, sorted. */
void agent_print_commands(void);

/* Add what can stand behind `before`, the words of a line so far: commands, or what a command's request is made of. */
void agent_add_candidates(const char *before, struct string_list *names);

void agent_session_release(struct agent_session *session);
#define _cleanup_agent_session_ _cleanup_(agent_session_release)
