/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <spawn.h>
#include <sys/types.h>

/*
 * Start a program as if from a fresh shell: every signal at its default, none blocked. Its descriptors are ours
 * after `actions`, less those that are close-on-exec. `flags` are 0 or POSIX_SPAWN_SETSID, which takes effect before the
 * actions. A path without a slash is looked up in PATH; `environment` may be NULL for our own.
 * Returns 0, or a negative errno, also when the program cannot be executed.
 */
int spawn_program(const char *path, char *const argv[], char *const environment[],
		  const posix_spawn_file_actions_t *actions, short flags, pid_t *pid);
