/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Kernel modules. What is loaded shows in SYS/module; whether something is built into the kernel, and
 * loading, is asked of libkmod, which is opened on first use. Names may be written with '-' or '_'.
 */

#include "host.h"

enum host_module_state {
	HOST_MODULE_ABSENT,
	HOST_MODULE_LOADED,
	HOST_MODULE_BUILTIN,
};

/*
 * SYS/module knows of built-in code only if that has parameters or a version, so for the rest libkmod
 * reads the kernel's list below MODULES. May read the disk.
 */
enum host_module_state host_module_state(const struct host *host, const char *name);

/*
 * Load a module and what it depends on into the *running* kernel, as modprobe does; needs root. Uses
 * libkmod, or the modprobe found in PATH where libkmod is not installed. Blocks until the module has
 * started. On failure *output (never NULL, to be freed) is what libkmod or modprobe had to say.
 */
int host_module_load(const struct host *host, const char *name, char **output, struct error **err);

/* The value of SYS/module/MODULE/parameters/PARAMETER without its line end; to be freed. */
int host_module_parameter(const struct host *host, const char *module, const char *parameter,
			  char **value, struct error **err);
