// SPDX-License-Identifier: Apache-2.0
#include "spawn.h"

#include <signal.h>
#include <unistd.h>

int spawn_program(const char *path, char *const argv[], char *const environment[],
		  const posix_spawn_file_actions_t *actions, short flags, pid_t *pid)
{
	posix_spawnattr_t attributes;
	sigset_t all, none;
	int ret;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes,
				 (short)(flags | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK));
	ret = posix_spawnp(pid, path, actions, &attributes, argv,
			   environment ? environment : environ);
	posix_spawnattr_destroy(&attributes);
	return -ret;
}
