// SPDX-License-Identifier: Apache-2.0
/* The profile of the spec as a filter in the kernel (spec/agent.md 11.4). Words that are unknown are errors. */
#include <errno.h>
#include <seccomp.h>

#include "base/memory.h"
#include "internal.h"

#define MAX_ARGUMENTS 6

static const struct action {
	const char *name;
	uint32_t value;
	bool takes_errno;
} actions[] = {
	{ "SCMP_ACT_KILL", SCMP_ACT_KILL, false },
	{ "SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD, false },
	{ "SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS, false },
	{ "SCMP_ACT_TRAP", SCMP_ACT_TRAP, false },
	{ "SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(0), true },
	{ "SCMP_ACT_TRACE", SCMP_ACT_TRACE(0), true },
	{ "SCMP_ACT_ALLOW", SCMP_ACT_ALLOW, false },
	{ "SCMP_ACT_LOG", SCMP_ACT_LOG, false },
};

static const struct {
	const char *name;
	enum scmp_compare value;
} operators[] = {
	{ "SCMP_CMP_NE", SCMP_CMP_NE },
	{ "SCMP_CMP_LT", SCMP_CMP_LT },
	{ "SCMP_CMP_LE", SCMP_CMP_LE },
	{ "SCMP_CMP_EQ", SCMP_CMP_EQ },
	{ "SCMP_CMP_GE", SCMP_CMP_GE },
	{ "SCMP_CMP_GT", SCMP_CMP_GT },
	{ "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ },
};

static const struct {
	const char *name;
	enum scmp_filter_attr attribute;
} flags[] = {
	{ "SECCOMP_FILTER_FLAG_TSYNC", SCMP_FLTATR_CTL_TSYNC },
	{ "SECCOMP_FILTER_FLAG_LOG", SCMP_FLTATR_CTL_LOG },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SCMP_FLTATR_CTL_SSB },
};

static int find_action(const char *name, bool has_errno, uint32_t number, uint32_t *value,
		       struct error **err)
{
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		if (strcmp(actions[i].name, name) != 0)
			continue;
		*value = actions[i].value;
		if (actions[i].takes_errno)
			*value |= (has_errno ? number : EPERM) & 0xffff;
		return 0;
	}
	return error_set(err, -EINVAL, "no seccomp action is called %s", name);
}

/* For a masked comparison the host sends the mask first, as the kernel's library wants it. */
static int fill_argument(const Grpc__LinuxSeccompArg *from, struct scmp_arg_cmp *to,
			 struct error **err)
{
	if (from->index >= MAX_ARGUMENTS)
		return error_set(err, -EINVAL, "no system call has %llu arguments",
				 (unsigned long long)from->index + 1);
	for (size_t i = 0; i < ARRAY_SIZE(operators); i++) {
		if (strcmp(operators[i].name, from->op) != 0)
			continue;
		*to = (struct scmp_arg_cmp){ .arg = (unsigned)from->index,
					     .op = operators[i].value,
					     .datum_a = from->value,
					     .datum_b = from->valuetwo };
		return 0;
	}
	return error_set(err, -EINVAL, "no seccomp operator is called %s", from->op);
}

static int add_rule(scmp_filter_ctx filter, const Grpc__LinuxSyscall *rule, uint32_t default_action,
		    struct error **err)
{
	struct scmp_arg_cmp arguments[MAX_ARGUMENTS];
	uint32_t action;
	int ret =
		find_action(rule->action, rule->errno_ret_case != 0, rule->errnoret, &action, err);

	if (ret < 0 || action == default_action)
		return ret;
	if (rule->n_args > MAX_ARGUMENTS)
		return error_set(err, -EINVAL, "a seccomp rule has %zu arguments", rule->n_args);
	for (size_t i = 0; i < rule->n_args; i++) {
		ret = fill_argument(rule->args[i], &arguments[i], err);
		if (ret < 0)
			return ret;
	}
	for (size_t i = 0; i < rule->n_names; i++) {
		int number = seccomp_syscall_resolve_name(rule->names[i]);

		/* Profiles name calls of every architecture and of future kernels. */
		if (number == __NR_SCMP_ERROR)
			continue;
		ret = seccomp_rule_add_array(filter, action, number, (unsigned)rule->n_args,
					     arguments);
		if (ret < 0)
			return error_set_errno(err, ret, "seccomp rule for %s", rule->names[i]);
	}
	return 0;
}

static int add_architecture(scmp_filter_ctx filter, const char *name, struct error **err)
{
	_cleanup_free_ char *lower = NULL;
	uint32_t token;
	int ret;

	if (!slice_starts_with(slice_of(name), "SCMP_ARCH_"))
		return error_set(err, -EINVAL, "no architecture is called %s", name);
	lower = xstrdup(name + strlen("SCMP_ARCH_"));
	for (char *c = lower; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c += 'a' - 'A';
	token = seccomp_arch_resolve_name(lower);
	if (token == 0)
		return error_set(err, -EINVAL, "no architecture is called %s", name);
	ret = seccomp_arch_add(filter, token);
	return ret < 0 && ret != -EEXIST ? error_set_errno(err, ret, "architecture %s", name) : 0;
}

static int set_flag(scmp_filter_ctx filter, const char *name, struct error **err)
{
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		int ret;

		if (strcmp(flags[i].name, name) != 0)
			continue;
		ret = seccomp_attr_set(filter, flags[i].attribute, 1);
		return ret < 0 ? error_set_errno(err, ret, "seccomp flag %s", name) : 0;
	}
	return error_set(err, -EINVAL, "no seccomp flag is called %s", name);
}

static int build(scmp_filter_ctx filter, const Grpc__LinuxSeccomp *profile, uint32_t default_action,
		 struct error **err)
{
	int ret = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);

	if (ret < 0)
		return error_set_errno(err, ret, "seccomp");
	for (size_t i = 0; i < profile->n_architectures && ret == 0; i++)
		ret = add_architecture(filter, profile->architectures[i], err);
	for (size_t i = 0; i < profile->n_flags && ret == 0; i++)
		ret = set_flag(filter, profile->flags[i], err);
	for (size_t i = 0; i < profile->n_syscalls && ret == 0; i++)
		ret = add_rule(filter, profile->syscalls[i], default_action, err);
	return ret;
}

int workload_load_seccomp(struct workload *w, struct error **err)
{
	const Grpc__LinuxSeccomp *profile = w->spec->linux->seccomp;
	uint32_t default_action;
	scmp_filter_ctx filter;
	int ret;

	if (!profile)
		return 0;
	ret = find_action(profile->defaultaction, false, 0, &default_action, err);
	if (ret < 0)
		return ret;
	filter = seccomp_init(default_action);
	if (!filter)
		return error_set(err, -EINVAL, "seccomp: the default action %s is not possible",
				 profile->defaultaction);
	ret = build(filter, profile, default_action, err);
	if (ret == 0) {
		ret = seccomp_load(filter);
		if (ret < 0)
			ret = error_set_errno(err, ret, "load the seccomp filter");
	}
	seccomp_release(filter);
	return ret;
}
