/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which device nodes a container may use, as a list of rules of which the last one that speaks of a device counts. */

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "proto/oci.pb-c.h"

#define DEVICE_RULES_MAX 256 /* the kernel proves the program, which takes the square of it */
#define DEVICE_ANY	 (-1)

struct device_rule {
	bool allow;
	char type;	      /* 'c' or 'b' */
	int64_t major, minor; /* DEVICE_ANY for all */
	unsigned access;      /* of BPF_DEVCG_ACC_MKNOD, _READ, _WRITE */
};

struct device_rules {
	bool everything; /* no rules: all devices are allowed */
	struct device_rule *items;
	size_t count;
};

/* The rules that every container has, and behind them its own (spec/agent.md 13.2). `resources` may be NULL. */
int device_rules_make(const Grpc__LinuxResources *resources, struct device_rules *rules,
		      struct error **err);
void device_rules_release(struct device_rules *rules);

/*
 * The rules as a program for the kernel (BPF_PROG_TYPE_CGROUP_DEVICE): *code, to be freed, and how many instructions
 * there are.
 */
size_t device_rules_compile(const struct device_rules *rules, struct bpf_insn **code);

/*
 * Let the kernel ask the program for the group at `directory` (v2). -ENOSYS, -EINVAL or -EPERM where it does not do such
 * things.
 */
int device_filter_attach(const char *directory, const struct bpf_insn *code, size_t count,
			 struct error **err);
