/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A temporary directory for all inputs of a fuzz target, empty again after each, that goes when the process ends. */

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

static char process_directory_path[] = "/tmp/kata-fuzz-XXXXXX";

static inline void process_directory_remove(void)
{
	rmdir(process_directory_path);
}

static inline const char *process_directory(void)
{
	static bool made;

	if (!made) {
		if (!mkdtemp(process_directory_path))
			abort();
		atexit(process_directory_remove);
		made = true;
	}
	return process_directory_path;
}
