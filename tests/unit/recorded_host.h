/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The recorded hosts of tests/data/hosts: the files of a real host that the tools look at. */

#include <stdlib.h>

#include "base/memory.h"
#include "host/host.h"

struct recorded_host {
	struct host host;
	char *paths[6];
};

static inline void recorded_host_release(struct recorded_host *recorded)
{
	for (size_t i = 0; i < ARRAY_SIZE(recorded->paths); i++)
		free(recorded->paths[i]);
}

/* `directory` holds proc, sys, dev, etc, usr-lib and lib-modules, or some of them. */
static inline struct recorded_host recorded_host_at(const char *directory, enum host_arch arch)
{
	static const char *const names[] = {
		"proc", "sys", "dev", "etc", "usr-lib", "lib-modules"
	};
	struct recorded_host recorded;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		recorded.paths[i] = xasprintf("%s/%s", directory, names[i]);
	recorded.host = (struct host){
		.arch = arch,
		.proc = recorded.paths[0],
		.sys = recorded.paths[1],
		.dev = recorded.paths[2],
		.etc = recorded.paths[3],
		.usr_lib = recorded.paths[4],
		.modules = recorded.paths[5],
	};
	return recorded;
}

/* By its name, which starts with its architecture: "arm64", "amd64-intel", ... */
static inline struct recorded_host recorded_host(const char *name)
{
	_cleanup_free_ char *directory = xasprintf("tests/data/hosts/%s", name);
	_cleanup_free_ char *arch_name = xasprintf("%.*s", (int)strcspn(name, "-"), name);
	enum host_arch arch = HOST_ARCH_COUNT;

	assert_int_equal(host_arch_parse(arch_name, &arch), 0);
	return recorded_host_at(directory, arch);
}

#define _cleanup_recorded_host_ _cleanup_(recorded_host_release)
