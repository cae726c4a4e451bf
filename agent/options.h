/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the agent is told at its start: the kernel's command line, or a file of TOML, and the environment
 * (spec/agent.md 5.5, 5.6). A value that makes no sense is a complaint in the log and no reason to stop: an agent that
 * does not answer leaves the host with nothing but a time-out.
 */

#include <stdbool.h>

#include "base/error.h"
#include "base/log.h"
#include "base/slice.h"
#include "base/strbuf.h"
#include "base/string_list.h"

struct options {
	char *server_addr; /* "vsock://-1:1024", "unix:///PATH" */
	enum log_level log_level;
	bool debug_console;
	unsigned debug_console_vport; /* 0: /dev/console */
	unsigned log_vport;	      /* 0: stdout */
	unsigned container_pipe_size; /* bytes; 0: the kernel's */
	unsigned hotplug_timeout_s;
	bool unified_cgroup_hierarchy; /* as init: mount cgroup v2 */
	bool mem_agent_enable;	       /* then the words behind it are looked at */

	bool complete; /* a file had the last word: the environment is not used */
	struct string_list
		problems; /* complaints, for when there is a log: what was wrong with which option */
	struct string_list missing; /* what is asked for and not there */
};

/* The defaults. */
void options_init(struct options *options);
void options_release(struct options *options);
#define _cleanup_options_ _cleanup_(options_release)

/* Words of the kernel's command line. agent.config_file=PATH is the file instead of everything else. */
void options_read_command_line(struct options *options, struct slice text);

/* A file of TOML; unknown keys are fine. An error when it cannot be read or is not TOML; nothing is set then. */
int options_read_file(struct options *options, const char *path, struct error **err);

/* KATA_AGENT_SERVER_ADDR, KATA_AGENT_LOG_LEVEL, KATA_AGENT_TRACING, KATA_AGENT_POLICY_FILE. */
void options_read_environment(struct options *options);

/* What holds, as "log_level: info, log_vport: 0, ...". */
void options_describe(const struct options *options, struct strbuf *out);
